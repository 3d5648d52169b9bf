"""A treatment at work: stage, check list, forms, doses, what follows. Each form answers with the part it stands on."""

from collections.abc import Mapping
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability, Role
from clinic.templatetags.desk import colon
from clinic.views.onward import go
from consultations import services
from consultations.forms.course import (
    ComplicationForm,
    CorrectDrugUseForm,
    CorrectStageForm,
    DrugUseForm,
    HandOverForm,
    NextVisitForm,
    StageForm,
    StepForm,
)
from consultations.forms.desks import NumbingForm
from consultations.forms.fields import DrawnForm
from consultations.forms.treatments import CancelTreatmentForm, ChangeTreatmentForm, drawn_with
from consultations.models import StageEntry, Treatment, TreatmentStep
from consultations.selectors.desk_cases import open_case_of
from consultations.selectors.drugs import GIVES, drugs_in_use, given_in, givers_of, uses_for, uses_of
from consultations.selectors.numbing import NUMBING, numbing_of
from consultations.selectors.preparation import steps_of
from consultations.selectors.stays import departments_of, open_stay_of, stays_for
from consultations.selectors.treatments import (
    asks_result,
    assistants_of,
    course_of,
    doctors_of,
    roles_of,
    treatments_for,
    way_shown,
    without_drug,
)
from consultations.services.course_rules import heads, may_cancel, missing_for
from consultations.services.preparation import ORDERS_TESTS
from consultations.stages import BEFORE_DONE, GATED, Stage, earlier, may_follow, may_record
from consultations.views.guide import where_of
from consultations.views.treatment_list import list_of, own_treatment, readers, undo_seconds
from reception.selectors.visitors import opens_visitor

recorders = requires(Capability.RECORD_TREATMENTS)
SITES = (
    pgettext_lazy("site", "Forehead"),
    pgettext_lazy("site", "Between the brows"),
    pgettext_lazy("site", "Crow's feet"),
    pgettext_lazy("site", "Masseter"),
    pgettext_lazy("site", "Jawline"),
    pgettext_lazy("site", "Bridge of the nose"),
    pgettext_lazy("site", "Nasolabial folds"),
    pgettext_lazy("site", "Cheeks"),
    pgettext_lazy("site", "Lips"),
    pgettext_lazy("site", "Chin"),
    pgettext_lazy("site", "Calf"),
    pgettext_lazy("site", "Whole face"),
)
_STEPS = tuple(TreatmentStep.Kind)[:5]
# What follows a treatment, each field with its form and what the ids in it begin with.
_AFTER: Mapping[str, tuple[type[DrawnForm], str]] = {
    "next_visit_on": (NextVisitForm, "next"),
    "hand_over": (HandOverForm, "desk"),
    "complication": (ComplicationForm, "bad"),
}


def _now_of(treatment: Treatment, staff: Staff) -> dict[str, Any]:
    """Return where the treatment stands, what may follow by this person, and what is missing for it."""
    roles, stage = roles_of(staff), Stage(treatment.stage)
    live = treatment.state != Treatment.State.CANCELLED
    following = may_follow(treatment.kind, stage) if live else ()
    usual = following[0] if following else None
    gate = next((one for one in following if one in GATED or one == Stage.DISCHARGED), None)
    passed = stage == Stage.IN_THEATRE
    missing = missing_for(treatment, gate) if gate is not None and not passed else []
    return {
        "usual": usual,
        "usual_word": treatment.word_of(usual) if usual else "",
        "may_usual": usual is not None and may_record(treatment.kind, usual, roles),
        "others": [
            (one.value, treatment.word_of(one)) for one in following[1:] if may_record(treatment.kind, one, roles)
        ],
        "missing": missing,
        "gate": gate,
        "gate_word": treatment.word_of(gate) if gate else "",
        # On the way there it is the beginning that something is missing for, though it may be recorded as done at once.
        "missing_word": treatment.word_of(Stage.IN_THEATRE if stage in BEFORE_DONE else gate) if gate else "",
        "dose_missing": "no_dose" in [one.code for one in missing],
        "may_in_spite": heads(staff, treatment),
        "asks_result": asks_result(treatment),
        "mine": treatment.doctor_id == staff.pk,
        "late_after": treatment.expected_minutes or 0,
    }


