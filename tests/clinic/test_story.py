"""A visitor's story: everything of all rooms in one order, page by page, as far as each reader may see it."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch
from clinic.roles import Capability, Role
from clinic.selectors.story import (
    PAGE,
    Asked,
    Kind,
    Page,
    Place,
    kinds_for,
    matters_of,
    place_in,
    sources,
    story_of,
)
from consultations.models import Consultation, Participant, SignedForm
from followups.models import CallAttempt, CallBack, CallBar
from reception import services
from reception.models import Consent, ConsentText, Isolation, MessageRefusal, PastVisit, Visit, Visitor
from reception.selectors.merging import records_of
from reception.selectors.visitors import latest_history_id
from reception.services.consents import ensure_consent_texts
from tests.conftest import MakeClient, MakeStaff
from tests.factories.consultations import ConsultationFactory, TreatmentFactory, VisitFactory, make_deal
from tests.factories.reception import VisitorFactory, make_clerk
from tests.reception.test_own_data import _hers
from tests.world import World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(branch: Branch, staff_with: MakeStaff, now: datetime) -> World:
    """A visitor of whom every source of every room has something to tell."""
    world = World(branch, staff_with, now)
    desk, visitor = make_clerk(branch), world.visitor
    ensure_consent_texts(now=now)
    services.record_consents(visitor=visitor, answers={"data": "given"}, staff=desk, now=now)
    visitor.refresh_from_db()
    visitor.occupation = "钢琴老师"
    visitor.save()
    PastVisit.objects.create(
        visitor=visitor, batch=world.import_batch, branch=branch, day=now.date(), projects="旧水光"
    )
    Isolation.objects.create(
        visit=world.visit, reported_at=now, reported_by=desk, ended_at=now, ended_by=desk, ended_because="核酸阴性"
    )
    services.write_entry(branch=branch, kind="call", visitor=visitor, text="问术后饮食", staff=desk, now=now)
    make_deal(world.consultation, amount=23456)
    Participant.objects.filter(consultation=world.consultation).update(
        part=Participant.Part.SECOND_OPINION, opinion="可以做", answered_at=now
    )
    SignedForm.objects.create(
        visitor=visitor, consultation=world.consultation, kind="treatment", answer="signed", at=now, staff=desk
    )
    CallAttempt.objects.create(call_back=world.call_back, at=now, staff=desk, result="reached", notes="恢复得不错")
    other = VisitorFactory.create(name="曾小满", medical_notes="青霉素过敏", phone="14500009999")
    seen = {one.pk: latest_history_id(one) for one in (visitor, other)}
    services.merge_visitors(survivor=visitor, other=other, keep={}, seen=seen, staff=desk, now=now)
    services.record_standing(
        visitor=visitor, standing=visitor.standing, owner=world.consultation.consultant, consulted_by=None
    )
    visitor.refresh_from_db()
    return world


def asked(world: World, reader: object, kind: str = "") -> Asked:
    visitor: Visitor = world.visitor
    merged = records_of(visitor).exclude(pk=visitor.pk).values_list("pk", flat=True)
    return Asked(reader, (visitor.pk, *merged), visitor.registered_in.zone, world.visit.arrived_at, kind)  # type: ignore[arg-type]


def words_of(page: Page) -> str:
    return "\n".join("\n".join((one.entry.title, *one.entry.lines)) for one in page.entries)


def test_every_source_tells_and_in_order(world: World, staff_with: MakeStaff) -> None:
    reader = staff_with(Role.MANAGER, Role.RECEPTION, Role.CONSULTANT, Role.CUSTOMER_SERVICE, Role.PHONE_AGENT)
    page = story_of(asked(world, reader))
    assert {one.place.source for one in page.entries} == {source.name for source in sources()}
    places = [(one.place.at, one.place.source, one.place.pk) for one in page.entries]
    assert places == sorted(places, reverse=True)
    text = words_of(page)
    for kept in (
        "钢琴老师", "旧水光", "核酸阴性", "问术后饮食", "23,456.00", "可以做", "恢复得不错", "等了四十分钟", "Owner",
        "曾小满 (", "receives the visit", "Consent to the treatment",
    ):  # fmt: skip
        assert kept in text, kept
    assert "14500009999" not in text


@pytest.mark.parametrize(
    ("role", "told", "not_told"),
    [
        (
            Role.RECEPTION,
            {"visit", "decision", "call", "appointment", "log_call"},
            {"deal", "consultation", "treatment"},
        ),
        (Role.CUSTOMER_SERVICE, {"visit", "call", "complaint"}, {"deal", "consultation", "log_call"}),
        (Role.MANAGER, {"visit", "deal", "consultation", "treatment", "complaint", "log_call"}, set()),
        (Role.CONSULTANT, {"visit"}, {"deal", "consultation", "treatment", "complaint", "log_call"}),
    ],
)
def test_each_reader_is_told_what_is_hers_to_know(
    world: World, staff_with: MakeStaff, role: Role, told: set[str], not_told: set[str]
) -> None:
    page = story_of(asked(world, staff_with(role)))
    found = {one.place.source for one in page.entries}
    assert found >= told
    assert not found & not_told


def test_amounts_are_for_those_who_see_them(world: World, staff_with: MakeStaff) -> None:
    consultant = world.consultation.consultant
    assert "23,456.00" in words_of(story_of(asked(world, consultant)))
    doctor = staff_with(Role.DOCTOR)
    VisitFactory.create(consultant=doctor, visitor=world.visitor, state=Visit.State.FINISHED)
    page = story_of(asked(world, doctor))
    deal = next(one.entry for one in page.entries if one.place.source == "deal" and one.entry.state_word != "Deposit")
    assert (deal.title, deal.state_word) == ("Deal", "Paid in full")
    assert "23,456" not in words_of(page) and "100%" not in words_of(page)


def test_what_an_agent_wrote_is_for_her_and_the_desk(world: World, staff_with: MakeStaff) -> None:
    world.pre_report.said = "最近刚离婚"
    world.pre_report.save()
    assert "最近刚离婚" in words_of(story_of(asked(world, staff_with(Role.RECEPTION))))
    others = words_of(story_of(asked(world, staff_with(Role.MANAGER))))
    assert "Pre-report" in others and "最近刚离婚" not in others


def test_the_story_narrowed_to_a_kind(world: World, staff_with: MakeStaff) -> None:
    manager = staff_with(Role.MANAGER)
    for kind in kinds_for(manager):
        page = story_of(asked(world, manager, kind.value))
        assert page.entries and {one.kind for one in page.entries} == {kind}
    assert Kind.DEAL not in kinds_for(staff_with(Role.RECEPTION))


def fill(world: World, number: int) -> None:
    """Let `number` things of several kinds happen, many of them at one instant."""
    consultant, visitor, at = world.consultation.consultant, world.visitor, world.visit.arrived_at
    text = ConsentText.objects.earliest("pk")
    for count in range(number):
        then = at - timedelta(days=count // 3)
        visit = VisitFactory.create(
            consultant=consultant, visitor=visitor, arrived_at=then, state=Visit.State.FINISHED, allocated_at=then
        )
        done = ConsultationFactory.create(
            visit=visit, state=Consultation.State.FINISHED, outcome="no_deal", no_deal_reason="贵"
        )
        make_deal(done)
        TreatmentFactory.create(
            visitor=visitor,
            doctor=world.staff,
            project=world.project,
            treated_on=at.date() - timedelta(days=count + 9),
            consultation=done,
        )
        Consent.objects.create(visitor=visitor, text=text, answer="given", via="desk", at=then, staff=consultant)
        CallAttempt.objects.create(call_back=world.call_back, at=then, staff=consultant, result="no_answer")


def walked(reader: Asked) -> list[tuple[str, int]]:
    """Return what all pages show, one after the other."""
    found, before = [], None
    while True:
        page = story_of(reader, before=before)
        assert len(page.entries) <= PAGE
        found += [(one.place.source, one.place.pk) for one in page.entries]
        if not page.older:
            return found
        before = place_in(page.older)
        assert before is not None


def test_pages_follow_one_another_without_gap_or_double(world: World, staff_with: MakeStaff) -> None:
    reader = asked(world, staff_with(Role.MANAGER))
    fill(world, 30)
    found = walked(reader)
    whole = [
        (source.name, pk)
        for source in sources()
        if source.may(reader.staff)
        for pk in source.rows(reader).values_list("pk", flat=True)
    ]
    assert len(found) > 3 * PAGE
    assert sorted(found) == sorted(whole)


def test_a_page_drawn_anew_keeps_its_end_and_shows_what_is_new(world: World, staff_with: MakeStaff) -> None:
    reader = asked(world, staff_with(Role.MANAGER))
    fill(world, 15)
    first = story_of(reader)
    end = place_in(first.last)
    Consent.objects.create(
        visitor=world.visitor,
        text=ConsentText.objects.earliest("pk"),
        answer="withdrawn",
        via="desk",
        at=world.visit.arrived_at + timedelta(hours=1),
        staff=world.consultation.consultant,
    )
    again = story_of(reader, down_to=end)
    assert len(again.entries) == PAGE + 1
    assert [one.place for one in first.entries] == [
        one.place for one in again.entries if one.place in {one.place for one in first.entries}
    ]
    assert again.entries[-1].place == end


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1)), st.integers(0, 2**60))
def test_a_place_survives_an_address(at: datetime, pk: int) -> None:
    place = Place(at, "visit", pk)
    assert place_in(place.text) == place


@pytest.mark.parametrize(
    "text", ["", "1.visit", "x.visit.1", "-1.visit.1", "1.visit.-1", "9" * 90, "9" * 40 + ".a.1", "1.\x00.1"]
)
def test_an_address_that_names_no_place(text: str) -> None:
    assert place_in(text) is None


def test_what_matters_now(world: World, staff_with: MakeStaff, now: datetime) -> None:
    visitor: Visitor = world.visitor
    visitor.vip, visitor.medical_notes = True, "青霉素过敏"
    visitor.save()
    MessageRefusal.objects.create(phone=visitor.phone, refused_at=now, noted_by=world.staff)
    CallBar.objects.create(visitor=visitor, reason="do_not_call", branch=world.visit.branch, at=now, by=world.staff)
    CallBack.objects.filter(pk=world.call_back.pk).update(concern="abnormal", concern_at=now)
    TreatmentFactory.create(
        visitor=visitor, doctor=world.staff, project=world.project, treated_on=now.date() + timedelta(days=9)
    )
    matters = matters_of(asked(world, staff_with(Role.MANAGER)))
    said = [(one.tone, one.title) for one in matters]
    assert said == [
        ("late", "Health and allergies"),
        ("late", "Does not want to be called"),
        ("late", "Abnormal recovery"),
        ("waiting", "Wants no messages"),
        ("waiting", "Unpaid balance"),
        ("waiting", f"Open complaint {world.complaint.number}"),
        ("in-room", "VIP"),
        ("in-room", "Next appointment"),
        ("in-room", "Next treatment"),
    ]
    assert "青霉素过敏" in matters[0].text
    at_desk = {one.title for one in matters_of(asked(world, staff_with(Role.RECEPTION)))}
    assert "Next treatment" not in at_desk and not any("complaint" in title for title in at_desk)


def test_nothing_matters_about_somebody_new(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    visitor = VisitorFactory.create()
    assert matters_of(Asked(staff_with(Role.MANAGER), (visitor.pk,), branch.zone, now)) == []


# --- in the browser ---


def story_page(client: Client, world: World, **said: str) -> str:
    answer = client.get(reverse("reception:visitor_story", args=[world.visitor.pk]), said, headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_goes_on_where_it_ended(world: World, client_as: MakeClient) -> None:
    fill(world, 30)
    client = client_as(Role.MANAGER)
    first = story_page(client, world)
    assert first.count('<li id="story-') == PAGE
    reader = asked(world, client.staff)  # type: ignore[attr-defined]
    whole = story_of(reader)
    assert f"before={whole.older}" in first and f"down_to={whole.last}" in first
    second = story_page(client, world, before=whole.older)
    assert second.count('<li id="story-') == PAGE and "story-kinds" not in second
    again = story_page(client, world, down_to=whole.last)
    assert again.count('<li id="story-') == PAGE and "story-more" not in again
    assert f"down_to={whole.last}" in again
    narrowed = story_page(client, world, kind="deal")
    assert narrowed.count('<li id="story-deal') == 32
    assert 'id="story-kind-deal" data-key="3" aria-current="true"' in narrowed
    assert "&amp;fresh=1" in narrowed


def test_an_empty_kind_says_so(world: World, client_as: MakeClient) -> None:
    visitor = VisitorFactory.create()
    page = client_as(Role.RECEPTION).get(reverse("reception:visitor_story", args=[visitor.pk]), {"kind": "call"})
    assert "Nothing of this kind" in page.content.decode()


def test_words_are_data(world: World, client_as: MakeClient) -> None:
    Visitor.objects.filter(pk=world.visitor.pk).update(occupation="<b>O'Brien</b>")
    page = story_page(client_as(Role.RECEPTION), world)
    assert "&lt;b&gt;O&#x27;Brien" in page and "<b>O" not in page


def test_a_phone_stays_masked(world: World, client_as: MakeClient) -> None:
    Visitor.objects.filter(pk=world.visitor.pk).update(phone="+8614500007777")
    page = story_page(client_as(Role.RECEPTION), world)
    assert "145****7777" in page and "14500007777" not in page


def test_somebody_elses_visitor_has_no_story(world: World, client_as: MakeClient) -> None:
    for role in (Role.CONSULTANT, Role.DOCTOR):
        assert client_as(role).get(reverse("reception:visitor_story", args=[world.visitor.pk])).status_code == 404


def test_a_merged_record_leads_on(world: World, client_as: MakeClient) -> None:
    (merged,) = records_of(world.visitor).exclude(pk=world.visitor.pk)
    answer = client_as(Role.RECEPTION).get(reverse("reception:visitor_story", args=[merged.pk]))
    assert answer.status_code == 302


def test_opening_a_story_by_hand_is_a_look(world: World, client_as: MakeClient) -> None:
    client = client_as(Role.RECEPTION)
    looks = AuditEntry.objects.filter(action="reception.view_visitor", staff=client.staff)  # type: ignore[attr-defined]
    client.get(reverse("reception:visitor_story", args=[world.visitor.pk]), headers={**HTMX, "X-Background": "1"})
    assert not looks.exists()
    client.get(reverse("reception:visitor_story", args=[world.visitor.pk]), headers=HTMX)
    assert looks.count() == 1


@pytest.mark.parametrize("rows", [1, 50])
def test_a_story_asks_the_same_at_one_and_at_fifty(
    world: World, client_as: MakeClient, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(world, rows)
    client = client_as(Role.MANAGER)
    story_page(client, world)
    with django_assert_num_queries(15):
        story_page(client, world, kind="visit")
    with django_assert_num_queries(13):
        story_page(client, world, kind="deal")
    address = reverse("reception:visitor_now", args=[world.visitor.pk])
    with django_assert_num_queries(18):
        client.get(address, headers=HTMX)


# --- nothing is forgotten ---


def test_every_table_that_leads_to_a_visitor_is_in_the_story_or_left_out_by_name(db: None) -> None:
    said = {model for source in sources() for model in source.tells_of}
    left_out = {
        model: reason
        for name in settings.STORY
        for model, reason in import_module(name.rpartition(".")[0]).LEFT_OUT.items()
    }
    assert said & left_out.keys() == set()
    hers = set(_hers())
    assert {model._meta.label for model in hers - said - left_out.keys()} == set()
    assert all(str(reason) for reason in left_out.values())
    assert left_out.keys() <= hers
    for name in settings.STORY:
        room = name.partition(".")[0]
        own = {model._meta.app_label for source in import_string(name) for model in source.tells_of}
        assert own <= {room, "clinic"}
    assert len({source.name for source in sources()}) == len(list(sources()))


def test_everybody_who_may_open_the_page_may_read_some_of_it(db: None, staff_with: MakeStaff) -> None:
    for role in Role:
        staff = staff_with(role)
        if staff.capabilities & {Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS, Capability.WORK_OWN_QUEUE}:
            assert Kind.VISIT in kinds_for(staff)
