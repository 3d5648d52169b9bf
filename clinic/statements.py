"""SQL for the few places that are run for every visitor at the door, while others wait for the same board.

What is run here is prepared once a connection: planning these statements anew costs the server more than running them,
and building them anew from the models costs more than both. Everywhere else the models' own queries are right.
"""

import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from psycopg import errors

Row = TypeVar("Row", bound=Model)
AnyField: TypeAlias = "Field[Any, Any]"
Values = Sequence[Any] | Mapping[str, Any]


_NOT_PREPARED_ANY_MORE = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)


class Statement(NamedTuple):
    """A statement with the values of its placeholders."""

    text: str
    values: Values = ()


def run(*statements: Statement) -> list["psycopg.Cursor[Any]"]:
    """Run statements one after the other, in one trip to the database; return a cursor for each.

    They see Django's transaction, and each what was committed before it began. Not for tables whose history is kept:
    who did it is not told to them. Raises what Django raises when the database refuses one.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        return _run(connection, statements)
    except DatabaseError as error:
        if connection.in_atomic_block or not isinstance(error.__cause__, _NOT_PREPARED_ANY_MORE):
            raise
    # The tables were changed, or a pooler forgot what was prepared. A transaction's rollback forgets it too.
    connection.close()
    return _run(connection, statements)


def _run(connection: BaseDatabaseWrapper, statements: Sequence[Statement]) -> list["psycopg.Cursor[Any]"]:
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    session = connection.connection
    began = time.monotonic()
    with connection.wrap_database_errors:
        cursors = [psycopg.Cursor(session) for _ in statements]
        if len(statements) == 1:
            cursors[0].execute(statements[0].text, statements[0].values, prepare=True)
        else:
            with session.pipeline():
                for cursor, (text, values) in zip(cursors, statements, strict=True):
                    cursor.execute(text, values, prepare=True)
    if connection.queries_logged:
        text = ";\n".join(one.text for one in statements)
        connection.queries_log.append({"sql": text, "time": f"{time.monotonic() - began:.3f}"})
    return cursors


@cache
def columns(model: type[Model], alias: str) -> str:
    """Return the columns of a model as they are selected from an alias of its table, for `instance`."""
    return ", ".join(f"{alias}.{_quoted(field)}" for field in model._meta.concrete_fields)


def instance(model: type[Row], values: Sequence[Any]) -> Row:
    """Return the row of a model whose `columns` were selected."""
    names, converted = _reading(model)
    found = list(values)
    for place, convert in converted:
        found[place] = convert(found[place], None, connections[DEFAULT_DB_ALIAS])
    return model.from_db(DEFAULT_DB_ALIAS, names, found)


def rows_of(values: Sequence[Any], *models: type[Model]) -> list[Any]:
    """Return a row of each model whose `columns` were selected one after the other, then what was selected beside them.

    A row that an outer join did not find is None.
    """
    found: list[Any] = []
    for model in models:
        size = len(model._meta.concrete_fields)
        mine, values = values[:size], values[size:]
        found.append(instance(model, mine) if any(value is not None for value in mine) else None)
    return [*found, *values]


def insertion(row: Model) -> Statement:
    """Return the statement that inserts a new row and returns its key."""
    text, fields = _inserting(type(row))
    connection = connections[DEFAULT_DB_ALIAS]
    return Statement(text, [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields])


def change(row: Model, *names: str) -> Statement:
    """Return the statement that writes these fields of a row."""
    text, fields = _changing(type(row), names)
    connection = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    return Statement(text, [*values, row.pk])


@cache
def _reading(model: type[Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """Return the attributes `columns` are read into, and by place what makes its value of what the database gave."""
    fields = model._meta.concrete_fields
    converted = [(place, field.from_db_value) for place, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return [field.attname for field in fields], converted


@cache
def _inserting(model: type[Model]) -> tuple[str, list[AnyField]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names, places = ", ".join(map(_quoted, fields)), ", ".join(["%s"] * len(fields))
    return f"insert into {_table(model)} ({names}) values ({places}) returning {_key(model)}", fields  # noqa: S608 - its names


@cache
def _changing(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[AnyField]]:
    fields = [field for field in model._meta.concrete_fields if field.name in names]
    written = ", ".join(f"{_quoted(field)} = %s" for field in fields)
    return f"update {_table(model)} set {written} where {_key(model)} = %s", fields  # noqa: S608 - its names


def _table(model: type[Model]) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(model._meta.db_table)


def _key(model: type[Model]) -> str:
    return ", ".join(_quoted(field) for field in model._meta.concrete_fields if field.primary_key)


def _quoted(field: AnyField) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(field.column or field.name)
