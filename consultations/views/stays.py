"""In-patients: who is in the house, the registers of admissions and discharges, one stay."""

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import day_in, number_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Department, Staff
from clinic.problems import Refused, Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from consultations import services
from consultations.forms.stays import (
    AdmitForm,
    ChangeStayForm,
    CheckForm,
    DischargeForm,
    SatisfactionForm,
    WhyForm,
)
from consultations.models import Stay, StaySatisfaction
from consultations.selectors import stays as rows
from consultations.selectors.desk_cases import DESKS
from consultations.selectors.records import visitors_seen_by
from consultations.selectors.treatments import doctors_of, treatments_for
from reception.selectors.visitors import opens_visitor
from reception.views.looks import looked_at

readers = requires(
    Capability.RECORD_TREATMENTS,
    Capability.OPERATE_DEPARTMENT_BOARD,
    Capability.WORK_OWN_CASES,
    Capability.VIEW_ALL_VISITORS,
    Capability.OVERRIDE_TRIAGE,
    Capability.SUPERVISE_CALL_BACKS,
)
recorders = requires(Capability.RECORD_TREATMENTS)
PAGE = 50
# What is printed at once: a month of a full house.
MOST_PRINTED = 2000
_WEEK = timedelta(days=6)


def _list(request: HttpRequest) -> dict[str, Any]:
    staff = staff_of(request)
    today = staff.branch.today(timezone.now())
    tab = request.GET.get("tab", "")
    tab = tab if tab in rows.TABS else rows.TABS[0]
    departments = list(Department.objects.filter(branch=staff.branch_id, kind__in=DESKS).order_by("code"))
    chosen = next((one for one in departments if str(one.pk) == request.GET.get("department")), None)
    found = rows.stays_for(staff)
    if chosen is not None:
        found = found.filter(department=chosen)
    first, last = _days_asked(request, today)
    if tab == "admissions":
        listed = rows.admitted(found, first, last, staff.branch.zone)
    elif tab == "discharges":
        listed = rows.discharged(found, first, last, staff.branch.zone)
    else:
        listed = rows.in_the_house(found)
    return {
        "tab": tab,
        "listed": listed,
        "counts": rows.counts_of(found, today, staff.branch.zone),
        "departments": departments,
        "chosen": chosen,
        "first": first,
        "last": last,
        "today": today,
        "listen": topics.treatments(staff.branch_id),
    }


def _days_asked(request: HttpRequest, today: date) -> tuple[date, date]:
    last = day_in(request.GET.get("last", "")) or today
    first = day_in(request.GET.get("first", "")) or last - _WEEK
    return min(first, last), max(first, last)


def _page(request: HttpRequest) -> dict[str, Any]:
    context = _list(request)
    return context | {"page": Paginator(context["listed"], PAGE).get_page(request.GET.get("page"))}


@readers
@require_GET
def stays(request: HttpRequest) -> HttpResponse:
    """Show who is in the house, or the register of admissions or discharges (`?tab=`, `?first=`, `?last=`)."""
    listen(request, [topics.treatments(staff_of(request).branch_id)])
    return render(request, "consultations/stays.html", _page(request))


