"""What stands in the left rail, for whom, in which order; the first item somebody has is where she begins."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.live import topics
from clinic.models import Staff
from clinic.roles import Capability

Topic = Callable[[Staff], str]


def _own_queue(staff: Staff) -> str:
    return topics.queue(staff.pk)


def _desk(staff: Staff) -> str:
    return topics.desk(staff.branch_id)


def _register(staff: Staff) -> str:
    return topics.register(staff.branch_id)


def _call_backs(staff: Staff) -> str:
    return topics.call_backs(staff.branch_id)


def _owner_calls(staff: Staff) -> str:
    return topics.owner_calls(staff.branch_id)


def _complaints(staff: Staff) -> str:
    return topics.complaints(staff.branch_id)


def _file_room(staff: Staff) -> str:
    return topics.file_room(staff.branch_id)


def _treatments(staff: Staff) -> str:
    return topics.treatments(staff.branch_id)


def _days(staff: Staff) -> str:
    return topics.days(staff.branch_id)


def _appointments(staff: Staff) -> str:
    return topics.appointments(staff.branch_id)


def _discounts(staff: Staff) -> str:
    return topics.discounts(staff.branch_id)


def _department_desk(staff: Staff) -> str:
    return topics.department_desk(staff.department_id or 0)


def _own_notices(staff: Staff) -> str:
    return topics.staff(staff.pk)


@dataclass(frozen=True, slots=True)
class Item:
    """A place of work: who sees it, where it is, and what number stands beside it."""

    url_name: str
    label: Promise
    icon: str
    any_of: frozenset[Capability]
    count_url_name: str = ""
    count_topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A region of the notices at the top, filled by the room that has something to say."""

    url_name: str
    any_of: frozenset[Capability]
    topic: Topic


@dataclass(frozen=True, slots=True)
class Link:
    """An item as one person sees it."""

    url: str
    label: Promise
    icon: str
    current: bool
    count_url: str
    count_topic: str


@dataclass(frozen=True, slots=True)
class Region:
    """A notice region as one person sees it."""

    url: str
    topic: str


_C = Capability

