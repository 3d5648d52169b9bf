"""Which forms a treatment needs signed where a hospital has not written down its own list."""

from collections.abc import Mapping

from clinic.models import Department
from consultations.models.signed_forms import SignedForm

_Kind = SignedForm.Kind
_Department = Department.Kind

BY_DEPARTMENT: Mapping[str, tuple[str, ...]] = {
    _Department.SURGERY: (_Kind.TREATMENT, _Kind.ANAESTHESIA, _Kind.PHOTOGRAPHS),
    _Department.NON_INVASIVE: (_Kind.TREATMENT, _Kind.PHOTOGRAPHS),
    _Department.LASER: (_Kind.TREATMENT, _Kind.PHOTOGRAPHS),
}
# How the codes of projects begin that need a form more than their department.
BY_CODE: Mapping[str, tuple[str, ...]] = {"botulinum": (_Kind.NO_PREGNANCY,)}


def of_department(kind: str) -> tuple[str, ...]:
    """Return the forms every treatment of such a department needs."""
    return BY_DEPARTMENT.get(kind, ())


def more_for(code: str) -> tuple[str, ...]:
    """Return the forms a project needs beside those of its department."""
    return tuple(kind for start, kinds in BY_CODE.items() if code.startswith(start) for kind in kinds)
