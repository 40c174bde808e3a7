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
    ]
