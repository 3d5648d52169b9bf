"""A consultant who leaves, her visitors, and colleagues who may take them over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import HandOver
from consultations.selectors.hand_overs import Plan, colleagues_for, plan_of, rows_of
from reception.models import Standing, Visitor
from tests.conftest import MakeStaff

AT = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


@dataclass
class Leaving:
    """Everybody concerned, and what a supervisor does with them."""

    branch: Branch
    supervisor: Staff
    leaver: Staff
    colleagues: list[Staff]
    now: datetime

    def plan(self, rule: str = "evenly", moves: dict[int, int] | None = None, to: Iterable[Staff] = ()) -> Plan:
        """Return the preview."""
        chosen = {one.pk for one in to or self.colleagues}
        receivers = [one for one in colleagues_for(self.leaver, self.now) if one.pk in chosen]
        return plan_of(rows_of(self.leaver), receivers, rule, moves or {})

    def hand_over(
        self, plan: Plan, rule: str = "evenly", moves: dict[int, int] | None = None, **more: object
    ) -> HandOver:
        """Carry a preview out."""
        said = {
            "leaver": self.leaver,
            "receivers": [tally.staff for tally in plan.tallies],
            "rule": rule,
            "moves": moves or {},
            "seen": plan.visitors,
            "mark": plan.mark,
            "reason": "离职",
            "request_key": uuid4(),
            "staff": self.supervisor,
            "now": self.now,
        }
        return services.hand_over(**{**said, **more})  # type: ignore[arg-type]

    def owners(self) -> dict[int, int | None]:
        """Return whose each visitor is."""
        return dict(Visitor.objects.values_list("pk", "owner"))

    def preview(self, client: Client, **data: object) -> dict[str, str]:
        """Ask for the preview in a browser, and return what its form carries."""
        said = {"to": [one.pk for one in self.colleagues], "rule": "evenly", "do": "preview", **data}
        answer = client.post(self.url, said)
        assert answer.status_code == 200, answer.status_code
        carry = answer.context["carry"]
        return {name: str(carry[name].value() or "") for name in ("moves", "seen", "mark", "shared", "request_key")}

    @property
    def url(self) -> str:
        """Return the address of the leaver's page."""
        return reverse("consultations:hand_over_new", args=[self.leaver.pk])


def leaving(branch: Branch, staff_with: MakeStaff, now: datetime, *, left: bool = True) -> Leaving:
    """Return a leaver without visitors yet, three colleagues and a supervisor."""
    return Leaving(
        branch=branch,
        supervisor=staff_with(Role.CONSULTING_SUPERVISOR, display_name="沈慧"),
        leaver=staff_with(
            Role.CONSULTANT, display_name="韩梅", active_until=date(2026, 3, 1) if left else None, name_key="han mei"
        ),
        colleagues=[
            staff_with(Role.CONSULTANT, display_name=name, name_key=key)
            for name, key in (("陈静", "chen jing"), ("李敏", "li min"), ("王欣", "wang xin"))
        ],
        now=now,
    )


def give_visitors(owner: Staff, number: int, standings: Iterable[str] = Standing.values) -> list[Visitor]:
    """Put visitors of a consultant on file, their standings in turn, each a day later than the one before."""
    kinds = list(standings)
    first = Visitor.objects.count()
    return Visitor.objects.bulk_create(
        Visitor(
            file_number=f"H{first + place:06d}",
            name=f"顾客{first + place}",
            owner=owner,
            standing=kinds[place % len(kinds)],
            registered_at=AT,
            registered_in=owner.branch,
            last_visit_on=date.fromordinal(date(2025, 1, 1).toordinal() + place),
        )
        for place in range(number)
    )
