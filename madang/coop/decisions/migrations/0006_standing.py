"""Standing for election."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisions", "0005_course"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            "Nomination",
            [
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("statement", models.TextField(blank=True, max_length=4000)),
                ("named_at", models.DateTimeField()),
                ("stands_since", models.DateTimeField(help_text="since they said yes; null: not yet, or no longer", null=True)),
                ("declined_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("proposal", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="nominations", to="decisions.proposal")),
            ],
            options={"ordering": ["named_at", "id"]},
        ),
        migrations.AddConstraint("nomination", models.UniqueConstraint(fields=("proposal", "person"), name="decisions_nominated_once")),
    ]