ITEMS: tuple[Item, ...] = (
    Item("reception:desk", _("Front desk"), "door-open", frozenset({_C.REGISTER_VISITORS})),
    Item(
        "consultations:queue",
        _("My queue"),
        "person-badge",
        frozenset({_C.WORK_OWN_QUEUE}),
        "consultations:count",
        _own_queue,
    ),
    Item(
        "consultations:desk",
        _("Dept. desk"),
        "heart-pulse",
        frozenset({_C.OPERATE_DEPARTMENT_BOARD}),
        "consultations:desk_count",
        _department_desk,
    ),
    Item(
        "consultations:own_cases",
        _("My cases"),
        "clipboard-pulse",
        frozenset({_C.WORK_OWN_CASES}),
        "consultations:own_count",
        _own_queue,
    ),
    Item(
        "followups:reviews",
        _("Urgent reviews"),
        "exclamation-diamond",
        frozenset({_C.ANSWER_REVIEWS}),
        "followups:review_count",
        _own_notices,
    ),
    Item(
        "followups:worklist",
        _("Call-backs"),
        "headset",
        frozenset({_C.WORK_CALL_BACKS}),
        "followups:count",
        _call_backs,
    ),
    Item(
        "followups:team",
        pgettext_lazy("call-backs", "Call team"),
        "person-lines-fill",
        frozenset({_C.SUPERVISE_CALL_BACKS}),
    ),
    Item(
        "triage:escalations",
        _("Questions"),
        "diagram-3",
        frozenset({_C.ANSWER_ESCALATIONS}),
        "triage:escalation_count",
        _own_notices,
    ),
    Item(
        "followups:own",
        _("My call-backs"),
        "telephone",
        frozenset({_C.WORK_OWN_QUEUE, _C.ANSWER_ESCALATIONS, _C.SUPERVISE_CALL_BACKS}),
        "followups:own_count",
        _owner_calls,
    ),
    Item(
        "reception:file_room",
        _("File room"),
        "clipboard-data",
        frozenset({_C.WORK_FILE_ROOM}),
        "reception:file_count",
        _file_room,
    ),
    Item("consultations:guide", _("Who is where"), "people", frozenset({_C.LEAD_VISITORS})),
    Item(
        "consultations:laboratory",
        _("Laboratory"),
        "clipboard-data",
        frozenset({_C.WORK_LABORATORY}),
        "consultations:laboratory_count",
        _treatments,
    ),
    Item(
        "reception:pre_reports",
        _("Pre-reports"),
        "telephone-inbound",
        frozenset({_C.WORK_OWN_PRE_REPORTS, _C.WORK_APPOINTMENTS}),
        "reception:pre_report_count",
        _appointments,
    ),
    Item("consultations:announced", _("Announced"), "people", frozenset({_C.WORK_OWN_PRE_REPORTS})),
    Item("triage:boards", _("Boards"), "list-ol", frozenset({_C.VIEW_DESK_BOARD, _C.VIEW_DEPARTMENT_BOARD})),
    Item(
        "consultations:discounts",
        _("Discounts"),
        "currency-yen",
        frozenset({_C.DECIDE_DISCOUNTS}),
        "consultations:discount_count",
        _discounts,
    ),
    Item(
        "reception:calendar",
        _("Calendar"),
        "calendar-check",
        frozenset({_C.WORK_APPOINTMENTS, _C.WORK_OWN_PRE_REPORTS, _C.SET_CAPACITY}),
    ),
    Item("reception:register", _("Register"), "card-checklist", frozenset({_C.VIEW_REGISTER})),
    Item("reception:day_log", _("Day log"), "file-text", frozenset({_C.KEEP_DAY_LOG, _C.READ_DAY_LOG})),
    Item("reception:visitors", _("Visitors"), "people", frozenset({_C.FIND_VISITORS, _C.WORK_OWN_QUEUE})),
    Item("consultations:unpaid", _("Balances"), "currency-yen", frozenset({_C.SEE_AMOUNTS})),
    Item("consultations:treatments", _("Treatments"), "clipboard-pulse", frozenset({_C.RECORD_TREATMENTS})),
    Item(
        "consultations:stays",
        _("In-patients"),
        "moon-stars",
        frozenset(
            {
                *(_C.OPERATE_DEPARTMENT_BOARD, _C.WORK_OWN_CASES, _C.VIEW_ALL_VISITORS),
                *(_C.OVERRIDE_TRIAGE, _C.SUPERVISE_CALL_BACKS),
            }
        ),
    ),
    Item(
        "complaints:list",
        _("Complaints"),
        "chat-square-text",
        frozenset({_C.OPEN_COMPLAINTS, _C.HANDLE_COMPLAINTS}),
        "complaints:count",
        _complaints,
    ),
    Item(
        "reception:days",
        _("Day close"),
        "calendar-check",
        frozenset({_C.SIGN_DAY, _C.VIEW_REGISTER}),
        "reception:day_count",
        _days,
    ),
    Item("consultations:hand_overs", _("Hand-over"), "arrow-left-right", frozenset({_C.HAND_OVER})),
    Item(
        "consultations:figures", pgettext_lazy("consultants", "Figures"), "clipboard-data", frozenset({_C.SEE_FIGURES})
    ),
    Item("complaints:weekly_reports", _("Reports"), "graph-up", frozenset({_C.READ_REPORTS})),
    Item(
        "followups:reports",
        _("Call reports"),
        "clipboard-pulse",
        frozenset({_C.READ_REPORTS, _C.SUPERVISE_CALL_BACKS}),
    ),
    Item("clinic:staff_list", _("Staff"), "person-lines-fill", frozenset({_C.MANAGE_STAFF})),
    Item("triage:policies", _("Rules"), "sliders", frozenset({_C.MANAGE_POLICY})),
    Item("consultations:drugs", _("Drugs"), "heart-pulse", frozenset({_C.MANAGE_POLICY})),
    Item("clinic:projects", _("Projects"), "tag", frozenset({_C.MANAGE_POLICY})),
    Item("clinic:levels", _("Levels"), "stars", frozenset({_C.MANAGE_POLICY})),
    Item("followups:plans", pgettext_lazy("call-backs", "Call plans"), "headset", frozenset({_C.MANAGE_POLICY})),
    Item("followups:rules", _("Call rules"), "sliders", frozenset({_C.WORK_CALL_BACKS})),
    Item("reception:imports", _("Import"), "inbox", frozenset({_C.IMPORT_VISITORS})),
    Item("reception:displays", _("Screens"), "megaphone", frozenset({_C.MANAGE_DISPLAYS})),
    Item("reception:consent_texts", _("Consents"), "shield-check", frozenset({_C.MANAGE_POLICY})),
    Item("reception:retention", _("Retention"), "hourglass-split", frozenset({_C.MANAGE_RETENTION})),
    Item("clinic:branch", _("Branch"), "building", frozenset({_C.MANAGE_POLICY})),
    Item("clinic:audit", _("Audit log"), "journal-text", frozenset({_C.VIEW_AUDIT})),
)

