"""What a visitor's change of consultant needs in the tests."""

from typing import Any

from clinic.models import Staff
from consultations.models import Consultation
from reception.models import Standing, Visitor
from tests.consultations.conftest import Morning


def common(morning: Morning, consultation: Consultation) -> dict[str, Any]:
    return {"consultation": consultation, "staff": consultation.consultant, "now": morning.now}


def own_visitor(morning: Morning, owner: Staff, name: str = "王美") -> Visitor:
    visitor = morning.register(name)
    visitor.owner, visitor.standing = owner, Standing.NO_DEAL
    visitor.save()
    return visitor
