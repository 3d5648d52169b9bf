"""What a visitor signed or refused, and how the forms of a consultation or a treatment stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from clinic.models import Project
from consultations.models import Consultation, SignedForm, Treatment
from consultations.selectors.form_needs import needs_of
from consultations.selectors.records import given_away
from reception.models import Consent, ConsentText, Visitor
from reception.selectors import records_of
from reception.selectors.consents import newest_consent

_Kind = SignedForm.Kind
# Signed when it is over, whatever the project.
AT_THE_END = (_Kind.CARE_SESSION, _Kind.DISCHARGE)


def may_be_noted_in(consultation: Consultation) -> bool:
    """Say whether its consultant may note answers in a consultation: from accepting on, unless she was moved."""
    state = Consultation.State
    taken = consultation.state in (state.ACCEPTED, state.IN_ROOM, state.FINISHED)
    return taken and not given_away(consultation)


def forms_of(visitor: Visitor) -> list[SignedForm]:
    """Return all answers of a visitor, those of records merged into hers too, the newest first. One query."""
    rows = SignedForm.objects.filter(visitor__in=records_of(visitor)).select_related("staff", "project")
    return list(rows.order_by("-pk"))


@dataclass(frozen=True, slots=True)
class Subject:
    """What forms are about: a project, within a consultation, a treatment, or both."""

    project: Project
    consultation_id: int | None = None
    treatment: Treatment | None = None

    def concerns(self, form: SignedForm) -> bool:
        """Say whether an answer holds for this: it names the treatment, or its consultation before it was filed.

        Photographs may also be answered for as a whole, by a form that names neither. What is signed at the end
        names the treatment, and was answered after that was done.
        """
        if form.kind in AT_THE_END:
            return form.treatment_id is not None and self._ended_before(form)
        if form.treatment_id is not None:
            return self.treatment is not None and form.treatment_id == self.treatment.pk
        if form.consultation_id is None:
            return form.kind == _Kind.PHOTOGRAPHS
        return form.consultation_id == self.consultation_id and form.project_id in (None, self.project.pk)

    def _ended_before(self, form: SignedForm) -> bool:
        treatment = self.treatment
        if treatment is None or treatment.pk != form.treatment_id or treatment.state == Treatment.State.PLANNED:
            return False
        return treatment.done_at is None or treatment.done_at <= form.at


def subject_of(treatment: Treatment) -> Subject:
    """Return a treatment as what forms are about."""
    return Subject(treatment.project, treatment.consultation_id, treatment)


@dataclass(frozen=True, slots=True)
class Word:
    """A visitor's last word about photographs: whether she agrees, when she said so, and where it is written."""

    agrees: bool
    at: datetime
    form: SignedForm | None = None
    consent: Consent | None = None


def word_on_photographs(
    forms: Iterable[SignedForm], consent: Consent | None, subject: Subject | None = None
) -> Word | None:
    """Return her last word about photographs (of one subject, or at all), None when she was never asked.

    It was said at the desk (`consent`) or by a form; whatever was said later holds.
    """
    form = next(
        (one for one in forms if one.kind == _Kind.PHOTOGRAPHS and (subject is None or subject.concerns(one))), None
    )
    if form is not None and (consent is None or form.at >= consent.at):
        return Word(form.answer == SignedForm.Answer.SIGNED, form.at, form=form)
    if consent is not None:
        return Word(consent.answer == Consent.Answer.GIVEN, consent.at, consent=consent)
    return None


def photographs_consent(visitor: Visitor) -> Consent | None:
    """Return what a visitor last answered at the desk about photographs. One query."""
    return newest_consent(visitor, ConsentText.Kind.PHOTOGRAPHS)


