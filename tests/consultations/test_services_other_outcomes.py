"""Outcomes beside a deal and none: she enquired for a friend (C8), found by the whole; she bought a product."""

from decimal import Decimal

import pytest

from clinic.problems import Refused, Stale
from consultations import services
from consultations.models import Consultation
from consultations.selectors import people
from reception import services as reception
from reception.models import Visit, Visitor
from tests.consultations.change_scenes import common
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import buy, replace
from triage import services as triage
from triage.selectors.corrections import Correction, Kind

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


def test_c8_a_friend_put_on_file_here_is_called_as_it_is_put_right(morning: Morning) -> None:
    held, before = morning.enter(morning.arrive()), Visitor.objects.count()
    for name, phone in (("刘芳", "13900001234"), ("刘芬", "13900001234"), ("刘芬", "13900001235"), ("刘芬芬", "")):
        services.record_for_friend(name=name, phone=phone, **common(morning, held))
    held.visit.refresh_from_db()
    friend = held.visit.friend
    assert friend is not None and (friend.name, friend.phone) == ("刘芬芬", "+8613900001235")
    assert Visitor.objects.count() == before + 1
    assert people.found_exactly("13900001235") == [friend] and people.found_exactly("13900001234") == []


@pytest.mark.parametrize("known_by", ["desk", "visit", "another"])
def test_c8_who_is_known_otherwise_keeps_her_name(morning: Morning, known_by: str) -> None:
    held = morning.enter(morning.arrive())
    if known_by == "desk":
        friend = morning.register("刘芳")
        reception.record_circumstances(visit=held.visit, other_reason="for_friend", friend=friend)
    else:
        services.record_for_friend(name="刘芳", **common(morning, held))
        held.visit.refresh_from_db()
        assert held.visit.friend is not None
        friend = held.visit.friend
    if known_by == "visit":
        morning.arrive(friend)
    if known_by == "another":
        other = morning.arrive("甲")
        reception.record_circumstances(visit=other, other_reason="for_friend", friend=friend)
    services.record_for_friend(name="王丽", **common(morning, held))
    held.visit.refresh_from_db()
    friend.refresh_from_db()
    assert held.visit.friend is not None and held.visit.friend != friend
    assert (held.visit.friend.name, friend.name) == ("王丽", "刘芳")


def test_nobody_is_her_own_friend(morning: Morning) -> None:
    herself = reception.register_visitor(
        name="刘芳", phone="13900001234", branch=morning.branch, staff=morning.clerk, now=morning.now
    )
    held = morning.enter(morning.arrive(herself))
    with pytest.raises(Refused, match="same_person"):
        services.record_for_friend(name="刘芬", phone="13900001234", **common(morning, held))


def _another_outcome(morning: Morning, held: Consultation, how: str) -> None:
    given = common(morning, held)
    match how:
        case "no_deal":
            services.record_no_deal(reason="价格", call_again_on=None, **given)
        case "product":
            services.record_product(**given)
        case "deal":
            services.record_deal(kind="paid", lines=[services.Line(morning.nose, Decimal(100))], **given)
        case "referred":
            services.refer_to_doctor(doctor=morning.doctor, reason="请看", **given)
        case "another":
            services.change_consultant(designated=None, reason="想换", **given)
        case "transferred":
            services.transfer_visit(to=morning.second, reason="不会", **given)
        case _:
            services.record_not_offered(reason="不做", **given)


@pytest.mark.parametrize("how", ["no_deal", "product", "deal", "referred", "another", "transferred", "not_offered"])
def test_c8_with_another_outcome_the_friend_is_nobodys(morning: Morning, how: str) -> None:
    held = morning.enter(morning.arrive())
    services.record_for_friend(name="刘芳", **common(morning, held))
    friend = Visit.objects.get(pk=held.visit_id).friend
    assert friend is not None
    _another_outcome(morning, held, how)
    held.refresh_from_db()
    visit = Visit.objects.get(pk=held.visit_id)
    assert held.outcome == how
    assert (visit.other_reason, visit.friend) == ("not_offered" if how == "not_offered" else "", None)
    assert visit.visit_type == ("other" if how == "not_offered" else "first")
    comes = morning.arrive(friend)
    assert (comes.visit_type, comes.type_rule) == ("first", "C1")


