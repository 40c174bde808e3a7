"""The laws of the books: ``sql/1_laws.sql``, ``2_balances.sql``, ``3_guards.sql``, ``4_booking.sql``. A later change is a new file and a new migration."""

from pathlib import Path

from django.db import migrations

from madang.coop.record import append_only

SQL = Path(__file__).resolve().parent.parent / "sql"


def law(name: str) -> migrations.RunSQL:
    return migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop, elidable=False)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("record", "0002_only_grows"), ("law", "0001_initial")]

    operations = [
        append_only("ledger_account", "ledger_entry", "ledger_transfer", "ledger_pendingpost", "ledger_carried", "ledger_closing"),
        law("1_laws.sql"),
        law("2_balances.sql"),
        law("3_guards.sql"),
        law("4_booking.sql"),
    ]
