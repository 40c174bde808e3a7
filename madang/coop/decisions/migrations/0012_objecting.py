"""Objections, in ways that pass unless one stands."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisions", "0011_who"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            "Objection",
            [
                ("elector", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="objection", serialize=False, to="decisions.elector")),
                ("text", models.TextField(max_length=2000)),
                ("raised_at", models.DateTimeField()),
                ("let_go_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ["raised_at"]},
        ),
    ]
