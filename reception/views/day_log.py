"""The day log: a page a day, one line at a time, mail handed out, and the search through years."""

from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import day_in, number_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.views import say
from reception import services
from reception.forms import UNREAD, HandOutForm, LogLineForm, LogStepForm, LogVoidForm, SearchForm
from reception.forms.day_log import again
from reception.models import LogEntry
from reception.selectors import day_log as selectors
from reception.views.reveals import reveal_entry

PAGE = 100
# The key that opens the line of a kind.
KIND_KEYS = {
    LogEntry.Kind.CALL: "c",
    LogEntry.Kind.PARCEL: "p",
    LogEntry.Kind.LETTER: "l",
    LogEntry.Kind.OUTGOING: "o",
    LogEntry.Kind.APPLICANT: "a",
    LogEntry.Kind.CALLER: "v",
    LogEntry.Kind.ERRAND: "e",
    LogEntry.Kind.PARKING: "k",
}
CARRIERS = ("顺丰", "中通", "圆通", "韵达", "申通", "京东", "邮政 EMS", "同城闪送")

readers = requires(Capability.KEEP_DAY_LOG, Capability.READ_DAY_LOG)
keepers = requires(Capability.KEEP_DAY_LOG)


@readers
@require_GET
def day_log(request: HttpRequest) -> HttpResponse:
    """Show a day of the log (`?day=`, `?kind=`, `?page=`); today's with the line that is written next."""
    staff = staff_of(request)
    day = day_asked(request, staff)
    listen(request, [topics.day_log(staff.branch_id)])
    context = _log(request, staff, day)
    if context["may_write"]:
        form_kind = _kind(request.GET.get("line", "")) or context["kind"] or LogEntry.Kind.CALL
        offered = selectors.addressees(staff.branch, day)
        context |= _line(staff, form_kind, offered, wrong=number_in(request.GET.get("again", "")))
        context["offered"] = offered
    return render(request, "reception/day_log.html", context)


@readers
@require_GET
def day_log_panel(request: HttpRequest) -> HttpResponse:
    """Answer with the entries of a day alone, as on the page."""
    staff = staff_of(request)
    return render(request, "reception/_day_log.html", _log(request, staff, day_asked(request, staff)))


@keepers
@require_GET
def day_log_line(request: HttpRequest) -> HttpResponse:
    """Answer with the empty line of a kind (`?line=`)."""
    staff = staff_of(request)
    kind = _kind(request.GET.get("line", "")) or LogEntry.Kind.CALL
    offered = selectors.addressees(staff.branch, staff.branch.today(timezone.now()))
    return render(request, "reception/day_log.html#line", _line(staff, kind, offered))


@keepers
@require_POST
def day_log_write(request: HttpRequest) -> HttpResponse:
    """Write the line; the next one of the same kind is ready at once, a wrong one comes back as it was typed."""
    staff = staff_of(request)
    now = timezone.now()
    kind = _kind(request.POST.get("line", "")) or LogEntry.Kind.CALL
    offered = selectors.addressees(staff.branch, staff.branch.today(now))
    form = LogLineForm(request.POST, kind=kind, offered=offered)
    status = 422
    if form.is_valid():
        try:
            entry = services.write_entry(
                branch=staff.branch,
                kind=kind,
                request_key=form.cleaned_data["request_key"],
                staff=staff,
                now=now,
                **form.line,
            )
        except Stale as problem:
            form.begin_again(problem)
            status = problem.status
        else:
            if not request.headers.get("HX-Request"):
                return redirect(f"{reverse('reception:day_log')}?line={kind}")
            response = render(request, "reception/day_log.html#line", _line(staff, kind, offered) | {"written": entry})
            response.headers["HX-Trigger"] = "log-changed"
            return response
    context = _line(staff, kind, offered) | {"form": form}
    if request.headers.get("HX-Request"):
        return render(request, "reception/day_log.html#line", context, status=status)
    listen(request, [topics.day_log(staff.branch_id)])
    page = _log(request, staff, staff.branch.today(now)) | context | {"offered": offered}
    return render(request, "reception/day_log.html", page, status=status)