@dataclass(frozen=True, slots=True)
class FormLine:
    """How one form of a subject stands. `seen`: the newest answer there was, 0 for none."""

    subject: Subject
    kind: str
    needed: bool
    answer: SignedForm | None = None
    word: Word | None = None

    @property
    def label(self) -> str:
        """Return what the form is called."""
        return str(_Kind(self.kind).label)

    @property
    def seen(self) -> int:
        """Return the number of the newest answer."""
        return self.answer.pk if self.answer is not None else 0

    @property
    def state(self) -> str:
        """Return signed, refused, desk (agreed at the desk), missing, or open (not needed and not answered)."""
        if self.answer is not None and (self.word is None or self.word.form is not None):
            return str(self.answer.answer)
        if self.word is not None:
            return "desk" if self.word.agrees else "refused"
        return "missing" if self.needed else "open"

    @property
    def is_early(self) -> bool:
        """Say whether it cannot be answered yet: it belongs to the end of a treatment that is not done."""
        filed = self.subject.treatment
        return self.kind in AT_THE_END and (filed is None or filed.state == Treatment.State.PLANNED)

    @property
    def blocks(self) -> bool:
        """Say whether the treatment may not begin: not answered, or refused; photographs may be refused."""
        if self.state == "refused":
            return self.needed and self.kind != _Kind.PHOTOGRAPHS
        return self.state == "missing"


def lines_of(
    subject: Subject, needs: Iterable[str], forms: list[SignedForm], consent: Consent | None
) -> list[FormLine]:
    """Return how the forms of a subject stand: those needed, and others that were answered or belong to its end."""
    needed = set(needs)
    newest: dict[str, SignedForm] = {}
    for form in forms:
        if subject.concerns(form):
            newest.setdefault(form.kind, form)
    end = AT_THE_END if subject.treatment is not None else ()
    return [
        FormLine(
            subject,
            kind.value,
            kind in needed,
            newest.get(kind),
            word_on_photographs(forms, consent, subject) if kind == _Kind.PHOTOGRAPHS else None,
        )
        for kind in _Kind
        if kind in needed or kind in newest or kind in end
    ]


def lines_of_treatment(treatment: Treatment) -> list[FormLine]:
    """Return how the forms of a treatment stand. Three queries, and one when its project's department is not read."""
    needs = needs_of([treatment.project])[treatment.project_id]
    forms, consent = forms_of(treatment.visitor), photographs_consent(treatment.visitor)
    return lines_of(subject_of(treatment), needs, forms, consent)


def lines_of_consultation(consultation: Consultation) -> list[FormLine]:
    """Return how the forms stand for what was filed in a consultation, else for what was wished for."""
    filed = list(
        Treatment.objects.filter(consultation=consultation)
        .exclude(state=Treatment.State.CANCELLED)
        .select_related("project__department")
        .order_by("treated_on", "pk")
    )
    wishes = consultation.visit.wishes.select_related("project__department")
    subjects = [subject_of(treatment) for treatment in filed]
    there = {subject.project.pk for subject in subjects}
    subjects += [Subject(wish.project, consultation.pk) for wish in wishes if wish.project_id not in there]
    needs = needs_of(subject.project for subject in subjects)
    forms, consent = forms_of(consultation.visitor), photographs_consent(consultation.visitor)
    return [line for subject in subjects for line in lines_of(subject, needs[subject.project.pk], forms, consent)]


def subject_among(lines: Iterable[FormLine], treatment: int | None, project: int | None) -> Subject | None:
    """Return what a form is about by the number of its treatment, else of its project; None when it is not there."""
    for line in lines:
        filed = line.subject.treatment
        if (filed.pk if filed is not None else None) == treatment and line.subject.project.pk == project:
            return line.subject
    return None


def why_no_photographs(word: Word | None) -> str:
    """Return why no photograph may be taken, empty when it may."""
    if word is None or word.agrees:
        return ""
    if word.form is not None:
        return _("She refused photographs and signed for that. None may be taken or kept.")
    if word.consent is not None and word.consent.answer == Consent.Answer.WITHDRAWN:
        return _("She has withdrawn her consent to photographs. None may be taken or kept.")
    return _("She refused photographs at the desk. None may be taken or kept.")
