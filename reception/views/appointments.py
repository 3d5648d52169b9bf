"""The calendar, booking, and one appointment."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import day_in, number_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views import say
from reception import services
from reception.forms.appointments import AnswerForm, BookingForm, CallBackForm
from reception.forms.times import every_half_hour
from reception.models import Appointment, PreReport
from reception.selectors import appointments as reads
from reception.selectors.pre_reports import pre_reports_seen_by
from reception.selectors.projects import offered_projects, project_choices
from reception.selectors.visitors import visitor_seen_by
from reception.views.reveals import reveal_announced

readers = requires(Capability.WORK_APPOINTMENTS, Capability.WORK_OWN_PRE_REPORTS, Capability.SET_CAPACITY)
workers = requires(Capability.WORK_APPOINTMENTS, Capability.WORK_OWN_PRE_REPORTS)


def day_asked_for(request: HttpRequest, today: date) -> date:
    """Return the day of the address, `today` when it is none."""
    return day_in(request.GET.get("day", "")) or today


@readers
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a day (`?day=`) with the booking form open (`?new=1`) or an appointment (`?open=<id>`)."""
    staff, now = staff_of(request), timezone.now()
    context = _calendar(request, staff, now)
    if (number := number_in(request.GET.get("open", ""))) is not None:
        context |= _shown(get_object_or_404(reads.appointments_seen_by(staff), pk=number), staff, now)
    elif "new" in request.GET and _works(staff):
        context |= _booking(request, staff, now)
    listen(request, [topics.appointments(staff.branch_id)])
    return render(request, "reception/calendar.html", context)


@readers
@require_GET
def calendar_panel(request: HttpRequest) -> HttpResponse:
    """Answer with the day alone."""
    return render(request, "reception/calendar.html#day", _calendar(request, staff_of(request), timezone.now()))


@workers
@require_GET
def booking_new(request: HttpRequest) -> HttpResponse:
    """Answer with the booking form: for `?day=` and `?time=`, a `?pre_report=`, a `?visitor=`, or instead of one."""
    staff, now = staff_of(request), timezone.now()
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('reception:calendar')}?new=1&{request.GET.urlencode()}")
    return render(request, "reception/calendar.html#booking", _booking(request, staff, now))


@workers
@require_POST
def booking_create(request: HttpRequest) -> HttpResponse:
    """Book; a wrong form, or one whose time is taken meanwhile, comes back as it was typed."""
    staff, now = staff_of(request), timezone.now()
    form = _form(staff, now, request.POST)
    if not form.is_valid():
        return _again(request, staff, now, form, 422)
    data = form.cleaned_data
    report = _own(pre_reports_seen_by(staff), data["pre_report"])
    replaced = _own(reads.appointments_seen_by(staff).select_related("branch"), data["instead_of"])
    known = report or replaced
    agent = data.get("agent") or (known.agent if known is not None else staff)
    try:
        made = services.book_appointment(
            branch=staff.branch,
            wish=form.wish,
            visitor=data["booked"] if staff.may(Capability.FIND_VISITORS) else None,
            name=data["booked_text"],
            phone=data["phone"],
            agent=agent,
            pre_report=report,
            instead_of=replaced,
            seen=data["seen"],
            overbook_reason=data["overbook_reason"],
            request_key=data["request_key"],
            staff=staff,
            now=now,
        )
    except Refused as problem:
        if problem.code == "request_used":
            form.begin_again(problem)
            return _again(request, staff, now, form, problem.status)
        form.add_error(None, str(problem.message))
        more = {"free": problem.detail.get("free", []), "full": problem.code == "slot_full"}
        return _again(request, staff, now, form, problem.status, **more)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('reception:calendar')}?day={made.day.isoformat()}&open={made.pk}")
    context = _shown(made, staff, now) | {"just_booked": True}
    return _changed(render(request, "reception/calendar.html#appointment", context))


@readers
@require_GET
def appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with one appointment: who, when, what became of it, and what can be done."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(reads.appointments_seen_by(staff), pk=pk)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('reception:calendar')}?day={found.day.isoformat()}&open={found.pk}")
    return render(request, "reception/calendar.html#appointment", _shown(found, staff, now))


