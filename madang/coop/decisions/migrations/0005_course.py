"""The course of a decision: a late rush, reminders, going back, looking at it again. The functions of ``sql/guard.sql`` are made anew."""

import re
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

GUARD = (Path(__file__).resolve().parent.parent / "sql" / "guard.sql").read_text()
FUNCTIONS = "\n".join(re.findall(r"CREATE OR REPLACE FUNCTION .*?\n(?:\$\$|END \$\$);", GUARD, flags=re.DOTALL))
STATES = ("draft", "discussion", "voting", "passed", "in_force", "withdrawn", "failed", "rejected", "reverted")
OVER = ("in_force", "rejected", "withdrawn", "failed", "reverted")


class Migration(migrations.Migration):
    dependencies = [("decisions", "0004_papers")]
    operations = [
        migrations.AddField("proposal", "extended", models.PositiveSmallIntegerField(default=0, help_text="how often a late rush has lengthened the vote")),
        migrations.AddField("proposal", "back_of", models.ForeignKey(help_text="the decision in force that this goes back on", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="decisions.proposal")),
        migrations.AddField("proposal", "review_at", models.DateTimeField(help_text="when it is asked whether to keep it", null=True)),
        migrations.AddField("proposal", "review_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("elector", "reminded_at", models.DateTimeField(help_text="when they were told once more that they have not voted", null=True)),
        migrations.AddField("elector", "told_longer", models.PositiveSmallIntegerField(default=0, help_text="of how many lengthenings they were told")),
        migrations.AddIndex("proposal", models.Index(condition=Q(review_asked_at=None, state="in_force"), fields=["review_at"], name="decisions_due_review")),
        migrations.RemoveConstraint("proposal", "decisions_proposal_state"),
        migrations.RemoveConstraint("proposal", "decisions_ended"),
        migrations.AddConstraint("proposal", models.CheckConstraint(condition=Q(state__in=STATES), name="decisions_proposal_state")),
        migrations.AddConstraint("proposal", models.CheckConstraint(condition=Q(Q(ended_at__isnull=False, state__in=OVER), ~Q(state__in=OVER), _connector="OR"), name="decisions_ended")),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
