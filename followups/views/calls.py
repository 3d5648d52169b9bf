"""Screens of the call-backs: the lists, the card, and what other pages show of them."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Stale
from clinic.reasons import Reason, Screen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from followups import selectors, services
from followups.forms import AttemptForm, PutBackForm, SentPhotographsForm, SettleForm, TalkForm
from followups.models import CallAttempt, CallBack
from followups.selectors import Narrowing, Tab, Whose
from followups.views.reviews import reviews_for_card
from reception import services as reception
from reception.views.looks import looked_at

PAGE = 50

agents = requires(Capability.WORK_CALL_BACKS)
supervisors = requires(Capability.SUPERVISE_CALL_BACKS)


def _place(staff: Staff, given: QueryDict) -> tuple[Tab, Narrowing]:
    tab = next((tab for tab in selectors.tabs_of(staff) if tab.value == given.get("tab")), Tab.TODAY)
    kind, how = given.get("department", ""), given.get("kind", "")
    return tab, Narrowing(
        department_kind=kind if kind in dict(selectors.treating_kinds()) else "",
        doctor_id=number_in(given.get("doctor", "")),
        how=how if how in dict(selectors.kinds_of_calls()) else "",
        whose=next((whose for whose in Whose if whose.value == given.get("whose")), None),
        agent_id=number_in(given.get("agent", "")) if staff.may(Capability.SUPERVISE_CALL_BACKS) else None,
    )


def _query(tab: Tab, narrowing: Narrowing) -> str:
    given = {
        "tab": tab.value,
        "department": narrowing.department_kind,
        "doctor": narrowing.doctor_id or "",
        "kind": narrowing.how,
        "whose": narrowing.whose.value if narrowing.whose else "",
        "agent": narrowing.agent_id or "",
    }
    return urlencode({name: value for name, value in given.items() if value})


def _list(request: HttpRequest) -> dict[str, Any]:
    staff, now = staff_of(request), timezone.now()
    tab, narrowing = _place(staff, request.GET)
    shown = selectors.all_shown_first(staff=staff, tabs=list(Tab), narrowing=narrowing, now=now)
    rows = selectors.worklist(staff=staff, tab=tab, now=now, narrowing=shown[tab])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    today = staff.branch.today(now)
    counts = selectors.tab_counts(staff=staff, now=now, narrowings=shown)
    reviews = selectors.reviews_from(page) if tab is Tab.SUPERVISOR else {}
    return {
        "tab": tab.value,
        "tabs": [(each.value, _tab_words()[each], counts[each]) for each in counts],
        "page": page,
        "rows": [(call, max(0, (today - call.call_on).days), call.holder(now), reviews.get(call.pk)) for call in page],
        "narrowing": narrowing,
        "narrowed": bool(narrowing.department_kind or narrowing.doctor_id or narrowing.how),
        "whose": "" if narrowing.agent_id else shown[tab].whose,
        "place": _query(tab, narrowing),
        "now": now,
        "listen": topics.call_backs(staff.branch_id),
        "zone": staff.branch.time_zone,
    }


def _tab_words() -> dict[Tab, str]:
    return {
        Tab.TODAY: _("Today"),
        Tab.OVERDUE: _("Overdue"),
        Tab.TOMORROW: _("Tomorrow"),
        Tab.UPCOMING: _("Next 7 days"),
        Tab.SUPERVISOR: _("For the supervisor"),
    }


def _whose_words() -> list[tuple[str, str]]:
    words = {
        Whose.MINE: pgettext("whose calls", "Mine"),
        Whose.EVERYBODY: pgettext("whose calls", "Everybody's"),
        Whose.TEAM: pgettext("whose calls", "All of the team"),
    }
    return [(whose.value, word) for whose, word in words.items()]


@agents
@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """Show who is to be called."""
    staff = staff_of(request)
    listen(request, [topics.call_backs(staff.branch_id)])
    shown = _list(request)
    choices = {
        "kinds": selectors.treating_kinds(),
        "doctors": selectors.doctors_of(staff),
        "hows": selectors.kinds_of_calls(),
        "whose_choices": _whose_words(),
        "agent": _agent(staff, shown["narrowing"]),
    }
    return render(request, "followups/worklist.html", shown | choices)


def _agent(staff: Staff, narrowing: Narrowing) -> Staff | None:
    """Return on whose list a supervisor looks."""
    if narrowing.agent_id is None:
        return None
    return selectors.members_of(staff.branch).filter(pk=narrowing.agent_id).first()


@agents
@require_GET
def worklist_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the list alone."""
    return render(request, "followups/worklist_panel.html", _list(request))


