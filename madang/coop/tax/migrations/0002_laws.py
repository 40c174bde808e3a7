"""The laws of the papers: ``sql/guard.sql``, and what only grows. A later change is a new file and a new migration."""

from pathlib import Path

from django.db import migrations

from madang.coop.record import append_only

SQL = Path(__file__).resolve().parent.parent / "sql" / "guard.sql"


class Migration(migrations.Migration):
    dependencies = [("tax", "0001_initial"), ("record", "0002_only_grows")]

    operations = [
        append_only("tax_remittance", "tax_reading"),
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop, elidable=False),
    ]