@keepers
@require_POST
def day_log_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle an entry: `what` became of it, who took it, what was answered."""
    staff = staff_of(request)
    entry = get_object_or_404(selectors.entry_in_branch(staff, pk))
    form = LogStepForm(request.POST)
    if not form.is_valid():
        raise refusal(form, UNREAD, code="step")
    services.settle_entry(entry=entry, staff=staff, now=timezone.now(), **form.cleaned_data)
    return _changed(request)


@keepers
@require_POST
def day_log_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Annotate a wrong entry as void and offer to write it again."""
    staff = staff_of(request)
    entry = get_object_or_404(selectors.entry_in_branch(staff, pk))
    form = LogVoidForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say why the entry is void: it stays in the log with the reason."), code="reason")
    services.void_entry(entry=entry, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
    if not request.headers.get("HX-Request"):
        return redirect("reception:day_log")
    link = format_html('<a href="{}?again={}">{}</a>', reverse("reception:day_log"), entry.pk, _("Write it again"))
    text = format_html("{} {}", _("%(entry)s is void.") % {"entry": entry.get_kind_display()}, link)
    response = render(request, "reception/day_log.html#said", {"text": text})
    response.headers["HX-Trigger"] = "log-changed"
    return response


@keepers
@require_http_methods(["GET", "POST"])
def day_log_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what an entry's phone numbers are needed for and answer with them in full; who saw them is recorded."""
    staff = staff_of(request)
    entry = get_object_or_404(selectors.entry_in_branch(staff, pk))
    back = f"{reverse('reception:day_log')}?day={entry.day.isoformat()}"
    return reveal_entry(request, entry, staff, back)


@keepers
@require_http_methods(["GET", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """Show the mail nobody has taken; hand several out at once, or send back what is for people who have left.

    What is refused is shown again as it was ticked and typed.
    """
    staff = staff_of(request)
    now = timezone.now()
    form = HandOutForm(request.POST if request.method == "POST" else None)
    back = request.POST.get("then") == "return"
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            if back:
                number = services.return_unopened(branch=staff.branch, entries=form.ticked, staff=staff, now=now)
                say.done(request, _("%(number)d sent back unopened.") % {"number": number})
            else:
                number = services.hand_out(branch=staff.branch, takers=form.takers, staff=staff, now=now)
                say.done(request, _("%(number)d handed out.") % {"number": number})
        except Refused as problem:
            form.add_error(None, str(problem.message))
            status = problem.status
        else:
            return redirect("reception:mail")
    today = staff.branch.today(now)
    page = Paginator(selectors.mail_to_hand_out(staff.branch, today), PAGE).get_page(request.GET.get("page"))
    returns = Paginator(selectors.mail_of_leavers(staff.branch, today), PAGE).get_page(request.GET.get("returns"))
    listen(request, [topics.day_log(staff.branch_id)])
    context = {
        "page": page,
        "form": form,
        "rows": [form.row(row) for row in selectors.log_rows(page.object_list, today)],
        "returns": returns,
        "return_rows": [
            {"row": row, "ticked": not back or row.entry.pk in form.ticked}
            for row in selectors.log_rows(returns.object_list, today)
        ],
        "today": today,
        "zone": staff.branch.time_zone,
    }
    return render(request, "reception/mail.html", context, status=status)


@readers
@require_http_methods(["GET", "POST"])
def log_search(request: HttpRequest) -> HttpResponse:
    """Search the log of all years; what is looked for comes by POST, so that no phone number stands in an address."""
    staff = staff_of(request)
    today = staff.branch.today(timezone.now())
    offered = selectors.addressees(staff.branch, today)
    form = SearchForm(request.POST if request.method == "POST" else None, offered=offered)
    context: dict[str, Any] = {"form": form, "offered": offered, "zone": staff.branch.time_zone}
    if form.is_valid():
        paginator = Paginator(selectors.search_log(staff.branch, form.wanted), PAGE)
        paginator.count = selectors.found_entries(staff.branch, form.wanted).count()
        context |= _page(paginator.get_page(request.POST.get("page")), staff, today) | {"asked": True}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "reception/log_search.html", context, status=status)


def day_asked(request: HttpRequest, staff: Staff) -> date:
    """Return the day asked for, today when it is none or still to come."""
    today = staff.branch.today(timezone.now())
    asked = day_in(request.GET.get("day", ""))
    return min(asked, today) if asked else today


def _kind(text: str) -> str:
    return text if text in LogEntry.Kind.values else ""


def _log(request: HttpRequest, staff: Staff, day: date) -> dict[str, Any]:
    """Return what the panel shows of a day: counts by kind, one page of rows, and what is still open."""
    now = timezone.now()
    today = staff.branch.today(now)
    kind = _kind(request.GET.get("kind", ""))
    counts = selectors.day_counts(staff.branch, day)
    entries: QuerySet[LogEntry] = selectors.days_log(staff.branch, day, kind=kind)
    paginator = Paginator(entries, PAGE)
    paginator.count = counts[kind]
    may_keep = staff.may(Capability.KEEP_DAY_LOG)
    return _page(paginator.get_page(request.GET.get("page")), staff, today) | {
        "day": day,
        "is_today": day == today,
        "today": today,
        "kind": kind,
        "tabs": [
            {"kind": one.value, "label": one.label, "count": counts[one.value], "icon": selectors.ICONS[one]}
            for one in LogEntry.Kind
        ],
        "total": counts[""],
        "open": selectors.still_open(staff.branch, now) if day == today else None,
        "late_after": selectors.SLIP_LATE_AFTER,
        "log_topic": topics.day_log(staff.branch_id),
        "may_keep": may_keep,
        "may_write": may_keep and day == today,
        "may_set_rounds": staff.may(Capability.WRITE_ROUNDS),
    }


def _page(page: "Page[LogEntry]", staff: Staff, today: date) -> dict[str, Any]:
    return {
        "page": page,
        "rows": selectors.log_rows(page.object_list, today),
        "zone": staff.branch.time_zone,
        "late_after": selectors.SLIP_LATE_AFTER,
        "may_keep": staff.may(Capability.KEEP_DAY_LOG),
        "may_open": staff.may(Capability.FIND_VISITORS),
    }


def _line(staff: Staff, kind: str, offered: list[selectors.Addressee], *, wrong: int | None = None) -> dict[str, Any]:
    """Return what the line of a kind needs; `wrong`: the void entry that is written again."""
    initial: dict[str, object] = {}
    if wrong is not None and (entry := selectors.entry_in_branch(staff, wrong).first()) is not None:
        kind, initial = entry.kind, again(entry)
    return {
        "form": LogLineForm(kind=kind, offered=offered, initial=initial),
        "line_kind": kind,
        "lines": [
            {"kind": one.value, "label": one.label, "key": KIND_KEYS[one], "icon": selectors.ICONS[one]}
            for one in LogEntry.Kind
        ],
        "carriers": CARRIERS,
    }


def _changed(request: HttpRequest) -> HttpResponse:
    """Answer that it is done: the panels of the page fetch themselves anew."""
    if not request.headers.get("HX-Request"):
        return redirect("reception:day_log")
    return HttpResponse(status=204, headers={"HX-Trigger": "log-changed"})
