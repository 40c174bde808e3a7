"""Panels by lot: who stands, and the list of panels."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madang.coop.record import append_only


class Migration(migrations.Migration):
    dependencies = [("decisions", "0017_emergency"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="Volunteer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("stepped_back_at", models.DateTimeField(null=True)),
                ("class_key", models.CharField(blank=True, help_text="as whom they are counted, fixed with the number", max_length=40)),
                ("number", models.PositiveIntegerField(null=True)),
                ("drawn_at", models.DateTimeField(null=True)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("proposal", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="volunteers", to="decisions.proposal")),
            ],
            options={
                "ordering": ["number", "since", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("proposal", "person"), name="decisions_volunteer_once"),
                    models.UniqueConstraint(fields=("proposal", "number"), name="decisions_volunteer_number"),
                    models.CheckConstraint(condition=models.Q(drawn_at=None) | models.Q(number__isnull=False), name="decisions_volunteer_drawn"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lottery",
            fields=[
                ("proposal", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="lottery", serialize=False, to="decisions.proposal")),
                ("panels", models.JSONField(help_text="[[number, …], …]")),
                ("bound", models.CharField(help_text="no list gives everybody a greater chance than this: a fraction", max_length=60)),
            ],
            options={"verbose_name_plural": "lotteries"},
        ),
        append_only("decisions_lottery"),
    ]
