"""How a vote stands while it is open, where a way shows it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisions", "0018_threads")]
    operations = [
        migrations.AddField(
            "proposal", "figures", models.JSONField(null=True, help_text="how it stands, where the way shows it while voting: running.py")
        ),
        migrations.AddField("proposal", "figures_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "proposal", "before_late", models.JSONField(null=True, help_text="what would have been decided before the last part of the vote, told to nobody")
        ),
    ]
