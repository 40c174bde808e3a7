"""What is decided at a general meeting."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


GUARD = """
CREATE TRIGGER decisions_hands_guard BEFORE INSERT OR UPDATE OR DELETE ON decisions_hands FOR EACH ROW EXECUTE FUNCTION decisions_guard_hands();
CREATE TRIGGER decisions_hands_keep_all BEFORE TRUNCATE ON decisions_hands FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();
"""
BACK = "DROP TRIGGER decisions_hands_guard ON decisions_hands; DROP TRIGGER decisions_hands_keep_all ON decisions_hands;"


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0012_objecting"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hands",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("class_key", models.CharField(max_length=40)),
                ("in_favour", models.PositiveIntegerField(default=0)),
                ("against", models.PositiveIntegerField(default=0)),
                ("abstain", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="decisions_tallied",
        ),
        migrations.AddField(
            model_name="proposal",
            name="at_meeting",
            field=models.BooleanField(default=False, help_text="it is not voted on here, but waits for a general meeting"),
        ),
        migrations.AddField(
            model_name="proposal",
            name="meeting",
            field=models.UUIDField(help_text="the meeting on whose agenda it stands", null=True),
        ),
        migrations.AddField(
            model_name="proposal",
            name="sitting",
            field=models.JSONField(help_text='who was there when it was put: {"meeting", "members", "present", "by_proxy", "counted_of"}', null=True),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["passed", "rejected", "in_force"]), _negated=True),
                    models.Q(("closed_at__gte", models.F("closes_at")), ("tally__isnull", False)),
                    models.Q(("closed_at__gte", models.F("opens_at")), ("sitting__isnull", False), ("tally__isnull", False)),
                    _connector="OR",
                ),
                name="decisions_tallied",
            ),
        ),
        migrations.AddField(
            model_name="hands",
            name="proposal",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="hands", to="decisions.proposal"),
        ),
        migrations.AddField(
            model_name="hands",
            name="typed_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name="hands",
            constraint=models.UniqueConstraint(fields=("proposal", "class_key"), name="decisions_hands_once"),
        ),
        migrations.RunSQL(GUARD, BACK),
    ]
