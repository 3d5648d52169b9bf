"""A department's desk: who comes, waits and is with whom; and what its doctors, nurses and beauticians see of it."""

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Department, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.views.onward import go
from consultations import services
from consultations.forms.desks import (
    GiveForm,
    LeaveForm,
    NameForCaseForm,
    NumbingForm,
    SeenVersionForm,
    SendOnForm,
    TakeInForm,
)
from consultations.models import DeskCase
from consultations.selectors import desk_asked, desk_cases
from consultations.selectors import desks as rows
from consultations.selectors.numbing import NUMBING, numbing_nudges
from consultations.selectors.records import consultations_seen_by
from triage.selectors.boards import seated
from triage.selectors.desks import seats_at_desk, told_at_desk

_sees = requires(Capability.OPERATE_DEPARTMENT_BOARD, Capability.VIEW_DEPARTMENT_BOARD)
_operates = requires(Capability.OPERATE_DEPARTMENT_BOARD)
_works = requires(Capability.OPERATE_DEPARTMENT_BOARD, Capability.WORK_OWN_CASES)
_own = requires(Capability.WORK_OWN_CASES)


def _department(staff: Staff) -> Department:
    found = desk_cases.department_of(staff)
    if found is None:
        raise Http404
    return found


def _case(request: HttpRequest, pk: int) -> tuple[DeskCase, Staff]:
    staff = staff_of(request)
    return get_object_or_404(desk_cases.cases_of_desk(staff), pk=pk), staff


@_sees
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show the desk of my department: expected, waiting, with somebody, done, and its board beside."""
    staff, now = staff_of(request), timezone.now()
    department = desk_cases.department_of(staff)
    if department is None:
        return render(request, "consultations/desk_none.html")
    context = _day(staff, department)
    board = context["day"].board
    wanted = [topics.department_desk(department.pk), topics.desk(staff.branch_id), topics.register(staff.branch_id)]
    listen(request, [*wanted, topics.treatments(staff.branch_id), *([topics.board(board.pk)] if board else [])])
    return render(request, "consultations/desk.html", {**context, "as_of": now})


@_sees
@require_GET
def desk_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the lists alone."""
    staff = staff_of(request)
    return render(request, "consultations/desk_panel.html", _day(staff, _department(staff)))


def _day(staff: Staff, department: Department) -> dict[str, Any]:
    return {
        "day": rows.desk_day(department, timezone.now()),
        "department": department,
        "operates": desk_cases.operates(staff),
        "numbing": NUMBING,
    }


@_operates
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Take somebody in who is expected: she waits at this desk from now."""
    staff, now = staff_of(request), timezone.now()
    department = _department(staff)
    form = TakeInForm(request.POST)
    if not form.is_valid():
        raise _incomplete(form)
    wanted, chosen = form.cleaned_data["visit"], form.cleaned_data["treatment"]
    row = next((one for one in rows.desk_day(department, now).expected if one.visit.pk == wanted), None)
    if row is None:
        case = desk_cases.taken_in_already(staff, wanted, staff.branch.today(now))
        if case is None:
            raise Http404
        return _redrawn(request, staff, department, case)
    treatment = next((one for one in row.choices if one.pk == chosen), row.choices[0] if row.choices else None)
    if chosen is not None and (treatment is None or treatment.pk != chosen):
        raise Stale(_("The list has changed since your screen was drawn. Look again."), code="changed")
    case = services.take_in(
        visit=row.visit, department=department, purpose=row.purpose, treatment=treatment, staff=staff, now=now
    )
    return _redrawn(request, staff, department, case)


def _redrawn(request: HttpRequest, staff: Staff, department: Department, case: DeskCase) -> HttpResponse:
    """The lists as they are now, with the focus on the case, or on who is next when it is over."""
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:desk"))
    context = _day(staff, department)
    day = context["day"]
    following = [day.next.case.pk] if day.next else []
    focus = _focus(case, [*(row.case.pk for row in day.waiting), *(one.pk for one in day.with_staff)], following)
    return render(request, "consultations/desk_panel.html", {**context, "focus": focus})


def _focus(case: DeskCase, listed: list[int], following: list[int]) -> int:
    """Return which case the focus goes to after one was carried on: itself, else the following one; 0 for none."""
    return case.pk if case.pk in listed else next(iter(following), 0)


@_operates
@require_GET
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the board proposes for somebody who waits, or what has become of her; a fragment."""
    case, _staff = _case(request, pk)
    return _asked(request, case)


def _asked(request: HttpRequest, case: DeskCase, status: int = 200, **more: object) -> HttpResponse:
    fresh = desk_cases.cases_of_desk(staff_of(request)).get(pk=case.pk)
    asked = desk_asked.asked_about(fresh, timezone.now())
    context = {"asked": asked, "case": asked.case, "row": asked.row, **asked.context, **more}
    return render(request, "consultations/desk_asked.html", context, status=status)


