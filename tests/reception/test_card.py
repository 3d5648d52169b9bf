"""The card at the desk: its fields, the id paper beside it, consents, and what stays visible of earlier values."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import Consent, ConsentText, IdPaper, IdPaperChange, Visitor
from reception.selectors.consents import consents_of, latest_consent_id, standing_of, texts_in_force
from reception.selectors.id_papers import latest_id_change
from reception.selectors.visitors import latest_history_id, visitors_of
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, VisitorFactory

ID = "11010519491231002X"
TODAY = date(2026, 3, 11)

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION, display_name="林小满")


@pytest.fixture
def desk(client_as: MakeClient, clerk: Staff) -> Client:
    return client_as(clerk)


def card(visitor: Visitor, **changes: Any) -> dict[str, Any]:
    return {
        "name": visitor.name,
        "gender": visitor.gender,
        "seen": latest_history_id(visitor),
        "id_seen": latest_id_change(visitor),
        "id_kind": "resident",
    } | changes


def save(desk: Client, visitor: Visitor, **changes: Any) -> Any:
    return desk.post(reverse("reception:visitor_card", args=[visitor.pk]), card(visitor, **changes))


def page(response: Any) -> str:
    return str(response.content.decode())


def test_the_whole_card_is_kept_as_typed(desk: Client) -> None:
    visitor = VisitorFactory(phone="")
    said = {
        "name": "曾",
        "phone": "（０１０）６５５５ ００１２",
        "age": "３２",
        "occupation": "=1+1",
        "wishes": "双眼皮\r\n<b>自然</b>一点",
        "heard_from": "小红书",
        "called_before": "yes",
        "referred_by": "O'Brien <b>",
        "medical_notes": "青霉素过敏 👩🏽‍⚕️",
    }
    saved = save(desk, visitor, **said)
    assert saved.status_code == 302
    assert "The card is saved." in desk.get(saved.url).content.decode()
    visitor.refresh_from_db()
    assert (visitor.name, str(visitor.phone), visitor.birth_year, visitor.birth_on) == (
        "曾",
        "+861065550012",
        1994,
        None,
    )
    assert visitor.wishes == "双眼皮\n<b>自然</b>一点"
    assert (visitor.occupation, visitor.called_before, visitor.medical_notes) == (
        "=1+1",
        "yes",
        "青霉素过敏 👩🏽‍⚕️",
    )
    shown = page(desk.get(reverse("reception:visitor", args=[visitor.pk])))
    assert "32 years" in shown
    assert "about 1994" in shown
    assert "O&#x27;Brien &lt;b&gt;" in shown


def test_an_exact_birth_date_takes_the_place_of_an_age(desk: Client) -> None:
    visitor = VisitorFactory(birth_year=1994)
    assert save(desk, visitor, birth_on="1993-05-01", age="32").status_code == 302
    visitor.refresh_from_db()
    assert (visitor.birth_on, visitor.birth_year) == (date(1993, 5, 1), None)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"age": "200"}, "from 0 to 120"),
        ({"age": "x"}, "from 0 to 120"),
        ({"birth_on": "1990-01-01", "age": "20"}, "By the birth date she is 36"),
        ({"birth_on": "2030-01-01"}, "in the future"),
        ({"occupation": "业" * 61}, "At most 60 characters"),
        ({"wishes": "愿" * 501}, "At most 500 characters; this has 501"),
        ({"id_number": "110105194912310021"}, "does not fit"),
        ({"id_number": ID, "birth_on": "1950-01-01"}, "One of them is mistyped"),
        ({"id_number": ID, "gender": "male"}, "One of them is mistyped"),
        ({"id_number": ID, "id_refused": "on"}, "There is a number too"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(desk: Client, wrong: dict[str, str], says: str) -> None:
    visitor = VisitorFactory(gender="unknown")
    answer = save(desk, visitor, heard_from="朋友介绍", **wrong)
    assert answer.status_code == 422
    assert says in page(answer)
    assert "朋友介绍" in page(answer)
    visitor.refresh_from_db()
    assert visitor.heard_from == ""
    assert not IdPaper.objects.exists()


def test_an_id_number_fills_in_what_it_says(desk: Client) -> None:
    visitor = VisitorFactory(gender="unknown")
    assert save(desk, visitor, id_number=ID).status_code == 302
    visitor.refresh_from_db()
    assert (visitor.birth_on, visitor.gender) == (date(1949, 12, 31), "female")
    assert IdPaper.objects.get().masked == "110***********002X"


def test_an_id_number_contradicts_what_is_on_file(clerk: Staff) -> None:
    visitor = VisitorFactory(birth_on=date(1950, 1, 1), gender="unknown")
    with pytest.raises(Refused, match="id_differs"):
        services.record_id_paper(visitor=visitor, kind="resident", number=ID, staff=clerk, now=MORNING)


def test_two_visitors_cannot_have_one_number(desk: Client) -> None:
    first, second = VisitorFactory(gender="unknown", name="甲"), VisitorFactory(gender="unknown")
    save(desk, first, id_number=ID)
    answer = save(desk, second, id_number=ID)
    assert answer.status_code == 422
    assert first.file_number in page(answer)
    assert ID in page(answer)
    assert IdPaper.objects.count() == 1


def test_s5_an_id_number_is_nowhere_but_behind_a_recorded_look(desk: Client, clerk: Staff) -> None:
    visitor = VisitorFactory(gender="unknown")
    save(desk, visitor, id_number=ID)
    for name in ("visitor", "visitor_card", "visitor_history", "visitor_papers"):
        shown = page(desk.get(reverse(f"reception:{name}", args=[visitor.pk])))
        assert ID not in shown, name
    assert "110***********002X" in page(desk.get(reverse("reception:visitor_papers", args=[visitor.pk])))
    assert ID not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert ID not in str(list(IdPaperChange.objects.values()))

    where = reverse("reception:reveal_id", args=[visitor.pk])
    refused = desk.post(where, {"reason": " "}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert ID not in page(refused)
    assert not AuditEntry.objects.filter(action="reception.reveal_id_number").exists()
    assert ID in page(desk.post(where, {"reason": "other", "words": "开具病历"}, headers={"HX-Request": "true"}))
    entry = AuditEntry.objects.get(action="reception.reveal_id_number")
    assert (entry.staff, entry.object_id) == (clerk, str(visitor.pk))
    assert entry.detail == {"reason": "other", "words": "开具病历"}


def test_s5_lists_never_load_an_id_number(clerk: Staff) -> None:
    assert "id_paper" not in str(visitors_of(clerk).query)
    assert not any(field.name in ("id_number", "number") for field in Visitor._meta.concrete_fields)


def test_a_refusal_takes_the_number_off_and_stays_in_the_history(desk: Client) -> None:
    visitor = VisitorFactory(gender="unknown")
    save(desk, visitor, id_number=ID)
    assert save(desk, visitor, id_refused="on").status_code == 302
    paper = IdPaper.objects.get()
    assert (paper.number, paper.masked, paper.refused) == ("", "", True)
    history = page(desk.get(reverse("reception:visitor_history", args=[visitor.pk])))
    assert "110***********002X" in history
    assert "would not give it, signed" in history
    assert "林小满" in history


def test_two_clerks_changing_one_paper_are_told(clerk: Staff) -> None:
    visitor = VisitorFactory(gender="unknown")
    services.record_id_paper(visitor=visitor, refused=True, seen=0, staff=clerk, now=MORNING)
    with pytest.raises(Stale) as stale:
        services.record_id_paper(visitor=visitor, kind="resident", number=ID, seen=0, staff=clerk, now=MORNING)
    assert stale.value.detail["id_seen"] == latest_id_change(visitor)


def test_every_field_of_the_card_has_its_earlier_values(desk: Client) -> None:
    visitor = VisitorFactory()
    save(desk, visitor, age="30", occupation="教师", wishes="隆鼻", called_before="no", referred_by="王姐")
    save(desk, visitor, age="31", occupation="护士", wishes="双眼皮", called_before="yes", referred_by="李姐")
    shown = page(desk.get(reverse("reception:visitor_history", args=[visitor.pk])))
    for earlier in ("1996", "教师", "隆鼻", "No, this is the first contact", "王姐"):
        assert f"<del>{earlier}</del>" in shown


# Consents


def answers(visitor: Visitor) -> dict[str, str]:
    found = standing_of(consents_of(visitor), texts_in_force(TODAY))
    return {one.kind: one.answer.answer if one.answer else "" for one in found}


def test_a_consent_names_the_version_and_is_never_written_over(clerk: Staff, staff_with: MakeStaff) -> None:
    manager = staff_with(Role.MANAGER)
    visitor = VisitorFactory()
    services.record_consents(visitor=visitor, answers={"data": "given"}, staff=clerk, now=MORNING)
    services.write_consent_text(
        kind="data", text="新版本", text_en="New words", starts_on=TODAY, seen=1, staff=manager, now=MORNING
    )
    (standing, *_rest) = standing_of(consents_of(visitor), texts_in_force(TODAY))
    assert standing.answer is not None
    assert (standing.answer.text.version, standing.answer.at, standing.outdated) == (1, MORNING, True)
    services.record_consents(visitor=visitor, answers={"data": "withdrawn"}, staff=clerk, now=MORNING)
    assert [(one.answer, one.text.version) for one in consents_of(visitor)] == [("withdrawn", 1), ("given", 1)]
    for attack in ("update reception_consent set answer = 'given'", "delete from reception_consenttext"):
        with pytest.raises((ProgrammingError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)


def test_a_new_database_has_the_first_texts_and_they_are_written_once(db: None) -> None:
    assert list(texts_in_force(TODAY)) == ConsentText.Kind.values
    before = list(ConsentText.objects.values())
    services.ensure_consent_texts(now=MORNING)
    assert list(ConsentText.objects.values()) == before
    _without_texts()
    services.ensure_consent_texts(now=MORNING)
    assert [(text.kind, text.version) for text in texts_in_force(TODAY).values()] == [
        (kind, 1) for kind in ConsentText.Kind.values
    ]


def test_reading_writes_no_texts(desk: Client, clerk: Staff, client_as: MakeClient) -> None:
    _invitation, code = services.invite(staff=clerk, now=MORNING)
    _without_texts()
    assert Client().get(reverse("reception:own_card", args=[code])).status_code == 200
    assert desk.get(reverse("reception:visitor", args=[VisitorFactory().pk])).status_code == 200
    assert desk.get(reverse("reception:visitor_papers", args=[VisitorFactory().pk])).status_code == 200
    assert client_as(Role.MANAGER).get(reverse("reception:consent_texts")).status_code == 200
    assert not ConsentText.objects.exists()


def _without_texts() -> None:
    """Take the texts away, as the database's owner can with the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("delete from reception_consenttext")
        cursor.execute("set local session_replication_role = origin")


