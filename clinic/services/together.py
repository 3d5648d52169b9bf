"""Rows that are written together: one trip to the database for all of them instead of one for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Model, QuerySet, sql

Row = TypeVar("Row", bound=Model)
Change = tuple[QuerySet[Any], dict[str, Any]]

_held: ContextVar[list[Model | Change] | None] = ContextVar("held", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Hold back what `write` and `change` are given meanwhile, and send it at the end, in that order.

    Must be inside a transaction. Until the end the rows have no key and no query sees them. An error leaves the block
    without anything sent. A block inside another is part of it.
    """
    if _held.get() is not None:
        yield
        return
    held: list[Model | Change] = []
    token = _held.set(held)
    try:
        yield
    finally:
        _held.reset(token)
    if held:
        _send(held)


def write(row: Row) -> Row:
    """Insert a new row, now or with the others, and return it."""
    held = _held.get()
    if held is None:
        row.save(force_insert=True)
    else:
        held.append(row)
    return row


def change(rows: QuerySet[Any], **values: Any) -> None:
    """Update rows, now or with the others; nobody is told how many there were."""
    held = _held.get()
    if held is None:
        rows.update(**values)
    else:
        held.append((rows, values))


def held_back(model: type[Row]) -> list[Row]:
    """Return the rows of a model that wait to be sent, and may still be changed."""
    return [row for row in _held.get() or () if isinstance(row, model)]


def _send(held: list[Model | Change]) -> None:
    statements = [_insertion(one) if isinstance(one, Model) else _update(*one) for one in held]
    with connection.cursor() as cursor:
        cursor.execute(
            ";\n".join(text for text, _values in statements), [one for _text, values in statements for one in values]
        )
        for place, one in enumerate(held):
            if isinstance(one, Model):
                # Counted from the end: history tracking may put a statement of its own before ours.
                cursor.set_result(place - len(held))
                (one.pk,) = cursor.fetchone()
                one._state.adding, one._state.db = False, connection.alias


def _insertion(row: Model) -> tuple[str, tuple[Any, ...]]:
    options = row._meta
    query = sql.InsertQuery(type(row))
    query.insert_values([field for field in options.concrete_fields if field is not options.pk], [row])
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = [options.pk]
    ((text, values),) = compiler.as_sql()
    return text, values


def _update(rows: QuerySet[Any], values: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    query = cast("sql.UpdateQuery", rows.query.chain(sql.UpdateQuery))
    query.add_update_values(values)
    text, parameters = query.get_compiler(connection=connection).as_sql()
    return text, parameters
