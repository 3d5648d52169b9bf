"""Outcomes beside a deal and none: she enquired for a friend (C8), found by the whole; she bought a product."""

from decimal import Decimal

import pytest

from clinic.problems import Refused, Stale
from consultations import services
from consultations.selectors import people
from reception import services as reception
from tests.consultations.change_scenes import common
from tests.consultations.conftest import Morning

pytestmark = pytest.mark.django_db


def test_c8_the_friend_she_enquired_for_is_this_consultants_when_she_comes(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    done = services.record_for_friend(name="刘芳", phone="139 0000 1234", note="想做双眼皮", **common(morning, held))
    services.finish_consultation(consultation=done, staff=morning.first, now=morning.now)
    done.visit.refresh_from_db()
    friend = done.visit.friend
    assert friend is not None and (friend.name, friend.phone) == ("刘芳", "+8613900001234")
    assert (done.outcome, done.visit.other_reason) == ("for_friend", "for_friend")
    assert morning.arrive("甲").consultant == morning.second, "the next in turn"
    comes = morning.arrive(friend)
    assert (comes.visit_type, comes.type_rule, comes.consultant) == ("first", "C8", morning.first)


def test_c8_a_friend_on_file_is_not_put_on_file_twice(morning: Morning) -> None:
    known = reception.register_visitor(
        name="刘芳", phone="13900001234", branch=morning.branch, staff=morning.clerk, now=morning.now
    )
    held = morning.enter(morning.arrive())
    for name, phone in (("刘芳", "139 0000 1234"), ("刘芳", "")):
        services.record_for_friend(name=name, phone=phone, **common(morning, held))
        held.visit.refresh_from_db()
        assert held.visit.friend == known
    services.record_for_friend(name="刘芬", phone="13900001234", **common(morning, held))
    held.visit.refresh_from_db()
    assert held.visit.friend != known, "another name is another person"


def test_nobody_is_her_own_friend(morning: Morning) -> None:
    herself = reception.register_visitor(
        name="刘芳", phone="13900001234", branch=morning.branch, staff=morning.clerk, now=morning.now
    )
    held = morning.enter(morning.arrive(herself))
    with pytest.raises(Refused, match="same_person"):
        services.record_for_friend(name="刘芬", phone="13900001234", **common(morning, held))


@pytest.mark.parametrize(("name", "phone", "code"), [("", "", "name"), ("刘芳", "12", "phone")])
def test_a_friend_needs_a_name_and_a_phone_that_is_one(morning: Morning, name: str, phone: str, code: str) -> None:
    held = morning.enter(morning.arrive())
    with pytest.raises(Refused, match=code):
        services.record_for_friend(name=name, phone=phone, **common(morning, held))
    held.refresh_from_db()
    assert held.outcome == ""


def test_a_product_is_an_outcome_and_a_deal_takes_its_place(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    done = services.record_product(note="面膜", expected_version=held.version, **common(morning, held))
    assert (done.outcome, done.outcome_note) == ("product", "面膜")
    with pytest.raises(Stale, match="changed"):
        services.record_product(note="面膜", expected_version=held.version, **common(morning, held))
    services.record_deal(kind="paid", lines=[services.Line(morning.nose, Decimal(100))], **common(morning, held))
    held.refresh_from_db()
    assert (held.outcome, held.outcome_note) == ("deal", "")
    with pytest.raises(Refused, match="deal_recorded"):
        services.record_product(**common(morning, held))


def test_nobody_is_found_by_a_part_of_a_name_or_phone(morning: Morning) -> None:
    visitor = reception.register_visitor(
        name="欧阳娜娜", phone="13912345678", branch=morning.branch, staff=morning.clerk, now=morning.now
    )
    for whole in ("欧阳娜娜", "13912345678", "139 1234 5678", "+86 139 1234 5678", visitor.file_number):
        assert people.found_exactly(whole) == [visitor], whole
    for part in ("欧阳", "欧", "娜娜", "5678", "1391234567", "oynn", "ouyangnana", "", "%", "F"):
        assert people.found_exactly(part) == [], part
