"""Visits that wait for somebody to name a consultant, the visitor's decisions, and the rules in force."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.roles import Capability
from triage.selectors import screens
from triage.selectors.decisions import open_questions

_answers = requires(Capability.ANSWER_ESCALATIONS, Capability.WORK_OWN_QUEUE)


@_answers
@require_GET
def escalations(request: HttpRequest) -> HttpResponse:
    """Show the visits that wait for a name from this person, each with the seats that could take it."""
    staff = staff_of(request)
    listen(request, [topics.desk(staff.branch_id)])
    return render(request, "triage/escalations.html", screens.questions_of(staff, timezone.now()))


@_answers
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """Show the same; a fragment that refreshes itself."""
    return render(request, "triage/questions.html", screens.questions_of(staff_of(request), timezone.now()))


@_answers
@require_GET
def escalation_count(request: HttpRequest) -> HttpResponse:
    """Answer with the number of open questions, or nothing."""
    count = len(open_questions(staff_of(request), timezone.now()))
    return HttpResponse(str(count) if count else "")


@_answers
@require_GET
def notice(request: HttpRequest) -> HttpResponse:
    """Show, on whatever page the person is, that somebody waits for her answer; a fragment."""
    questions = open_questions(staff_of(request), timezone.now())
    return render(request, "triage/notice.html", {"questions": questions})


@requires(Capability.VIEW_DESK_BOARD)
@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """Show the rules the branch runs by, one plain sentence for each."""
    staff = staff_of(request)
    context = {"manages": staff.may(Capability.MANAGE_POLICY), **screens.policy_of(staff.branch, timezone.now())}
    return render(request, "triage/policy.html", context)
