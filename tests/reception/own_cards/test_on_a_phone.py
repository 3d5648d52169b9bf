"""S8, S11: the card a visitor fills in on her phone: one code, one card, nothing told about who is known."""

import logging.config
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Staff
from clinic.problems import Refused
from reception import services
from reception.models import (
    IntakeCard,
    IntakeInvitation,
    PublicRequests,
)
from reception.services.intake import ALPHABET, CODE_LENGTH, LASTS
from tests.factories.reception import VisitorFactory
from tests.reception.own_cards.scenes import code_of, page, said, where

pytestmark = pytest.mark.usefixtures("now")


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
