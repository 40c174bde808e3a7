"""Two roles: the owner migrates; the app serves, and may only read and insert where the house says so."""

from __future__ import annotations

from typing import Any

from django.db import connection as default_connection
from psycopg import errors, sql

from madang.kit import house
from madang.site.postgres import APP


def exists() -> bool:
    """Whether the serving role is there and this login may become it."""
    with default_connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", [APP])
        row = cursor.fetchone()
    return bool(row and row[0])


def grant(connection: Any) -> bool:
    """Give the serving role its rights. False when this login may not make roles (then only the triggers guard)."""
    role = sql.Identifier(APP)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP])
        if not cursor.fetchone():
            cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(sql.SQL("CREATE ROLE {}").format(role))
            cursor.execute(sql.SQL("GRANT {} TO current_user").format(role))
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
        cursor.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(role))
        cursor.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role))
        cursor.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(role))
        for table in house.collect("append_only"):
            try:
                cursor.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), role))
            except errors.UndefinedTable as missing:
                raise LookupError(f"hooks.append_only names {table}, which is not there") from missing
        for table in house.collect("kept_sums"):  # their triggers write as the owner; a trigger of the serving role's own, on a table of its own, may not
            cursor.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), role))
    return True
