"""Tables that only grow: the database itself refuses to change or delete a row, or to empty the table, the owner included."""

from __future__ import annotations

import re

from django.db.migrations.operations import RunSQL

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,50}")

# One function for every protected table. 23000 (integrity_constraint_violation) becomes Django's IntegrityError.
_FUNCTION = """
CREATE OR REPLACE FUNCTION madang_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The table % only grows: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
              HINT = 'What happened is never changed; write what corrects it as something new.';
END $$;
"""


def refuse_change(table: str) -> str:
    """SQL: a row of this table can be neither changed nor deleted."""
    return (
        f"CREATE TRIGGER {_named(table)}_keep BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION madang_append_only();"
    )


def refuse_truncate(table: str) -> str:
    """SQL: this table cannot be emptied."""
    return (
        f"CREATE TRIGGER {_named(table)}_keep_all BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION madang_append_only();"
    )


def protect(*tables: str) -> RunSQL:
    """The migration operation for these tables; see :func:`madang.coop.record.append_only`."""
    there = "\n".join(refuse_change(table) + "\n" + refuse_truncate(table) for table in tables)
    back = "\n".join(f"DROP TRIGGER {_named(t)}_keep ON {t}; DROP TRIGGER {_named(t)}_keep_all ON {t};" for t in tables)
    return RunSQL(_FUNCTION + there, back, elidable=False)


def function_only() -> str:
    """SQL for the shared function alone, for tables that need only one of the two triggers."""
    return _FUNCTION


def _named(table: str) -> str:
    if not _NAME.fullmatch(table):
        raise ValueError(f"not a table's name: {table!r}")
    return table
