"""Screens of the calls that belong to one person: no deal, next session, birthday; and what their supervisors do."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.reasons import Reason, Screen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from followups import services
from followups.forms.calls import PutBackForm, SettleForm
from followups.forms.owner_calls import OwnerTryForm
from followups.models import OwnerCall, OwnerCallTry
from followups.selectors import owner_calls as reads
from followups.selectors.owner_calls import OwnTab, Place
from reception import services as reception
from reception.selectors import appointments
from reception.views.looks import looked_at

PAGE = 50
EARLIER = 20
BOOKERS = frozenset({Capability.WORK_APPOINTMENTS, Capability.WORK_OWN_PRE_REPORTS})

owners = requires(Capability.WORK_OWN_QUEUE, Capability.ANSWER_ESCALATIONS, Capability.SUPERVISE_CALL_BACKS)
supervisors = requires(Capability.ANSWER_ESCALATIONS, Capability.SUPERVISE_CALL_BACKS)


def _place(staff: Staff, given: QueryDict) -> Place:
    tab = next((tab for tab in reads.own_tabs_of(staff) if tab.value == given.get("tab")), OwnTab.NO_DEAL)
    return Place(
        tab=tab,
        when="coming" if given.get("when") == "coming" and tab is not OwnTab.UNREACHED else "due",
        owner_id=number_in(given.get("whose", "")) if reads.supervises(staff) else None,
    )


def _list(request: HttpRequest) -> dict[str, Any]:
    staff, now = staff_of(request), timezone.now()
    place = _place(staff, request.GET)
    page = Paginator(reads.own_list(staff=staff, place=place, now=now), PAGE).get_page(request.GET.get("page"))
    today = staff.branch.today(now)
    counts = reads.own_counts(staff=staff, now=now)
    calls = list(page.object_list)
    about = reads.about_of(calls)
    return {
        "tab": place.tab.value,
        "tabs": [(each.value, _tab_words()[each], counts[each]) for each in counts],
        "elsewhere": _elsewhere(staff, today),
        "page": page,
        "rows": [(call, about[call.pk], max(0, (today - call.call_on).days), call.holder(now)) for call in calls],
        "place": place,
        "place_query": place.query,
        "supervises": reads.supervises(staff),
        "listen": topics.owner_calls(staff.branch_id),
        "zone": staff.branch.time_zone,
    }


def _tab_words() -> dict[OwnTab, str]:
    return {
        OwnTab.NO_DEAL: pgettext("calls of owners", "No deal"),
        OwnTab.NEXT_SESSION: _("Next session"),
        OwnTab.BIRTHDAY: _("Birthday"),
        OwnTab.UNREACHED: _("Not reached"),
    }


def _elsewhere(staff: Staff, today: Any) -> list[tuple[str, str, int]]:
    """Return the lists of the same kind that reception has, for who works them: address, words, how many."""
    if not BOOKERS & staff.capabilities:
        return []
    day = appointments.next_working_day(staff.branch, today)
    return [
        (reverse("reception:no_shows"), _("Did not come"), appointments.no_shows(staff).count()),
        (reverse("reception:day_before"), _("Day before"), appointments.expected_on(staff, day).count()),
    ]


@owners
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Show a list (`?tab=`, `?when=coming`): a person's own calls; a supervisor's of all, or of one (`?whose=`)."""
    staff = staff_of(request)
    if not request.GET:
        # Who comes from another page is led to a list on which somebody stands, if there is one.
        first = reads.own_shown_first(staff=staff, now=timezone.now())
        if first is not OwnTab.NO_DEAL:
            return redirect(f"{reverse('followups:own')}?tab={first.value}")
    listen(request, [topics.owner_calls(staff.branch_id)])
    context = _list(request)
    if context["supervises"]:
        context["colleagues"] = reads.owners_among(staff)
    return render(request, "followups/own.html", context)


