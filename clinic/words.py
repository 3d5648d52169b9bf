"""Words for what the code knows only by a name."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.roles import Role


def reads_chinese() -> bool:
    """Say whether the page is for somebody who reads Chinese."""
    return (get_language() or "").startswith("zh")


ROLE_WORDS: dict[str, Promise] = {
    Role.RECEPTION: _("Reception clerk"),
    Role.CONSULTANT: _("Consultant"),
    Role.PHONE_AGENT: _("Phone and online agent"),
    Role.DEPARTMENT_DESK: _("Department desk clerk"),
    Role.DOCTOR: _("Doctor"),
    Role.NURSE: _("Nurse"),
    Role.CUSTOMER_SERVICE: _("Customer service agent"),
    Role.DESK_SUPERVISOR: _("Desk supervisor"),
    Role.CONSULTING_SUPERVISOR: _("Consulting supervisor"),
    Role.SERVICE_SUPERVISOR: _("Service supervisor"),
    Role.ASSISTANT: _("Assistant"),
    Role.LABORATORY: _("Laboratory"),
    Role.FILE_ROOM: _("File and photo room"),
    Role.MANAGER: _("Manager"),
    Role.AUDITOR: _("Auditor"),
}

# Every action the audit log records, as the log says it.
ACTION_WORDS: dict[str, Promise] = {
    "clinic.add_project": _("Added a project"),
    "clinic.cancel_job": _("Asked long work to stop"),
    "clinic.change_branch": _("Changed the branch"),
    "clinic.change_own_password": _("Changed her own password"),
    "clinic.change_project": _("Changed a project"),
    "clinic.change_staff": _("Changed somebody's details"),
    "clinic.create_staff": _("Took somebody on"),
    "clinic.end_employment": _("Set somebody's last day"),
    "clinic.open_branch": _("Opened a branch"),
    "clinic.reset_password": _("Set a new password for somebody"),
    "clinic.set_hours": _("Changed the opening hours"),
    "clinic.set_roles": _("Changed somebody's roles"),
    "clinic.set_scope": _("Changed which projects somebody receives"),
    "clinic.try_message_again": _("Tried a message again"),
    "clinic.sign_in": _("Signed in"),
    "clinic.sign_in_failed": _("A sign-in failed"),
    "clinic.sign_in_locked": _("Sign-in was locked after too many failures"),
    "clinic.sign_out": _("Signed out"),
    "clinic.start_job": _("Started long work"),
    "reception.answer_appointment": _("Wrote down an answer about an appointment"),
    "reception.ask_for_message": _("Asked for a confirmation message"),
    "reception.book_appointment": _("Booked an appointment"),
    "reception.change_visitor": _("Changed a visitor's card"),
    "reception.close_appointments": _("Noted who did not come"),
    "reception.close_pre_report": _("Closed a pre-report"),
    "reception.end_forgotten_visit": _("A visit left open the day before was ended"),
    "reception.follow_up": _("Followed a pre-report up"),
    "reception.pass_on_pre_report": _("Passed a pre-report on"),
    "reception.promise": _("Promised an answer"),
    "reception.record_pre_report": _("Recorded a pre-report"),
    "reception.refuse_messages": _("Noted that somebody wants no messages"),
    "reception.register_arrival": _("Registered an arrival"),
    "reception.register_visitor": _("Took in a new visitor"),
    "reception.reveal_phone": _("Looked at a whole phone number"),
    "reception.set_capacity": _("Set the capacity of half hours"),
    "reception.void_visit": _("Made a wrong entry void"),
    "triage.allocate_visit": _("Allocated a visit"),
    "triage.close_board": _("Closed the day on a board"),
    "triage.correct_visit": _("Corrected an allocation"),
    "triage.create_policy": _("Wrote a new version of the rules"),
    "triage.ensure_policy": _("The standard rules began"),
    "triage.ledger_differs": _("A board no longer agrees with its ledger"),
    "triage.name_consultant": _("Named who receives a visit"),
    "triage.open_board": _("Opened the day on a board"),
    "triage.record_decline": _("Took down that a visit was declined"),
    "triage.record_leave": _("Took down that a visitor left"),
    "triage.reopen_board": _("Took the closing of a day back"),
    "triage.reorder_board": _("Put the seats into another order"),
    "triage.set_teams": _("Changed the teams"),
    "triage.undo_allocation": _("Undid an allocation"),
    "consultations.decline_forbidden": _("Would have declined where the rules forbid it"),
    "consultations.accept_visit": _("Accepted a visit"),
    "consultations.cancel_treatment": _("Cancelled a treatment"),
    "consultations.change_treatment": _("Changed a treatment"),
    "consultations.decline_visit": _("Declined a visit"),
    "consultations.enter_room": _("Began a consultation in the room"),
    "consultations.file_treatment": _("Filed a treatment"),
    "consultations.finish_consultation": _("Finished a consultation"),
    "consultations.record_deal": _("Recorded a deal"),
    "consultations.record_no_deal": _("Recorded that there was no deal"),
    "followups.put_back": _("Put a call back on the list"),
    "followups.record_attempt": _("Recorded a call"),
    "followups.settle_concern": _("Settled a call on the supervisor's list"),
    "complaints.assigned": _("Put somebody in charge of a complaint"),
    "complaints.build_weekly_report": _("Built a weekly report"),
    "complaints.closed": _("Closed a complaint"),
    "complaints.decided": _("Decided a complaint"),
    "complaints.noted": _("Wrote a note on a complaint"),
    "complaints.opened": _("Took a complaint in"),
    "complaints.taken": _("Took a complaint over"),
}

# Every kind of long work, as its page is called.
JOB_WORDS: dict[str, Promise] = {"triage.rehearse_past": _("Rehearse the past")}
