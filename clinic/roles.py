"""Who may do what, as data. Roles are groups of the same name; capabilities are what a view asks for."""

from enum import StrEnum


class Role(StrEnum):
    """A role a person has at the hospital; one person may have several."""

    RECEPTION = "reception"
    CONSULTANT = "consultant"
    PHONE_AGENT = "phone_agent"
    DEPARTMENT_DESK = "department_desk"
    DOCTOR = "doctor"
    NURSE = "nurse"
    BEAUTICIAN = "beautician"
    CUSTOMER_SERVICE = "customer_service"
    DESK_SUPERVISOR = "desk_supervisor"
    CONSULTING_SUPERVISOR = "consulting_supervisor"
    SERVICE_SUPERVISOR = "service_supervisor"
    ASSISTANT = "assistant"
    LABORATORY = "laboratory"
    FILE_ROOM = "file_room"
    MANAGER = "manager"
    AUDITOR = "auditor"


ROLE_NAMES = frozenset(role.value for role in Role)


class Capability(StrEnum):
    """Something a role may do. Each view names the one it needs."""

    FIND_VISITORS = "find_visitors"
    REGISTER_VISITORS = "register_visitors"
    MERGE_VISITORS = "merge_visitors"
    VIEW_REGISTER = "view_register"
    SIGN_DAY = "sign_day"
    SUPERVISE_DAY = "supervise_day"
    IMPORT_VISITORS = "import_visitors"
    MANAGE_DISPLAYS = "manage_displays"
    REVEAL_PHONE = "reveal_phone"
    EXPORT_OWN_DATA = "export_own_data"
    VIEW_DESK_BOARD = "view_desk_board"
    OPERATE_DESK_BOARD = "operate_desk_board"
    VIEW_DEPARTMENT_BOARD = "view_department_board"
    OPERATE_DEPARTMENT_BOARD = "operate_department_board"
    WORK_OWN_CASES = "work_own_cases"
    OVERRIDE_TRIAGE = "override_triage"
    ANSWER_ESCALATIONS = "answer_escalations"
    WORK_OWN_QUEUE = "work_own_queue"
    RECORD_TREATMENTS = "record_treatments"
    WORK_APPOINTMENTS = "work_appointments"
    WORK_OWN_PRE_REPORTS = "work_own_pre_reports"
    SET_CAPACITY = "set_capacity"
    VIEW_ALL_VISITORS = "view_all_visitors"
    SEE_AMOUNTS = "see_amounts"
    NOTE_PAYMENTS = "note_payments"
    CORRECT_DEALS = "correct_deals"
    ANSWER_REVIEWS = "answer_reviews"
    WORK_CALL_BACKS = "work_call_backs"
    SUPERVISE_CALL_BACKS = "supervise_call_backs"
    OPEN_COMPLAINTS = "open_complaints"
    HANDLE_COMPLAINTS = "handle_complaints"
    SUPERVISE_COMPLAINTS = "supervise_complaints"
    READ_REPORTS = "read_reports"
    MANAGE_STAFF = "manage_staff"
    MANAGE_POLICY = "manage_policy"
    MANAGE_RETENTION = "manage_retention"
    VIEW_AUDIT = "view_audit"
    KEEP_DAY_LOG = "keep_day_log"
    READ_DAY_LOG = "read_day_log"
    WRITE_ROUNDS = "write_rounds"
    WORK_FILE_ROOM = "work_file_room"
    LEAD_VISITORS = "lead_visitors"
    WORK_LABORATORY = "work_laboratory"
    TRACE_BATCHES = "trace_batches"
    DECIDE_DISCOUNTS = "decide_discounts"
    HAND_OVER = "hand_over"
    SEE_FIGURES = "see_figures"
    KEEP_PHOTOGRAPHS = "keep_photographs"
    REMOVE_PHOTOGRAPHS = "remove_photographs"


