"""What the desk types in, checked once."""

from triage.forms.boards import ConsultantForm, OpenBoardForm, OrderForm, SeatStateForm, TeamsForm
from triage.forms.policies import PolicyForm, RehearsalForm
from triage.forms.visits import ChangedTypeForm, CorrectionForm, NameForm, ReasonForm

__all__ = [
    "ChangedTypeForm",
    "ConsultantForm",
    "CorrectionForm",
    "NameForm",
    "OpenBoardForm",
    "OrderForm",
    "PolicyForm",
    "ReasonForm",
    "RehearsalForm",
    "SeatStateForm",
    "TeamsForm",
]