@agents
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """Answer how many calls are to be made by today, of those the list shows first."""
    staff, now = staff_of(request), timezone.now()
    shown = selectors.all_shown_first(staff=staff, tabs=[Tab.TODAY], narrowing=Narrowing(), now=now)
    number = selectors.tab_counts(staff=staff, now=now, narrowings=shown)[Tab.TODAY]
    return HttpResponse(str(number) if number else "")


@agents
@require_POST
def next_card(request: HttpRequest) -> HttpResponse:
    """Take the first free card of a list and open it."""
    return _open_next(request, *_place(staff_of(request), request.POST))


def _open_next(request: HttpRequest, tab: Tab, narrowing: Narrowing) -> HttpResponse:
    card = services.take_next(staff=staff_of(request), tab=tab, narrowing=narrowing, now=timezone.now())
    place = _query(tab, narrowing)
    if card is not None:
        return go(request, f"{reverse('followups:card', args=[card.pk])}?{place}")
    done(request, _("No more calls on this list that are free and due now."))
    return go(request, f"{reverse('followups:worklist')}?{place}")


def _call(request: HttpRequest, pk: int) -> CallBack:
    return get_object_or_404(selectors.call_backs_seen_by(staff_of(request)), pk=pk)


def _direction(request: HttpRequest) -> str:
    """Return who called, as the address or the form says; we did unless it says she did."""
    given = (request.POST if request.method == "POST" else request.GET).get("direction", "")
    return given if given == CallAttempt.Direction.IN else CallAttempt.Direction.OUT.value


def _card(request: HttpRequest, call: CallBack, form: AttemptForm | None = None, **forms: object) -> HttpResponse:
    staff, now = staff_of(request), timezone.now()
    tab, narrowing = _place(staff, request.POST if request.method == "POST" else request.GET)
    today = call.branch.today(now)
    days = (today - call.treatment.treated_on).days
    holder = call.holder(now)
    is_open = call.state == CallBack.State.OPEN
    earlier = list(selectors.earlier_calls(call)[:20])
    context = {
        "call": call,
        "days": days,
        "late_days": max(0, (today - call.call_on).days) if is_open else 0,
        "age": call.visitor.age_on(today),
        "paragraphs": selectors.script_for(call, staff, days).splitlines(),
        "earlier": earlier,
        "last": next((attempt for attempt in earlier if attempt.call_back_id == call.pk), None),
        "holder": holder,
        "works": is_open and holder == staff,
        "free": is_open and holder is None,
        "may_talk": not selectors.is_due_soon(call, today),
        "talks": _direction(request) == CallAttempt.Direction.IN and not selectors.is_due_soon(call, today),
        "talk": TalkForm(initial={"version": call.version}, auto_id="talk_%s"),
        "place": _query(tab, narrowing),
        "tab": tab.value,
        "narrowing": narrowing,
        "share": selectors.share_of(call),
        "zone": call.branch.time_zone,
        "form": form
        or AttemptForm(
            questions=selectors.questions_of(call) if is_open and holder == staff else (),
            initial={"version": call.version, "direction": _direction(request)},
        ),
        "now": now,
        "photographs": SentPhotographsForm(initial={"taken_on": today}, auto_id="id_sent_%s"),
        "may_send": services.may_keep_sent(call, staff, now),
        "supervises": bool(call.concern) and staff.may(Capability.SUPERVISE_CALL_BACKS),
        "put_back": PutBackForm(initial={"version": call.version, "call_on": today}, auto_id="back_%s"),
        "settle": SettleForm(initial={"version": call.version}, auto_id="settle_%s"),
        "may_complain": staff.may(Capability.OPEN_COMPLAINTS),
        **reviews_for_card(call),
        **forms,
    }
    return render(request, "followups/card.html", context, status=422 if form or forms else 200)


@agents
@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a card: to work on by who holds it, to read by everybody else."""
    call = _call(request, pk)
    looked_at(request, call.visitor, Screen.CALL_BACK)
    listen(request, [topics.call_backs(call.branch_id), topics.visitor(call.visitor_id)])
    return _card(request, call)


@agents
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold a card and open it."""
    staff = staff_of(request)
    call = services.take_card(call_back=_call(request, pk), staff=staff, now=timezone.now())
    place, direction = _query(*_place(staff, request.POST)), _direction(request)
    if direction == CallAttempt.Direction.IN:
        place += f"&direction={direction}"
    return go(request, f"{reverse('followups:card', args=[call.pk])}?{place}")


