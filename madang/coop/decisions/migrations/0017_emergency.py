"""Emergency measures."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0016_sitting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Measure",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=60)),
                ("at_most", models.JSONField(help_text="the lowered limit; null: paused", null=True)),
                ("reason", models.TextField(max_length=2000)),
                ("kept", models.BooleanField(default=False, help_text="the members kept it")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(help_text="taken back, or not kept by the members", null=True)),
                ("told_at", models.DateTimeField(help_text="when its end stood on the record", null=True)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "proposal",
                    models.ForeignKey(
                        help_text="the vote on whether it goes on",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="decisions.proposal",
                    ),
                ),
            ],
            options={
                "ordering": ["-since", "id"],
                "indexes": [models.Index(condition=models.Q(("told_at", None)), fields=["until"], name="decisions_measure_due")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("until__gt", models.F("since"))), name="decisions_measure_until"),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("since")), _connector="OR"), name="decisions_measure_end"
                    ),
                ],
            },
        ),
    ]
