"""Votes among several options: what a ballot marks, and the secret of the lot. The functions of ``sql/guard.sql`` are made anew."""

import re
from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

GUARD = (Path(__file__).resolve().parent.parent / "sql" / "guard.sql").read_text()
FUNCTIONS = "\n".join(re.findall(r"CREATE OR REPLACE FUNCTION .*?\n(?:\$\$|END \$\$);", GUARD, flags=re.DOTALL))


class Migration(migrations.Migration):
    dependencies = [("decisions", "0002_guards")]
    operations = [
        migrations.AddField("proposal", "lot", models.CharField(blank=True, default="", help_text="the lot's secret until the count; its hash is published when voting opens", max_length=64), preserve_default=False),
        migrations.AddField("ballot", "marks", models.JSONField(help_text="of a vote on several options: the paper, as kit/counting/papers.py reads it", null=True)),
        migrations.RemoveConstraint("ballot", "decisions_ballot_choice"),
        migrations.AddConstraint("ballot", models.CheckConstraint(condition=Q(choice__in=["for", "against", "abstain", "marked"]), name="decisions_ballot_choice")),
        migrations.AddConstraint("ballot", models.CheckConstraint(condition=Q(choice="marked", marks__isnull=False) | (~Q(choice="marked") & Q(marks=None)), name="decisions_ballot_marks")),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
