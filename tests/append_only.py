"""Which tables are append-only, found from the models, and everything that would change what they hold."""

from django.apps import apps
from django.db.models import Model


def append_only_models() -> list[type[Model]]:
    """Return every model whose table is declared append-only: ours and the history tables."""
    return [
        model
        for model in apps.get_models()
        if any(trigger.name.startswith("append_only") for trigger in getattr(model._meta, "triggers", ()))
    ]


def attacks_on(model: type[Model], triggers: list[str]) -> list[str]:
    """Return the statements that change or empty a table, or take away what forbids it; `triggers` are its own."""
    table, column = model._meta.db_table, model._meta.pk.column
    return [
        f"update {table} set {column} = {column}",
        f"delete from {table}",
        f"truncate {table} cascade",
        f"select from {table} for update",
        f"alter table {table} disable trigger all",
        f"alter table {table} disable trigger user",
        *(f'alter table {table} disable trigger "{name}"' for name in triggers),
        *(f'drop trigger "{name}" on {table}' for name in triggers),
        f"drop table {table} cascade",
        f"create rule silent as on insert to {table} do instead nothing",
        f"create trigger silent before insert on {table} execute function suppress_redundant_updates_trigger()",
        "set session_replication_role = replica",
        "select set_config('session_replication_role', 'replica', false)",
    ]
