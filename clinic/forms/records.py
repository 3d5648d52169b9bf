"""What to look for in the audit log."""

from operator import itemgetter
from typing import Any

from django import forms
from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.forms.drawing import DateInput
from clinic.words import ACTION_WORDS


class AuditFilter(forms.Form):
    """What the reader of the audit log looks for."""

    who = forms.CharField(label=_("Person"), required=False, max_length=50)
    action = forms.CharField(label=_("Action"), required=False, max_length=60, widget=forms.Select)
    object = forms.CharField(label=_("Object"), required=False, max_length=80)
    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=DateInput(),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["action"].widget
        assert isinstance(choices, forms.Select)
        choices.choices = [("", _("All")), *_actions_by_room()]


def _actions_by_room() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what can be looked for in the audit log: everything of a room, or one action."""
    rooms: dict[str, list[tuple[str, str]]] = {}
    for action, words in ACTION_WORDS.items():
        rooms.setdefault(action.partition(".")[0], []).append((action, str(words)))
    found = []
    for room, actions in rooms.items():
        name = str(apps.get_app_config(room).verbose_name)
        everything = (f"{room}.", _("everything: %(room)s") % {"room": name})
        found.append((name, [everything, *sorted(actions, key=itemgetter(1))]))
    return found
