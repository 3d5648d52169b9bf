"""The tables of a room made in one step, for the migration by which an empty database begins."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class MakeTables(Operation):
    """Take several operations that make tables and triggers as one.

    Django draws the models that are related to a new one anew after every operation, and here nearly all are related:
    that is most of the time an empty database takes. Here they are drawn once, when every operation is done. So each
    operation sees the tables as they are at the end, and a table can have a key to one that is made after it.
    """

    category = OperationCategory.ADDITION
    reversible = False
    reduces_to_sql = True
    atomic = False

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Give what a file of migrations says of it."""
        return self.__class__.__name__, [], {"operations": self.operations}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add all to the state, without drawing a model."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make each, in order."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what it does, for who reads the plan."""
        return f"Make {len(self.operations)} tables and triggers"
