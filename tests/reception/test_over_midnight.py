"""What the clock does by itself: visits left open over midnight, birthdays of 29 February, cards that grow old."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import IntakeCard, Visit, Visitor
from reception.selectors.displays import calls_of
from reception.selectors.duplicates import possible_duplicates
from reception.selectors.intake import KEPT, cards_at
from reception.tasks import empty_own_cards
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, VisitFactory, VisitorFactory

# Ten to twelve in the evening in Shanghai.
LATE = datetime(2026, 3, 11, 15, 50, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, 16, 0, tzinfo=UTC)
LEAP_DAY = date(2004, 2, 29)


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION)


def arrive(visitor: Visitor, clerk: Staff, now: datetime) -> Visit:
    return services.register_arrival(visitor=visitor, branch=clerk.branch, projects=[], staff=clerk, now=now)


@pytest.mark.parametrize(("state", "ended"), [("waiting", "left"), ("in_room", "finished")])
def test_a_visit_left_open_over_midnight_stays_on_its_day_and_bars_no_new_one(
    state: str, ended: str, branch: Branch, clerk: Staff
) -> None:
    visit = VisitFactory(now=LATE)
    Visit.objects.filter(pk=visit.pk).update(state=state)
    with pytest.raises(Refused, match="already_here"):
        arrive(visit.visitor, clerk, MIDNIGHT - timedelta(seconds=1))
    again = arrive(visit.visitor, clerk, MIDNIGHT)
    visit.refresh_from_db()
    assert (visit.state, visit.day, visit.number) == (ended, date(2026, 3, 11), 1)
    assert (again.day, again.number) == (date(2026, 3, 12), 1)


def test_what_nobody_ended_can_be_ended_from_midnight_on(branch: Branch, clerk: Staff) -> None:
    visit = VisitFactory(now=LATE)
    ask = {"branch": branch, "day": visit.day, "staff": clerk}
    with pytest.raises(Refused, match="today"):
        services.end_forgotten_visits(**ask, now=MIDNIGHT - timedelta(seconds=1))
    assert services.end_forgotten_visits(**ask, now=MIDNIGHT) == [visit]
    assert services.end_forgotten_visits(**ask, now=MIDNIGHT) == []


def test_a_call_of_yesterday_leaves_the_screens_at_midnight(branch: Branch, staff_with: MakeStaff) -> None:
    visit = VisitFactory(now=LATE, consultant=staff_with(Role.CONSULTANT))
    services.record_progress(visit=visit, state=Visit.State.ACCEPTED, now=LATE)
    assert len(calls_of(branch, branch.today(MIDNIGHT - timedelta(seconds=1)))) == 1
    assert calls_of(branch, branch.today(MIDNIGHT)) == []


def test_the_desk_and_the_register_answer_on_both_sides_of_midnight(client_as: MakeClient, branch: Branch) -> None:
    visit = VisitFactory(now=LATE)
    with time_machine.travel(MIDNIGHT - timedelta(minutes=1), tick=False) as clock:
        client = client_as(Role.DESK_SUPERVISOR)
        assert visit.visitor.name in client.get(reverse("reception:register")).content.decode()
        clock.shift(timedelta(minutes=2))
        for name in ("desk", "register", "days", "register_panel", "day_log", "cards", "calendar"):
            assert client.get(reverse(f"reception:{name}")).status_code == 200, name
        assert visit.visitor.name not in client.get(reverse("reception:register")).content.decode()
        before = client.get(reverse("reception:register"), {"day": "2026-03-11"}).content.decode()
        assert visit.visitor.name in before


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2026, 2, 28), 21),
        (date(2026, 3, 1), 22),
        (date(2028, 2, 28), 23),
        (date(2028, 2, 29), 24),
        (LEAP_DAY, 0),
    ],
)
def test_who_was_born_on_29_february_has_her_birthday(day: date, age: int, branch: Branch) -> None:
    assert VisitorFactory(birth_on=LEAP_DAY).age_on(day) == age


def test_two_of_one_name_born_on_29_february_are_asked_about(branch: Branch, clerk: Staff) -> None:
    known = VisitorFactory(name="曾小美", phone="", birth_on=LEAP_DAY)
    VisitorFactory(name="曾小美", phone="", birth_on=date(2004, 3, 1))
    assert possible_duplicates(name="曾小美", phone="", birth_on=LEAP_DAY) == [known]


@pytest.mark.parametrize(("born", "status"), [("2004-02-29", 302), ("2003-02-29", 422), ("1905-02-29", 422)])
def test_a_birth_date_is_typed_on_29_february(born: str, status: int, client_as: MakeClient, branch: Branch) -> None:
    visitor = VisitorFactory(birth_on=None)
    with time_machine.travel(datetime(2028, 2, 29, 2, 30, tzinfo=UTC), tick=False):
        client = client_as(Role.RECEPTION)
        address = reverse("reception:visitor_card", args=[visitor.pk])
        form = client.get(address).context["form"]
        sent = {name: form[name].value() or "" for name in form.fields} | {"birth_on": born, "age": ""}
        sent = {name: value for name, value in sent.items() if value not in (False, None)}
        assert client.post(address, sent).status_code == status
        assert client.get(reverse("reception:visitor", args=[visitor.pk])).status_code == 200


def card_sent(clerk: Staff, now: datetime) -> IntakeCard:
    invitation, _code = services.invite(staff=clerk, now=now)
    return services.submit_card(invitation=invitation, answers={"name": "曾小美"}, now=now)


def test_a_card_of_a_visitor_is_emptied_exactly_after_its_time(clerk: Staff) -> None:
    card = card_sent(clerk, MORNING)
    over = MORNING + KEPT
    with time_machine.travel(over - timedelta(seconds=1), tick=False) as clock:
        assert empty_own_cards() == 0
        assert list(cards_at(clerk.branch, over - timedelta(seconds=1))) == [card]
        clock.shift(timedelta(seconds=1))
        assert list(cards_at(clerk.branch, over)) == []
        with pytest.raises(Stale, match="card_taken"):
            services.take_card(card=card, seen=card.version, staff=clerk, now=over)
        assert empty_own_cards() == 1
        assert empty_own_cards() == 0
    card.refresh_from_db()
    assert (card.answers, card.emptied_at) == ({}, over)


def test_a_card_emptied_in_somebodys_hands_is_not_registered_as_if_it_said_nothing(clerk: Staff) -> None:
    card = card_sent(clerk, MORNING)
    services.take_card(card=card, seen=card.version, staff=clerk, now=MORNING)
    services.empty_cards(now=MORNING + KEPT)
    with pytest.raises(Stale, match="card_taken"):
        services.take_in(
            newcomer={"name": "曾小美"},
            card=card,
            branch=clerk.branch,
            projects=[],
            request_key=uuid4(),
            staff=clerk,
            now=MORNING + KEPT,
        )
    assert not Visit.objects.exists()