def _work(treatment: Treatment, staff: Staff) -> dict[str, Any]:
    course, steps, uses = course_of(treatment), steps_of(treatment), uses_of(treatment)
    records = staff.may(Capability.RECORD_TREATMENTS) and treatment.state != Treatment.State.CANCELLED
    running = {step.kind for step in steps if not step.result}
    done = {step.kind for step in steps if step.result == TreatmentStep.Result.DONE}
    preparing = treatment.stage in BEFORE_DONE and records
    case = open_case_of(treatment)
    roles, stage = roles_of(staff), Stage(treatment.stage)
    orders_tests = bool(roles & ORDERS_TESTS)
    back_to = [(one.value, treatment.word_of(one)) for one in earlier(stage)]
    corrects = records and back_to and may_record(treatment.kind, stage, roles)
    return {
        "treatment": treatment,
        "way": way_shown(treatment, course),
        "corrections": [one for one in course if one.sort != StageEntry.Sort.STEP],
        "correct_form": CorrectStageForm(stages=back_to, auto_id="back_%s") if corrects else None,
        "undo_seconds": undo_seconds(course, treatment, staff),
        "steps": steps,
        "numbing": numbing_of(case, timezone.now()) if case else None,
        "numbing_minutes": NUMBING if preparing and case else (),
        "add_steps": [
            (number, kind.value, kind.label)
            for number, kind in enumerate(_STEPS, start=1)
            if preparing and kind.value not in running | done and (orders_tests or kind not in TreatmentStep.TESTS)
        ],
        "uses": uses,
        "given": given_in(uses),
        "assistants": assistants_of(staff, staff.branch.today(timezone.now())) if preparing else (),
        "may_change": records,
        "preparing": preparing,
        "orders_tests": orders_tests,
        "gives": bool(roles & GIVES) and records,
        "without_drug": without_drug(treatment, course),
        "orders": bool(roles & {Role.DOCTOR, Role.CONSULTANT}) and records,
        "left": treatment.deal_line.sessions - treatment.sessions_used if treatment.deal_line else 0,  # type: ignore[attr-defined]
        "sees_amounts": staff.may(Capability.SEE_AMOUNTS),
        "today": staff.branch.today(timezone.now()),
        **_now_of(treatment, staff),
    }


def page_of(request: HttpRequest, found: Treatment, staff: Staff, *, status: int = 200, **bound: Any) -> HttpResponse:
    """Answer with the whole page of a treatment; `bound`: forms that were sent and are not right."""
    listen(request, [topics.visitor(found.visitor_id)])
    work = _work(found, staff)
    today = work["today"]
    forms: dict[str, Any] = {"opens_visitor": opens_visitor(staff, found.visitor_id), **_stay_of(found, staff)}
    if work["may_change"]:
        forms |= {
            "form": ChangeTreatmentForm(
                doctors=doctors_of(staff, today),
                initial=drawn_with(found),
            ),
            **{f"{name}_form": _after_form(name, found) for name in _AFTER},
        }
        if may_cancel(found, staff):
            forms["cancel_form"] = CancelTreatmentForm(auto_id="cancel_%s")
        if work["gives"]:
            forms["drug_form"] = _drug_form(found, staff)
            forms["sites"] = SITES
    # The forms have names of their own, by which the title does not know that one of them is wrong.
    return render(
        request, "consultations/treatment.html", work | forms | bound | {"wrong": status != 200}, status=status
    )


def _stay_of(found: Treatment, staff: Staff) -> dict[str, Any]:
    """Return where she stays, if this person may see it, and whether she may be admitted from here. Two queries."""
    stay = open_stay_of(found.visitor)
    if stay is not None:
        return {"open_stay": stays_for(staff).filter(pk=stay.pk).first()}
    live = found.state != Treatment.State.CANCELLED and found.stage != Stage.DISCHARGED
    return {"may_admit": live and departments_of(staff).exists()}


def _drug_form(treatment: Treatment, staff: Staff, data: QueryDict | None = None) -> DrugUseForm:
    return DrugUseForm(data, drugs=drugs_in_use(), givers=givers_of(treatment, staff), auto_id="drug_%s")


