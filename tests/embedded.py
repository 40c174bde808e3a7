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