@workers
@require_POST
def appointment_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was answered: confirmed, not reached, or cancelled with its reason."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(reads.appointments_seen_by(staff), pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Check the day and the time of the call-back."), code="answer")
    data = form.cleaned_data
    made = services.answer_appointment(
        appointment=found,
        what=data["what"],
        text=data["text"],
        call_again_at=form.moment(staff.branch),
        seen=data["seen"],
        staff=staff,
        now=now,
    )
    sentences = {
        "confirmed": _("%(name)s has confirmed."),
        "not_reached": _("%(name)s was not reached."),
        "cancelled": _("The appointment of %(name)s is cancelled."),
    }
    return _after(request, made, staff, now, sentences[data["what"]] % {"name": made.name})


@workers
@require_POST
def appointment_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the confirmation message, once."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(reads.appointments_seen_by(staff), pk=pk)
    services.ask_for_message(appointment=found, seen=number_in(request.POST.get("seen", "")), staff=staff, now=now)
    return _after(request, found, staff, now, _("The message to %(name)s is on its way.") % {"name": found.name})


@workers
@require_POST
def appointment_no_messages(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that she wants no messages any more."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(reads.appointments_seen_by(staff), pk=pk)
    services.refuse_messages(appointment=found, staff=staff, now=now)
    return _after(request, found, staff, now, _("%(name)s gets no messages any more.") % {"name": found.name})


@workers
@require_http_methods(["GET", "POST"])
def appointment_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the phone is needed for and answer with it in full; who saw it and why is recorded."""
    staff = staff_of(request)
    found = get_object_or_404(reads.appointments_seen_by(staff).select_related("branch"), pk=pk)
    back = f"{reverse('reception:calendar')}?day={found.day.isoformat()}&open={found.pk}"
    return reveal_announced(request, found, staff, back)


def _after(request: HttpRequest, found: Appointment, staff: Staff, now: datetime, sentence: str) -> HttpResponse:
    """Say what was done: beside the calendar with the appointment as it is now, elsewhere with nothing but the word."""
    say.done(request, sentence)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('reception:calendar')}?day={found.day.isoformat()}&open={found.pk}")
    if request.POST.get("from") == "list":
        return _changed(HttpResponse(""))
    return _changed(render(request, "reception/calendar.html#appointment", _shown(found, staff, now)))


def _changed(response: HttpResponse) -> HttpResponse:
    response.headers["HX-Trigger"] = "appointments-changed"
    return response


def _works(staff: Staff) -> bool:
    return bool(staff.capabilities & {Capability.WORK_APPOINTMENTS, Capability.WORK_OWN_PRE_REPORTS})


def _own(rows: Any, number: int | None) -> Any:
    """Return the row of that number, None when none is asked for; 404 for somebody else's."""
    return get_object_or_404(rows, pk=number) if number is not None else None


def _calendar(request: HttpRequest, staff: Staff, now: datetime) -> dict[str, Any]:
    today = staff.branch.today(now)
    day = day_asked_for(request, today)
    local = now.astimezone(staff.branch.zone)
    return {
        "calendar": reads.calendar_of(staff, day, now),
        "day": day,
        "today": today,
        "now_slot": f"{local:%H}:{'30' if local.minute >= 30 else '00'}" if day == today else "",
        "previous": day - timedelta(days=1),
        "next": day + timedelta(days=1),
        "last_week": day - timedelta(days=7),
        "next_week": day + timedelta(days=7),
        "topic": topics.appointments(staff.branch_id),
        "may_work": _works(staff),
        "may_close": staff.may(Capability.WORK_APPOINTMENTS) and day <= today,
        "may_set": staff.may(Capability.SET_CAPACITY),
        "sees_branch": bool(reads.SEES_BRANCH & staff.capabilities),
    }


def _form(staff: Staff, now: datetime, data: Any = None, **initial: Any) -> BookingForm:
    (plan,) = reads.plans_of(staff.branch, [_day_of(data, initial, staff, now)])
    everywhere = staff.may(Capability.WORK_APPOINTMENTS)
    return BookingForm(
        data,
        offered=offered_projects(staff.branch_id),
        times=plan.slots or every_half_hour(),
        agents=reads.agents_of(staff.branch, staff.branch.today(now)) if everywhere else None,
        initial=initial,
    )


def _day_of(data: Any, initial: dict[str, Any], staff: Staff, now: datetime) -> date:
    return day_in(str((data or initial).get("day", ""))) or staff.branch.today(now)


def _booking(request: HttpRequest, staff: Staff, now: datetime) -> dict[str, Any]:
    """Return what the booking form needs, filled with what is known already."""
    asked = {name: number_in(request.GET.get(name, "")) for name in ("pre_report", "instead_of", "visitor")}
    report: PreReport | None = _own(pre_reports_seen_by(staff).select_related("visitor", "agent"), asked["pre_report"])
    seen = reads.appointments_seen_by(staff).select_related("visitor", "agent", "branch")
    replaced: Appointment | None = _own(seen, asked["instead_of"])
    visitor = get_object_or_404(visitor_seen_by(staff, asked["visitor"])) if asked["visitor"] is not None else None
    today = staff.branch.today(now)
    day = max(day_asked_for(request, today), today)
    initial: dict[str, Any] = {"day": day.isoformat(), "starts": _time(request, staff, day, now), "agent": staff.pk}
    known = replaced or report
    if known is not None:
        initial |= {
            "booked": known.visitor_id or "",
            "booked_text": known.name,
            "projects": ",".join(str(wish.project_id) for wish in known.wishes.all()),
            "agent": known.agent_id,
        }
    if visitor is not None:
        initial |= {"booked": visitor.pk, "booked_text": visitor.name}
    if report is not None:
        initial |= {"pre_report": report.pk, "note": report.said[:200]}
    if replaced is not None:
        initial |= {
            "instead_of": replaced.pk,
            "seen": replaced.version,
            "minutes": str(replaced.minutes),
            "urgent": replaced.urgent,
            "note": replaced.note,
        }
    form = _form(staff, now, **initial)
    return _booking_context(staff, form, replaced=replaced, report=report)


def _time(request: HttpRequest, staff: Staff, day: date, now: datetime) -> str:
    """Return the time asked for, else the next half hour that has begun to be free today, else the first of the day."""
    asked = request.GET.get("time", "")
    if asked in {f"{one:%H:%M}" for one in every_half_hour()}:
        return asked
    (plan,) = reads.plans_of(staff.branch, [day])
    local = now.astimezone(staff.branch.zone)
    later = [one for one in plan.slots if day != local.date() or one > local.time()]
    return f"{later[0]:%H:%M}" if later else ""


def _booking_context(
    staff: Staff,
    form: BookingForm,
    *,
    replaced: Appointment | None = None,
    report: PreReport | None = None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "form": form,
        "projects": project_choices(offered_projects(staff.branch_id)),
        "may_find": staff.may(Capability.REGISTER_VISITORS),
        "may_overbook": staff.may(Capability.SET_CAPACITY),
        "replaced": replaced,
        "report": report,
        **more,
    }


def _again(
    request: HttpRequest, staff: Staff, now: datetime, form: BookingForm, status: int, **more: Any
) -> HttpResponse:
    """Show the booking form again with what was typed, and the next free times when its own was taken."""
    replaced = reads.appointments_seen_by(staff).select_related("branch")
    number = number_in(form.data.get("instead_of", ""))
    context = _booking_context(
        staff, form, replaced=replaced.filter(pk=number).first() if number is not None else None, **more
    )
    if request.headers.get("HX-Request"):
        return render(request, "reception/calendar.html#booking", context, status=status)
    listen(request, [topics.appointments(staff.branch_id)])
    return render(request, "reception/calendar.html", _calendar(request, staff, now) | context, status=status)


def _shown(found: Appointment, staff: Staff, now: datetime) -> dict[str, Any]:
    found = reads.with_rows(Appointment.objects.filter(pk=found.pk)).select_related("pre_report").get()
    after = Appointment.objects.filter(instead_of=found).first()
    return {
        "shown": found,
        "history": list(reads.history_of(found)),
        "chain": reads.chain_of(found),
        "after": after,
        "is_late": found.is_late(now),
        "wants_messages": reads.may_send_messages(phone=str(found.phone)),
        "may_work": _works(staff),
        "may_rebook": _works(staff) and after is None and (found.is_open or found.state == found.State.NO_SHOW),
        "may_open": bool(staff.capabilities & {Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS}),
        "today": staff.branch.today(now),
        "call_back": CallBackForm(),
        "zone": staff.branch.time_zone,
    }
