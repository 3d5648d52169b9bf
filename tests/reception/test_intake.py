"""Cards that visitors fill in themselves: by a code or at a kiosk, taken over at the desk, emptied afterwards."""

import logging.config
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import (
    Consent,
    ConsentText,
    IntakeCard,
    IntakeInvitation,
    KioskDevice,
    PreCheck,
    PublicRequests,
    Visit,
    Visitor,
)
from reception.selectors.consents import consents_of, standing_of, texts_in_force
from reception.services.intake import ALPHABET, CODE_LENGTH, LASTS
from reception.services.public_requests import (
    MOST_OF_A_BRANCH,
    MOST_OF_A_CODE,
    MOST_OF_A_KIOSK,
    MOST_OF_AN_ADDRESS,
    SPAN,
    may_ask,
)
from reception.tasks import empty_own_cards
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import VisitFactory, VisitorFactory

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION, display_name="林小满")


@pytest.fixture
def desk(client_as: MakeClient, clerk: Staff) -> Client:
    return client_as(clerk)


@pytest.fixture
def phone() -> Client:
    """A visitor's phone: nobody is signed in, and forged requests are looked for as outside of tests."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def page(response: Any) -> str:
    return str(response.content.decode())


def said(**changes: Any) -> dict[str, Any]:
    consents = {f"consent_{kind}": "given" for kind in ConsentText.Kind.values}
    return {"name": "曾小美", "phone": "１３８ 0013 8000", "gender": "female", "age": "28", **consents} | changes


def code_of(clerk: Staff, now: datetime) -> str:
    return services.invite(staff=clerk, now=now)[1]


def card_of(clerk: Staff, now: datetime, **answers: Any) -> IntakeCard:
    invitation, _code = services.invite(staff=clerk, now=now)
    return services.submit_card(invitation=invitation, answers={"name": "曾小美"} | answers, now=now)


def where(code: str) -> str:
    return reverse("reception:own_card", args=[code])


# On a phone


def test_a_card_filled_in_on_a_phone_waits_at_the_desk(
    phone: Client, desk: Client, clerk: Staff, now: datetime
) -> None:
    code = code_of(clerk, now)
    form = phone.get(where(code))
    assert form.status_code == 200
    assert "Only your name and your answers under" in page(form)
    answer = phone.post(where(code), said(occupation="教师", fever="no", cough="yes", wishes="双眼皮"))
    assert answer.status_code == 200
    assert "Please wait at the desk" in page(answer)
    card = IntakeCard.objects.get()
    assert card.branch == clerk.branch
    assert (card.answers["phone"], card.answers["birth_year"], card.answers["cough"]) == ("+8613800138000", 1998, True)
    assert "曾小美" in page(desk.get(reverse("reception:cards")))


def test_s8_only_the_hash_of_a_code_is_kept(clerk: Staff, now: datetime) -> None:
    invitation, code = services.invite(staff=clerk, now=now)
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(ALPHABET)
    assert code not in str(IntakeInvitation.objects.values().get())
    assert invitation.expires_at == now + LASTS


def test_s8_used_expired_and_unknown_codes_get_one_page(phone: Client, clerk: Staff, now: datetime) -> None:
    used, expired = code_of(clerk, now), code_of(clerk, now)
    assert phone.post(where(used), said()).status_code == 200
    with time_machine.travel(now + LASTS + timedelta(seconds=1)):
        found = [phone.get(where(code)) for code in (used, expired, "x" * CODE_LENGTH, "a\x00b", "曾")]
        found += [phone.post(where(code), said()) for code in (used, expired, "nothing")]
    assert {answer.status_code for answer in found} == {404}
    assert len({page(answer) for answer in found}) == 1
    assert "not valid any more" in page(found[0])
    assert IntakeCard.objects.count() == 1


def test_s8_the_answer_does_not_tell_who_is_known(
    phone: Client, clerk: Staff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    VisitorFactory(name="曾小美", phone="13800138000")
    phone.get(where(code_of(clerk, now)))
    pages = []
    for name, number in (("曾小美", "13800138000"), ("无名氏", "13900139001")):
        code = code_of(clerk, now)
        with django_assert_num_queries(11) as asked:
            pages.append(page(phone.post(where(code), said(name=name, phone=number))))
        assert not any("reception_visitor" in query["sql"] for query in asked.captured_queries)
    assert pages[0] == pages[1]
    assert "138" not in pages[0]


def test_s8_public_pages_are_kept_nowhere_and_tell_nobody_where_they_are(
    phone: Client, clerk: Staff, now: datetime
) -> None:
    code = code_of(clerk, now)
    answers = [
        phone.get(where(code)),
        phone.post(where(code), said()),
        phone.get(where(code)),
        phone.get(reverse("reception:kiosk")),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "sessionid" not in answer.cookies
    assert code not in str(list(PublicRequests.objects.values()))


def test_s8_no_log_holds_a_code(
    phone: Client, clerk: Staff, now: datetime, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    code = code_of(clerk, now)
    logging.config.dictConfig(settings.LOGGING)
    assert phone.post(where(code), said(name="")).status_code == 422
    assert phone.post(where(code), said()).status_code == 200
    assert phone.get(where(code)).status_code == 404
    written = "".join(capsys.readouterr())
    assert "/card/***" in written
    assert code not in written


def test_sent_twice_it_is_one_card(phone: Client, clerk: Staff, now: datetime) -> None:
    code = code_of(clerk, now)
    assert [phone.post(where(code), said()).status_code for _time in range(2)] == [200, 404]
    assert IntakeCard.objects.count() == 1


def test_two_phones_with_one_code_make_one_card(clerk: Staff, now: datetime) -> None:
    invitation, _code = services.invite(staff=clerk, now=now)
    seen_by_both = IntakeInvitation.objects.select_related("branch").get(pk=invitation.pk)
    services.submit_card(invitation=invitation, answers={"name": "甲"}, now=now)
    with pytest.raises(Refused, match="no_card"):
        services.submit_card(invitation=seen_by_both, answers={"name": "乙"}, now=now)
    assert IntakeCard.objects.get().answers["name"] == "甲"


@pytest.mark.parametrize("name", ["曾", "名" * 50, "O'Brien <b>", "=1+1", "👩🏽‍⚕️"])
def test_s11_names_are_kept_as_typed(phone: Client, desk: Client, clerk: Staff, now: datetime, name: str) -> None:
    assert phone.post(where(code_of(clerk, now)), said(name=name)).status_code == 200
    assert IntakeCard.objects.get().answers["name"] == name
    assert "<b>" not in page(desk.get(reverse("reception:cards")))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "Give a name"),
        ({"name": "\u202e\x00 "}, "Give a name"),
        ({"name": "名" * 51}, "At most 50 characters"),
        ({"phone": "1380"}, "too short"),
        ({"phone": "6555 0012"}, "area code"),
        ({"age": "-1"}, "from 0 to 120"),
        ({"birth_on": "31/31/31"}, "valid date"),
        ({"wishes": "愿" * 501}, "At most 500 characters; this has 501"),
        ({"gender": "<script>"}, "valid choice"),
        ({"consent_data": ""}, "You may say no"),
        ({"fever": "perhaps"}, "valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    phone: Client, clerk: Staff, now: datetime, wrong: dict[str, str], says: str
) -> None:
    code = code_of(clerk, now)
    answer = phone.post(where(code), said(occupation="教师") | wrong)
    assert answer.status_code == 422
    assert says in page(answer)
    assert 'value="教师"' in page(answer)
    assert not IntakeCard.objects.exists()
    assert phone.post(where(code), said()).status_code == 200


def test_s11_ten_megabytes_are_turned_down(phone: Client, clerk: Staff, now: datetime) -> None:
    code = code_of(clerk, now)
    assert phone.post(where(code), said(wishes="愿" * 3_500_000)).status_code == 400
    assert not IntakeCard.objects.exists()
    assert phone.get(where(code)).status_code == 200


def test_marks_nobody_sees_are_not_kept(phone: Client, clerk: Staff, now: datetime) -> None:
    phone.post(where(code_of(clerk, now)), said(name="\u202e王\x00小美", medical_notes="青\x00霉素\u202e\r\n过敏"))
    answers = IntakeCard.objects.get().answers
    assert (answers["name"], answers["medical_notes"]) == ("王小美", "青霉素\n过敏")


def test_whoever_declines_needs_to_say_nothing(phone: Client, desk: Client, clerk: Staff, now: datetime) -> None:
    code = code_of(clerk, now)
    answer = phone.post(where(code), {"declined": "1", "phone": "not a number", "occupation": "教师"})
    assert "Please wait at the desk" in page(answer)
    assert IntakeCard.objects.get().answers == {"name": "", "card_declined": True, "consents": {}}
    assert "declined" in page(desk.get(reverse("reception:cards")))


def test_without_consent_nothing_but_the_name_is_kept(phone: Client, clerk: Staff, now: datetime) -> None:
    phone.post(where(code_of(clerk, now)), said(consent_data="refused", medical_notes="青霉素"))
    answers = IntakeCard.objects.get().answers
    assert (answers["name"], answers["card_declined"]) == ("曾小美", True)
    assert answers.keys() == {"name", "card_declined", "consents"}


def test_without_consent_to_sensitive_data_no_health_is_kept(phone: Client, clerk: Staff, now: datetime) -> None:
    phone.post(where(code_of(clerk, now)), said(consent_sensitive="refused", medical_notes="青霉素", fever="yes"))
    answers = IntakeCard.objects.get().answers
    assert answers["phone"] == "+8613800138000"
    assert not {"medical_notes", "fever", "cough"} & answers.keys()


def test_switching_the_language_keeps_what_was_typed(phone: Client, clerk: Staff, now: datetime) -> None:
    code = code_of(clerk, now)
    answer = phone.post(where(code), said(occupation="教师", phone="1380", language="en", switch="zh-hans"))
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == "zh-hans"
    assert 'value="教师"' in page(answer)
    assert 'value="1380"' in page(answer)
    assert not IntakeCard.objects.exists()


def test_s8_an_address_may_not_guess_for_ever_and_locks_nobody_who_has_a_code(
    phone: Client, hall: Client, clerk: Staff, now: datetime
) -> None:
    code = code_of(clerk, now)
    begun = now.replace(second=0)
    with time_machine.travel(begun, tick=False):
        answers = [phone.get(where("guess")).status_code for _time in range(MOST_OF_AN_ADDRESS)]
        refused = phone.get(where("guess"))
        stranger = phone.get(reverse("reception:kiosk"))
        elsewhere = phone.get(where("guess"), REMOTE_ADDR="203.0.113.9")
        invited, at_kiosk = phone.get(where(code)), hall.get(reverse("reception:kiosk"))
    assert set(answers) == {404}
    assert refused.status_code == stranger.status_code == 429
    assert refused.headers["Retry-After"] == "600"
    assert "Wait ten minutes" in page(refused)
    assert elsewhere.status_code == 404
    assert (invited.status_code, at_kiosk.status_code) == (200, 200)
    with time_machine.travel(begun + SPAN, tick=False):
        assert phone.get(where("guess")).status_code == 404


def test_s8_one_code_is_not_asked_for_ever(phone: Client, clerk: Staff, now: datetime) -> None:
    code, other = code_of(clerk, now), code_of(clerk, now)
    with time_machine.travel(now.replace(second=0), tick=False):
        assert {phone.get(where(code)).status_code for _time in range(MOST_OF_A_CODE)} == {200}
        assert phone.get(where(code)).status_code == 429
        assert phone.get(where(other)).status_code == 200


def test_s8_one_kiosk_is_not_asked_for_ever(hall: Client, phone: Client, clerk: Staff, now: datetime) -> None:
    kiosk = KioskDevice.objects.get()
    code = code_of(clerk, now)
    with time_machine.travel(now.replace(second=0), tick=False):
        assert hall.get(reverse("reception:kiosk")).status_code == 200
        for _time in range(MOST_OF_A_KIOSK - 1):
            may_ask(subject=f"kiosk {kiosk.pk}", most=MOST_OF_A_KIOSK, now=now.replace(second=0))
        assert hall.get(reverse("reception:kiosk")).status_code == 429
        assert step(hall, step="begin").status_code == 429
        assert phone.get(where(code)).status_code == 200


def test_s8_a_branch_is_not_flooded(clerk: Staff, now: datetime, phone: Client) -> None:
    with time_machine.travel(now, tick=False):
        for _time in range(MOST_OF_A_BRANCH):
            assert may_ask(subject=f"branch {clerk.branch_id}", most=MOST_OF_A_BRANCH, now=now)
        code = code_of(clerk, now)
        assert phone.post(where(code), said()).status_code == 429
        assert not IntakeCard.objects.exists()


# At the desk


def take(desk: Client, card: IntakeCard, **more: Any) -> Any:
    return desk.post(reverse("reception:card_take", args=[card.pk]), {"version": card.version, **more}, headers=HTMX)


def arrive(desk: Client, card: IntakeCard, **more: Any) -> Any:
    form = {"purpose": "consult", "request_key": str(uuid4()), "card": card.pk, **more}
    return desk.post(reverse("reception:arrival_create"), form, headers=HTMX)


def test_a_card_is_taken_over_into_the_arrival_form_and_registered(desk: Client, clerk: Staff, now: datetime) -> None:
    texts = texts_in_force(clerk.branch.today(now))
    card = card_of(
        clerk,
        now,
        phone="+8613800138000",
        gender="female",
        birth_year=1998,
        occupation="教师",
        cough=True,
        consents={str(texts["data"].pk): "given", str(texts["photographs"].pk): "refused"},
    )
    form = page(take(desk, card))
    assert 'value="曾小美"' in form
    assert 'value="138 0013 8000"' in form
    assert "教师" in form
    answer = arrive(desk, card, name="曾小美", phone="13800138000", gender="female", cough="on", temperature="36.5")
    assert answer.status_code == 200, page(answer)
    visit = Visit.objects.select_related("visitor").get()
    assert (visit.visitor.occupation, visit.visitor.birth_year, visit.isolated_at) == ("教师", 1998, None)
    consents = {one.text.kind: (one.answer, one.via, one.at) for one in Consent.objects.select_related("text")}
    assert consents == {"data": ("given", "phone", now), "photographs": ("refused", "phone", now)}
    assert PreCheck.objects.get().via == "phone"
    card.refresh_from_db()
    assert (card.state, card.visit) == ("registered", visit)
    assert "曾小美" not in page(desk.get(reverse("reception:cards")))


def test_the_clerk_sees_who_it_may_be_and_says_so(desk: Client, clerk: Staff, now: datetime) -> None:
    known = VisitorFactory(name="曾小美", phone="13800138000", heard_from="", occupation="护士", gender="female")
    card = card_of(clerk, now, phone="+8613800138000", occupation="教师", heard_from="朋友", gender="female")
    matches = page(take(desk, card))
    assert "Is this her?" in matches
    assert known.file_number in matches
    card.refresh_from_db()
    form = page(take(desk, card, visitor=known.pk))
    assert "Her card says otherwise" in form
    assert 'value="heard_from" checked' in form
    assert 'value="occupation" checked' not in form
    assert arrive(desk, card, visitor=known.pk, wanted_shown=1, wanted=["occupation"]).status_code == 200
    known.refresh_from_db()
    assert (known.occupation, known.heard_from) == ("教师", "")
    history = page(desk.get(reverse("reception:visitor_history", args=[known.pk])))
    assert "<del>护士</del>" in history
    assert Visitor.objects.count() == 1


def test_where_nothing_was_ticked_only_what_is_empty_on_file_is_filled_in(
    desk: Client, clerk: Staff, now: datetime
) -> None:
    known = VisitorFactory(name="曾小美", occupation="护士", heard_from="")
    card = card_of(clerk, now, occupation="教师", heard_from="朋友")
    assert arrive(desk, card, visitor=known.pk).status_code == 200
    known.refresh_from_db()
    assert (known.occupation, known.heard_from) == ("护士", "朋友")


def test_two_clerks_take_one_card(
    desk: Client, client_as: MakeClient, staff_with: MakeStaff, clerk: Staff, now: datetime
) -> None:
    card = card_of(clerk, now)
    other = client_as(staff_with(Role.RECEPTION, display_name="何佳音"))
    assert take(desk, card).status_code == 200
    late = take(other, card)
    assert late.status_code == 409
    assert "林小满 took this card over" in page(late)
    card.refresh_from_db()
    assert take(other, card).status_code == 200
    card.refresh_from_db()
    assert card.taken_by == other.staff  # type: ignore[attr-defined]


def test_registered_twice_it_is_one_visit(desk: Client, clerk: Staff, now: datetime) -> None:
    card, key = card_of(clerk, now, occupation="教师"), str(uuid4())
    for _time in range(2):
        assert arrive(desk, card, name="曾小美", gender="female", request_key=key).status_code == 200
    assert Visit.objects.count() == Visitor.objects.count() == 1
    again = arrive(desk, card, name="曾小美", gender="female", another_person="1")
    assert again.status_code == 409
    assert "registered already" in page(again)
    assert Visit.objects.count() == Visitor.objects.count() == 1


def test_a_suspected_case_by_her_own_answers_is_set_apart(desk: Client, clerk: Staff, now: datetime) -> None:
    card = card_of(clerk, now, fever=True)
    form = page(take(desk, card))
    assert re.search(r'<input[^>]*name="fever"[^>]* checked', form)
    arrive(desk, card, name="曾小美", gender="female", fever="on")
    assert Visit.objects.get().isolated_at is not None


def test_a_card_put_aside_is_emptied(desk: Client, clerk: Staff, now: datetime) -> None:
    card = card_of(clerk, now, medical_notes="青霉素")
    drop = reverse("reception:card_drop", args=[card.pk])
    assert desk.post(drop, {"version": card.version}, headers=HTMX).status_code == 200
    card.refresh_from_db()
    assert (card.state, card.answers) == ("dropped", {})
    with pytest.raises(Stale):
        services.take_card(card=card, seen=card.version, staff=clerk, now=now)


def test_another_branch_has_nothing_to_do_with_it(
    client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch, clerk: Staff, now: datetime
) -> None:
    card = card_of(clerk, now)
    client = client_as(staff_with(Role.RECEPTION, branch=other_branch))
    assert "曾小美" not in page(client.get(reverse("reception:cards")))
    assert take(client, card).status_code == 404
    assert arrive(client, card, name="曾小美", gender="female").status_code == 404


def test_the_code_is_shown_once_and_goes_when_it_was_used(desk: Client, phone: Client) -> None:
    shown = page(desk.post(reverse("reception:invitation_create"), headers=HTMX))
    assert "<svg" in shown
    address = shown.split("data-name>")[1].split("<")[0]
    invitation = reverse("reception:invitation", args=[IntakeInvitation.objects.get().pk])
    assert desk.get(invitation).status_code == 204
    assert phone.post(address, said()).status_code == 200
    assert (desk.get(invitation).status_code, desk.get(invitation).content) == (200, b"")


@pytest.mark.parametrize("cards", [1, 50])
def test_queries_of_the_panel(
    cards: int, desk: Client, clerk: Staff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _card in range(cards):
        card_of(clerk, now)
    with django_assert_num_queries(3):
        desk.get(reverse("reception:cards"), headers=HTMX)


# What is kept no longer than needed


def test_cards_are_emptied_when_nobody_needs_them(clerk: Staff, now: datetime, desk: Client) -> None:
    waiting, registered = card_of(clerk, now, occupation="教师"), card_of(clerk, now, name="乙")
    arrive(desk, registered, name="乙", gender="female")
    assert empty_own_cards() == 0
    with time_machine.travel(now + timedelta(hours=12, seconds=1)):
        assert (empty_own_cards(), empty_own_cards()) == (2, 0)
        assert list(IntakeCard.objects.values_list("answers", flat=True)) == [{}, {}]
        with pytest.raises(Stale):
            services.take_card(card=waiting, seen=waiting.version, staff=clerk, now=now + timedelta(hours=13))
        assert not PublicRequests.objects.exists()
    with time_machine.travel(now + timedelta(days=8)):
        services.invite(staff=clerk, now=now)
        empty_own_cards()
        assert IntakeInvitation.objects.count() == 2


def test_what_she_withdrew_since_she_sent_her_card_stays_withdrawn(clerk: Staff, now: datetime) -> None:
    texts = texts_in_force(clerk.branch.today(now))
    known = VisitorFactory(name="曾小美")
    services.record_consents(visitor=known, answers={"photographs": "given"}, staff=clerk, now=now - timedelta(hours=1))
    card = card_of(clerk, now, consents={str(texts["photographs"].pk): "given"})
    later = now + timedelta(minutes=5)
    services.record_consents(visitor=known, answers={"photographs": "withdrawn"}, staff=clerk, now=later)
    services.take_in(
        known=known, card=card, branch=clerk.branch, projects=[], request_key=uuid4(), staff=clerk, now=later
    )
    standing = {one.kind: one.answer for one in standing_of(consents_of(known), texts)}
    assert standing["photographs"] is not None
    assert standing["photographs"].answer == "withdrawn"


# At the kiosk


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", False), ("localhost", False), ("[::1]", False), ("192.168.3.7", True), ("desk.hospital.cn", True)],
)
def test_a_code_that_no_phone_can_open_says_so(desk: Client, settings: Any, host: str, reached: bool) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    shown = page(desk.post(reverse("reception:invitation_create"), headers={"host": f"{host}:8850"}))
    assert ("LAN=1 make up" in shown) is not reached


@pytest.fixture
def hall(desk: Client) -> Client:
    """A screen in the hall on which a clerk has started the kiosk."""
    assert desk.post(reverse("reception:kiosk_start"), {"label": "大厅左侧"}).status_code == 302
    return desk


def step(hall: Client, **fields: Any) -> Any:
    return hall.post(reverse("reception:kiosk_card"), fields, headers=HTMX)


def test_starting_a_kiosk_signs_the_clerk_out_there(hall: Client) -> None:
    assert hall.get(reverse("reception:desk")).status_code == 302
    start = page(hall.get(reverse("reception:kiosk")))
    assert "请填写就诊卡" in start
    cookie = hall.cookies["kiosk"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/kiosk/")
    assert cookie.value not in str(KioskDevice.objects.values().get())


def test_a_kiosk_without_a_place_is_not_started(desk: Client) -> None:
    assert desk.post(reverse("reception:kiosk_start"), {"label": " "}).status_code == 422
    assert desk.get(reverse("reception:desk")).status_code == 200
    assert not KioskDevice.objects.exists()


def test_a_kiosk_takes_one_card_after_the_other(hall: Client, clerk: Staff) -> None:
    assert "Your card" in page(step(hall, step="begin", language="en"))
    card = {name: value for name, value in said(language="en").items() if not name.startswith("consent")}
    key = str(uuid4())
    agree = page(step(hall, step="card", request_key=key, **card))
    assert "What you agree to" in agree
    assert 'type="hidden" name="name" value="曾小美"' in agree
    for _time in range(2):
        done = page(step(hall, step="consents", request_key=key, **said(language="en")))
        assert "Please wait at the desk" in done
        assert "曾小美" not in done
    found = IntakeCard.objects.get()
    assert found.kiosk is not None
    assert found.branch == clerk.branch
    step(hall, step="consents", request_key=key, **said(language="en", name="曾大美"))
    assert [card.answers["name"] for card in IntakeCard.objects.order_by("pk")] == ["曾小美", "曾大美"]
    fresh = page(step(hall, step="begin", language="en"))
    assert "曾小美" not in fresh
    assert key not in fresh


def test_what_a_kiosk_sent_is_one_card_for_ever_under_its_key(hall: Client, clerk: Staff, now: datetime) -> None:
    kiosk, key = KioskDevice.objects.get(), uuid4()

    def send(name: str) -> IntakeCard:
        return services.submit_card(kiosk=kiosk, answers={"name": name}, request_key=key, now=now)

    first, other = send("曾小美"), send("曾大美")
    assert first != other
    services.drop_card(card=first, seen=first.version, staff=clerk, now=now)
    assert (send("曾小美"), send("曾大美"), send("曾大美")) == (first, other, other)
    assert IntakeCard.objects.count() == 2
    assert "曾" not in str(IntakeCard.objects.values().get(pk=first.pk))


def test_a_mistake_at_the_kiosk_stays_at_its_step(hall: Client) -> None:
    assert step(hall, step="card", name="", language="en").status_code == 422
    wrong = step(hall, step="consents", **said(consent_data="", language="en"))
    assert wrong.status_code == 422
    assert "You may say no" in page(wrong)
    back = page(step(hall, step="back", **said(language="en")))
    assert 'value="曾小美"' in back
    assert not IntakeCard.objects.exists()


def test_an_ended_kiosk_shows_no_card(hall: Client, client_as: MakeClient, clerk: Staff) -> None:
    colleague = client_as(Role.DESK_SUPERVISOR)
    assert "大厅左侧" in page(colleague.get(reverse("reception:kiosks")))
    kiosk = KioskDevice.objects.get()
    assert colleague.post(reverse("reception:kiosk_end", args=[kiosk.pk])).status_code == 302
    assert hall.get(reverse("reception:kiosk")).status_code == 404
    assert step(hall, step="begin").status_code == 404
    assert "not a kiosk" in page(step(hall, step="consents", **said(language="en")))
    assert not IntakeCard.objects.exists()


def test_a_forgotten_kiosk_ends_by_itself(hall: Client, now: datetime) -> None:
    with time_machine.travel(now + timedelta(days=91)):
        assert hall.get(reverse("reception:kiosk")).status_code == 404


@pytest.mark.parametrize("kiosks", [1, 50])
def test_queries_of_the_kiosks(
    kiosks: int, desk: Client, clerk: Staff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(kiosks):
        services.start_kiosk(label=f"{number}", staff=clerk, now=now)
    desk.get(reverse("reception:kiosks"))
    with django_assert_num_queries(4):
        desk.get(reverse("reception:kiosks"))


def test_registering_without_a_card_is_as_before(desk: Client) -> None:
    known = VisitFactory().visitor
    services.void_visit(
        visit=Visit.objects.get(),
        reason="重复",
        staff=Staff.objects.get(login_name="clerk-main"),
        now=Visit.objects.get().arrived_at,
    )
    form = {"purpose": "consult", "request_key": str(uuid4()), "visitor": known.pk}
    assert desk.post(reverse("reception:arrival_create"), form, headers=HTMX).status_code == 200