def test_a_text_of_tomorrow_is_not_asked_today(staff_with: MakeStaff) -> None:
    manager = staff_with(Role.MANAGER)
    services.write_consent_text(
        kind="data", text="新", text_en="new", starts_on=date(2026, 3, 12), seen=1, staff=manager, now=MORNING
    )
    assert [texts_in_force(day)["data"].version for day in (TODAY, date(2026, 3, 12))] == [1, 2]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"text": " "}, "text"),
        ({"text_en": "\x00"}, "text"),
        ({"starts_on": date(2026, 3, 10)}, "day"),
        ({"seen": 0}, "changed_meanwhile"),
    ],
)
def test_a_wrong_version_is_refused(staff_with: MakeStaff, changed: dict[str, Any], code: str) -> None:
    manager = staff_with(Role.MANAGER)
    said: dict[str, Any] = {"kind": "data", "text": "新", "text_en": "new", "starts_on": TODAY, "seen": 1} | changed
    with pytest.raises(Refused) as refused:
        services.write_consent_text(**said, staff=manager, now=MORNING)
    assert refused.value.code == code
    assert ConsentText.objects.filter(kind="data").count() == 1


def test_what_was_never_given_cannot_be_withdrawn(desk: Client) -> None:
    visitor = VisitorFactory()
    where = reverse("reception:visitor_consents", args=[visitor.pk])
    answer = desk.post(where, {"seen": 0, "data": "given", "messages": "withdrawn"})
    assert answer.status_code == 422
    assert "nothing to withdraw" in page(answer)
    assert not Consent.objects.exists()
    assert desk.post(where, {"seen": 0, "data": "given", "messages": "refused"}).status_code == 302
    assert answers(visitor) == {"data": "given", "sensitive": "", "photographs": "", "messages": "refused"}


