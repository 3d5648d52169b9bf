"""Owners work their calls: one holder, results with their retry rules, and what comes to the supervisor."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import translation

from clinic.models import AuditEntry, Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from followups.models import CallBar, CallRules, OwnerCall, OwnerCallTry
from followups.selectors.owner_calls import OwnTab, Place, about_of, own_counts, own_list, owner_script
from followups.services import (
    build_owner_calls,
    end_owner_call,
    put_owner_call_back,
    record_owner_try,
    release_owner_call,
    renew_owner_call,
    take_next_owner_call,
    take_owner_call,
)
from followups.services.cards import LEASE
from tests.at_once import AT_ONCE, at_once
from tests.conftest import MakeStaff
from tests.factories.followups import OperationFactory, an_owner_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="王欣")


@pytest.fixture
def call(consultant: Staff, now: datetime) -> OwnerCall:
    return an_owner_call(consultant, now=now)


def again(call: OwnerCall) -> OwnerCall:
    return OwnerCall.objects.get(pk=call.pk)


def local(call: OwnerCall) -> str:
    assert call.call_at is not None
    return f"{call.call_at.astimezone(call.branch.zone):%m-%d %H:%M}"


ENDS = [
    ("comes", "done", "reached"),
    ("thinks", "done", "reached"),
    ("refused", "done", "refused"),
    ("do_not_call", "done", "barred"),
    ("deceased", "done", "barred"),
    ("wrong_number", "done", "unreached"),
]


@pytest.mark.parametrize(("result", "state", "reason"), ENDS)
def test_results_that_end_a_call(
    call: OwnerCall, consultant: Staff, now: datetime, result: str, state: str, reason: str
) -> None:
    other = an_owner_call(consultant, now=now, visitor=call.visitor)
    made = record_owner_try(call=call, result=result, notes=" 好 ", version=1, staff=consultant, now=now)
    row = again(call)
    assert (row.state, row.state_reason, row.closed_at, row.tries, row.version) == (state, reason, now, 1, 2)
    assert (made.notes, made.staff, made.at) == ("好", consultant, now)
    barred = result in ("do_not_call", "deceased")
    assert list(CallBar.objects.values_list("reason", flat=True)) == ([result] if barred else [])
    assert again(other).state_reason == ("barred" if barred else "")
    assert build_owner_calls(now=now) == 0
    assert AuditEntry.objects.filter(action="followups.record_owner_try").count() == 1


LATER: list[tuple[dict[str, Any], date, datetime | None]] = [
    ({"result": "later", "call_on": date(2026, 3, 14)}, date(2026, 3, 14), None),
    ({"result": "later", "call_on": date(2026, 3, 11)}, date(2026, 3, 11), None),
    ({"result": "thinks", "call_on": date(2026, 4, 1)}, date(2026, 4, 1), None),
    (
        {"result": "later", "call_at": datetime(2026, 3, 12, 7, tzinfo=UTC)},
        date(2026, 3, 12),
        datetime(2026, 3, 12, 7, tzinfo=UTC),
    ),
]


@pytest.mark.parametrize(("said", "call_on", "call_at"), LATER)
def test_called_again_when_she_said(
    call: OwnerCall, consultant: Staff, now: datetime, said: dict[str, Any], call_on: date, call_at: datetime | None
) -> None:
    record_owner_try(call=call, staff=consultant, now=now, **said)
    row = again(call)
    assert (row.state, row.call_on, row.call_at, row.as_planned) == ("open", call_on, call_at, False)
    assert row.promised
    assert build_owner_calls(now=now) == 0


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"result": "later"}, "later_when"),
    ({"result": "later", "call_on": date(2026, 3, 10)}, "later_when"),
    ({"result": "later", "call_at": datetime(2026, 3, 11, 2, tzinfo=UTC)}, "later_when"),
    ({"result": "later", "call_on": date(2030, 3, 10)}, "too_far"),
    ({"result": "nonsense"}, "result"),
]


@pytest.mark.parametrize(("said", "code"), REFUSED)
def test_what_is_refused(call: OwnerCall, consultant: Staff, now: datetime, said: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        record_owner_try(call=call, staff=consultant, now=now, **said)
    assert refused.value.code == code
    assert (again(call).tries, OwnerCallTry.objects.count()) == (0, 0)


def test_no_answer_is_tried_again_by_the_rules_until_the_ceiling(
    branch: Branch, call: OwnerCall, consultant: Staff, now: datetime
) -> None:
    CallRules.objects.create(
        branch=branch, most_tries=3, tries_a_day=2, rest_from=time(12), rest_until=time(14), pause_busy=30
    )
    record_owner_try(call=call, result="no_answer", staff=consultant, now=now)
    assert local(again(call)) == "03-11 14:00"  # 10:30 and three hours: after the rest
    record_owner_try(call=again(call), result="busy", staff=consultant, now=now + timedelta(hours=4))
    assert local(again(call)) == "03-12 09:30"  # two tries a day
    record_owner_try(call=again(call), result="no_answer", staff=consultant, now=now + timedelta(days=1))
    row = again(call)
    assert (row.state, row.state_reason, row.tries) == ("done", "unreached", 3)


def test_who_was_not_reached_is_put_back_or_ended_by_the_supervisor(
    call: OwnerCall, consultant: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR)
    record_owner_try(call=call, result="wrong_number", staff=consultant, now=now)
    assert own_counts(staff=supervisor, now=now)[OwnTab.UNREACHED] == 1
    with pytest.raises(Refused) as past:
        put_owner_call_back(call=call, call_on=date(2026, 3, 10), staff=supervisor, now=now)
    assert past.value.code == "day_past"
    put_owner_call_back(call=call, call_on=date(2026, 3, 13), version=2, staff=supervisor, now=now)
    row = again(call)
    assert (row.state, row.state_reason, row.closed_at, row.call_on, row.tries) == (
        "open", "", None, date(2026, 3, 13), 0,
    )  # fmt: skip
    assert build_owner_calls(now=now) == 0
    record_owner_try(call=row, result="wrong_number", staff=consultant, now=now)
    with pytest.raises(Refused) as silent:
        end_owner_call(call=row, note=" ", staff=supervisor, now=now)
    assert silent.value.code == "note_missing"
    end_owner_call(call=row, note="换号了", staff=supervisor, now=now)
    assert (again(call).state, again(call).state_reason) == ("cancelled", "unreached")
    assert own_counts(staff=supervisor, now=now)[OwnTab.UNREACHED] == 0
    with pytest.raises(Stale):
        end_owner_call(call=row, note="又", staff=supervisor, now=now)
    assert build_owner_calls(now=now) == 0


def test_who_buys_meanwhile_leaves_the_supervisors_list(
    call: OwnerCall, consultant: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR)
    record_owner_try(call=call, result="wrong_number", staff=consultant, now=now)
    bar = CallBar.objects.create(visitor=call.visitor, reason="deceased", branch=call.branch, at=now, by=supervisor)
    build_owner_calls(now=now)
    assert own_counts(staff=supervisor, now=now)[OwnTab.UNREACHED] == 0
    assert again(call).state_reason == "barred"
    bar.delete()


# --- one holder ---


def test_a_card_has_one_holder_and_frees_itself(
    call: OwnerCall, consultant: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR, display_name="主管")
    second = an_owner_call(consultant, now=now)
    take_owner_call(call=call, staff=consultant, now=now)
    with pytest.raises(Stale) as held:
        take_owner_call(call=call, staff=supervisor, now=now + LEASE - timedelta(seconds=1))
    assert held.value.code == "held"
    with pytest.raises(Stale):
        record_owner_try(call=call, result="thinks", staff=supervisor, now=now)
    assert renew_owner_call(call=call, staff=consultant, now=now + timedelta(minutes=5)) == now + timedelta(minutes=15)
    take_owner_call(call=second, staff=consultant, now=now)
    assert (again(call).held_by, again(second).held_by) == (None, consultant)
    take_owner_call(call=second, staff=supervisor, now=now + LEASE)
    release_owner_call(call=second, staff=consultant, now=now)
    assert again(second).held_by == supervisor
    release_owner_call(call=second, staff=supervisor, now=now)
    assert again(second).held_by is None


def test_a_card_that_changed_hands_or_days_says_so(call: OwnerCall, consultant: Staff, now: datetime) -> None:
    record_owner_try(call=call, result="no_answer", version=1, staff=consultant, now=now)
    with pytest.raises(Stale) as moved:
        record_owner_try(call=call, result="thinks", version=1, staff=consultant, now=now)
    assert moved.value.code == "moved"
    record_owner_try(call=call, result="thinks", version=2, staff=consultant, now=now)
    with pytest.raises(Stale) as closed:
        take_owner_call(call=call, staff=consultant, now=now)
    assert closed.value.code == "closed"


@pytest.mark.django_db(transaction=True)
def test_sent_from_many_windows_a_try_is_recorded_once(call: OwnerCall, consultant: Staff, now: datetime) -> None:
    jobs = [
        lambda: record_owner_try(call=call, result="no_answer", version=1, staff=consultant, now=now)
        for _number in range(AT_ONCE)
    ]
    assert at_once(*jobs) == ["moved"] * (AT_ONCE - 1) + ["ok"]
    assert OwnerCallTry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_supervisors_never_hold_one_card(consultant: Staff, staff_with: MakeStaff, now: datetime) -> None:
    for _number in range(AT_ONCE):
        an_owner_call(consultant, now=now)
    people = [staff_with(Role.CONSULTING_SUPERVISOR) for _number in range(AT_ONCE)]
    taken: list[int] = []

    def take(staff: Staff) -> None:
        card = take_next_owner_call(staff=staff, place=Place(), now=now)
        assert card is not None
        taken.append(card.pk)

    assert at_once(*[lambda staff=staff: take(staff) for staff in people]) == ["ok"] * AT_ONCE
    assert len(set(taken)) == AT_ONCE


# --- lists ---


def test_the_order_to_call(branch: Branch, consultant: Staff, now: datetime) -> None:
    days = {number: branch.today(now) + timedelta(days=number) for number in (-3, 0, 1, 7, 8)}
    calls = {number: an_owner_call(consultant, now=now, again_on=day) for number, day in days.items()}
    promised = an_owner_call(consultant, now=now, again_on=days[-3])
    record_owner_try(call=promised, result="later", call_at=now + timedelta(hours=2), staff=consultant, now=now)

    def places(place: Place) -> list[int]:
        return [call.pk for call in own_list(staff=consultant, place=place, now=now)]

    assert places(Place()) == [calls[-3].pk, calls[0].pk, promised.pk]
    assert places(Place(when="coming")) == [calls[1].pk, calls[7].pk]
    assert places(Place(tab=OwnTab.BIRTHDAY)) == []
    for expected in (calls[-3], calls[0]):
        taken = take_next_owner_call(staff=consultant, place=Place(), now=now)
        assert taken == expected
        record_owner_try(call=expected, result="thinks", staff=consultant, now=now)
    # Her hour has not come.
    assert take_next_owner_call(staff=consultant, place=Place(), now=now) is None
    assert take_next_owner_call(staff=consultant, place=Place(), now=now + timedelta(hours=2)) == promised


def test_whose_calls_somebody_sees(
    consultant: Staff, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    hers, others = an_owner_call(consultant, now=now), an_owner_call(staff_with(Role.CONSULTANT), now=now)
    leaver = staff_with(Role.CONSULTANT, active_until=date(2026, 3, 10))
    nobodys = an_owner_call(leaver, now=now)
    an_owner_call(staff_with(Role.CONSULTANT, branch=other_branch), now=now)
    seen = {
        Role.CONSULTING_SUPERVISOR: {hers.pk, others.pk},
        Role.SERVICE_SUPERVISOR: {nobodys.pk},
        Role.CUSTOMER_SERVICE: set(),
        Role.CONSULTANT: set(),
        Role.DESK_SUPERVISOR: set(),
        Role.MANAGER: set(),
    }
    for role, expected in seen.items():
        found = own_list(staff=staff_with(role), place=Place(), now=now)
        assert {call.pk for call in found} == expected, role
    assert {call.pk for call in own_list(staff=consultant, place=Place(), now=now)} == {hers.pk}
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR)
    one = own_list(staff=supervisor, place=Place(owner_id=consultant.pk), now=now)
    assert {call.pk for call in one} == {hers.pk}


def test_scripts_have_names_and_days_in_both_languages(
    branch: Branch, call: OwnerCall, consultant: Staff, now: datetime
) -> None:
    visitor = call.visitor
    visitor.birth_on = date(1990, 3, 11)
    visitor.save()
    OperationFactory.create(
        branch=branch, visitor=visitor, treated_on=date(2026, 3, 2), next_visit_on=date(2026, 3, 14)
    )
    build_owner_calls(now=now)
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            calls = list(OwnerCall.objects.select_related("visitor", "branch").order_by("kind"))
            about = about_of(calls)
            said[language] = {one.kind: " ".join(owner_script(one, about[one.pk], consultant)) for one in calls}
    assert set(said["en"]) == {"no_deal", "next_session", "birthday"}
    for kind, words in said["en"].items():
        assert "Hello 王小美, this is 王欣 from Riverside" in words and "%(" not in words, kind
    assert "4 Mar 2026" in said["en"]["no_deal"]
    assert "Breast augmentation is planned for 14 Mar 2026" in said["en"]["next_session"]
    for words in said["zh-hans"].values():
        assert words.startswith("王小美女士您好，我是滨江院区的王欣")
    assert "隆胸" in said["zh-hans"]["next_session"] and "2026年3月14日" in said["zh-hans"]["next_session"]
    assert "生日快乐" in said["zh-hans"]["birthday"]
