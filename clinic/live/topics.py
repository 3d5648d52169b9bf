"""Names of what a screen can listen to. A topic says that something changed, never what: no personal data."""

from collections.abc import Iterable


def register(branch_id: int) -> str:
    """Today's register of a branch."""
    return f"register-{branch_id}"


def days(branch_id: int) -> str:
    """The days of a branch's register: signed, closed, amended, waiting to be."""
    return f"days-{branch_id}"


def roster(branch_id: int) -> str:
    """Who works when at a branch."""
    return f"roster-{branch_id}"


def board(board_id: int) -> str:
    """One board."""
    return f"board-{board_id}"


def desk(branch_id: int) -> str:
    """All boards of a branch: opened, closed, moved."""
    return f"desk-{branch_id}"


def queue(staff_id: int) -> str:
    """The queue of one consultant."""
    return f"queue-{staff_id}"


def cards(branch_id: int) -> str:
    """The cards that visitors filled in themselves and that wait at a branch's desk."""
    return f"cards-{branch_id}"


def visitor(visitor_id: int) -> str:
    """The story of one visitor."""
    return f"visitor-{visitor_id}"


def record(consultation_id: int) -> str:
    """The record of one consultation: what its consultant writes down."""
    return f"record-{consultation_id}"


def plan(consultation_id: int) -> str:
    """The plan of one consultation, and what is quoted for it."""
    return f"plan-{consultation_id}"


def discounts(branch_id: int) -> str:
    """What a branch's consultants ask to quote below their limit."""
    return f"discounts-{branch_id}"


def deals(branch_id: int) -> str:
    """The deals of a branch and what is open of them."""
    return f"deals-{branch_id}"


def photographs(visitor_id: int) -> str:
    """The photographs of one visitor."""
    return f"photographs-{visitor_id}"


def treatments(branch_id: int) -> str:
    """The treatments of a branch."""
    return f"treatments-{branch_id}"


def department_desk(department_id: int) -> str:
    """Who is expected and who waits at the desk of one department."""
    return f"department-desk-{department_id}"


def call_backs(branch_id: int) -> str:
    """The call-back lists of a branch."""
    return f"call-backs-{branch_id}"


def owner_calls(branch_id: int) -> str:
    """The calls that owners are to make at a branch."""
    return f"owner-calls-{branch_id}"


def complaints(branch_id: int) -> str:
    """The complaints of a branch."""
    return f"complaints-{branch_id}"


def day_log(branch_id: int) -> str:
    """The day log of a branch, its rounds too."""
    return f"day-log-{branch_id}"


def file_room(branch_id: int) -> str:
    """What is asked of the file room of a branch."""
    return f"file-room-{branch_id}"


def appointments(branch_id: int) -> str:
    """The appointments and pre-reports of a branch."""
    return f"appointments-{branch_id}"


def messages(branch_id: int) -> str:
    """The messages a branch sends out."""
    return f"messages-{branch_id}"


def job(job_id: object) -> str:
    """The progress of one job."""
    return f"job-{job_id}"


def staff(staff_id: int) -> str:
    """Notices for one person; every page of that person listens to it."""
    return f"staff-{staff_id}"


SIGN_OUT = "sign-out-"


def sign_out(staff_id: int) -> str:
    """Tells the stream process to end this person's streams at once."""
    return f"{SIGN_OUT}{staff_id}"


def signed_out(names: Iterable[str]) -> list[int]:
    """Return the ids of the people whom these topics sign out."""
    return [int(name.removeprefix(SIGN_OUT)) for name in names if name.startswith(SIGN_OUT)]