def test_consents_from_two_screens_at_once(desk: Client) -> None:
    visitor = VisitorFactory()
    where = reverse("reception:visitor_consents", args=[visitor.pk])
    assert desk.post(where, {"seen": 0, "data": "given"}).status_code == 302
    late = desk.post(where, {"seen": 0, "data": "refused"})
    assert late.status_code == 409
    assert f'name="seen" value="{latest_consent_id(visitor)}"' in page(late)
    assert answers(visitor)["data"] == "given"


def test_consents_stand_in_the_history(desk: Client) -> None:
    visitor = VisitorFactory()
    where = reverse("reception:visitor_consents", args=[visitor.pk])
    desk.post(where, {"seen": 0, "photographs": "given"})
    desk.post(where, {"seen": latest_consent_id(visitor), "photographs": "withdrawn"})
    shown = page(desk.get(reverse("reception:visitor_history", args=[visitor.pk])))
    assert "<del>Agreed (v1, at the desk)</del>" in shown
    assert "Withdrawn (v1, at the desk)" in shown


def test_the_manager_writes_a_version_on_her_page(client_as: MakeClient, now: datetime) -> None:
    client = client_as(Role.MANAGER)
    where = reverse("reception:consent_texts")
    assert "in force" in page(client.get(where))
    said = {"kind": "data", "text": "新文本", "text_en": "New text", "starts_on": "2026-03-11", "seen": 1}
    assert client.post(where, said).status_code == 302
    again = client.post(where, said | {"text": "又一版"})
    assert again.status_code == 409
    assert "又一版" in page(again)
    assert ConsentText.objects.filter(kind="data").count() == 2


@pytest.mark.parametrize("versions", [1, 50])
def test_queries_of_the_texts(
    versions: int, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_as(Role.MANAGER)
    ConsentText.objects.bulk_create(
        ConsentText(kind="data", version=1 + n, text="x", text_en="x", starts_on=TODAY, made_at=MORNING)
        for n in range(1, versions)
    )
    client.get(reverse("reception:consent_texts"))
    with django_assert_num_queries(5):
        client.get(reverse("reception:consent_texts"))


@pytest.mark.parametrize("times", [1, 50])
def test_queries_of_the_papers(
    times: int, desk: Client, clerk: Staff, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = VisitorFactory(gender="unknown")
    services.record_id_paper(visitor=visitor, kind="resident", number=ID, staff=clerk, now=MORNING)
    for n in range(times):
        services.record_consents(
            visitor=visitor, answers={"data": ("given", "refused")[n % 2]}, staff=clerk, now=MORNING
        )
    with django_assert_num_queries(7):
        desk.get(reverse("reception:visitor_papers", args=[visitor.pk]))
    with django_assert_num_queries(8):
        desk.get(reverse("reception:visitor_history", args=[visitor.pk]))
