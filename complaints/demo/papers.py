"""Signed forms of the treatments around today, and photographs of two of them, drawn with plain shapes."""

import io
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from PIL import Image, ImageDraw

from clinic.models import Department, Staff
from clinic.roles import Role
from complaints.demo.story import Story
from consultations.models import Photograph, SignedForm, Treatment
from consultations.selectors.form_needs import needs_of
from consultations.selectors.signed_forms import photographs_consent
from consultations.services import keep_photographs, note_signed_form, remove_photograph
from consultations.services.photographs import Shot
from reception.models import Consent

DAYS_AROUND = 4
MOST_SIGNED = 24
SIZE = (480, 600)
_Stage, _View = Photograph.Stage, Photograph.View


def tell_papers(story: Story, now: datetime) -> str:
    """Let forms be signed for treatments of these days, photograph two visitors, and return how much there is."""
    signed = sum(_sign(story, treatment, now) for treatment in _around(story))
    kinds = (Department.Kind.SURGERY, Department.Kind.NON_INVASIVE)
    taken = sum(_photograph(story, kind, now) for kind in kinds)
    return f"{signed} signed forms, {taken} photographs"


def _around(story: Story) -> list[Treatment]:
    days = (story.today - timedelta(days=DAYS_AROUND), story.today + timedelta(days=DAYS_AROUND))
    rows = Treatment.objects.filter(treated_on__range=days).exclude(state=Treatment.State.CANCELLED)
    return list(rows.select_related("visitor", "project__department", "doctor__branch").order_by("pk")[:MOST_SIGNED])


def _sign(story: Story, treatment: Treatment, now: datetime) -> int:
    """Have the forms of a treatment signed before it; of one in five something is still missing."""
    at = min(now, story.instant(treatment.treated_on, 9))
    needs = needs_of([treatment.project])[treatment.project_id]
    if treatment.state == Treatment.State.PLANNED and story.dice.random() < 0.2:
        needs = needs[:1]
    consent = photographs_consent(treatment.visitor)
    refuses = consent is not None and consent.answer != Consent.Answer.GIVEN
    for kind in needs:
        refused = kind == SignedForm.Kind.PHOTOGRAPHS and refuses
        note_signed_form(
            visitor=treatment.visitor,
            treatment=treatment,
            kind=kind,
            answer=SignedForm.Answer.REFUSED if refused else SignedForm.Answer.SIGNED,
            staff=treatment.doctor,
            now=at,
        )
    return len(needs)


def _photograph(story: Story, kind: str, now: datetime) -> int:
    """Photograph one visitor of a consultant before and after a treatment, from three sides."""
    agreed = Consent.objects.filter(visitor=OuterRef("visitor"), text__kind="photographs", answer="given")
    consultants = story.hospital.by_role[Role.CONSULTANT]
    treatment = (
        Treatment.objects.filter(Exists(agreed), state=Treatment.State.DONE, project__department__kind=kind)
        .filter(visitor__owner__in=consultants, treated_on__lt=story.today)
        .select_related("visitor", "consultation")
        .order_by("treated_on", "pk")
        .first()
    )
    if treatment is None:
        return 0
    nurses = story.hospital.by_role[Role.NURSE]
    nurse = next(one for one in nurses if one.department and one.department.kind == kind)
    number = 0
    for stage, day in ((_Stage.BEFORE, treatment.treated_on), (_Stage.AFTER, story.today)):
        shots = [
            Shot(io.BytesIO(_face(view, stage, kind)), f"{stage}-{view}.png", view)
            for view in (_View.FRONT, _View.LEFT, _View.OBLIQUE)
        ]
        outcomes = keep_photographs(
            visitor=treatment.visitor,
            shots=shots,
            stage=stage,
            taken_on=day,
            treatment=treatment,
            staff=nurse,
            now=min(now, story.instant(day, 9, 20)),
        )
        number += sum(outcome.photograph is not None for outcome in outcomes)
    if kind == Department.Kind.SURGERY:
        _take_one_back(treatment, nurse, now)
    return number


def _take_one_back(treatment: Treatment, nurse: Staff, now: datetime) -> None:
    newest = Photograph.objects.filter(treatment=treatment, stage=_Stage.AFTER, view=_View.OBLIQUE).first()
    if newest is not None:
        remove_photograph(photograph=newest, reason="拍糊了，重拍", staff=nurse, now=now)


def _face(view: str, stage: str, kind: str) -> bytes:
    """Draw a head of a few shapes, turned as the view says; afterwards the nose is slimmer, the brow smoother."""
    skin, dark = ("#e8c4a8", "#7a5644") if kind == Department.Kind.SURGERY else ("#d9ad8c", "#5f4335")
    picture = Image.new("RGB", SIZE, "#cfd8dc")
    draw = ImageDraw.Draw(picture)
    turn = {_View.FRONT: 0, _View.LEFT: -70, _View.OBLIQUE: 40}[_View(view)]
    draw.ellipse((90, 60, 390, 540), fill=skin)
    for eye in (170, 270):
        draw.ellipse((eye + turn, 230, eye + 45 + turn, 255), fill=dark)
    wide = 34 if stage == _Stage.BEFORE else 22
    middle = 240 + turn
    draw.polygon([(middle, 250), (middle - wide, 350), (middle + wide, 350)], fill="#d3a686")
    draw.ellipse((middle - 50, 410, middle + 50, 436), fill="#b5655f")
    if stage == _Stage.BEFORE:
        for line in (130, 148, 166):
            draw.line((170 + turn, line, 310 + turn, line), fill="#c79a7b", width=4)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
