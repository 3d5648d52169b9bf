"""Second opinions and panels: asked in the room, answered by each on her own screen."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.access import staff_of
from clinic.asked import number_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.reasons import Screen
from clinic.selectors.story import matters_of
from clinic.views.onward import go
from clinic.views.say import done
from consultations import services
from consultations.forms.opinions import AskForm, OpinionForm, PanelForm
from consultations.models import Consultation, Participant
from consultations.selectors import people, queue, records
from consultations.views.consultation import mine_of, own_queue
from consultations.views.record import sections_of
from reception.views.looks import looked_at
from reception.views.story import asked_by


def _asking(
    request: HttpRequest, found: Consultation, template: str, form: Any, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"consultation": found, "form": form, **more}
    if status == 200 and more:
        context["participants"] = records.participants_of(found)
    return render(request, f"consultations/{template}", context, status=status)


@own_queue
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a doctor for a second opinion; a fragment."""
    found, staff = mine_of(request, pk)
    now = timezone.now()
    colleagues = people.doctors_at_work(staff, now)
    form = AskForm(request.POST if request.method == "POST" else None, colleagues=colleagues, auto_id="ask_%s")
    if not form.is_bound:
        return _asking(request, found, "ask.html", form)
    if not form.is_valid():
        return _asking(request, found, "ask.html", form, status=422)
    doctor = form.cleaned_data["doctor"]
    try:
        services.ask_opinion(
            consultation=found, doctor=doctor, question=form.cleaned_data["question"], staff=staff, now=now
        )
    except Refused as refused:
        return _asking(request, found, "ask.html", form, status=refused.status, problem=refused)
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:consultation", args=[pk]))
    fresh = AskForm(colleagues=colleagues, auto_id="ask_%s")
    told = _("%(name)s has been asked.") % {"name": doctor.display_name}
    return _asking(request, found, "ask.html", fresh, told=told)


@own_queue
@require_POST
def ask_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question for a second opinion back; a fragment: who takes part now. Of nobody who was asked: nothing."""
    found, staff = mine_of(request, pk)
    asked = records.participants_of(found).filter(staff=number_in(request.POST.get("doctor", "")) or 0).first()
    if asked is not None:
        services.withdraw_opinion(consultation=found, doctor=asked.staff, staff=staff, now=timezone.now())
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:consultation", args=[pk]))
    context = {"consultation": found, "participants": records.participants_of(found)}
    return render(request, "consultations/participants.html", context)


@own_queue
@require_http_methods(["GET", "POST"])
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call several people together about the visitor; a fragment."""
    found, staff = mine_of(request, pk)
    now = timezone.now()
    colleagues = people.panel_at_work(staff, now)
    wanted: dict[str, Any] = {"colleagues": colleagues, "me": staff, "auto_id": "panel_%s"}
    if request.method != "POST":
        form = PanelForm(initial=records.panel_so_far(found, staff), **wanted)
        return _asking(request, found, "panel.html", form)
    form = PanelForm(request.POST, **wanted)
    if not form.is_valid():
        return _asking(request, found, "panel.html", form, status=422)
    try:
        services.call_panel(consultation=found, staff=staff, now=now, **form.cleaned_data)
    except Refused as refused:
        return _asking(request, found, "panel.html", form, status=refused.status, problem=refused)
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:consultation", args=[pk]))
    fresh = PanelForm(initial=records.panel_so_far(found, staff), **wanted)
    return _asking(request, found, "panel.html", fresh, told=_("The panel has been called together."))


@own_queue
@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a colleague asks, and take the answer down; what was typed stays when it cannot be saved."""
    staff = staff_of(request)
    asked = get_object_or_404(queue.opinions_seen_by(staff), pk=pk)
    if request.method != "POST":
        said = {"version": asked.version, "opinion": asked.opinion}
        return _opinion(request, asked, staff, OpinionForm(initial=said))
    form = OpinionForm(request.POST)
    if not form.is_valid():
        return _opinion(request, asked, staff, form, status=422)
    try:
        services.answer_opinion(
            participant=asked,
            opinion=form.cleaned_data["opinion"],
            expected_version=form.cleaned_data["version"],
            staff=staff,
            now=timezone.now(),
        )
    except Refused as refused:
        asked = get_object_or_404(queue.opinions_seen_by(staff), pk=pk)
        form.show_version(asked.version)
        return _opinion(request, asked, staff, form, status=refused.status, problem=refused)
    done(request, _("%(name)s has your opinion.") % {"name": asked.consultation.consultant.display_name})
    return go(request, reverse("consultations:queue"))


def _opinion(
    request: HttpRequest, asked: Participant, staff: Staff, form: OpinionForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    consultation = asked.consultation
    looked_at(request, consultation.visitor, Screen.CONSULTATION)
    listen(request, [topics.visitor(consultation.visitor_id)])
    context = {
        "asked": asked,
        "form": form,
        "consultation": consultation,
        "visit": consultation.visit,
        "visitor": consultation.visitor,
        "age": consultation.visitor.age_on(consultation.day),
        "participants": records.participants_of(consultation),
        "matters": matters_of(asked_by(staff, consultation.visitor)),
        "sections": sections_of(consultation),
        **more,
    }
    return render(request, "consultations/opinion.html", context, status=status)