def work_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a form that was carried out: the part of the page it stands on as it is now, else the page again.

    A part is answered to whom its page opens to.
    """
    target, person = request.headers.get("HX-Target"), staff_of(request)
    leads = person.may(Capability.LEAD_VISITORS)
    reads = person.may(Capability.RECORD_TREATMENTS) or person.may(Capability.VIEW_ALL_VISITORS)
    if target == "where" and leads:
        return where_of(request)
    if not reads:
        return redirect("consultations:guide")
    if target == "treatments":
        return list_of(request)
    if target != "treatment-work":
        return redirect("consultations:treatment", pk=pk)
    found, staff = own_treatment(request, pk)
    return render(request, "consultations/treatment_work.html", _work(found, staff) | {"alone": True})


@readers
@require_GET
def treatment_work(request: HttpRequest, pk: int) -> HttpResponse:
    """Redraw what changes while the page is open."""
    found, staff = own_treatment(request, pk)
    return render(request, "consultations/treatment_work.html", _work(found, staff) | {"alone": True})


def _worked_on(request: HttpRequest, pk: int) -> tuple[Treatment, Staff]:
    staff = staff_of(request)
    return get_object_or_404(treatments_for(staff), pk=pk), staff


def _unreadable(form: Form, code: str) -> Refused:
    """Return the refusal of a form that stays on the page with what was typed: its first mistake, with its label."""
    name, errors = next(iter(form.errors.items()))
    return refusal(form, f"{form[name].label}{colon()}{errors[0]}", code=code)


def _version(request: HttpRequest) -> int | None:
    return number_in(request.POST.get("version", ""))


@requires(Capability.RECORD_TREATMENTS, Capability.LEAD_VISITORS)
@require_POST
def stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that a treatment has come to the next stage."""
    found, staff = _worked_on(request, pk)
    form = StageForm(request.POST, assistants=assistants_of(staff, staff.branch.today(timezone.now())))
    if not form.is_valid():
        raise _unreadable(form, "stage")
    services.advance_treatment(treatment=found, staff=staff, now=timezone.now(), **form.told)
    return work_of(request, pk)


@requires(Capability.RECORD_TREATMENTS, Capability.LEAD_VISITORS)
@require_POST
def stage_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last step back, within ten seconds."""
    found, staff = _worked_on(request, pk)
    services.undo_stage(treatment=found, expected_version=_version(request), staff=staff, now=timezone.now())
    return work_of(request, pk)


@recorders
@require_POST
def stage_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a treatment back to an earlier stage, with a reason."""
    found, staff = _worked_on(request, pk)
    choices = [(one.value, found.word_of(one)) for one in earlier(Stage(found.stage))]
    form = CorrectStageForm(request.POST, stages=choices)
    if not form.is_valid():
        raise refusal(form, _("Choose an earlier stage and say what was wrong."), code="stage")
    given = dict(form.cleaned_data)
    services.correct_stage(
        treatment=found, expected_version=given.pop("version"), staff=staff, now=timezone.now(), **given
    )
    return work_of(request, pk)


@recorders
@require_POST
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the order."""
    found, staff = _worked_on(request, pk)
    services.order_treatment(treatment=found, expected_version=_version(request), staff=staff, now=timezone.now())
    return work_of(request, pk)


@recorders
@require_POST
def result_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Her doctor has seen the result."""
    found, staff = _worked_on(request, pk)
    services.note_result_seen(treatment=found, expected_version=_version(request), staff=staff, now=timezone.now())
    return work_of(request, pk)


@recorders
@require_POST
def step_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a line on the check list."""
    found, staff = _worked_on(request, pk)
    form = StepForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Choose a step."), code="step")
    services.order_step(treatment=found, staff=staff, now=timezone.now(), **form.cleaned_data)
    return work_of(request, pk)


@recorders
@require_POST
def numbing(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the numbing time of a visitor who is at the desk for this treatment, or end it without minutes."""
    found, staff = _worked_on(request, pk)
    case = open_case_of(found)
    if case is None:
        raise Refused(_("She is not at the department's desk: let the desk take her in first."), code="not_here")
    form = NumbingForm(request.POST)
    if not request.POST.get("minutes"):
        services.end_numbing(case=case, staff=staff, now=timezone.now())
    elif form.is_valid():
        services.start_numbing(case=case, minutes=form.cleaned_data["minutes"], staff=staff, now=timezone.now())
    else:
        raise refusal(form, _("Numbing takes from 1 to 180 minutes."), code="minutes_unclear")
    return work_of(request, pk)


