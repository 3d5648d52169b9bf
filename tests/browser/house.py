"""A branch of a test's own, as the test knows it; `scenes.open_house` makes it inside the system."""

from dataclasses import dataclass
from typing import Any

from tests.browser.stack import Stack


@dataclass(frozen=True, slots=True)
class Colleague:
    """A consultant of the house."""

    pk: int
    name: str
    login_name: str


@dataclass(frozen=True, slots=True)
class House:
    """A branch with its people, all signed in (login name → session). `board` is today's, 0 until the day is opened."""

    stack: Stack
    code: str
    branch: int
    board: int
    consultants: tuple[Colleague, ...]
    sessions: dict[str, str]

    @classmethod
    def opened(cls, stack: Stack, **wishes: Any) -> "House":
        """Open a new one; `wishes` are those of the scene."""
        made = stack.make("open_house", **wishes)
        people = tuple(Colleague(**one) for one in made.pop("consultants"))
        return cls(stack, consultants=people, **made)

    def login_name(self, who: str) -> str:
        """Return the login name of a helper: reception, desk_supervisor, consulting_supervisor, manager, file_room."""
        return f"{self.code}-{who}"

    def make(self, scene: str, **wishes: Any) -> dict[str, Any]:
        """Have a scene carried out in this house."""
        return self.stack.make(scene, code=self.code, **wishes)

    def visit(self, name: str) -> dict[str, Any]:
        """Return what is written down about a visitor's only visit here."""
        rows = self.stack.rows(
            "select v.id, v.number, v.visit_type, v.rule, v.turn, v.state, v.consultant_id from reception_visit v"
            " join reception_visitor p on p.id = v.visitor_id where p.name = %s and v.branch_id = %s",
            name,
            self.branch,
        )
        assert len(rows) == 1, rows
        return dict(zip(("id", "number", "visit_type", "rule", "turn", "state", "consultant"), rows[0], strict=True))
