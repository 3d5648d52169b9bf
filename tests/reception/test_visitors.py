"""Visitors: registered, changed, revealed, and who may see whom."""

from datetime import date

import pytest

from clinic.models import AuditEntry, Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import Visit, Visitor
from reception.selectors.visitors import card_history, latest_history_id, search_visitors, visitor_seen_by, visitors_of
from tests.conftest import MakeStaff
from tests.factories.reception import MORNING, VisitFactory, VisitorFactory


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION)


@pytest.mark.parametrize("name", ["曾", "O'Brien <b>", "名" * 50, "🙂", "Ngô Thị"])
def test_a_name_is_kept_as_typed(branch: Branch, name: str) -> None:
    assert VisitorFactory(name=name).name == name


def test_marks_nobody_sees_are_not_kept(branch: Branch) -> None:
    assert VisitorFactory(name="\u202e王\x00小美\u200f").name == "王小美"


@pytest.mark.parametrize(
    ("name", "phone", "code"), [("", "", "name"), ("名" * 51, "", "name"), ("王", "1380", "phone")]
)
def test_a_wrong_card_is_refused_with_a_sentence(clerk: Staff, name: str, phone: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        services.register_visitor(name=name, phone=phone, branch=clerk.branch, staff=clerk, now=MORNING)
    assert refused.value.code == code
    assert not Visitor.objects.exists()


def test_earlier_values_stay_visible_with_who_changed_them(clerk: Staff) -> None:
    visitor = VisitorFactory(name="王小美", phone="13800138000")
    services.change_visitor(visitor=visitor, staff=clerk, now=MORNING, name="王小妹", birth_on=date(1990, 2, 1))
    services.change_visitor(visitor=visitor, staff=clerk, now=MORNING, phone="139 0013 9001", vip=True)
    changes = [(change.field, str(change.before), str(change.after)) for change in card_history(visitor)]
    assert changes == [
        ("vip", "False", "True"),
        ("phone", "+8613800138000", "+8613900139001"),
        ("birth_on", "None", "1990-02-01"),
        ("name", "王小美", "王小妹"),
    ]
    assert {change.staff for change in card_history(visitor)} == {clerk.display_name}
    detail = AuditEntry.objects.filter(action="reception.change_visitor").latest("pk").detail
    assert detail == {"fields": ["phone", "vip"]}


def test_nothing_is_written_when_nothing_differs(clerk: Staff) -> None:
    visitor = VisitorFactory(name="王小美", phone="13800138000")
    seen = latest_history_id(visitor)
    services.change_visitor(visitor=visitor, staff=clerk, now=MORNING, name="王小美", phone="138-0013-8000")
    assert latest_history_id(visitor) == seen
    assert not AuditEntry.objects.filter(action="reception.change_visitor").exists()


def test_two_people_editing_one_card_are_told(clerk: Staff, staff_with: MakeStaff) -> None:
    visitor, other = VisitorFactory(), staff_with(Role.RECEPTION, display_name="钱静")
    seen = latest_history_id(visitor)
    services.change_visitor(visitor=visitor, seen=seen, staff=other, now=MORNING, heard_from="friend")
    with pytest.raises(Stale) as stale:
        services.change_visitor(visitor=visitor, seen=seen, staff=clerk, now=MORNING, heard_from="")
    assert "钱静" in str(stale.value.message)
    assert "how they heard of us" in str(stale.value.message)
    again = stale.value.detail["seen"]
    services.change_visitor(visitor=visitor, seen=again, staff=clerk, now=MORNING, heard_from="street")
    assert Visitor.objects.get().heard_from == "street"


def test_what_other_rooms_write_does_not_make_a_card_stale(clerk: Staff) -> None:
    visitor = VisitorFactory()
    seen = latest_history_id(visitor)
    services.record_standing(visitor=visitor, standing="paid")
    services.change_visitor(visitor=visitor, seen=seen, staff=clerk, now=MORNING, vip=True)
    assert Visitor.objects.get().vip


def test_o6_showing_a_phone_is_recorded(clerk: Staff) -> None:
    visitor = VisitorFactory(phone="13800138000")
    shown = services.reveal_phone(visitor=visitor, reason="call_back", staff=clerk, now=MORNING)
    assert shown == "+86 138 0013 8000"
    entry = AuditEntry.objects.get(action="reception.reveal_phone")
    assert (entry.staff, entry.object_id, entry.at) == (clerk, str(visitor.pk), MORNING)
    assert entry.detail == {"reason": "call_back"}


def test_age_turns_on_the_birthday() -> None:
    visitor = Visitor(birth_on=date(2000, 2, 29))
    assert [visitor.age_on(day) for day in (date(2018, 2, 28), date(2018, 3, 1), date(2020, 2, 29))] == [17, 18, 20]
    assert Visitor().age_on(date(2020, 1, 1)) is None


def test_a_consultant_sees_her_own_and_those_she_has_accepted(staff_with: MakeStaff) -> None:
    consultant, colleague = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    owned = VisitorFactory(owner=consultant)
    visits = [VisitFactory(consultant=consultant) for _number in range(3)]
    for visit, state in zip(visits, (Visit.State.ACCEPTED, Visit.State.LEFT, Visit.State.WAITING), strict=True):
        taken_at = None if state == Visit.State.WAITING else MORNING
        Visit.objects.filter(pk=visit.pk).update(state=state, accepted_at=taken_at)
    given, gone, offered = (visit.visitor for visit in visits)
    foreign = VisitorFactory(owner=colleague)
    assert set(visitors_of(consultant)) == {owned, given, gone}
    assert not visitor_seen_by(consultant, foreign.pk).exists()
    assert not visitor_seen_by(consultant, offered.pk).exists()
    assert set(search_visitors(consultant, "王")) == {owned, given, gone}
    assert search_visitors(consultant, "\x00") == []


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.RECEPTION, True),
        (Role.DESK_SUPERVISOR, True),
        (Role.CUSTOMER_SERVICE, True),
        (Role.MANAGER, True),
        (Role.CONSULTANT, False),
        (Role.AUDITOR, False),
        (Role.NURSE, False),
    ],
)
def test_who_sees_every_visitor(staff_with: MakeStaff, role: Role, sees: bool) -> None:
    visitor = VisitorFactory()
    assert visitor_seen_by(staff_with(role), visitor.pk).exists() is sees