@recorders
@require_POST
def drug_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down one dose; the form is ready for the next site."""
    found, staff = _worked_on(request, pk)
    form = _drug_form(found, staff, request.POST)
    if not form.is_valid():
        raise _unreadable(form, "drug_use")
    services.record_drug_use(treatment=found, staff=staff, now=timezone.now(), **form.cleaned_data)
    return work_of(request, pk)


@recorders
@require_POST
def drug_use_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a dose right by an entry that names it."""
    staff = staff_of(request)
    use = get_object_or_404(uses_for(staff), pk=pk)
    form = CorrectDrugUseForm(request.POST)
    if "dose" in form.errors:
        raise _unreadable(form, "drug_use")
    if not form.is_valid():
        raise refusal(form, _("Say what is right and what was wrong."), code="drug_use")
    services.correct_drug_use(use=use, staff=staff, now=timezone.now(), **form.cleaned_data)
    return work_of(request, use.treatment_id)


def _after_form(name: str, treatment: Treatment, typed: QueryDict | None = None) -> DrawnForm:
    """Return one of the forms of what follows, with what is stored; `name`: of its field."""
    kind, prefix = _AFTER[name]
    return kind(typed, initial={name: getattr(treatment, name)}, auto_id=f"{prefix}_%s")


def _saved(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Answer one of these forms that was carried out: the part it stands on, and the form with what is stored now."""
    if request.headers.get("HX-Target") != "treatment-work":
        return work_of(request, pk)
    found, staff = own_treatment(request, pk)
    forms = {f"{name}_form": _after_form(name, found), "saved": f"consultations/treatment_{name}.html"}
    return render(request, "consultations/treatment_work.html", _work(found, staff) | forms | {"alone": True})


def _written_meanwhile(request: HttpRequest, pk: int, name: str, form: DrawnForm, problem: Refused) -> HttpResponse:
    """Answer a form that would have overwritten what somebody else wrote: it keeps what was typed, and knows that now.

    Raises the problem again when it is another.
    """
    if problem.code != "written_meanwhile":
        raise problem
    found, staff = own_treatment(request, pk)
    form.show_stored(name, getattr(found, name))
    form.add_error(None, str(problem.message))
    bound = {f"{name}_form": form}
    if request.headers.get("HX-Target") != "treatment-work":
        return page_of(request, found, staff, status=problem.status, **bound)
    context = {"treatment": found, **bound}
    answer = render(request, f"consultations/treatment_{name}.html", context, status=problem.status)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = f"#{name}-form", "outerHTML"
    return answer


@recorders
@require_POST
def next_visit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down when she comes again, and file that session if asked."""
    found, staff = _worked_on(request, pk)
    form = _after_form("next_visit_on", found, request.POST)
    if not form.is_valid():
        raise _unreadable(form, "next_visit")
    try:
        filed = services.set_next_visit(
            treatment=found,
            next_visit_on=form.cleaned_data["next_visit_on"],
            file_session=form.cleaned_data["file_session"],
            expected_version=form.cleaned_data["version"],
            seen=form.seen("next_visit_on"),
            staff=staff,
            now=timezone.now(),
        )
    except Refused as problem:
        return _written_meanwhile(request, pk, "next_visit_on", form, problem)
    if filed:
        return go(request, reverse("consultations:treatment", args=[filed.pk]))
    return _saved(request, pk, "next_visit_on")


@recorders
@require_POST
def complication(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a complication: the doctor and the head of the department are told."""
    return _noted(request, pk, "complication", services.note_complication)


@recorders
@require_POST
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the desk."""
    return _noted(request, pk, "hand_over", services.hand_over_treatment)


def _noted(request: HttpRequest, pk: int, name: str, service: Any) -> HttpResponse:
    found, staff = _worked_on(request, pk)
    form = _after_form(name, found, request.POST)
    if not form.is_valid():
        raise _unreadable(form, name)
    try:
        service(
            treatment=found,
            text=form.cleaned_data[name],
            expected_version=form.cleaned_data["version"],
            seen=form.seen(name),
            staff=staff,
            now=timezone.now(),
        )
    except Refused as problem:
        return _written_meanwhile(request, pk, name, form, problem)
    return _saved(request, pk, name)