@owners
@require_GET
def own_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the list alone."""
    return render(request, "followups/own_panel.html", _list(request))


@owners
@require_GET
def own_count(request: HttpRequest) -> HttpResponse:
    """Answer how many of these calls are to be made by today, or wait for the supervisor."""
    number = sum(reads.own_counts(staff=staff_of(request), now=timezone.now()).values())
    return HttpResponse(str(number) if number else "")


@owners
@require_POST
def own_next(request: HttpRequest) -> HttpResponse:
    """Take the first free card of a list and open it."""
    return _open_next(request, _place(staff_of(request), request.POST))


def _open_next(request: HttpRequest, place: Place) -> HttpResponse:
    card = services.take_next_owner_call(staff=staff_of(request), place=place, now=timezone.now())
    if card is not None:
        return _to_card(request, card, place)
    done(request, _("No more calls on this list that are free and due now."))
    return _to_list(request, place)


def _to_card(request: HttpRequest, call: OwnerCall, place: Place) -> HttpResponse:
    return go(request, f"{reverse('followups:own_card', args=[call.pk])}?{place.query}")


def _to_list(request: HttpRequest, place: Place) -> HttpResponse:
    return go(request, f"{reverse('followups:own')}?{place.query}")


def _call(request: HttpRequest, pk: int) -> OwnerCall:
    return get_object_or_404(reads.owner_calls_seen_by(staff_of(request)), pk=pk)


def _card(request: HttpRequest, call: OwnerCall, form: OwnerTryForm | None = None, **forms: object) -> HttpResponse:
    staff, now = staff_of(request), timezone.now()
    place = _place(staff, request.POST if request.method == "POST" else request.GET)
    today = call.branch.today(now)
    holder = call.holder(now)
    is_open = call.state == OwnerCall.State.OPEN
    about = reads.about_of([call])[call.pk]
    earlier = list(reads.earlier_tries(call)[:EARLIER])
    phone = str(call.visitor.phone)
    waits = call.state == OwnerCall.State.DONE and call.state_reason == OwnerCall.Reason.UNREACHED
    context = {
        "call": call,
        "about": about,
        "late_days": max(0, (today - call.call_on).days) if is_open else 0,
        "age": call.visitor.age_on(today),
        "lines": reads.owner_script(call, about, staff),
        "earlier": earlier,
        "last": next((one for one in earlier if one.call_id == call.pk), None),
        "holder": holder,
        "works": is_open and holder == staff,
        "free": is_open and holder is None,
        "place": place,
        "place_query": place.query,
        "zone": call.branch.time_zone,
        "form": form or OwnerTryForm(initial={"version": call.version}),
        "results": list(enumerate(OwnerCallTry.Result.choices, 1)),
        "may_book": bool(BOOKERS & staff.capabilities),
        "comes": any(one.call_id == call.pk and one.result == OwnerCallTry.Result.COMES for one in earlier[:1]),
        "wants_none": bool(phone) and not appointments.may_send_messages(phone=phone),
        "supervises": waits and reads.supervises(staff),
        "put_back": PutBackForm(initial={"version": call.version, "call_on": today}, auto_id="back_%s"),
        "settle": SettleForm(initial={"version": call.version}, auto_id="settle_%s"),
        **forms,
    }
    return render(request, "followups/own_card.html", context, status=422 if form or forms else 200)


@owners
@require_GET
def own_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a card: to work on by who holds it, to read by everybody else."""
    call = _call(request, pk)
    looked_at(request, call.visitor, Screen.CALL_BACK)
    return _card(request, call)


@owners
@require_POST
def own_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold a card and open it."""
    staff = staff_of(request)
    call = services.take_owner_call(call=_call(request, pk), staff=staff, now=timezone.now())
    return _to_card(request, call, _place(staff, request.POST))


@owners
@require_POST
def own_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an open card held; answer until when."""
    staff = staff_of(request)
    until = services.renew_owner_call(call=_call(request, pk), staff=staff, now=timezone.now())
    return HttpResponse(time_format(timezone.localtime(until, staff.branch.zone), "H:i"))


@owners
@require_POST
def own_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Free a card that was left."""
    staff = staff_of(request)
    services.release_owner_call(call=_call(request, pk), staff=staff, now=timezone.now())
    return _to_list(request, _place(staff, request.POST))


@owners
@require_POST
def own_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a try; then the next card, or who comes in is to be booked."""
    staff, call, form = staff_of(request), _call(request, pk), OwnerTryForm(request.POST)
    if not form.is_valid():
        return _card(request, call, form)
    made = services.record_owner_try(call=call, staff=staff, now=timezone.now(), **form.outcome(staff.branch.zone))
    done(request, _("Recorded: %(name)s, %(result)s.") % {"name": call.visitor, "result": made.get_result_display()})
    place = _place(staff, request.POST)
    if made.result == OwnerCallTry.Result.COMES:
        return _to_card(request, call, place)
    return _open_next(request, place)


@owners
@require_POST
def own_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole number to whoever is to call her, which is the reason that is logged."""
    call = _call(request, pk)
    phone = reception.reveal_phone(
        visitor=call.visitor,
        reason=Reason.CALL_BACK,
        branch=call.branch,
        detail={"owner_call": call.pk},
        staff=staff_of(request),
        now=timezone.now(),
    )
    return render(request, "followups/phone.html", {"phone": phone, "call": call})


@owners
@require_POST
def own_messages(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that she wants no messages (`want` empty), or wants them again."""
    call, staff, now = _call(request, pk), staff_of(request), timezone.now()
    if request.POST.get("want"):
        reception.accept_messages_to(visitor=call.visitor, branch=call.branch, staff=staff, now=now)
        done(request, _("%(name)s gets messages again.") % {"name": call.visitor})
    else:
        reception.refuse_messages_to(visitor=call.visitor, branch=call.branch, staff=staff, now=now)
        done(request, _("%(name)s gets no messages any more.") % {"name": call.visitor})
    return _to_card(request, call, _place(staff, request.POST))


@supervisors
@require_POST
def own_put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an unreached call back on its owner's list."""
    call, form = _call(request, pk), PutBackForm(request.POST, auto_id="back_%s")
    if not form.is_valid():
        return _card(request, call, put_back=form)
    data = form.cleaned_data
    services.put_owner_call_back(
        call=call, call_on=data["call_on"], version=data["version"], staff=staff_of(request), now=timezone.now()
    )
    done(request, _("Back on the list: %(name)s.") % {"name": call.visitor})
    return _to_list(request, Place(tab=OwnTab.UNREACHED))


@supervisors
@require_POST
def own_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an unreached call off the supervisor's list."""
    call, form = _call(request, pk), SettleForm(request.POST, auto_id="settle_%s")
    if not form.is_valid():
        return _card(request, call, settle=form)
    services.end_owner_call(call=call, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    done(request, _("Settled: %(name)s.") % {"name": call.visitor})
    return _to_list(request, Place(tab=OwnTab.UNREACHED))
