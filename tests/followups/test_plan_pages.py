"""The pages on which the service supervisor reads and writes plans of call-backs."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, BranchDay, Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from followups.forms import rows_of
from followups.models import CallBack, CallRules, Plan, PlanStep
from followups.models.plans import when_words
from followups.plans import PLANS, Step, Words
from followups.script import PLACES, unknown_places
from followups.selectors import Subject, days_of_calls, last_version, steps_of, versions_of
from followups.services import build_call_backs, publish_plan, write_call_days
from followups.views.plans import PLACE_WORDS
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import OperationFactory, a_project, another_project

pytestmark = pytest.mark.django_db
SAID = Words("某次", "{visitor}您好", "好", "坏")
NEW = "/call-backs/plans/new/"


@pytest.fixture
def client(client_as: MakeClient, now: datetime) -> Client:
    return client_as(Role.SERVICE_SUPERVISOR)


@pytest.fixture
def supervisor(client: Client) -> Staff:
    return client.staff  # type: ignore[attr-defined, no-any-return]


def test_from_which_number_on_is_said_in_the_readers_language(client: Client) -> None:
    html = client.get(NEW, {"department": "surgery"}, headers={"accept-language": "zh-hans"}).content.decode()
    assert '<option value="7"' in html and "from 7 on" not in html


def sent(steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return what the form sends."""
    said: dict[str, Any] = {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": len(steps)}
    for place, step in enumerate(steps):
        asked = step.get("questions", [])
        said |= _fields(f"steps-{place}", step)
        said |= {f"steps-{place}-questions-TOTAL_FORMS": len(asked), f"steps-{place}-questions-INITIAL_FORMS": 0}
        for number, question in enumerate(asked):
            said |= _fields(f"steps-{place}-questions-{number}", question)
    return {"seen": 1, "starts_on": "2026-03-11", "note": "", "on": "2026-03-11", "next": ""} | said | more


def _fields(prefix: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a browser sends of a row: nothing for what is not ticked, an empty word for what is empty."""
    return {
        f"{prefix}-{name}": "" if value is None else value
        for name, value in row.items()
        if value is not False and name != "questions"
    }


def a_row(**said: Any) -> dict[str, Any]:
    return {
        "code": "", "name": "术后第7天", "name_en": "Day 7", "number": 7, "unit": "days", "side": "after",
        "anchor": "operation", "kind": "phone", "risk": 2, "script": "{visitor}您好", "script_en": "Hello {visitor}",
        "normal": "", "normal_en": "", "warning": "", "warning_en": "",
    } | said  # fmt: skip


def rows() -> list[dict[str, Any]]:
    return rows_of(steps_of(Plan.objects.get(department_kind="surgery", version=1)))


def write(client: Client, said: Mapping[str, Any], query: str = "department=surgery") -> Any:
    return client.post(f"{NEW}?{query}", said)


def a_step(code: str, offset: int = 3) -> Step:
    return Step(code, offset, "days", 1, SAID, SAID)


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.RECEPTION, Role.AUDITOR])
def test_agents_neither_read_nor_write_plans(client_as: MakeClient, role: Role, now: datetime) -> None:
    client = client_as(role)
    plan = Plan.objects.get(department_kind="laser")
    for url in (reverse("followups:plans"), reverse("followups:plan", args=[plan.pk]), f"{NEW}?department=laser"):
        assert client.get(url).status_code == 403
    assert write(client, sent(rows())).status_code == 403
    if role == Role.CUSTOMER_SERVICE:
        assert reverse("followups:plans") not in client.get(reverse("followups:worklist")).content.decode()


def test_the_supervisor_and_the_manager_find_the_plans(client: Client, client_as: MakeClient) -> None:
    assert reverse("followups:plans") in client.get(reverse("followups:worklist")).content.decode()
    manager = client_as(Role.MANAGER)
    page = manager.get(reverse("followups:plans")).content.decode()
    assert f'href="{reverse("followups:plans")}" aria-current="page"' in page
    assert "2 days after the treatment" in page and "1 day before the next visit" in page
    assert "as soon as the treatment is filed" in page and "on the day the effect shows" in page
    assert "1 month after the treatment" in page and "Only tracked visitors" in page and "Most urgent" in page
    assert "Every project follows the plan of its department" in page


def test_a_version_is_read_with_what_is_said_in_it(client: Client, branch: Branch) -> None:
    plan = Plan.objects.get(department_kind="surgery")
    page = client.get(reverse("followups:plan", args=[plan.pk])).content.decode()
    assert "Temperature above 38.5" in page and "Hello {visitor}" in page and "It came with the system" in page
    chinese = client.get(reverse("followups:plan", args=[plan.pk]), headers={"accept-language": "zh-hans"})
    assert "{visitor}您好" in chinese.content.decode() and "术后第2天" in chinese.content.decode()


def test_the_plan_of_one_treatment_is_not_read_here(
    client: Client, supervisor: Staff, branch: Branch, now: datetime
) -> None:
    plan = publish_plan(treatment=OperationFactory.create(branch=branch), steps=[], staff=supervisor, now=now)
    assert client.get(reverse("followups:plan", args=[plan.pk])).status_code == 404


def test_what_has_no_plan_leads_back_to_the_list(client: Client, branch: Branch) -> None:
    for asked in ("", "department=reception", "project=0", "project=x", "department=x&project=99999999999999999999"):
        assert client.get(f"{NEW}?{asked}").headers["Location"] == reverse("followups:plans")


def test_publishing_changes_the_calls(
    client: Client, branch: Branch, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=branch.today(now))
    build_call_backs(now=now)
    kept = rows()
    kept[1]["DELETE"] = "on"
    page = client.get(f"{NEW}?department=surgery").content.decode()
    assert 'name="seen" value="1"' in page and 'value="2026-03-11"' in page and 'name="steps-5-code"' in page
    answer = write(client, sent([*kept, a_row()], note="加一次七天回访"))
    plan = Plan.objects.get(department_kind="surgery", version=2)
    assert answer.headers["Location"] == reverse("followups:plan", args=[plan.pk])
    assert (plan.note, plan.made_by) == ("加一次七天回访", client.staff)  # type: ignore[attr-defined]
    codes = list(plan.steps.order_by("position").values_list("code", flat=True))
    assert codes == ["day-2", "call-1", "month-3", "month-6", "year-1", "year-2"]
    build_call_backs(now=now)
    calls = dict(CallBack.objects.filter(treatment=operation).values_list("code", "state"))
    assert calls["call-1"] == "open" and calls["month-1"] == "cancelled" and calls["day-2"] == "open"
    first = PlanStep.objects.get(plan__department_kind="surgery", plan__version=1, code="day-2")
    again = plan.steps.get(code="day-2")
    same = ("name", "name_en", "script", "script_en", "normal_signs_en", "warning_signs", "offset", "unit", "risk")
    assert [getattr(first, name) for name in same] == [getattr(again, name) for name in same]
    page = client.get(answer.headers["Location"]).content.decode()
    assert "加一次七天回访" in page and "Replaced before it began" not in page and "Holds" in page


def test_wrong_input_is_explained_at_its_field_and_kept(client: Client) -> None:
    wrong = a_row(number=2000, name="", script="您好{客人}，{Visitor}")
    answer = write(client, sent([*rows(), wrong], starts_on="2026-03-10", note="因为"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "<title>Error:" in page
    assert "At most 1000." in page and 'value="2000"' in page and 'value="因为"' in page and "您好{客人}" in page
    assert "{客人} is no place a script can have. There are: {visitor} {staff} {hospital}" in page
    assert "{Visitor} is no place" in page and 'href="#id_steps-6-name"' in page and "This field is required." in page
    answer = write(client, sent(rows(), starts_on="2026-03-10"))
    assert answer.status_code == 422 and "Choose today or a later day" in answer.content.decode()
    assert 'id="id_starts_on_error"' in answer.content.decode()
    assert write(client, sent(rows(), starts_on="2029-03-10")).status_code == 422
    assert Plan.objects.filter(department_kind="surgery").count() == 1


def test_a_call_that_is_taken_out_need_not_be_right_and_an_empty_row_is_none(client: Client) -> None:
    empty = a_row(name="", name_en="", number=1, risk=1, script="", script_en="")
    assert write(client, sent([a_row(), a_row(name="", DELETE="on"), empty])).status_code == 302
    assert Plan.objects.get(department_kind="surgery", version=2).steps.count() == 1


def test_english_left_out_is_the_chinese_and_is_left_out_again(client: Client) -> None:
    write(client, sent([a_row(name_en="", script_en="", normal="肿\r\n麻")]))
    plan = Plan.objects.get(department_kind="surgery", version=2)
    made = plan.steps.get()
    assert (made.name_en, made.script_en, made.normal_signs_en) == ("术后第7天", "{visitor}您好", "肿\n麻")
    assert rows_of([made])[0]["script_en"] == "" and rows_of([made])[0]["normal"] == "肿\n麻"


def test_a_row_is_added_and_what_was_typed_stays(client: Client) -> None:
    typed = sent([a_row(name="半路", tracked_only="on"), a_row(name="要去掉", DELETE="on")], note="还没写完", do="add")
    page = write(client, typed).content.decode()
    assert 'name="steps-TOTAL_FORMS" value="3"' in page and 'value="半路"' in page and 'value="还没写完"' in page
    assert page.count("checked") >= 2 and "Please correct this" not in page
    assert re.search(r'name="steps-2-name"[^>]*data-focus', page)
    many = write(client, sent([a_row()] * 30, do="add")).content.decode()
    assert 'name="steps-TOTAL_FORMS" value="30"' in many and 'id="plan-add"' not in many
    assert "at most 30" in write(client, sent([a_row(name=str(number)) for number in range(31)])).content.decode()


def test_two_people_at_once(client: Client, client_as: MakeClient, now: datetime, branch: Branch) -> None:
    assert write(client_as(Role.MANAGER), sent([a_row(name="经理的")])).status_code == 302
    answer = write(client, sent([a_row(name="我的")], note="我的理由"))
    page = answer.content.decode()
    newer = Plan.objects.get(department_kind="surgery", version=2)
    assert answer.status_code == 409 and "has published version 2 of this plan meanwhile" in page
    assert 'value="我的"' in page and 'value="我的理由"' in page and 'name="seen" value="2"' in page
    assert reverse("followups:plan", args=[newer.pk]) in page
    assert write(client, sent([a_row(name="我的")], seen=2)).status_code == 302
    assert write(client, sent([a_row()], seen="")).status_code == 409


def test_a_project_gets_a_plan_no_calls_and_the_general_plan_again(
    client: Client, branch: Branch, now: datetime
) -> None:
    project = a_project(branch)
    query = f"project={project.pk}"
    page = client.get(f"{NEW}?{query}").content.decode()
    assert 'name="seen" value="0"' in page and "术后第2天" in page and 'value="inherit"' not in page
    assert "These are the calls of the department: Surgery." in page
    assert write(client, sent([a_row(code="day-2")], seen=0), query).status_code == 302
    assert 'value="inherit"' in client.get(f"{NEW}?{query}").content.decode()
    assert write(client, sent([], seen=1), query).status_code == 302
    listed = client.get(reverse("followups:plans")).content.decode()
    assert "No calls" in listed and "Version 2, for treatments from 2026-03-11" in listed
    # What stands in the rows does not matter then.
    assert write(client, sent([a_row(name="")], seen=2, do="inherit"), query).status_code == 302
    last = last_version(Subject(project=project))
    assert last is not None and last.inherits and last.version == 3
    page = client.get(reverse("followups:plan", args=[last.pk])).content.decode()
    assert "Follows the general plan again" in page
    assert "Follows the general plan again" in client.get(reverse("followups:plans")).content.decode()
    assert 'name="steps-5-code"' in client.get(f"{NEW}?{query}").content.decode()
    of_department = write(client, sent([], do="inherit"))
    assert of_department.status_code == 422 and "there is none to follow" in of_department.content.decode()
    states = [one.state for one in versions_of(Subject(project=project), branch.today(now))]
    assert states == ["holds", "replaced", "replaced"]


def test_a_version_that_begins_later_is_shown_as_to_come(
    client: Client, supervisor: Staff, branch: Branch, now: datetime
) -> None:
    later = branch.today(now) + timedelta(days=20)
    subjects: list[dict[str, Any]] = [{"department_kind": "laser"}, {"project": a_project(branch)}]
    for subject in subjects:
        publish_plan(steps=[a_step("x")], starts_on=later, staff=supervisor, now=now, **subject)
    page = client.get(reverse("followups:plans")).content.decode()
    assert page.count("Version 2 from 2026-03-31") == 1 and page.count("Version 1 from 2026-03-31") == 1
    assert "The general plan" in page
    assert 'value="2026-03-31"' in client.get(f"{NEW}?department=laser").content.decode()
    states = [one.state for one in versions_of(Subject(department_kind="laser"), branch.today(now))]
    assert states == ["coming", "holds"]
    over = [one.state for one in versions_of(Subject(department_kind="laser"), later)]
    assert over == ["holds", "over"]


def test_the_days_of_the_calls_with_a_holiday(client: Client, branch: Branch, now: datetime) -> None:
    BranchDay.objects.create(branch=branch, day=date(2026, 10, 1), kind="closed", name="国庆节")
    write_call_days(branch)
    plan = Plan.objects.get(department_kind="surgery")
    url = reverse("followups:plan", args=[plan.pk])
    page = client.get(url, {"on": "2026-09-29"}).content.decode()
    assert "2026-10-02 Fri" in page and "due on 2026-10-01, when the branch makes no calls" in page
    assert "2027-03-29" in page
    operation = OperationFactory.create(branch=branch, treated_on=date(2026, 9, 29))
    build_call_backs(now=now)
    made = dict(CallBack.objects.filter(treatment=operation).values_list("code", "call_on"))
    steps = list(plan.steps.order_by("position"))
    shown = days_of_calls(branch=branch, steps=steps, treated_on=operation.treated_on)
    assert {one.step.code: one.call_on for one in shown if not one.step.tracked_only} == made
    CallRules.objects.create(branch=branch, operation_day=1)
    page = client.get(url, {"on": "2026-09-29"}).content.decode()
    assert "2026-09-30 Wed" in page and "counts the day of the treatment as day 1" in page
    assert "Enter a valid date" in client.get(url, {"on": "x"}).content.decode()


def test_the_days_before_publishing(client: Client, branch: Branch) -> None:
    project = a_project(branch)
    project.effect_days = 10
    project.save()
    typed = [
        a_row(),
        a_row(name="见效", number=0, anchor="effect"),
        a_row(name="复诊前", number=3, side="before", anchor="next_visit"),
        a_row(name="建档", number=1, unit="months", anchor="filing"),
    ]
    query = f"project={project.pk}"
    page = write(client, sent(typed, seen=0, do="preview", starts_on="", on="2026-03-20"), query)
    assert page.status_code == 200
    for day in ("2026-03-27", "2026-03-30", "2026-04-20"):
        assert day in page.content.decode()
    assert "once a next visit is planned" in page.content.decode()
    assert "The effect is taken to show after 10 days." in page.content.decode()
    assert "She is taken to have gone home on the day" in page.content.decode()
    page = write(client, sent(typed, seen=0, do="preview", on="2026-03-20", next="2026-05-10"), query)
    assert "2026-05-07" in page.content.decode() and Plan.objects.filter(project=project).count() == 0
    wrong = write(client, sent([a_row(name="")], do="preview"), query)
    assert wrong.status_code == 422 and "The days appear here when the calls are whole" in wrong.content.decode()


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_asks_the_same_however_many_projects(
    client: Client, supervisor: Staff, branch: Branch, now: datetime, django_assert_num_queries: Any, rows: int
) -> None:
    today = branch.today(now)
    for number in range(rows):
        project = another_project(branch, number)
        publish_plan(project=project, steps=[a_step("x")], starts_on=today, staff=supervisor, now=now)
        publish_plan(project=project, steps=[], starts_on=today + timedelta(days=1), staff=supervisor, now=now)
    another_project(branch, 999)
    # Session, person; what holds, its calls, what comes, projects without a plan, the rules of the branch.
    with django_assert_num_queries(7):
        page = client.get(reverse("followups:plans")).content.decode()
    assert page.count("Version 2 from 2026-03-12") == rows and "Project 999" in page


def test_a_new_call_has_a_code_no_plan_has_had(supervisor: Staff, branch: Branch, now: datetime) -> None:
    today = branch.today(now)
    first = publish_plan(department_kind="laser", steps=[a_step("")], starts_on=today, staff=supervisor, now=now)
    publish_plan(department_kind="laser", steps=[], starts_on=today, staff=supervisor, now=now)
    made = publish_plan(
        project=a_project(branch), steps=[a_step("call-9"), a_step(""), a_step("")], starts_on=today, staff=supervisor,
        now=now,
    )  # fmt: skip
    assert first.steps.get().code == "call-1"
    assert list(made.steps.order_by("position").values_list("code", flat=True)) == ["call-9", "call-10", "call-11"]


def test_the_service_refuses_what_the_form_would(staff_with: MakeStaff, branch: Branch, now: datetime) -> None:
    staff, today = staff_with(), branch.today(now)
    words = Words("某次", "{name}您好", "", "")
    wrong = Step("x", 1, "days", 1, SAID, words)
    for steps, starts_on, code in (([wrong], today, "place_unknown"), ([], date(2206, 3, 11), "too_far")):
        with pytest.raises(Refused, match=code):
            publish_plan(department_kind="laser", steps=steps, starts_on=starts_on, staff=staff, now=now)
    with pytest.raises(Stale, match="changed_meanwhile") as stale:
        publish_plan(department_kind="laser", steps=[], starts_on=today, seen=0, staff=staff, now=now)
    assert stale.value.detail == {"seen": 1}
    assert Plan.objects.count() == 3


def test_places_are_known_and_explained() -> None:
    assert unknown_places("{visitor} {foo} {} ｛visitor｝ {foo} {Days}") == ["{foo}", "{}", "｛visitor｝", "{Days}"]
    assert not any(
        unknown_places(words.script) for steps in PLANS.values() for one in steps for words in (one.zh, one.en)
    )
    assert tuple(PLACE_WORDS) == PLACES


@pytest.mark.parametrize(
    ("when", "english", "chinese"),
    [
        ((2, "days", "operation"), "2 days after the treatment", "治疗日后2天"),
        ((-1, "days", "next_visit"), "1 day before the next visit", "下次来院日前1天"),
        ((6, "months", "discharge"), "6 months after going home", "出院日后6个月"),
        ((-1, "months", "effect"), "1 month before the day the effect shows", "见效日前1个月"),
        ((0, "days", "filing"), "as soon as the treatment is filed", "治疗建档当天"),
    ],
)
def test_when_in_words(when: tuple[int, str, str], english: str, chinese: str) -> None:
    assert when_words(*when) == english
    with translation.override("zh-hans"):
        assert when_words(*when) == chinese


@pytest.mark.parametrize("hostile", ["", "-1", "a\x00b", "9" * 5000, "9" * 30, "👩🏽‍⚕️"])
@pytest.mark.parametrize("do", ["", "add", "preview", "inherit"])
def test_hostile_forms_are_answered(client: Client, branch: Branch, hostile: str, do: str) -> None:
    client.raise_request_exception = False
    every = dict.fromkeys(a_row(), hostile)
    for said in (
        dict.fromkeys(sent([every]), hostile) | {"do": do},
        sent([every], do=do, seen=hostile),
        {"do": do, "starts_on": "2026-03-11"},
    ):
        for query in ("department=laser", f"project={a_project(branch).pk}"):
            assert write(client, said, query).status_code in {200, 302, 409, 422}


def test_projects_of_other_departments_are_not_offered(client: Client, branch: Branch) -> None:
    desk = Project.objects.create(
        code="tea", department=branch.departments.get(kind="reception"), name="茶", name_en="Tea time", rank=9
    )
    assert "Tea time" not in client.get(reverse("followups:plans")).content.decode()
    assert client.get(f"{NEW}?project={desk.pk}").status_code == 302


def a_question(**said: Any) -> dict[str, Any]:
    return {"code": "", "name": "伤口疼？", "name_en": "Does it hurt?", "kind": "yes_no", "warns_at": "yes"} | said


def test_questions_are_written_and_keep_their_code(client: Client) -> None:
    kept = rows()
    pain = kept[0]["questions"][0]
    assert (pain["code"], pain["kind"], pain["warns_at"]) == ("pain", "scale", "7")
    kept[0]["questions"] = [pain | {"warns_at": "6"}, *kept[0]["questions"][2:], a_question(name_en="")]
    assert write(client, sent(kept)).status_code == 302
    step = PlanStep.objects.get(plan__department_kind="surgery", plan__version=2, code="day-2")
    found = list(step.questions.values_list("code", "kind", "warns_at"))
    assert found == [
        ("pain", "scale", "6"), ("bleeding", "yes_no", "yes"), ("breath", "yes_no", "yes"),
        ("medicine", "yes_no", ""), ("ask-1", "yes_no", "yes"),
    ]  # fmt: skip
    new = step.questions.get(code="ask-1")
    assert (new.name, new.name_en) == ("伤口疼？", "伤口疼？")
    page = client.get(reverse("followups:plan", args=[step.plan_id])).content.decode()
    assert "Asked and recorded" in page and "from 6 on" in page and "伤口疼？" in page
    # What is answered in another way is another question.
    again = rows_of(steps_of(step.plan))
    again[0]["questions"][0] |= {"kind": "text", "warns_at": ""}
    assert write(client, sent(again, seen=2)).status_code == 302
    codes = PlanStep.objects.get(plan__department_kind="surgery", plan__version=3, code="day-2").questions
    assert codes.values_list("code", flat=True).first() == "ask-2"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"kind": "scale", "warns_at": "no"}, "Of an answer from 0 to 10"),
        ({"kind": "yes_no", "warns_at": "7"}, "Of yes and no"),
        ({"kind": "text", "warns_at": "yes"}, "read by a person"),
        ({"name": ""}, "This field is required."),
        ({"kind": "number"}, "number"),
    ],
)
def test_a_wrong_question_is_explained_at_its_field(client: Client, wrong: dict[str, Any], sentence: str) -> None:
    answer = write(client, sent([*rows(), a_row(questions=[a_question(), a_question(**wrong)])]))
    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in page and "Call 7, question 2" in page and "伤口疼？" in page
    assert Plan.objects.filter(department_kind="surgery").count() == 1


def test_a_question_that_is_taken_out_need_not_be_right_and_an_empty_one_is_none(client: Client) -> None:
    questions = [a_question(name="", DELETE="on"), a_question(name="", name_en="", warns_at=""), a_question()]
    assert write(client, sent([a_row(questions=questions)])).status_code == 302
    (step,) = Plan.objects.get(department_kind="surgery", version=2).steps.all()
    assert list(step.questions.values_list("code", flat=True)) == ["ask-1"]


def test_a_question_more_is_offered_and_what_was_typed_stays(client: Client) -> None:
    page = write(client, sent([*rows(), a_row(questions=[a_question()])], do="ask-6")).content.decode()
    assert "伤口疼？" in page
    assert 'name="steps-6-questions-1-name"' in page and 'name="steps-6-questions-2-name"' not in page
    assert 'name="steps-0-questions-4-name"' in page and 'name="steps-0-questions-5-name"' not in page
    for nonsense in ("ask-", "ask-99", "ask-x"):
        assert write(client, sent(rows(), do=nonsense)).status_code == 200
    assert Plan.objects.filter(department_kind="surgery").count() == 1


def test_a_call_has_tries_of_its_own(client: Client) -> None:
    assert write(client, sent([a_row(most_tries=3, pause_no_answer=1440)])).status_code == 302
    step = PlanStep.objects.get(plan__department_kind="surgery", plan__version=2)
    assert (step.most_tries, step.pause_no_answer) == (3, 1440)
    page = client.get(reverse("followups:plan", args=[step.plan_id])).content.decode()
    assert "Tried 3 times at most." in page and "tried again after 1440 minutes" in page
    assert write(client, sent([a_row(most_tries=21, pause_no_answer=5)], seen=2)).status_code == 422


def test_a_version_that_has_not_begun_is_taken_back(client: Client, supervisor: Staff, now: datetime) -> None:
    old = {step.code: list(step.questions.values_list("code", flat=True)) for step in steps_of(plan_of("surgery"))}
    plan = publish_plan(
        department_kind="surgery", steps=[a_step("x")], starts_on=date(2026, 4, 1), staff=supervisor, now=now
    )
    page = client.get(reverse("followups:plan", args=[plan.pk])).content.decode()
    address = reverse("followups:plan_take_back", args=[plan.pk])
    assert address in page and address not in client.get(reverse("followups:plans")).content.decode()
    answer = client.post(address)
    made = plan_of("surgery")
    assert answer.headers["Location"] == reverse("followups:plan", args=[made.pk])
    assert (made.version, made.starts_on, made.note) == (3, date(2026, 4, 1), "Version 2 was taken back.")
    assert {step.code: list(step.questions.values_list("code", flat=True)) for step in steps_of(made)} == old
    same = ("offset", "unit", "anchor", "risk", "name", "name_en", "script", "warning_signs_en", "tracked_only", "kind")
    first = Plan.objects.get(department_kind="surgery", version=1)
    for before, after in zip(steps_of(first), steps_of(made), strict=True):
        assert [getattr(before, name) for name in same] == [getattr(after, name) for name in same]
    # Sent twice: the page it was sent from shows what is no longer last.
    assert client.post(address).status_code == 409
    assert client.post(reverse("followups:plan_take_back", args=[first.pk])).status_code == 422


def test_the_first_version_of_a_project_taken_back_follows_the_department(
    client: Client, supervisor: Staff, branch: Branch, now: datetime
) -> None:
    project = a_project(branch)
    plan = publish_plan(project=project, steps=[], starts_on=date(2026, 4, 1), staff=supervisor, now=now)
    client.post(reverse("followups:plan_take_back", args=[plan.pk]))
    made = last_version(Subject(project=project))
    assert made is not None and made.inherits and made.starts_on == date(2026, 4, 1)


def test_one_treatment_gets_a_plan_of_its_own_and_follows_the_general_one_again(
    client: Client, branch: Branch, now: datetime
) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=branch.today(now))
    other = OperationFactory.create(branch=branch, treated_on=branch.today(now))
    build_call_backs(now=now)
    address, new = reverse("followups:treatment_plan", args=[operation.pk]), f"{NEW}?treatment={operation.pk}"
    page = client.get(address).content.decode()
    assert "The general plan" in page and f"?treatment={operation.pk}" in page and "Day 2 after surgery" in page
    form = client.get(new).content.decode()
    assert 'name="steps-0-code" value="day-2"' in form and 'name="starts_on"' not in form
    kept = [*rows()[:1], a_row(questions=[a_question()])]
    answer = client.post(new, sent(kept, seen=0))
    assert answer.headers["Location"] == address
    build_call_backs(now=now)

    def standing(treatment: Any) -> dict[str, str]:
        return dict(CallBack.objects.filter(treatment=treatment).values_list("code", "state_reason"))

    assert standing(operation) == {
        "day-2": "", "call-1": "", "month-1": "plan_changed", "month-3": "plan_changed", "month-6": "plan_changed",
    }  # fmt: skip
    assert set(standing(other).values()) == {""}
    page = client.get(address).content.decode()
    assert "A plan of its own" in page and "Does it hurt?" in page
    assert client.post(new, sent(kept, seen=0)).status_code == 409
    answer = client.post(new, {"do": "inherit", "seen": 1, "steps-TOTAL_FORMS": 0, "steps-INITIAL_FORMS": 0})
    assert answer.headers["Location"] == address
    build_call_backs(now=now)
    assert standing(operation)["month-6"] == "" and standing(operation)["call-1"] == "plan_changed"


def test_a_treatment_elsewhere_has_no_plan_here(client: Client, other_branch: Branch, client_as: MakeClient) -> None:
    elsewhere = OperationFactory.create(branch=other_branch)
    address = reverse("followups:treatment_plan", args=[elsewhere.pk])
    assert client.get(address).status_code == 404
    assert client.get(f"{NEW}?treatment={elsewhere.pk}").headers["Location"] == reverse("followups:plans")
    assert client_as(Role.CUSTOMER_SERVICE).get(address).status_code == 403


@pytest.mark.parametrize("number", [1, 12])
def test_queries_of_the_form_do_not_grow_with_its_questions(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write(client, sent([a_row(questions=[a_question()] * number)] * 3))
    client.get(f"{NEW}?department=surgery")
    with django_assert_num_queries(7):
        client.get(f"{NEW}?department=surgery")


def plan_of(kind: str) -> Plan:
    return Plan.objects.filter(department_kind=kind).latest("version")
