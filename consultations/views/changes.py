"""Outcomes beside deal and no deal, and what is found out or wished in the room: shown with its effects, then done."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from consultations import services
from consultations.forms.changes import CHANGES, ChangeForm, ReferForm, ReferrerSearchForm, found_for
from consultations.models import Consultation
from consultations.selectors import people, queue, records
from consultations.selectors.people import Colleague
from consultations.views.consultation import mine_of, own_queue, work
from triage.selectors import screens


def _colleagues(kind: str, found: Consultation, staff: Staff, now: datetime) -> list[Colleague]:
    """Return who can be chosen in a form: only what it offers is read."""
    match kind:
        case "cannot_do":
            return [Colleague(head) for head in people.deciders(found.visit)]
        case "referred":
            return people.doctors_at_work(staff, now)
        case "another" | "transfer":
            return people.receivers_at_work(found.visit)
        case "owner":
            return people.owners_named(staff, staff.branch.today(now))
        case _:
            return []


def _moves_board(found: Consultation, form: ChangeForm) -> bool:
    """Say whether what the form says is a correction of the visit; a doctor without a seat is only asked."""
    if isinstance(form, ReferForm):
        return people.is_seated(found.visit, form.cleaned_data["consultant"])
    return form.corrects is not None


def _drawn(
    request: HttpRequest, found: Consultation, kind: str, form: ChangeForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context: dict[str, Any] = {"consultation": found, "visit": found.visit, "kind": kind, "form": form, **more}
    if form.is_bound and form.is_valid():
        if _moves_board(found, form):
            context = {
                **screens.correction_of(
                    found.visit, staff_of(request), timezone.now(), form, other_reason=found.without_friend
                ),
                **context,
                "shown": form.choice,
            }
        else:
            context["asks_doctor"] = isinstance(form, ReferForm)
    referrer = getattr(form, "cleaned_data", {}).get("referrer")
    context["found"] = [(found_for(found.pk, referrer.pk), referrer)] if referrer else []
    return render(request, "consultations/change.html", context, status=status)


@own_queue
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one of the forms; show what it would do to the board; or carry it out."""
    found, staff = mine_of(request, pk)
    now = timezone.now()
    kind = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    if kind not in CHANGES:
        raise Refused(_("Choose what came of it."), code="unknown_change")
    form = CHANGES[kind](
        request.POST if request.method == "POST" else None,
        initial={"version": found.version},
        consultation=found.pk,
        colleagues=_colleagues(kind, found, staff, now),
        auto_id=f"{kind}_%s",
    )
    if not form.is_bound:
        return _drawn(request, found, kind, form)
    if not form.is_valid():
        return _drawn(request, found, kind, form, status=422)
    looked = request.POST.get("step") == "look" or (
        _moves_board(found, form) and request.POST.get("shown", "") != form.choice
    )
    if looked:
        return _drawn(request, found, kind, form)
    try:
        _carry_out(found, kind, form, number_in(request.POST.get("sequence", "")), staff, now)
    except Refused as refused:
        found.refresh_from_db()
        if isinstance(refused, Stale):
            form.show_version(found.version)
        return _drawn(request, found, kind, form, status=refused.status, problem=refused)
    return _onward(request, pk, kind)


def _carry_out(
    found: Consultation, kind: str, form: ChangeForm, sequence: int | None, staff: Staff, now: datetime
) -> None:
    said = form.cleaned_data
    common: dict[str, Any] = {"consultation": found, "staff": staff, "now": now}
    shown: dict[str, Any] = {"expected_sequence": -1 if sequence is None else sequence}
    version: dict[str, Any] = {"expected_version": said["version"]}
    match kind:
        case "for_friend":
            services.record_for_friend(name=said["name"], phone=said["phone"], note=said["note"], **version, **common)
        case "product":
            services.record_product(note=said["note"], **version, **common)
        case "not_offered":
            services.record_not_offered(reason=said["reason"], **shown, **version, **common)
        case "cannot_do":
            services.record_cannot_do(
                decided_by=said["decided_by"], reason=said["reason"], **shown, **version, **common
            )
        case "referred":
            services.refer_to_doctor(doctor=said["consultant"], reason=said["reason"], **shown, **version, **common)
        case "another":
            services.change_consultant(designated=said["consultant"], reason=said["reason"], **shown, **common)
        case "transfer":
            services.transfer_visit(to=said["consultant"], reason=said["reason"], **shown, **common)
        case "referral":
            services.record_referral(referrer=said["referrer"], reason=said["reason"], **shown, **common)
        case _:
            services.tell_owner(owner=said["owner"], reason=said["reason"], **common)