_C = Capability

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.RECEPTION: frozenset(
        {
            _C.FIND_VISITORS,
            _C.REGISTER_VISITORS,
            _C.VIEW_REGISTER,
            _C.SIGN_DAY,
            _C.REVEAL_PHONE,
            _C.VIEW_DESK_BOARD,
            _C.OPERATE_DESK_BOARD,
            _C.WORK_APPOINTMENTS,
            _C.OPEN_COMPLAINTS,
            _C.KEEP_DAY_LOG,
        }
    ),
    Role.CONSULTANT: frozenset(
        {
            _C.WORK_OWN_QUEUE,
            _C.VIEW_DESK_BOARD,
            _C.RECORD_TREATMENTS,
            _C.SEE_AMOUNTS,
            _C.NOTE_PAYMENTS,
            _C.OPEN_COMPLAINTS,
            _C.SIGN_DAY,
            _C.SEE_FIGURES,
            _C.KEEP_PHOTOGRAPHS,
        }
    ),
    Role.PHONE_AGENT: frozenset({_C.WORK_OWN_PRE_REPORTS, _C.OPEN_COMPLAINTS, _C.SIGN_DAY}),
    Role.DEPARTMENT_DESK: frozenset(
        {
            _C.VIEW_DEPARTMENT_BOARD,
            _C.OPERATE_DEPARTMENT_BOARD,
            _C.RECORD_TREATMENTS,
            _C.OPEN_COMPLAINTS,
            _C.KEEP_PHOTOGRAPHS,
        }
    ),
    # A doctor who sits in a team of the front desk receives visitors as a consultant does.
    Role.DOCTOR: frozenset(
        {
            _C.VIEW_DEPARTMENT_BOARD,
            _C.WORK_OWN_CASES,
            _C.RECORD_TREATMENTS,
            _C.OPEN_COMPLAINTS,
            _C.WORK_OWN_QUEUE,
            _C.TRACE_BATCHES,
            _C.KEEP_PHOTOGRAPHS,
            _C.ANSWER_REVIEWS,
        }
    ),
    Role.NURSE: frozenset(
        {_C.VIEW_DEPARTMENT_BOARD, _C.WORK_OWN_CASES, _C.RECORD_TREATMENTS, _C.OPEN_COMPLAINTS, _C.KEEP_PHOTOGRAPHS}
    ),
    # What a beautician may record is narrower than a nurse's: consultations.stages and the doses say so.
    Role.BEAUTICIAN: frozenset(
        {_C.VIEW_DEPARTMENT_BOARD, _C.WORK_OWN_CASES, _C.RECORD_TREATMENTS, _C.OPEN_COMPLAINTS, _C.KEEP_PHOTOGRAPHS}
    ),
    Role.CUSTOMER_SERVICE: frozenset(
        {
            _C.WORK_CALL_BACKS,
            _C.WORK_OWN_PRE_REPORTS,
            _C.REVEAL_PHONE,
            _C.OPEN_COMPLAINTS,
            _C.HANDLE_COMPLAINTS,
            _C.FIND_VISITORS,
            _C.SIGN_DAY,
        }
    ),
    Role.DESK_SUPERVISOR: frozenset(
        {
            _C.FIND_VISITORS,
            _C.REGISTER_VISITORS,
            _C.MERGE_VISITORS,
            _C.VIEW_REGISTER,
            _C.SIGN_DAY,
            _C.SUPERVISE_DAY,
            _C.REVEAL_PHONE,
            _C.EXPORT_OWN_DATA,
            _C.VIEW_DESK_BOARD,
            _C.OPERATE_DESK_BOARD,
            _C.OVERRIDE_TRIAGE,
            _C.WORK_APPOINTMENTS,
            _C.SET_CAPACITY,
            _C.OPEN_COMPLAINTS,
            _C.KEEP_DAY_LOG,
            _C.WRITE_ROUNDS,
            _C.MANAGE_DISPLAYS,
        }
    ),
    Role.CONSULTING_SUPERVISOR: frozenset(
        {
            _C.FIND_VISITORS,
            _C.VIEW_REGISTER,
            _C.SIGN_DAY,
            _C.VIEW_DESK_BOARD,
            _C.OVERRIDE_TRIAGE,
            _C.ANSWER_ESCALATIONS,
            _C.DECIDE_DISCOUNTS,
            _C.VIEW_ALL_VISITORS,
            _C.SEE_AMOUNTS,
            _C.NOTE_PAYMENTS,
            _C.CORRECT_DEALS,
            _C.OPEN_COMPLAINTS,
            _C.TRACE_BATCHES,
            _C.HAND_OVER,
            _C.SEE_FIGURES,
            _C.REMOVE_PHOTOGRAPHS,
        }
    ),
    Role.SERVICE_SUPERVISOR: frozenset(
        {
            _C.FIND_VISITORS,
            _C.REVEAL_PHONE,
            _C.WORK_CALL_BACKS,
            _C.SUPERVISE_CALL_BACKS,
            _C.SIGN_DAY,
            _C.OPEN_COMPLAINTS,
            _C.HANDLE_COMPLAINTS,
            _C.SUPERVISE_COMPLAINTS,
            _C.READ_REPORTS,
        }
    ),
    Role.ASSISTANT: frozenset({_C.OPEN_COMPLAINTS, _C.LEAD_VISITORS}),
    Role.LABORATORY: frozenset({_C.OPEN_COMPLAINTS, _C.WORK_LABORATORY}),
    Role.FILE_ROOM: frozenset({_C.OPEN_COMPLAINTS, _C.WORK_FILE_ROOM, _C.KEEP_PHOTOGRAPHS}),
    Role.MANAGER: frozenset(
        {
            _C.FIND_VISITORS,
            _C.MERGE_VISITORS,
            _C.EXPORT_OWN_DATA,
            _C.VIEW_REGISTER,
            _C.SIGN_DAY,
            _C.SUPERVISE_DAY,
            _C.VIEW_DESK_BOARD,
            _C.DECIDE_DISCOUNTS,
            _C.VIEW_ALL_VISITORS,
            _C.SEE_AMOUNTS,
            _C.OPEN_COMPLAINTS,
            _C.TRACE_BATCHES,
            _C.READ_REPORTS,
            _C.MANAGE_STAFF,
            _C.SET_CAPACITY,
            _C.MANAGE_POLICY,
            _C.MANAGE_RETENTION,
            _C.VIEW_AUDIT,
            _C.READ_DAY_LOG,
            _C.IMPORT_VISITORS,
            _C.MANAGE_DISPLAYS,
            _C.HAND_OVER,
            _C.SEE_FIGURES,
            _C.REMOVE_PHOTOGRAPHS,
        }
    ),
    Role.AUDITOR: frozenset({_C.VIEW_REGISTER, _C.VIEW_DESK_BOARD, _C.READ_REPORTS, _C.VIEW_AUDIT, _C.READ_DAY_LOG}),
}


def capabilities_of(roles: frozenset[Role]) -> frozenset[Capability]:
    """Return all that somebody with these roles may do."""
    return frozenset().union(*(CAPABILITIES[role] for role in roles))
