"""核对: what a treatment still lacks before it may begin: an order, a file, signed consents."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from consultations.models import SignedForm, Treatment
from consultations.selectors.form_needs import needs_of
from consultations.selectors.packages import open_lines
from consultations.selectors.signed_forms import FormLine, lines_of_treatment
from reception.models import Visitor

Kind = SignedForm.Kind


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: a code, a sentence that says what to do, and the form to sign if it is one."""

    code: str
    sentence: str
    form: str = ""


def forms_before(treatment: Treatment) -> list[SignedForm.Kind]:
    """Return the forms that have to be answered before this treatment begins. One query."""
    return [Kind(kind) for kind in needs_of([treatment.project])[treatment.project_id]]


def answers_of(treatment: Treatment) -> dict[str, SignedForm]:
    """Return the newest answer to each form that was put before the visitor for this treatment, by kind."""
    return {line.kind: line.answer for line in lines_of_treatment(treatment) if line.answer is not None}


def missing_before(treatment: Treatment) -> list[Missing]:
    """Return all that is missing before the treatment may begin, in the order it is checked; empty when nothing is.

    An order is one given on its page or with its filing (as in a consultation), or a session of a deal that stands: the
    one this treatment is, or one that is left on the project. A file is a file number and a card that she filled in or
    declined (R1). Needed forms must be signed; refusing photographs counts as done.
    """
    found: list[Missing] = []
    if not _has_order(treatment):
        found.append(Missing("no_order", _("There is no order: a doctor or consultant gives it on this page.")))
    if not _has_file(treatment.visitor):
        found.append(
            Missing("no_file", _("There is no file: let her fill in the card at the front desk, or decline to."))
        )
    return found + [_unsigned(line) for line in lines_of_treatment(treatment) if line.blocks]


def _has_order(treatment: Treatment) -> bool:
    if treatment.ordered_by_id or treatment.deal_line_id:
        return True
    return open_lines(treatment.visitor).filter(project=treatment.project_id).exists()


def _has_file(visitor: Visitor) -> bool:
    told = (
        *(visitor.phone, visitor.birth_on, visitor.birth_year, visitor.occupation, visitor.wishes),
        visitor.medical_notes,
    )
    return bool(visitor.file_number) and (visitor.card_declined or any(told))


def _unsigned(line: FormLine) -> Missing:
    if line.state == "refused":
        sentence = _("She refused to sign: %(form)s. Speak with her, or cancel the treatment.")
        return Missing(f"refused_{line.kind}", sentence % {"form": line.label}, line.kind)
    sentence = _("Not signed yet: %(form)s. Let her sign it and note it here.")
    return Missing(f"unsigned_{line.kind}", sentence % {"form": line.label}, line.kind)
