"""The triggers of ``sql/guard.sql``."""

from pathlib import Path

from django.db import migrations

GUARD = Path(__file__).resolve().parent.parent / "sql" / "guard.sql"
BACK = """
DROP TRIGGER decisions_rule_guard ON rules_ruleversion;
DROP FUNCTION decisions_guard_rule, decisions_guard_ballot, decisions_guard_elector, decisions_guard_proposal, decisions_guard_hands, decisions_may_step CASCADE;
DROP TRIGGER decisions_proposal_keep_all ON decisions_proposal;
DROP TRIGGER decisions_elector_keep_all ON decisions_elector;
DROP TRIGGER decisions_ballot_keep_all ON decisions_ballot;
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0001_initial"), ("rules", "0001_initial"), ("law", "0001_initial")]
    operations = [migrations.RunSQL(GUARD.read_text(), BACK)]
