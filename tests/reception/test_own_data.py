"""A visitor's own data as one document: everything of all rooms, nothing of anybody else, and every copy recorded."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from importlib import import_module
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from clinic.models import AuditEntry, Branch
from clinic.problems import Refused
from clinic.reasons import Reason
from clinic.roles import Capability, Role, capabilities_of
from clinic.selectors.personal_data import Section, Wanted, sections_of
from consultations.models import SignedForm
from followups.models import CallAttempt
from reception import services
from reception.models import (
    FileStep,
    ImportedRow,
    IntakeCard,
    Isolation,
    MessageRefusal,
    PastVisit,
    PreCheck,
    Visit,
    Visitor,
)
from reception.selectors.visitors import latest_history_id
from reception.services.consents import ensure_consent_texts
from tests.architecture.rooms import own_models
from tests.conftest import MakeClient, MakeStaff
from tests.factories.complaints import a_complaint
from tests.factories.consultations import make_deal
from tests.factories.reception import MORNING, VisitorFactory, make_clerk
from tests.world import World

FORMULA = '=HYPERLINK("http://example.invalid","点我")'
TAGS = "<script>alert(1)</script>"
TURNED = "曾\u202e小满"
ASKED = {"how": "in_person", "why": "本人到院申请", "checked": "on", "kind": "print"}


@pytest.fixture
def world(branch: Branch, staff_with: MakeStaff, now: datetime) -> World:
    """A visitor of whom every room keeps something, each with words of its own."""
    world = World(branch, staff_with, now)
    desk, visitor, visit = make_clerk(branch), world.visitor, world.visit
    ensure_consent_texts(now=now)
    services.record_consents(visitor=visitor, answers={"data": "given"}, staff=desk, now=now)
    services.record_id_paper(visitor=visitor, kind="passport", number="E87654321", staff=desk, now=now)
    visitor.refresh_from_db()
    visitor.occupation = "钢琴老师"
    visitor.save()
    PastVisit.objects.create(
        visitor=visitor, batch=world.import_batch, branch=branch, day=date(2019, 5, 1), projects="旧水光"
    )
    world.import_batch.file_name = "老系统.xlsx"
    world.import_batch.save()
    ImportedRow.objects.create(batch=world.import_batch, row=4711, visitor=visitor, is_new=True)
    PreCheck.objects.create(visit=visit, at=now, staff=desk, via="desk", temperature="38.4", cough=True)
    Isolation.objects.create(
        visit=visit, reported_at=now, reported_by=desk, ended_at=now, ended_by=desk, ended_because="核酸阴性"
    )
    IntakeCard.objects.create(
        branch=branch,
        kiosk=world.kiosk,
        submitted_at=now,
        answers={"wishes": "想自然一点", "phone": "14500001234"},
        state=IntakeCard.State.REGISTERED,
        visit=visit,
    )
    FileStep.objects.create(request=world.file_request, state="asked", note="三号柜", at=now, by=desk)
    services.write_entry(branch=branch, kind="call", visitor=visitor, text="问术后饮食", staff=desk, now=now)
    MessageRefusal.objects.create(phone=visitor.phone, refused_at=now, noted_by=desk)
    make_deal(world.consultation, amount=23456, received=345)
    SignedForm.objects.create(visitor=visitor, kind="treatment", answer="signed", at=now, staff=desk)
    CallAttempt.objects.create(call_back=world.call_back, at=now, staff=desk, result="reached", notes="恢复得不错")
    services.reveal_phone(visitor=visitor, reason=Reason.CALL_BACK, staff=desk, now=now)
    other = VisitorFactory.create(name="曾小满", medical_notes="青霉素过敏", phone="14500009999")
    seen = {one.pk: latest_history_id(one) for one in (visitor, other)}
    services.merge_visitors(survivor=visitor, other=other, keep={}, seen=seen, staff=desk, now=now)
    visitor.refresh_from_db()
    return world


def told(visitor: Visitor, *, whole: bool = False) -> list[Section]:
    records = [visitor.pk, *Visitor.objects.filter(merged_into=visitor).values_list("pk", flat=True)]
    return sections_of(Wanted(tuple(records), visitor.registered_in.zone, whole))


def words_of(sections: list[Section]) -> str:
    return json.dumps([(one.title, one.head, list(one.rows)) for one in sections], ensure_ascii=False)


def copy_of(client: Client, visitor: Visitor, **changes: str) -> str:
    answer = client.post(reverse("reception:own_data", args=[visitor.pk]), ASKED | changes)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.content.decode()


def test_every_room_tells_what_it_keeps(world: World) -> None:
    sections = told(world.visitor)
    assert [one.title for one in sections if not one.rows] == []
    text = words_of(sections)
    for kept in (
        "钢琴老师", "青霉素过敏", "旧水光", "老系统.xlsx", "4711", "38.4", "核酸阴性", "想自然一点", "三号柜",
        "问术后饮食", "23456", "345.00", "恢复得不错", "等了四十分钟", "145****1234", world.visitor.file_number,
    ):  # fmt: skip
        assert kept in text, kept
    assert "E87654321" not in text
    assert "14500001234" not in text.replace(" ", "")
    assert "E87654321" in words_of(told(world.visitor, whole=True))


def test_every_line_has_as_many_cells_as_its_head(world: World) -> None:
    for section in told(world.visitor):
        assert {len(row) for row in section.rows} == {len(section.head)}, section.title


def test_nothing_of_another_visitor_is_told(world: World, branch: Branch, now: datetime) -> None:
    desk = make_clerk(branch)
    friend = VisitorFactory.create(name="别人甲", medical_notes="别人的病史")
    visit = services.register_arrival(
        visitor=friend, branch=branch, projects=[], note="别人的备注", staff=desk, now=now
    )
    Visit.objects.filter(pk=visit.pk).update(referrer=world.visitor, referral_by="visitor")
    services.write_entry(branch=branch, kind="call", visitor=friend, text="别人的电话", staff=desk, now=now)
    a_complaint(desk, now=now, visitor=friend, text="别人的投诉")
    services.reveal_phone(visitor=friend, reason=Reason.CALL_BACK, staff=desk, now=now)
    assert "别人" not in words_of(told(world.visitor))
    assert "别人的病史" in words_of(told(friend))


def test_a_decision_names_nobody_but_who_received_her(world: World) -> None:
    (decisions,) = [one for one in told(world.visitor) if "triage" in one.title.lower()]
    assert str(world.consultation.consultant) in words_of([decisions])


def test_somebody_of_whom_nothing_is_kept_has_an_empty_copy(branch: Branch, client_as: MakeClient) -> None:
    visitor = VisitorFactory.create(name="新客")
    sections = told(visitor)
    assert [one.title for one in sections if one.rows] == ["Card"]
    text = copy_of(client_as(Role.MANAGER), visitor)
    assert text.count("Nothing of this is kept.") == len(sections) - 1


def test_the_number_of_queries_does_not_grow_with_what_is_kept(
    world: World, branch: Branch, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    zone = branch.zone
    with django_assert_num_queries(63):
        sections_of(Wanted((world.visitor.pk,), zone))
    desk = make_clerk(branch)
    for number in range(5):
        services.write_entry(branch=branch, kind="call", visitor=world.visitor, text=f"{number}", staff=desk, now=now)
        a_complaint(desk, now=now, visitor=world.visitor, text=f"{number}")
        make_deal(world.consultation)
        CallAttempt.objects.create(call_back=world.call_back, at=now, staff=desk, result="busy")
    with django_assert_num_queries(63):
        sections_of(Wanted((world.visitor.pk,), zone))


def test_the_copy_is_recorded_with_why_and_the_hash_of_what_was_told(world: World, client_as: MakeClient) -> None:
    client = client_as(Role.DESK_SUPERVISOR)
    before = told(world.visitor)
    text = copy_of(client, world.visitor)
    entry = AuditEntry.objects.filter(action="reception.export_own_data").get()
    said = [[one.title, one.head, one.rows] for one in before]
    digest = hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
    assert entry.staff == client.staff  # type: ignore[attr-defined]
    assert entry.object_id == str(world.visitor.pk)
    assert entry.detail == {
        "how": "in_person",
        "why": "本人到院申请",
        "kind": "print",
        "whole_numbers": False,
        "records": 2,
        "lines": sum(len(one.rows) for one in before),
        "sha256": digest,
    }
    assert digest in text
    assert "本人到院申请" in words_of(told(world.visitor)), "the next copy tells of this one"


@pytest.mark.parametrize("missing", ["how", "why", "checked"])
def test_without_how_why_and_a_look_at_her_paper_there_is_no_copy(
    missing: str, branch: Branch, client_as: MakeClient
) -> None:
    visitor = VisitorFactory.create(name="新客")
    address = reverse("reception:own_data", args=[visitor.pk])
    answer = client_as(Role.MANAGER).post(address, ASKED | {missing: ""})
    assert answer.status_code == 422
    assert not AuditEntry.objects.filter(action="reception.export_own_data").exists()


@pytest.mark.parametrize(("how", "why", "code"), [("in_person", " ", "why"), ("", "本人", "how")])
def test_the_service_refuses_a_copy_without_how_and_why(
    how: str, why: str, code: str, branch: Branch, staff_with: MakeStaff
) -> None:
    with pytest.raises(Refused) as refused:
        services.hand_out_own_data(
            visitor=VisitorFactory.create(), how=how, why=why, kind="print", staff=staff_with(), now=MORNING
        )
    assert refused.value.code == code


def test_whole_numbers_are_for_those_who_may_see_them(world: World, client_as: MakeClient) -> None:
    whole = copy_of(client_as(Role.DESK_SUPERVISOR), world.visitor, phones="on")
    assert "E87654321" in whole
    assert "+86 145 0000 1234" in whole
    masked = copy_of(client_as(Role.MANAGER), world.visitor, phones="on")
    assert "E87654321" not in masked
    assert "145 0000 1234" not in masked


def test_only_managers_and_desk_supervisors_make_copies() -> None:
    may = {role for role in Role if Capability.EXPORT_OWN_DATA in capabilities_of(frozenset({role}))}
    assert may == {Role.MANAGER, Role.DESK_SUPERVISOR}


def test_the_visitors_page_leads_there_for_those_who_may(branch: Branch, client_as: MakeClient) -> None:
    visitor = VisitorFactory.create()
    page, address = reverse("reception:visitor", args=[visitor.pk]), reverse("reception:own_data", args=[visitor.pk])
    assert address in client_as(Role.MANAGER).get(page).content.decode()
    assert address not in client_as(Role.RECEPTION).get(page).content.decode()


def test_the_copy_of_a_merged_record_is_that_of_the_visitor(world: World, client_as: MakeClient) -> None:
    other = Visitor.objects.get(merged_into=world.visitor)
    answer = client_as(Role.MANAGER).get(reverse("reception:own_data", args=[other.pk]))
    assert answer.headers["Location"] == reverse("reception:visitor", args=[world.visitor.pk])


def test_what_somebody_typed_is_text_on_the_page_and_in_the_workbook(
    branch: Branch, client_as: MakeClient, now: datetime
) -> None:
    visitor = VisitorFactory.create(name=TURNED, medical_notes=FORMULA, heard_from=TAGS, branch=branch)
    Visitor.objects.filter(pk=visitor.pk).update(name=TURNED)
    client = client_as(Role.MANAGER)
    text = copy_of(client, visitor)
    assert TAGS not in text
    assert "&lt;script&gt;" in text
    assert "\u202e" not in text
    answer = client.post(reverse("reception:own_data", args=[visitor.pk]), ASKED | {"kind": "excel"})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="personal-data-{visitor.file_number}.xlsx"'
    content = answer.content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    cells = [cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
    assert FORMULA in cells
    with ZipFile(io.BytesIO(content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    assert not any("\u202e" in str(cell) for cell in cells)
    assert len(book.sheet_names) == len(told(visitor)) + 1


def _hers() -> Iterator[type[models.Model]]:
    """Every table from which a way of foreign keys leads to a visitor, and the history of her card."""
    found: set[type[models.Model]] = {Visitor}
    every = [*own_models(), *(model for model in _through())]
    while True:
        more = {
            model
            for model in every
            if model not in found
            and any(
                isinstance(field, models.ForeignKey) and field.related_model in found for field in model._meta.fields
            )
        }
        if not more:
            break
        found |= more
    yield from found
    yield Visitor.pgh_event_model  # type: ignore[attr-defined]


def _through() -> Iterator[type[models.Model]]:
    for model in own_models():
        for field in model._meta.local_many_to_many:
            through = field.remote_field.through
            assert through is not None
            yield through


def test_every_table_that_leads_to_a_visitor_is_told_or_left_out_by_name(db: None) -> None:
    sections = sections_of(Wanted((0,), Branch(time_zone="Asia/Shanghai").zone))
    said = {model for section in sections for model in section.tells_of}
    left_out = {
        model: reason
        for name in settings.PERSONAL_DATA
        for model, reason in import_module(name.rpartition(".")[0]).LEFT_OUT.items()
    }
    assert said & left_out.keys() == set()
    hers = set(_hers())
    assert {model._meta.label for model in hers - said - left_out.keys()} == set()
    assert left_out.keys() <= hers
    assert all(str(reason) for reason in left_out.values())
    for name in settings.PERSONAL_DATA:
        room = name.partition(".")[0]
        own = {model for one in [import_string(name)] for section in one(_nobody()) for model in section.tells_of}
        assert {model._meta.app_label for model in own} <= {room, "clinic"}


def _nobody() -> Wanted:
    return Wanted((0,), Branch(time_zone="Asia/Shanghai").zone)