@_sees
@require_GET
def no_proposal(request: HttpRequest) -> HttpResponse:
    """Answer with nothing: the proposal is put aside."""
    return HttpResponse("")


@_operates
@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out what was proposed; when the board has moved, answer 409 with what it proposes now."""
    case, staff = _case(request, pk)
    form = GiveForm(request.POST)
    if not form.is_valid():
        raise _incomplete(form)
    try:
        services.give_case(case=case, expected_sequence=form.cleaned_data["sequence"], staff=staff, now=timezone.now())
    except Refused as refused:
        return _asked(request, case, status=refused.status, refused=refused)
    return _asked(request, case, fresh=True)


@_operates
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the visitor agrees to another doctor."""
    case, staff = _case(request, pk)
    version = _version(request)
    try:
        services.agree_to_another(case=case, expected_version=version, staff=staff, now=timezone.now())
    except Refused as refused:
        return _asked(request, case, status=refused.status, refused=refused)
    return _asked(request, case, fresh=True)


@_operates
@require_POST
def wait(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the visitor waits for the doctor she came for."""
    case, staff = _case(request, pk)
    version = _version(request)
    try:
        services.wait_for_doctor(case=case, expected_version=version, staff=staff, now=timezone.now())
    except Refused as refused:
        return _asked(request, case, status=refused.status, refused=refused)
    return _asked(request, case, fresh=True)


def _version(request: HttpRequest) -> int:
    form = SeenVersionForm(request.POST)
    if not form.is_valid():
        raise _incomplete(form)
    return int(form.cleaned_data["version"])


def _incomplete(form: Form) -> Refused:
    return refusal(form, _("The form was incomplete. Look at the list again."), code="form_incomplete")


@_operates
@require_POST
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a visitor to somebody against the order, with a reason (K9)."""
    case, staff = _case(request, pk)
    now = timezone.now()
    board, _state = seats_at_desk(case.department.branch, case.department.code, now)
    form = NameForCaseForm(request.POST, offered=seated(board) if board else Staff.objects.none())
    try:
        if not form.is_valid():
            raise refusal(form, _("Choose who receives her, and say why."), code="name_form")
        services.name_for_case(
            case=case,
            consultant=form.cleaned_data["consultant"],
            reason=form.cleaned_data["reason"],
            turn=form.cleaned_data["turn"] or None,
            staff=staff,
            now=now,
        )
    except Refused as refused:
        fields = {"typed_reason": "reason", "typed_for": "consultant", "typed_turn": "turn"}
        typed = {name: request.POST.get(field, "") for name, field in fields.items()}
        return _asked(request, case, status=refused.status, refused=refused, **typed)
    return _asked(request, case, fresh=True)


@_operates
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last decision back within its seconds (K8)."""
    case, staff = _case(request, pk)
    try:
        services.undo_case(case=case, staff=staff, now=timezone.now())
    except Refused as refused:
        return _asked(request, case, status=refused.status, refused=refused)
    return _asked(request, case, undone=True)


@_works
@require_POST
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """Call the visitor in."""
    return _worked(request, pk, services.call_case)


@_works
@require_POST
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """The visitor is with whoever has her."""
    return _worked(request, pk, services.enter_case)


@_works
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """The department is done with the visitor."""
    return _worked(request, pk, services.finish_case)


def _worked(request: HttpRequest, pk: int, service: Any) -> HttpResponse:
    """Carry a case on; answer with the lists of whoever asked: the desk's, or her own."""
    staff = staff_of(request)
    case = get_object_or_404(desk_cases.cases_worked_by(staff), pk=pk)
    service(case=case, staff=staff, now=timezone.now())
    return _lists(request, staff, case)


def _lists(request: HttpRequest, staff: Staff, case: DeskCase) -> HttpResponse:
    if request.headers.get("HX-Target") == "own-cases":
        return _own_panel(request, case)
    if desk_cases.operates(staff):
        return _redrawn(request, staff, _department(staff), case)
    return go(request, reverse("consultations:own_cases"))


@_operates
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the visitor left without having been received."""
    case, staff = _case(request, pk)
    form = LeaveForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say why in a few words."), code="reason_form")
    services.leave_case(case=case, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
    return _redrawn(request, staff, _department(staff), case)


@_operates
@require_POST
def numbing(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the numbing time of a visitor, or end it when no minutes are sent."""
    case, staff = _case(request, pk)
    now = timezone.now()
    if not request.POST.get("minutes"):
        services.end_numbing(case=case, staff=staff, now=now)
        return _redrawn(request, staff, _department(staff), case)
    form = NumbingForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Numbing takes from 1 to 180 minutes."), code="minutes_unclear")
    services.start_numbing(case=case, minutes=form.cleaned_data["minutes"], staff=staff, now=now)
    return _redrawn(request, staff, _department(staff), case)


@_operates
@require_POST
def numbing_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the notice that a numbing time is nearly over."""
    case, staff = _case(request, pk)
    services.see_numbing(case=case, staff=staff, now=timezone.now())
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:desk"))
    return _notice(request)


@_sees
@require_GET
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """Show why this doctor: the department's decisions about a visitor in words; a fragment."""
    case = get_object_or_404(desk_cases.cases_seen_by(staff_of(request)), pk=pk)
    found = told_at_desk(case.visit, case.department.code)
    told = next((one for one in found if not one.undone), found[0] if found else None)
    return render(request, "consultations/desk_why.html", {"case": case, "told": told})


@_operates
@require_GET
def notice(request: HttpRequest) -> HttpResponse:
    """Show on every page of the desk whose numbing time is nearly over, until somebody has seen it; a fragment."""
    return _notice(request)


def _notice(request: HttpRequest) -> HttpResponse:
    nudges = numbing_nudges(staff_of(request), timezone.now())
    return render(request, "consultations/desk_notice.html", {"nudges": nudges})


@_operates
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """Answer how many wait at my department's desk; nothing for nobody."""
    number = desk_cases.waiting_count(staff_of(request), timezone.now())
    return HttpResponse(str(number) if number else "")


@_own
@require_GET
def own_cases(request: HttpRequest) -> HttpResponse:
    """Show what my department's desk has given to me today."""
    staff = staff_of(request)
    listen(request, [topics.queue(staff.pk)])
    return render(request, "consultations/own_cases.html", {"own": desk_cases.own_cases(staff, timezone.now())})


@_own
@require_GET
def own_cases_panel(request: HttpRequest) -> HttpResponse:
    """Redraw my cases alone; a fragment, on my queue too."""
    return _own_panel(request)


def _own_panel(request: HttpRequest, case: DeskCase | None = None) -> HttpResponse:
    """My cases as they are now; after one was carried on with the focus on it, or on the next one when it is over."""
    own = desk_cases.own_cases(staff_of(request), timezone.now())
    context: dict[str, Any] = {"own": own}
    if case is not None:
        listed = [one.pk for one in (*own.inside, *own.upcoming)]
        context["focus"] = _focus(case, listed, listed)
    return render(request, "consultations/own_cases_panel.html", context)


@_own
@require_GET
def own_count(request: HttpRequest) -> HttpResponse:
    """Answer how many visitors of the department's desk wait for me; nothing for nobody."""
    number = desk_cases.own_count(staff_of(request), timezone.now())
    return HttpResponse(str(number) if number else "")


@_sees
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """Show those who wait at my department what they may know: number, masked name, where to or about when."""
    staff = staff_of(request)
    department = _department(staff)
    listen(request, [topics.department_desk(department.pk), topics.desk(staff.branch_id)])
    context = {"department": department, "rows": rows.wall_rows(department, timezone.now())}
    return render(request, "consultations/desk_wall.html", context)


@_sees
@require_GET
def wall_rows(request: HttpRequest) -> HttpResponse:
    """Redraw the rows of the waiting area's view."""
    department = _department(staff_of(request))
    context = {"department": department, "rows": rows.wall_rows(department, timezone.now())}
    return render(request, "consultations/desk_wall.html#rows", context)


@requires(Capability.WORK_OWN_QUEUE)
@require_POST
def send_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The consultant sends her visitor on to a department."""
    staff = staff_of(request)
    found = get_object_or_404(consultations_seen_by(staff).filter(consultant=staff), pk=pk)
    form = SendOnForm(request.POST, offered=desk_cases.desks_to_send_to(staff))
    if not form.is_valid():
        raise refusal(form, _("Choose the department."), code="department_form")
    services.send_to_desk(
        consultation=found, department=form.cleaned_data["department"], staff=staff, now=timezone.now()
    )
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:consultation", args=[pk]))
    return _sent_on(request, pk)


@requires(Capability.WORK_OWN_QUEUE)
@require_GET
def sent_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Show to which departments a visitor of mine was sent on, and how far she has come there; a fragment."""
    get_object_or_404(consultations_seen_by(staff_of(request)), pk=pk)
    return _sent_on(request, pk)


def _sent_on(request: HttpRequest, pk: int) -> HttpResponse:
    staff = staff_of(request)
    found = consultations_seen_by(staff).get(pk=pk)
    cases = desk_cases.cases_of_visit(found.visit)
    context = {
        "consultation": found,
        "cases": cases,
        "mine": found.consultant_id == staff.pk and desk_cases.may_send_on(found, timezone.now()),
        "departments": [
            one
            for one in desk_cases.desks_to_send_to(staff)
            if one.pk not in {case.department_id for case in cases if case.state in DeskCase.OPEN_STATES}
        ],
    }
    return render(request, "consultations/sent_on.html", context)
