"""Writing a row at most once, however many ask for it at the same moment: one statement, no savepoint, nobody waits to fail."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model


def insert(row: Model) -> bool:
    """Write a new ``row``; False when a unique constraint has kept its place for another one (read that one then, in the same transaction).

    ``INSERT … ON CONFLICT DO NOTHING RETURNING``: an automatic primary key is filled in. A conflict with a transaction under way waits for it.
    """
    sql, fields = _statement(type(row))
    with connection.cursor() as cursor:
        cursor.execute(sql, [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields])
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk = found[0]
    row._state.adding, row._state.db = False, connection.alias
    return True


@lru_cache(maxsize=64)
def _statement(model: type[Model]) -> tuple[str, list[Field[Any, Any]]]:
    options, name = model._meta, connection.ops.quote_name
    fields = [field for field in options.local_concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(name(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {name(options.db_table)} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING RETURNING {name(str(options.pk.column))}", fields  # noqa: S608
