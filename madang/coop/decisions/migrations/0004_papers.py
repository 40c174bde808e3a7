"""The papers of a counted vote stand beside its tally. What was counted before is moved there by nobody: no such vote was in any released version."""

import django.db.models.deletion
from django.db import migrations, models

from madang.coop.record import append_only


class Migration(migrations.Migration):
    dependencies = [("decisions", "0003_options"), ("record", "__first__")]
    operations = [
        migrations.CreateModel(
            "Papers",
            [
                ("proposal", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="papers", serialize=False, to="decisions.proposal")),
                ("papers", models.JSONField()),
                ("others", models.JSONField(help_text='[["irv", ["o2"]], …]')),
            ],
            options={"verbose_name_plural": "papers"},
        ),
        append_only("decisions_papers"),
    ]
