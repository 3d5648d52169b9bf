"""Words for what stands in the details of audit entries: what each is called, and what its codes mean."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.reasons import Reason, Screen
from clinic.words import JOB_WORDS, ROLE_WORDS

# What a detail is called; one that is a field of the object itself is called as the field is.
DETAIL_WORDS: dict[str, Promise] = {
    "absent": _("did not come"),
    "added": _("added"),
    "after": _("after"),
    "answer": _("answer"),
    "as": _("as"),
    "author": _("author"),
    "before": _("before"),
    "call_back": _("call back"),
    "capacity": _("capacity"),
    "changed": pgettext_lazy("audit", "changed"),
    "concern": _("for the supervisor"),
    "consultant": _("consultant"),
    "copy": _("copy"),
    "count": _("how often"),
    "data": _("handling of personal data"),
    "day": _("day"),
    "dedicated": _("reserved projects"),
    "department": _("department"),
    "desk": _("desk"),
    "entries": _("entries"),
    "entry": _("entry"),
    "excluded": _("excluded projects"),
    "fields": pgettext_lazy("audit", "changed"),
    "file": _("file"),
    "filled": _("filled in"),
    "first": _("first record"),
    "from": _("from"),
    "group": _("group"),
    "hash": _("content mark"),
    "how": pgettext_lazy("copy of data", "Asked for"),
    "kind": _("kind"),
    "last_day": _("last day"),
    "lines": _("lines"),
    "messages": _("messages"),
    "new": _("new"),
    "note": _("note"),
    "number": _("number"),
    "other": _("other record"),
    "outcome": pgettext_lazy("audit", "outcome"),
    "overbooked": _("overbooked"),
    "party": _("party"),
    "person": _("person"),
    "photographs": _("photographs"),
    "problems": _("what differs"),
    "project": _("project"),
    "reason": _("reason"),
    "records": _("records"),
    "recovery": _("recovery"),
    "replaces": _("replaces version"),
    "responsible": _("in charge"),
    "result": _("result"),
    "roles": _("roles"),
    "rows": _("rows"),
    "rule": _("rule"),
    "satisfaction": _("satisfaction"),
    "scope": _("projects received"),
    "screen": _("where"),
    "second": _("second record"),
    "sensitive": _("handling of sensitive data"),
    "sha256": _("SHA-256"),
    "skipped": _("left out"),
    "starts_on": _("in force from"),
    "state": _("state"),
    "successor": _("successor"),
    "survivor": _("record kept"),
    "taken": _("taken away"),
    "to": _("to"),
    "treated_on": _("day"),
    "version": _("version"),
    "visit": _("visit"),
    "visits": _("visits"),
    "was_done": _("had been done"),
    "week": _("week"),
    "weekdays": _("weekdays"),
    "where": _("where"),
    "whole_numbers": _("with whole numbers"),
    "whole_phones": _("with whole phone numbers"),
    "why": _("what for"),
    "words": _("in her words"),
}

_STATES: dict[str, Promise] = {
    "planned": _("Planned"),
    "done": _("Done"),
    "cancelled": _("Cancelled"),
}

_CONSENTS: dict[str, Promise] = {
    "given": _("Agreed"),
    "refused": pgettext_lazy("consent", "Refused"),
    "withdrawn": _("Withdrawn"),
}

# What a code of a detail means, where it is not a choice of a field of the object itself.
CODE_WORDS: dict[str, Mapping[str, Promise]] = {
    "reason": dict(Reason.choices),
    "screen": dict(Screen.choices),
    "as": {"supervisor": _("desk supervisor"), "head": _("head of department")},
    "roles": ROLE_WORDS,
    "added": ROLE_WORDS,
    "taken": ROLE_WORDS,
    "from": _STATES,
    "to": _STATES,
    "kind": {**JOB_WORDS, "print": _("on paper"), "excel": _("Excel workbook")},
    "how": {
        "in_person": _("By herself, in person"),
        "in_writing": _("By herself, in writing"),
        "authorised": _("By her guardian or somebody she authorised, in writing"),
    },
    "desk": {"front": _("front desk")},
    "outcome": {
        "assign": pgettext_lazy("audit", "given"),
        "wait": pgettext_lazy("audit", "given, she is busy"),
        "ask_owner": pgettext_lazy("audit", "the owner is asked"),
        "escalate": pgettext_lazy("audit", "the supervisor is asked"),
        "none": pgettext_lazy("audit", "no consultant"),
    },
    "result": {
        "reached": _("Reached"),
        "no_answer": _("No answer"),
        "busy": _("Line busy"),
        "later": _("Call later"),
        "wrong_number": _("Wrong number"),
        "refused": _("Refused"),
        "do_not_call": _("Do not call"),
    },
    "recovery": {"normal": pgettext_lazy("recovery", "Normal"), "abnormal": _("Abnormal")},
    "data": _CONSENTS,
    "sensitive": _CONSENTS,
    "photographs": _CONSENTS,
    "messages": _CONSENTS,
}

# Details that name people and visitors by their keys.
OF_STAFF = frozenset({"after", "author", "before", "consultant", "from", "person", "responsible", "successor", "to"})
OF_VISITORS = frozenset({"first", "other", "second", "survivor"})
