"""Threads in the discussion, and summaries that are held up."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("decisions", "0014_panels")]
    operations = [
        migrations.AddField(
            "comment",
            "reply_to",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="decisions.comment"),
        ),
        migrations.AddField("comment", "pinned_at", models.DateTimeField(null=True)),
        migrations.AddConstraint("comment", models.CheckConstraint(condition=Q(reply_to=None) | Q(pinned_at=None), name="decisions_pin_no_reply")),
    ]
