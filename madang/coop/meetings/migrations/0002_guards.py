"""The triggers of ``sql/guard.sql``."""

from pathlib import Path

from django.db import migrations

from madang.coop.record import append_only

GUARD = Path(__file__).resolve().parent.parent / "sql" / "guard.sql"
BACK = """
DROP TRIGGER meetings_meeting_keep_all ON meetings_meeting;
DROP TRIGGER meetings_attendance_keep_all ON meetings_attendance;
DROP FUNCTION meetings_guard_meeting, meetings_guard_attendance CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial"), ("record", "__first__")]
    operations = [migrations.RunSQL(GUARD.read_text(), BACK), append_only("meetings_moment")]
