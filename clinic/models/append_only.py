"""Triggers that make a table append-only in the database itself, whoever writes to it."""

import pgtrigger


def append_only() -> list[pgtrigger.Trigger]:
    """Return triggers for `Meta.triggers` that refuse UPDATE, DELETE and TRUNCATE with an error."""
    return [
        pgtrigger.Protect(name="append_only_rows", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="append_only_table",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=pgtrigger.Func("RAISE EXCEPTION 'append-only: {meta.db_table} cannot be emptied';"),
        ),
    ]