def _onward(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Stay with a visitor who stays; back to the queue when she has gone to another."""
    # One that was passed on before the visitor came in is not hers to read any more.
    gone = Consultation.objects.select_related("visit__consultant").get(pk=pk)
    if gone.state not in (Consultation.State.ACCEPTED, Consultation.State.IN_ROOM):
        receiver = gone.visit.consultant
        if receiver is None:
            said = _("Visitor %(number)s waits for a name: the supervisor has been told.")
        else:
            said = _("Visitor %(number)s is with %(name)s now.")
        name = receiver.display_name if receiver is not None else ""
        done(request, said % {"number": str(gone.visit), "name": name})
        return go(request, reverse("consultations:queue"))
    found, staff = mine_of(request, pk)
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:consultation", args=[pk]))
    answer = work(request, found, staff, told=kind == "owner")
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#work", "outerHTML"
    return answer


@own_queue
@require_POST
def referrers(request: HttpRequest, pk: int) -> HttpResponse:
    """Find who may have brought the visitor, by a whole name, phone or file number; a fragment."""
    found, _staff = mine_of(request, pk)
    form = ReferrerSearchForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    visitors = [one for one in people.found_exactly(text) if one.pk != found.visitor_id]
    shown = [(found_for(found.pk, one.pk), one) for one in visitors[: people.FEW]]
    context = {"found": shown, "many": len(visitors) > people.FEW, "text": text.strip()}
    return render(request, "consultations/referrers.html", context)


@own_queue
@require_POST
def resume(request: HttpRequest, visit: int) -> HttpResponse:
    """Go on with a visitor the desk has given back out of the next consultant's queue."""
    staff = staff_of(request)
    found = get_object_or_404(queue.visits_given_to(staff), pk=visit)
    consultation = services.resume_consultation(visit=found, staff=staff, now=timezone.now())
    return go(request, reverse("consultations:consultation", args=[consultation.pk]))


_supervises = requires(Capability.OVERRIDE_TRIAGE)


@_supervises
@require_GET
def owner_hints(request: HttpRequest) -> HttpResponse:
    """Show a supervisor, on whatever page she is, which visitors are said to belong to another; a fragment."""
    return _hints(request)


def _hints(request: HttpRequest) -> HttpResponse:
    hints = queue.open_owner_hints(staff_of(request), timezone.now())
    return render(request, "consultations/owner_hints.html", {"hints": hints})


@_supervises
@require_POST
def settle_owner_hint(request: HttpRequest, pk: int) -> HttpResponse:
    """A supervisor has taken note."""
    staff = staff_of(request)
    hint = get_object_or_404(queue.owner_hints_of(staff), pk=pk)
    services.settle_owner_hint(hint=hint, staff=staff, now=timezone.now())
    return _hints(request) if request.headers.get("HX-Request") else go(request, reverse("clinic:home"))


@requires(Capability.WORK_OWN_QUEUE, Capability.VIEW_ALL_VISITORS)
@require_GET
def participants(request: HttpRequest, pk: int) -> HttpResponse:
    """Redraw who else takes part in a consultation."""
    found = get_object_or_404(records.consultations_seen_by(staff_of(request)), pk=pk)
    context = {"consultation": found, "participants": records.participants_of(found)}
    return render(request, "consultations/participants.html", context)