@readers
@require_GET
def stays_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the list alone."""
    return render(request, "consultations/stays_panel.html", _page(request))


@readers
@require_POST
def stays_print(request: HttpRequest) -> HttpResponse:
    """Show a register as it goes on paper; that it was printed is written down."""
    staff, now = staff_of(request), timezone.now()
    context = _list(request)
    services.print_stays(
        kind=context["tab"],
        first=context["first"].isoformat(),
        last=context["last"].isoformat(),
        staff=staff,
        now=now,
    )
    listed = list(context["listed"][: MOST_PRINTED + 1])
    context |= {"rows": listed[:MOST_PRINTED], "cut": len(listed) > MOST_PRINTED, "printed_at": now}
    return render(request, "consultations/stays_print.html", context)


@recorders
@require_http_methods(["GET", "POST"])
def admit(request: HttpRequest, visitor: int) -> HttpResponse:
    """Admit a visitor this person works with (`?treatment=`: the one she stays after)."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(visitors_seen_by(staff), pk=visitor)
    looked_at(request, found, Screen.TREATMENT)
    departments = rows.departments_of(staff)
    after = rows.treatments_to_stay_after(found, staff)
    chosen = after.filter(pk=number_in(request.GET.get("treatment", "")) or 0).first()
    initial: dict[str, Any] = {"expected_days": 1}
    if chosen is not None:
        here = departments.filter(kind=chosen.project.department.kind).first()
        initial |= {"treatment": chosen.pk, "doctor": chosen.doctor_id, "department": here.pk if here else None}
    form = AdmitForm(
        request.POST or None,
        departments=departments,
        treatments=after,
        doctors=doctors_of(staff, staff.branch.today(now)),
        initial=initial,
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            stay = services.admit(visitor=found, staff=staff, now=now, **form.cleaned_data)
        except Refused as problem:
            form.add_error(None, str(problem.message))
            status = problem.status
        else:
            return go(request, reverse("consultations:stay", args=[stay.pk]))
    context = {"visitor": found, "form": form, "admits": departments.exists()}
    return render(request, "consultations/stay_new.html", context, status=status)


def _stay(request: HttpRequest, pk: int) -> tuple[Stay, Staff]:
    staff = staff_of(request)
    return get_object_or_404(rows.stays_for(staff), pk=pk), staff


def _work(found: Stay, staff: Staff, asked: SatisfactionForm | None = None) -> dict[str, Any]:
    now = timezone.now()
    works = rows.may_work_on(staff, found)
    writes = works and found.is_open
    unbilled = rows.unbilled_of(found, now)
    said: StaySatisfaction | None = getattr(found, "satisfaction", None)
    days = (found.branch.today(found.discharged_at or now) - found.branch.today(found.admitted_at)).days
    return {
        "stay": found,
        "works": works,
        "writes": writes,
        "unbilled": unbilled,
        "unconfirmed": sum(one.said is None for one in unbilled),
        "satisfaction": said,
        "said_at": rows.said_at(said),
        "days": days,
        "sees_amounts": staff.may(Capability.SEE_AMOUNTS),
        "endings": Stay.Ending.choices,
        "discharged_today": bool(
            found.discharged_at and found.branch.today(found.discharged_at) == found.branch.today(now)
        ),
        "satisfaction_form": (asked or SatisfactionForm(initial=_said_before(said), auto_id="said_%s"))
        if writes
        else None,
        "opens_treatment": found.treatment_id is not None
        and treatments_for(staff).filter(pk=found.treatment_id).exists(),
    }


def _said_before(said: StaySatisfaction | None) -> dict[str, Any]:
    if said is None:
        return {}
    return {name: getattr(said, name) for name in (*StaySatisfaction.MARKS, "words", "declined")}


def _page_of(
    request: HttpRequest, found: Stay, staff: Staff, *, form: ChangeStayForm | None = None, status: int = 200
) -> HttpResponse:
    listen(request, [topics.visitor(found.visitor_id)])
    context = _work(found, staff)
    context["opens_visitor"] = opens_visitor(staff, found.visitor_id)
    if context["writes"]:
        context["form"] = form or ChangeStayForm(
            doctors=doctors_of(staff, staff.branch.today(timezone.now())),
            initial={
                "ward": found.ward,
                "bed": found.bed,
                "doctor": found.doctor_id,
                "expected_days": found.expected_days,
                "version": found.version,
            },
        )
    return render(request, "consultations/stay.html", context, status=status)


@readers
@require_http_methods(["GET", "POST"])
def stay(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one stay; move her to another bed, give her to another doctor."""
    found, staff = _stay(request, pk)
    looked_at(request, found.visitor, Screen.TREATMENT)
    if request.method == "GET":
        return _page_of(request, found, staff)
    if not staff.may(Capability.RECORD_TREATMENTS):
        return HttpResponse(status=403)
    now = timezone.now()
    form = ChangeStayForm(request.POST, doctors=doctors_of(staff, staff.branch.today(now)))
    if not form.is_valid():
        return _page_of(request, found, staff, form=form, status=422)
    given = dict(form.cleaned_data)
    try:
        services.change_stay(stay=found, expected_version=given.pop("version"), staff=staff, now=now, **given)
    except Refused as problem:
        fresh, staff = _stay(request, pk)
        if not rows.may_work_on(staff, fresh) or not fresh.is_open:
            raise
        form.add_error(None, str(problem.message))
        form.show_version(fresh.version)
        return _page_of(request, fresh, staff, form=form, status=problem.status)
    return go(request, reverse("consultations:stay", args=[pk]))


@readers
@require_GET
def stay_work(request: HttpRequest, pk: int) -> HttpResponse:
    """Redraw what changes while the page is open."""
    return _work_of(request, pk)


def _after(request: HttpRequest, pk: int) -> HttpResponse:
    if request.headers.get("HX-Target") == "stay-work":
        return _work_of(request, pk)
    return go(request, reverse("consultations:stay", args=[pk]))


def _work_of(
    request: HttpRequest, pk: int, *, asked: SatisfactionForm | None = None, status: int = 200
) -> HttpResponse:
    found, staff = _stay(request, pk)
    return render(request, "consultations/stay_work.html", _work(found, staff, asked), status=status)


@recorders
@require_POST
def stay_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of one thing that it is billed, or why not."""
    found, staff = _stay(request, pk)
    form = CheckForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say of one thing that it is billed, or why not."), code="check_unclear")
    services.check_billed(stay=found, staff=staff, now=timezone.now(), **form.cleaned_data)
    return _after(request, pk)


@recorders
@require_POST
def stay_satisfaction(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what she said at her bed."""
    found, staff = _stay(request, pk)
    form = SatisfactionForm(request.POST, auto_id="said_%s")
    if not form.is_valid():
        raise refusal(form, _("Give each a mark from 1 to 5, or note that she would not answer."), code="marks")
    given = form.cleaned_data
    if not given["declined"] and not given["signed"]:
        raise Refused(_("Let her sign what she answered, and say so here."), code="unsigned")
    try:
        services.record_stay_satisfaction(
            stay=found,
            marks=form.marks,
            words=given["words"],
            declined=given["declined"],
            seen=given["seen"] if "seen" in request.POST else None,
            staff=staff,
            now=timezone.now(),
        )
    except Stale as problem:
        if problem.code != "said_meanwhile" or request.headers.get("HX-Target") != "stay-work":
            raise
        form.add_error(None, str(problem.message))
        return _work_of(request, pk, asked=form, status=problem.status)
    return _after(request, pk)


@recorders
@require_POST
def stay_discharge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let her go."""
    found, staff = _stay(request, pk)
    form = DischargeForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say how the stay ends."), code="ending_unknown")
    given = dict(form.cleaned_data)
    services.discharge(stay=found, expected_version=given.pop("version"), staff=staff, now=timezone.now(), **given)
    done(request, _("%(name)s is discharged.") % {"name": found.visitor.name})
    return go(request, reverse("consultations:stay", args=[pk]))


@recorders
@require_POST
def stay_take_back(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Take a mistaken discharge (`what`: discharge) or a mistaken admission (admission) back, with a reason."""
    found, staff = _stay(request, pk)
    form = WhyForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say what was wrong."), code="reason_missing")
    take = services.take_discharge_back if what == "discharge" else services.withdraw_stay
    take(stay=found, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
    return go(request, reverse("consultations:stay", args=[pk]))