NOTICES: tuple[Notice, ...] = (
    Notice("reception:message_slip_notice", frozenset(Capability), _own_notices),
    Notice("consultations:alert", frozenset({_C.WORK_OWN_QUEUE}), _own_queue),
    Notice("consultations:desk_notice", frozenset({_C.OPERATE_DEPARTMENT_BOARD}), _department_desk),
    # Whoever operates, or heads a department, answers; whoever makes calls hears the answer.
    Notice(
        "followups:review_notice",
        frozenset(
            {
                _C.ANSWER_REVIEWS,
                _C.VIEW_DEPARTMENT_BOARD,
                _C.ANSWER_ESCALATIONS,
                _C.SUPERVISE_DAY,
                _C.WORK_CALL_BACKS,
            }
        ),
        _own_notices,
    ),
    Notice("complaints:notice", frozenset({_C.SUPERVISE_COMPLAINTS}), _own_notices),
    Notice("triage:notice", frozenset({_C.ANSWER_ESCALATIONS, _C.WORK_OWN_QUEUE}), _own_notices),
    # Any doctor, nurse, beautician or supervisor may head a department, and then approves amendments.
    Notice("reception:day_notice", frozenset({_C.SUPERVISE_DAY, _C.SIGN_DAY, _C.VIEW_DEPARTMENT_BOARD}), _days),
    Notice("reception:retention_notice", frozenset({_C.MANAGE_RETENTION}), _days),
    Notice("reception:isolation_notice", frozenset({_C.OVERRIDE_TRIAGE}), _desk),
    Notice(
        "consultations:treatment_notice",
        frozenset({_C.RECORD_TREATMENTS, _C.WORK_OWN_QUEUE, _C.VIEW_ALL_VISITORS}),
        _own_notices,
    ),
    Notice("consultations:due_notice", frozenset({_C.LEAD_VISITORS}), _treatments),
    Notice("consultations:forbidden_declines", frozenset({_C.ANSWER_ESCALATIONS}), _desk),
    Notice("consultations:unheeded", frozenset({_C.OPERATE_DESK_BOARD}), _register),
    Notice("consultations:discount_notice", frozenset({_C.DECIDE_DISCOUNTS}), _discounts),
    Notice("consultations:discount_answers", frozenset({_C.WORK_OWN_QUEUE}), _own_notices),
    Notice("consultations:hand_over_notice", frozenset({_C.WORK_OWN_QUEUE}), _own_notices),
    Notice("consultations:priority_notice", frozenset({_C.MANAGE_POLICY}), _own_notices),
    Notice("consultations:owner_hints", frozenset({_C.OVERRIDE_TRIAGE}), _desk),
)


def address(url_name: str) -> str:
    """Return the address of a named page, empty when no room has it."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def links_of(staff: Staff, path: str = "") -> list[Link]:
    """Return the rail of one person, the item of the page at `path` marked; the longest address that fits wins."""
    links = []
    for item in ITEMS:
        if item.any_of & staff.capabilities and (url := address(item.url_name)):
            links.append((item, url))
    here = max((url for _item, url in links if path.startswith(url)), key=len, default="")
    return [
        Link(
            url=url,
            label=item.label,
            icon=item.icon,
            current=url == here,
            count_url=address(item.count_url_name) if item.count_url_name else "",
            count_topic=item.count_topic(staff) if item.count_topic else "",
        )
        for item, url in links
    ]


def notices_of(staff: Staff) -> list[Region]:
    """Return the notice regions of one person."""
    return [
        Region(url=url, topic=notice.topic(staff))
        for notice in NOTICES
        if notice.any_of & staff.capabilities and (url := address(notice.url_name))
    ]
