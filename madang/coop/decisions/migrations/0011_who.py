"""Who counts: proxies and delegations."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

PERSON = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    dependencies = [("decisions", "0006_standing"), ("members", "0001_initial"), migrations.swappable_dependency(PERSON)]
    operations = [
        migrations.CreateModel(
            name="Proxy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("meeting", models.UUIDField(help_text="the general meeting it is for", null=True)),
                ("family", models.BooleanField(default=False)),
                ("words", models.TextField(blank=True, help_text="what the giver wants said or voted", max_length=1000)),
                ("given_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("decision", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="proxies", to="decisions.proposal")),
                ("giver", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="proxies_given", to="members.membership")),
                ("holder", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="proxies_held", to=PERSON)),
                ("recorded_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=PERSON)),
            ],
            options={
                "ordering": ["given_at", "id"],
                "indexes": [
                    models.Index(condition=Q(taken_back_at=None), fields=["holder", "until"], name="decisions_proxy_holder"),
                    models.Index(condition=Q(taken_back_at=None), fields=["giver", "until"], name="decisions_proxy_giver"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="decisions_proxy_until"),
                    models.CheckConstraint(condition=Q(decision=None) | Q(meeting=None), name="decisions_proxy_one_occasion"),
                    models.CheckConstraint(condition=Q(taken_back_at=None) | Q(taken_back_at__gte=F("given_at")), name="decisions_proxy_back"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("topic", models.CharField(blank=True, max_length=60)),
                ("given_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(help_text="taken back, declined, given up, or replaced", null=True)),
                ("giver", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="delegations_given", to="members.membership")),
                ("holder", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="delegations_held", to=PERSON)),
            ],
            options={
                "ordering": ["given_at", "id"],
                "indexes": [models.Index(condition=Q(ended_at=None), fields=["holder", "until"], name="decisions_delegation_holder")],
                "constraints": [
                    models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="decisions_delegation_until"),
                    models.UniqueConstraint(condition=Q(ended_at=None), fields=("giver", "topic"), name="decisions_delegation_one_a_topic"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delegated",
            fields=[
                ("elector", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="delegated", serialize=False, to="decisions.elector")),
                ("outcome", models.CharField(blank=True, help_text="carried, own, loop, full, nobody, left, back; empty while voting is open", max_length=8)),
                ("carrier", models.ForeignKey(help_text="whose ballot it followed", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="carried", to="decisions.elector")),
                ("delegation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="decisions.delegation")),
                ("to", models.ForeignKey(help_text="null: the delegate has no vote here", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="trusted_by", to="decisions.elector")),
            ],
        ),
    ]
