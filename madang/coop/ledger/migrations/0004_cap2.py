"""The triggers of ``sql/5_inspection.sql``: the course of a request to inspect is held by the database, as that of a decision is."""

from pathlib import Path

from django.db import migrations

GUARD = Path(__file__).resolve().parent.parent / "sql" / "5_inspection.sql"
BACK = """
DROP TRIGGER ledger_inspection_guard ON ledger_inspection;
DROP TRIGGER ledger_examiner_guard ON ledger_examiner;
DROP FUNCTION ledger_guard_inspection, ledger_guard_examiner, ledger_inspection_may_step;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_inspection")]
    operations = [migrations.RunSQL(GUARD.read_text(), BACK)]