def test_c8_a_later_correction_does_not_make_her_another_kind_of_visitor(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    services.record_for_friend(name="刘芳", **common(morning, held))
    services.record_no_deal(reason="价格", call_again_on=None, **common(morning, held))
    services.transfer_visit(to=morning.second, reason="不会", **common(morning, held))
    visit = Visit.objects.get(pk=held.visit_id)
    assert (visit.visit_type, visit.consultant) == ("first", morning.second)


def test_c8_what_the_desk_had_said_stands_again(morning: Morning) -> None:
    asked = morning.register("刘芬")
    held = morning.enter(morning.arrive())
    reception.record_circumstances(visit=held.visit, other_reason="for_friend", friend=asked)
    for name in ("刘芳", "刘芬芳"):
        services.record_for_friend(name=name, **common(morning, held))
    services.record_no_deal(reason="价格", call_again_on=None, **common(morning, held))
    visit = Visit.objects.get(pk=held.visit_id)
    assert (visit.other_reason, visit.friend_id) == ("for_friend", asked.pk)


def test_c8_what_the_desk_has_corrected_since_stands(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    services.record_for_friend(name="刘芳", **common(morning, held))
    reception.record_circumstances(visit=Visit.objects.get(pk=held.visit_id), other_reason="elder")
    services.record_no_deal(reason="价格", call_again_on=None, **common(morning, held))
    visit = Visit.objects.get(pk=held.visit_id)
    assert (visit.other_reason, visit.friend) == ("elder", None)


def test_c8_a_referral_that_moves_nobody_leaves_the_enquiry(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    services.record_for_friend(name="刘芳", **common(morning, held))
    services.record_referral(referrer=morning.register("王美"), reason="朋友介绍", **common(morning, held))
    held.refresh_from_db()
    visit = Visit.objects.get(pk=held.visit_id)
    assert (held.outcome, visit.other_reason, visit.visit_type) == ("for_friend", "for_friend", "first")
    assert visit.friend is not None
    services.record_no_deal(reason="价格", call_again_on=None, **common(morning, held))
    visit = Visit.objects.get(pk=held.visit_id)
    assert (visit.other_reason, visit.friend_id) == ("", None)


@pytest.mark.parametrize("how", ["transferred", "not_offered"])
def test_c8_a_correction_that_is_taken_back_brings_no_friend_back(morning: Morning, how: str) -> None:
    held = morning.enter(morning.arrive())
    services.record_for_friend(name="刘芳", **common(morning, held))
    _another_outcome(morning, held, how)
    visit = Visit.objects.get(pk=held.visit_id)
    triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
    if how == "transferred":
        services.resume_consultation(visit=visit, staff=morning.first, now=morning.now)
    visit.refresh_from_db()
    assert (visit.other_reason, visit.friend, visit.visit_type) == ("", None, "first")


def test_c8_moved_by_the_desk_and_given_back_she_enquires_for_nobody(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    services.record_for_friend(name="刘芳", **common(morning, held))
    visit = Visit.objects.get(pk=held.visit_id)
    triage.correct_visit(
        visit=visit,
        correction=Correction(Kind.TRANSFER, consultant=morning.second, reason="换人"),
        expected_sequence=None,
        staff=morning.clerk,
        now=morning.now,
    )
    services.acknowledge_visit(visit=visit, staff=morning.second, now=morning.now)
    triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
    services.resume_consultation(visit=visit, staff=morning.first, now=morning.now)
    held.refresh_from_db()
    visit.refresh_from_db()
    assert (held.state, held.outcome, visit.other_reason, visit.friend) == ("in_room", "", "", None)


def test_c8_a_void_deal_put_back_takes_the_place_of_the_enquiry(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    void = services.void_deal(deal=buy(morning, held, deposit=0), reason="没有买", staff=morning.first, now=morning.now)
    services.record_for_friend(name="刘芳", **common(morning, held))
    replace(morning, void, "4200", reason="还是买了")
    held.refresh_from_db()
    visit = Visit.objects.get(pk=held.visit_id)
    assert (held.outcome, visit.other_reason, visit.friend) == ("deal", "", None)


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
