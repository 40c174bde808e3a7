"""Loaded before Django's settings: gives the tests a PostgreSQL of their own (unless DATABASE_URL names one)."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.setdefault("MADANG_DATA", str(ROOT / "var" / "test")))
os.environ.setdefault("MADANG_TESTING", "1")
os.environ.setdefault("MADANG_SHARED", str(ROOT.parent / "shared"))

if "DATABASE_URL" not in os.environ:
    from madang.site import postgres

    os.environ["DATABASE_URL"] = postgres.ensure(DATA)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
from madang.site import texts  # noqa: E402  (after the environment it reads)

texts.compile_all()  # before Django is brought up, as in start.house: it keeps the catalogues it first saw


def _let_tests_flush() -> None:
    """Tests that really commit are cleaned with TRUNCATE, which our triggers refuse to everyone: only here, as superuser, past them."""
    import django.db.models  # noqa: F401  (first: the operations module alone runs in a circle)
    from django.db.backends.postgresql.operations import DatabaseOperations

    plain = DatabaseOperations.sql_flush

    def sql_flush(self, style, tables, **options):  # type: ignore[no-untyped-def]
        statements = plain(self, style, tables, **options)
        if not statements:
            return statements
        jobs = "TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers CASCADE"
        return ["SET LOCAL session_replication_role = replica", *statements, jobs]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]


def pytest_configure(config: object) -> None:
    """Django is importable now."""
    _let_tests_flush()