@agents
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an open card held; answer until when."""
    until = services.renew_card(call_back=_call(request, pk), staff=staff_of(request), now=timezone.now())
    return HttpResponse(time_format(timezone.localtime(until, staff_of(request).branch.zone), "H:i"))


@agents
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Free a card that was left."""
    staff = staff_of(request)
    services.release_card(call_back=_call(request, pk), staff=staff, now=timezone.now())
    return go(request, f"{reverse('followups:worklist')}?{_query(*_place(staff, request.POST))}")


@agents
@require_POST
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a try; then the complaint, the same card when something is wrong, or the next card."""
    staff, call = staff_of(request), _call(request, pk)
    form = AttemptForm(request.POST, questions=selectors.questions_of(call))
    if not form.is_valid():
        return _card(request, call, form)
    made = services.record_attempt(call_back=call, staff=staff, now=timezone.now(), **form.outcome(staff.branch.zone))
    done(request, _("Recorded: %(name)s, %(result)s.") % {"name": call.visitor, "result": made.get_result_display()})
    tab, narrowing = _place(staff, request.POST)
    if request.POST.get("then") == "complaint":
        return go(request, f"{reverse('complaints:open')}?call_back={call.pk}")
    if made.calls_for_more:
        return go(request, f"{reverse('followups:card', args=[call.pk])}?{_query(tab, narrowing)}")
    return _open_next(request, tab, narrowing)


@agents
@require_POST
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what a visitor said who calls although no call of hers is due.

    Recorded meanwhile: what was typed stays, and is kept when it is saved again.
    """
    call, form = _call(request, pk), TalkForm(request.POST, auto_id="talk_%s")
    if not form.is_valid():
        return _card(request, call, talk=form)
    try:
        made = services.record_talk(call_back=call, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    except Stale as problem:
        if problem.code != "moved":
            raise
        newest, given = _call(request, pk), request.POST.copy()
        given["version"] = str(newest.version)
        form = TalkForm(given, auto_id="talk_%s")
        form.add_error(None, str(problem.message))
        return _card(request, newest, talk=form)
    done(request, _("Recorded: %(name)s, %(result)s.") % {"name": call.visitor, "result": made.get_recovery_display()})
    return go(
        request, f"{reverse('followups:card', args=[call.pk])}?{_query(*_place(staff_of(request), request.POST))}"
    )


@agents
@require_POST
def reveal_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole number to whoever is to call her, which is the reason that is logged."""
    call = _call(request, pk)
    phone = reception.reveal_phone(
        visitor=call.visitor,
        reason=Reason.CALL_BACK,
        branch=call.branch,
        detail={"call_back": call.pk},
        staff=staff_of(request),
        now=timezone.now(),
    )
    return render(request, "followups/phone.html", {"phone": phone, "call": call})


@agents
@require_POST
def photographs(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in photographs the visitor sent; answer what became of each."""
    call, form = _call(request, pk), SentPhotographsForm(request.POST, request.FILES)
    if not form.is_valid():
        raise refusal(form, next(iter(form.errors.values()))[0], code="photographs")
    outcomes = services.keep_sent_photographs(
        call_back=call,
        shots=form.shots,
        taken_on=form.cleaned_data["taken_on"],
        staff=staff_of(request),
        now=timezone.now(),
    )
    kept = sum(one.photograph is not None for one in outcomes)
    if not request.headers.get("HX-Request"):
        done(
            request,
            ngettext("%(count)d photograph is kept.", "%(count)d photographs are kept.", kept) % {"count": kept},
        )
        return go(request, reverse("followups:card", args=[call.pk]))
    return render(
        request, "consultations/photographs_outcomes.html", {"outcomes": outcomes}, status=200 if kept else 422
    )


@supervisors
@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a card back on the agents' list."""
    call, form = _call(request, pk), PutBackForm(request.POST, auto_id="back_%s")
    if not form.is_valid():
        return _card(request, call, put_back=form)
    services.put_back(call_back=call, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    done(request, _("Back on the list: %(name)s.") % {"name": call.visitor})
    return go(request, f"{reverse('followups:worklist')}?tab={Tab.SUPERVISOR.value}")


@supervisors
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a card off the supervisor's list."""
    call, form = _call(request, pk), SettleForm(request.POST, auto_id="settle_%s")
    if not form.is_valid():
        return _card(request, call, settle=form)
    services.settle_concern(call_back=call, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    done(request, _("Settled: %(name)s.") % {"name": call.visitor})
    return go(request, f"{reverse('followups:worklist')}?tab={Tab.SUPERVISOR.value}")
