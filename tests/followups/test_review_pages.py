"""Urgent reviews and paused calls as doctors, heads, agents and supervisors see them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Department, Staff
from clinic.roles import Role
from followups.models import CallAnswer, CallAttempt, CallBack, PlanQuestion, UrgentReview
from followups.services import answer_review, escalate_reviews, pause_calls, record_attempt
from reception.models import Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import a_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def surgery(branch: Branch) -> Department:
    return Department.objects.get(branch=branch, kind="surgery")


@pytest.fixture
def doctor(surgery: Department, staff_with: MakeStaff) -> Staff:
    return staff_with(Role.DOCTOR, display_name="李敏", department=surgery)


@pytest.fixture
def agent(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CUSTOMER_SERVICE, display_name="周琳")


@pytest.fixture
def call(branch: Branch, doctor: Staff, now: datetime) -> CallBack:
    return a_call(branch, now=now, doctor=doctor)


@pytest.fixture
def review(call: CallBack, agent: Staff, now: datetime) -> UrgentReview:
    return not_well(call, agent, now)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def not_well(call: CallBack, agent: Staff, now: datetime) -> UrgentReview:
    made = record_attempt(
        call_back=call, result="reached", recovery="abnormal", notes="发烧 <38.9>", staff=agent, now=now
    )
    return UrgentReview.objects.get(attempt=made)


def page(client: Client, name: str, *args: int, status: int = 200, **query: Any) -> str:
    response = client.get(reverse(f"followups:{name}", args=args), query)
    assert response.status_code == status
    return response.content.decode()


def post(client: Client, name: str, review: UrgentReview, **data: Any) -> Any:
    return client.post(reverse(f"followups:{name}", args=[review.pk]), data)


def test_the_notice_rings_for_the_doctor_until_she_has_seen_it(
    review: UrgentReview, doctor: Staff, client_as: MakeClient
) -> None:
    client = client_as(doctor)
    html = page(client, "review_notice")
    assert f'data-unseen="review-{review.pk} "' in html and "1 urgent review waits for you" in html
    assert "data-until-then" in html and 'data-notice-kinds="sound desktop title"' in html
    assert page(client, "review_count") == "1"
    seen = client.post(reverse("followups:review_seen", args=[review.pk]), headers={"HX-Request": "true"})
    assert 'data-unseen=""' in seen.content.decode() and "1 urgent review waits for you" in seen.content.decode()
    stranger = client_as(Role.DOCTOR)
    assert page(stranger, "review_notice").strip() == "" and page(stranger, "review_count") == ""


def test_every_page_of_a_doctor_hears_of_it(review: UrgentReview, doctor: Staff, client_as: MakeClient) -> None:
    html = client_as(doctor).get(reverse("consultations:own_cases")).content.decode()
    assert f'hx-get="{reverse("followups:review_notice")}" hx-trigger="load, live-staff-{doctor.pk}' in html
    assert "js/consultations.js" in html


def test_the_page_says_what_the_doctor_has_to_know(
    call: CallBack, review: UrgentReview, doctor: Staff, client_as: MakeClient
) -> None:
    Visitor.objects.filter(pk=call.visitor_id).update(phone="+8613812348000", medical_notes="青霉素过敏")
    kinds = [("yes_no", "yes", "yes", "Fever?"), ("scale", "7", "8", "Pain?"), ("text", "", "右侧", "Where?")]
    for position, (kind, warns_at, answer, name) in enumerate(kinds):
        question = PlanQuestion.objects.create(
            step=call.step,
            position=position,
            code=f"q{position}",
            kind=kind,
            warns_at=warns_at,
            name=name,
            name_en=name,
        )
        CallAnswer.objects.create(attempt=review.attempt, question=question, answer=answer)
    client = client_as(doctor)
    listed = page(client, "reviews")
    assert "王小美" in listed and "138****8000" in listed and "发烧 &lt;38.9&gt;" in listed and "李敏" in listed
    html = page(client, "review", review.pk)
    for words in ("Fever?", "Pain?", "8/10", "右侧", "青霉素过敏", "day 2", "Temperature above 38.5", "周琳"):
        assert words in html
    assert html.count("state-late") == 2, "the two answers that are not normal"
    assert "13812348000" not in html.replace(" ", "") and "138****8000" in html


def test_the_doctor_answers_and_what_is_missing_is_asked_for(
    review: UrgentReview, doctor: Staff, client_as: MakeClient
) -> None:
    client = client_as(doctor)
    for data, sentence in (
        ({}, "Choose what is done."),
        ({"answer": "come_on", "note": "带上病历"}, "Say on which day she comes."),
        ({"answer": "come_on", "come_on": "2026-03-10", "note": "带上病历"}, "today or later"),
        ({"answer": "advice", "note": " "}, "Write down the advice"),
    ):
        answer = post(client, "review_answer", review, **data)
        html = answer.content.decode()
        assert answer.status_code == 422 and sentence in html
        assert "note" not in data or data["note"].strip() in html
    assert not UrgentReview.objects.exclude(answer="").exists()
    # A day that was typed and then not meant is no mistake.
    answer = post(client, "review_answer", review, answer="come_now", come_on="x", note="带上病历")
    assert answer.headers["Location"] == reverse("followups:reviews")
    row = UrgentReview.objects.get()
    assert (row.answer, row.come_on, row.note, row.answered_by) == ("come_now", None, "带上病历", doctor)
    html = page(client, "review", review.pk)
    assert "带上病历" in html and 'name="answer"' not in html


def test_who_is_second_keeps_what_she_typed(
    review: UrgentReview,
    doctor: Staff,
    surgery: Department,
    client_as: MakeClient,
    staff_with: MakeStaff,
    now: datetime,
) -> None:
    surgery.head = staff_with(Role.NURSE, display_name="陈主任")
    surgery.save()
    first, second = client_as(surgery.head), client_as(doctor)
    assert post(first, "review_answer", review, answer="hospital").status_code == 302
    answer = post(second, "review_answer", review, answer="advice", note="先冰敷观察")
    html = answer.content.decode()
    assert answer.status_code == 409 and "先冰敷观察" in html
    assert "陈主任 has already answered: To the emergency department." in html


def test_the_agent_reads_the_answer_on_the_card_and_notes_that_it_was_told(
    call: CallBack, review: UrgentReview, doctor: Staff, agent: Staff, client_as: MakeClient, now: datetime
) -> None:
    client = client_as(agent)
    html = page(client, "card", call.pk)
    assert "Waits for the doctor" in html and "has not seen it yet" in html and "The visitor was told" not in html
    supervisor = client_as(Role.SERVICE_SUPERVISOR)
    assert "This is settled by itself" in page(supervisor, "card", call.pk)
    answer_review(review=review, answer="advice", note="冰敷二十分钟", staff=doctor, now=now)
    assert "李敏 has answered" in page(client, "review_notice")
    assert "冰敷二十分钟" in page(client, "card_reviews", call.pk)
    assert "To be told" in page(client, "reviews") and "To be told" in page(supervisor, "reviews")
    assert post(client_as(doctor), "review_told", review).status_code == 403
    phone = reverse("followups:reveal_phone", args=[call.pk])
    assert phone in page(client, "review", review.pk), "who is to call her sees how"
    assert phone not in page(client_as(doctor), "review", review.pk)
    told = post(client, "review_told", review)
    assert phone not in page(client, "review", review.pk)
    assert told.headers["Location"] == reverse("followups:card", args=[call.pk])
    assert CallBack.objects.get(pk=call.pk).concern == ""
    assert "冰敷二十分钟" not in page(client, "reviews") and "王小美" in page(client, "reviews", show="told")
    assert page(client, "review_notice").strip() == ""


def test_what_is_overdue_stands_on_the_screens_of_the_head_and_the_supervisor(
    review: UrgentReview, surgery: Department, client_as: MakeClient, staff_with: MakeStaff, now: datetime
) -> None:
    surgery.head = staff_with(Role.CONSULTING_SUPERVISOR)
    surgery.save()
    head, supervisor = client_as(surgery.head), client_as(Role.SERVICE_SUPERVISOR)
    assert "overdue" not in page(head, "review_notice") + page(supervisor, "review_notice")
    escalate_reviews(now=now + timedelta(minutes=31))
    for client in (head, supervisor):
        assert "1 urgent review is overdue" in page(client, "review_notice")
        assert "李敏" in page(client, "review", review.pk)
    assert 'name="answer"' in page(head, "review", review.pk)
    assert 'name="answer"' not in page(supervisor, "review", review.pk)


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.CONSULTANT, Role.AUDITOR, Role.FILE_ROOM])
def test_others_have_no_reviews(review: UrgentReview, client_as: MakeClient, role: Role) -> None:
    client = client_as(role)
    for name, args in (("reviews", []), ("review_notice", []), ("review", [review.pk])):
        page(client, name, *args, status=403)


def test_a_colleague_finds_no_review_of_another(review: UrgentReview, client_as: MakeClient) -> None:
    client = client_as(Role.DOCTOR)
    page(client, "review", review.pk, status=404)
    assert post(client, "review_seen", review).status_code == 404
    assert post(client, "review_answer", review, answer="normal").status_code == 404
    assert "No urgent review" in page(client, "reviews")


def test_whose_calls_wait_for_which_complaint(
    call: CallBack, agent: Staff, client_as: MakeClient, now: datetime
) -> None:
    supervisor = client_as(Role.SERVICE_SUPERVISOR)
    assert "No calls wait for a complaint" in page(supervisor, "paused")
    pause_calls(visitor=call.visitor, about="C2026-0042", branch=call.branch, staff=agent, now=now)
    html = page(supervisor, "paused")
    assert reverse("complaints:by_number", args=["C2026-0042"]) in html, "one step from the complaint"
    assert f'{reverse("followups:visitor", args=[call.visitor_id])}">4</a>' in html and "would be overdue" not in html
    card = page(client_as(agent), "card", call.pk)
    assert "Her calls wait until complaint C2026-0042 is closed" in card and "Paused" in card
    assert "Cancelled" not in card
    page(client_as(agent), "paused", status=403)
    story = client_as(agent).get(reverse("reception:visitor_story", args=[call.visitor_id])).content.decode()
    assert story.count("Waits until her complaint is closed") == 4 and "C2026-0042" in story
    assert "Cancelled" not in story


def test_whom_to_send_here_at_once_is_told_first(
    branch: Branch, doctor: Staff, agent: Staff, client_as: MakeClient, now: datetime
) -> None:
    names = ("钱一", "孙二", "李三", "周四", "吴五")
    for minutes, name in enumerate(names):
        call = a_call(branch, now=now, doctor=doctor)
        Visitor.objects.filter(pk=call.visitor_id).update(name=name)
        review = not_well(call, agent, now)
        answer = "come_now" if name == "吴五" else "advice"
        answer_review(review=review, answer=answer, note="冰敷", staff=doctor, now=now + timedelta(minutes=minutes))
    html = page(client_as(agent), "review_notice")
    assert [name for name in sorted(names, key=html.find) if name in html] == ["吴五", "钱一", "孙二"]
    assert "2 more visitors are to be told" in html and reverse("followups:reviews") in html


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_the_reviews(
    branch: Branch,
    doctor: Staff,
    agent: Staff,
    client_as: MakeClient,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made = [a_call(branch, now=now, doctor=doctor) for _number in range(rows)]
    for call in made:
        not_well(call, agent, now)
    client, works = client_as(doctor), client_as(agent)
    for each in (client, works):
        page(each, "reviews")
    with django_assert_num_queries(6):
        page(client, "reviews")
    with django_assert_num_queries(6):
        page(client, "reviews_panel")
    with django_assert_num_queries(5):
        page(works, "reviews")
    with django_assert_num_queries(5):
        page(client, "review_notice")
    with django_assert_num_queries(5):
        page(works, "review_notice")


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_the_paused_calls(
    branch: Branch,
    agent: Staff,
    client_as: MakeClient,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        call = a_call(branch, now=now)
        pause_calls(visitor=call.visitor, about=f"C2026-{number:04d}", branch=branch, staff=agent, now=now)
    client = client_as(Role.SERVICE_SUPERVISOR)
    page(client, "paused")
    with django_assert_num_queries(5):
        page(client, "paused")


def test_many_reviews_are_told_page_by_page(
    branch: Branch, call: CallBack, agent: Staff, doctor: Staff, client_as: MakeClient, now: datetime
) -> None:
    said = CallAttempt.objects.bulk_create(
        CallAttempt(call_back=call, at=now, staff=agent, result="reached", recovery="abnormal") for _number in range(60)
    )
    UrgentReview.objects.bulk_create(
        UrgentReview(
            attempt=one,
            treatment=call.treatment,
            visitor=call.visitor,
            branch=branch,
            doctor=doctor,
            asked_at=now,
            asked_by=agent,
            due_at=now,
        )
        for one in said
    )
    html = page(client_as(doctor), "reviews")
    assert html.count('<th scope="row"') == 50 and "60 entries" in html
    assert page(client_as(doctor), "reviews", page=2).count('<th scope="row"') == 10


def test_the_supervisors_list_tells_how_far_the_doctor_is(
    client_as: MakeClient, review: UrgentReview, doctor: Staff, agent: Staff, now: datetime
) -> None:
    client = client_as(Role.SERVICE_SUPERVISOR)
    assert "Waits for the doctor" in page(client, "worklist", tab="supervisor")
    answer_review(review=review, answer="come_now", staff=doctor, now=now)
    shown = page(client, "worklist", tab="supervisor")
    assert "To be told" in shown and "Come in at once" in shown


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_the_supervisors_list(
    client_as: MakeClient,
    branch: Branch,
    doctor: Staff,
    agent: Staff,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(rows):
        not_well(a_call(branch, now=now, doctor=doctor), agent, now)
    client = client_as(Role.SERVICE_SUPERVISOR)
    page(client, "worklist", tab="supervisor")
    with django_assert_num_queries(8):
        page(client, "worklist", tab="supervisor")
