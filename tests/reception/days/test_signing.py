"""Four parties sign a day, and it is closed as it was signed (R3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.models import AuditEntry, Branch, Staff
from clinic.roles import Role
from reception import services
from reception.models import (
    DayClose,
    DaySignature,
    Party,
    RegisterSheet,
    Visit,
)
from reception.selectors.days import day_state
from tests.conftest import MakeStaff
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory
from tests.reception.days.scenes import (
    BEFORE,
    EVENING,
    TODAY,
    YESTERDAY,
    finished,
    refused,
    sign,
)

pytestmark = pytest.mark.usefixtures("now")


def test_a_day_is_signed_by_four_and_closed_as_it_was_signed(
    branch: Branch, people: dict[Party, Staff], staff_with: MakeStaff
) -> None:
    visit = finished(staff_with(Role.CONSULTANT), projects=[ProjectFactory()])
    for party, staff in people.items():
        missing = refused(
            "unsigned", lambda: services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
        )
        assert str(party.label) in str(missing.message)
        sign(branch, YESTERDAY, party, staff)
    closing = services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    assert RegisterSheet.objects.count() == 1, "four signed the same, so it is one sheet"
    (row,) = closing.sheet.rows
    assert (row["number"], row["name"], row["state"]) == (1, visit.visitor.name, "finished")
    assert closing.last_number == 1
    actions = AuditEntry.objects.filter(action__in=("reception.sign_day", "reception.close_day"))
    assert actions.count() == 5
    again = refused(
        "day_closed", lambda: services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    )
    assert again.status == 409
    refused("day_closed", lambda: sign(branch, YESTERDAY, Party.DESK, staff_with(Role.RECEPTION)))


def test_a_change_after_a_signature_outdates_it_and_is_shown(branch: Branch, people: dict[Party, Staff]) -> None:
    visit = VisitFactory(now=BEFORE, note="旧")
    desk = people[Party.DESK]
    sign(branch, YESTERDAY, Party.DESK, desk)
    services.record_progress(visit=visit, state="left", now=BEFORE + timedelta(minutes=40))
    later = VisitFactory(now=BEFORE + timedelta(hours=1))
    services.void_visit(visit=later, reason="登记错人", staff=desk, now=BEFORE + timedelta(hours=1))
    state = day_state(branch, YESTERDAY, desk)
    signed = next(party for party in state.parties if party.party == Party.DESK)
    assert signed.signature is not None and not signed.is_valid and signed.may_sign and not state.all_signed
    told = {(one.number, one.field): (one.before, one.after) for one in signed.differs}
    assert told["001", "state"] == ("Registered", "Left")
    assert told["001", "left_at"] == ("", "11:10")
    assert ("002", "") in told, "an entry that is new"
    sign(branch, YESTERDAY, Party.DESK, desk)
    assert day_state(branch, YESTERDAY, desk).parties[2].is_valid
    assert DaySignature.objects.filter(party=Party.DESK).count() == 2


def test_what_was_seen_is_what_is_signed(branch: Branch, people: dict[Party, Staff]) -> None:
    visit = VisitFactory(now=BEFORE)
    seen = day_state(branch, YESTERDAY, people[Party.DESK]).hash
    services.record_progress(visit=visit, state="left", now=BEFORE)
    problem = refused(
        "changed",
        lambda: services.sign_day(
            branch=branch, day=YESTERDAY, party="desk", seen=seen, staff=people[Party.DESK], now=EVENING
        ),
    )
    assert problem.status == 409
    assert not DaySignature.objects.exists()


def test_nobody_signs_for_two_parties_and_nobody_for_a_party_not_hers(
    branch: Branch, people: dict[Party, Staff], staff_with: MakeStaff
) -> None:
    finished()
    both = staff_with(Role.RECEPTION, Role.CONSULTANT)
    sign(branch, YESTERDAY, Party.DESK, both)
    refused("other_party", lambda: sign(branch, YESTERDAY, Party.CONSULTANTS, both))
    refused("not_party", lambda: sign(branch, YESTERDAY, Party.MARKETING, both))
    refused("signed", lambda: sign(branch, YESTERDAY, Party.DESK, people[Party.DESK]))
    signature = DaySignature.objects.get()
    with pytest.raises(IntegrityError, match="one party"), transaction.atomic():
        DaySignature.objects.create(
            branch=branch,
            day=YESTERDAY,
            party=Party.CONSULTANTS,
            sheet=signature.sheet,
            staff=both,
            signed_at=EVENING,
        )


def test_a_day_with_open_visits_is_not_closed_and_they_are_named(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    VisitFactory.create_batch(2, now=BEFORE)
    problem = refused("open_visits", closed)
    assert "001, 002" in str(problem.message)
    ended = services.end_forgotten_visits(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    assert [visit.state for visit in ended] == ["left", "left"]
    assert AuditEntry.objects.filter(action="reception.end_forgotten_visit", staff=people[Party.DESK]).count() == 2
    assert closed().last_number == 2
    refused(
        "today", lambda: services.end_forgotten_visits(branch=branch, day=TODAY, staff=people[Party.DESK], now=EVENING)
    )


def test_today_is_closed_only_after_the_house_has_closed(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    finished(at=MORNING)
    for party, staff in people.items():
        sign(branch, TODAY, party, staff, MORNING)
    afternoon = EVENING - timedelta(hours=3)
    refused("house_open", lambda: services.close_day(branch=branch, day=TODAY, staff=people[Party.DESK], now=afternoon))
    assert services.close_day(branch=branch, day=TODAY, staff=people[Party.DESK], now=EVENING).day == TODAY


def test_who_comes_after_the_closing_is_signed_for_by_four_and_the_day_closed_once_more(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    first, desk = finished(at=MORNING), people[Party.DESK]
    closing = closed(TODAY)
    assert day_state(branch, TODAY, desk).is_closed
    late = VisitFactory(now=EVENING)
    state = day_state(branch, TODAY, desk)
    assert [visit.number for visit in state.late_visits] == [late.number] == [2]
    assert not state.is_closed and not state.all_signed and [row["number"] for row in state.rows] == [1, 2]
    signed = next(party for party in state.parties if party.party == Party.DESK)
    assert signed.may_sign and [(one.number, one.field) for one in signed.differs] == [("002", "")]
    refused("open_visits", lambda: services.close_day(branch=branch, day=TODAY, staff=desk, now=EVENING))
    services.void_visit(visit=late, reason="登记错人", staff=desk, now=EVENING)
    refused("unsigned", lambda: services.close_day(branch=branch, day=TODAY, staff=desk, now=EVENING))
    for change in ({"note": "x"}, {"state": "waiting"}):
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            Visit.objects.filter(pk=first.pk).update(**change)
    again = closed(TODAY)
    assert (closing.last_number, again.last_number) == (1, 2)
    state = day_state(branch, TODAY, desk)
    assert state.is_closed and state.all_signed and state.hash == again.sheet.hash
    with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
        Visit.objects.filter(pk=late.pk).update(void_reason="x")
    refused("day_closed", lambda: services.close_day(branch=branch, day=TODAY, staff=desk, now=EVENING))
    refused("day_closed", lambda: sign(branch, TODAY, Party.DESK, desk))


def test_the_database_closes_a_day_once_more_only_for_who_came_later(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose]
) -> None:
    finished()
    closing = closed()
    sheet = RegisterSheet.objects.create(
        branch=branch, day=YESTERDAY, number=2, rows=closing.sheet.rows, hash="x", last_number=1, taken_at=EVENING
    )
    for party, staff in people.items():
        DaySignature.objects.create(
            branch=branch, day=YESTERDAY, party=party, sheet=sheet, staff=staff, signed_at=EVENING
        )
    with pytest.raises(IntegrityError, match="closed up to this number"), transaction.atomic():
        DayClose.objects.create(
            branch=branch, day=YESTERDAY, sheet=sheet, last_number=1, closed_at=EVENING, closed_by=people[Party.DESK]
        )


def test_an_empty_day_has_nothing_to_sign(branch: Branch, people: dict[Party, Staff]) -> None:
    refused("no_visits", lambda: sign(branch, YESTERDAY, Party.DESK, people[Party.DESK]))
