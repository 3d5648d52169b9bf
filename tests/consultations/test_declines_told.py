"""Why a visitor was declined is told of those who were: not of whom a consultant took all the same (T7)."""

import json
from decimal import Decimal
from typing import Any

import pytest

from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.selectors.personal_data import Wanted, sections_of
from clinic.selectors.story import story_of
from consultations import services
from consultations.selectors.figure_rows import keys_behind, rows_behind
from consultations.selectors.figures import Period
from reception.models import Visitor
from reception.views.story import asked_by
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning

pytestmark = pytest.mark.django_db
WHY = "认识她的前夫"


@pytest.fixture
def reader(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.MANAGER)


def told_of(visitor: Visitor, reader: Staff) -> tuple[str, str]:
    """Return what her story says, and what a copy of her data does."""
    lines = [line for one in story_of(asked_by(reader, visitor)).entries for line in one.entry.lines]
    sections = sections_of(Wanted((visitor.pk,), visitor.registered_in.zone, False))
    copy = [one.rows for one in sections if one.title == "Consultations"]
    return "\n".join(lines), json.dumps(copy, ensure_ascii=False, default=str)


def test_a_forbidden_decline_is_not_the_reason_of_a_deal(morning: Morning, reader: Staff, branch: Branch) -> None:
    morning.run_by({"decline": "forbidden"})
    visit = morning.arrive()
    with pytest.raises(Refused, match="decline_forbidden"):
        services.decline_visit(visit=visit, reason=WHY, staff=morning.first, now=morning.now)
    held = morning.enter(visit)
    common: dict[str, Any] = {"consultation": held, "staff": morning.first, "now": morning.now}
    services.record_deal(kind="paid", lines=[services.Line(morning.nose, Decimal(4200))], **common)
    services.finish_consultation(**common)
    story, copy = told_of(held.visitor, reader)
    assert "Deal" in story and "Deal" in copy
    assert WHY not in story and WHY not in copy


def test_a_decline_is_told_with_its_reason(morning: Morning, reader: Staff, branch: Branch) -> None:
    visit = morning.arrive()
    services.decline_visit(visit=visit, reason=WHY, staff=morning.first, now=morning.now)
    story, copy = told_of(visit.visitor, reader)
    assert WHY in story and WHY in copy
    (key,) = keys_behind(Period(branch, morning.board.day, morning.board.day), "declined", morning.first.pk)
    assert [one.what for one in rows_behind("declined", [key])] == [WHY]
