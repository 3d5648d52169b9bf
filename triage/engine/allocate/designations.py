"""C6, A1 to A5 and A13: who needs no consultant, and whom somebody named."""

from ..decision import NO_PARAMS, Outcome, Verdict
from ..facts.people import Designation
from ..facts.words import DesignatedBy, OtherReason, Turn, VisitType
from ..rotation import minutes_left
from .case import IGNORED, Answer, Case, Ruling

NO_CONSULTANT = (OtherReason.PAID_TREATMENT, OtherReason.REFUND, OtherReason.PRODUCT, OtherReason.COMPANION)


def c6_emergency(case: Case) -> Ruling | None:
    """A flag: the doctor comes first, and nothing else changes."""
    return Ruling(Verdict("C6", "emergency")) if case.situation.arrival.emergency else None


def a1_no_consultant(case: Case) -> Ruling | None:
    """A review visit goes to its department's board and the operating doctor; some `other` visits need nobody."""
    other = case.situation.arrival.other
    if case.typing.rule == "C7":
        other = OtherReason.COMPANION
    if case.typing.visit_type is VisitType.OTHER and other in NO_CONSULTANT:
        if case.situation.policy.other_in_rotation:
            return None
        why = {"other": other.value} if other else NO_PARAMS
        nobody = Answer(Outcome.NONE, owner=case.owner, others="no_consultant", everyone=True)
        return Ruling(Verdict("A1", "other", why), nobody)
    if case.typing.visit_type is not VisitType.REVIEW:
        return None
    answer = Answer(Outcome.NONE, owner=case.owner, others="no_consultant", everyone=True)
    if case.owner is None:
        return Ruling(Verdict("A1", "review"), answer)
    return Ruling(Verdict("A1", "review_owner_told", {"owner": case.owner}), answer)


def a2_arrangement(case: Case) -> Ruling | None:
    """Management sends the visitor to a consultant; free unless management says counted."""
    designation = case.designated(DesignatedBy.MANAGEMENT)
    if designation is None:
        return None
    free = designation.turn is Turn.FREE
    return _to_named(case, "A2", designation, Turn.FREE if free else Turn.COUNTED, "T2" if free else "A2")


def a3_division(case: Case) -> Ruling | None:
    """A business division's customer goes to its contracted consultant, counted."""
    designation = case.designated(DesignatedBy.DIVISION)
    return None if designation is None else _to_named(case, "A3", designation, Turn.COUNTED, "T3")


def a13_introduction(case: Case) -> Ruling | None:
    """An introduction by staff or another department is ignored, or treated as a designation, by policy."""
    designation = case.designated(DesignatedBy.STAFF, DesignatedBy.DEPARTMENT)
    if designation is None:
        return None
    ignored = case.situation.policy.staff_introduction == "ignored"
    says = IGNORED if ignored else "as_designation"
    return Ruling(Verdict("A13", says, {"consultant": designation.consultant}))


def a4_designation(case: Case) -> Ruling | None:
    """The visitor names a consultant. Naming her owner is not one: A6 sees to that."""
    designation, policy = case.designation(), case.situation.policy
    wants, one_turn_each = case.situation.arrival.wants, False
    if designation is None and wants is not None:
        designation = Designation(wants, DesignatedBy.VISITOR)
        one_turn_each = policy.group == "each"
    if designation is None or (case.belongs and designation.consultant == case.owner):
        return None
    if one_turn_each:
        return _to_named(case, "A4", designation, Turn.COUNTED, "T6")
    return _to_named(case, "A4", designation, Turn(policy.designation), "A4")


def a5_third_party(case: Case) -> Ruling | None:
    """Somebody else's wish is set aside."""
    designation = case.designated(DesignatedBy.THIRD_PARTY)
    if designation is None:
        return None
    return Ruling(Verdict("A5", IGNORED, {"consultant": designation.consultant}))


def _to_named(case: Case, rule: str, designation: Designation, turn: Turn, turn_rule: str) -> Ruling:
    """To the consultant named, waiting when she is busy; by rotation when she is not here or declined already."""
    name = designation.consultant
    params = {"consultant": name}
    seat = case.present_seat(name)
    if seat is None or name in case.situation.arrival.declined_by:
        return Ruling(Verdict(rule, "absent", params), then="A12")
    if seat.busy and designation.refuses_wait:
        return Ruling(Verdict(rule, "wait_refused", params), then="A12")
    return Ruling(
        Verdict(rule, "busy" if seat.busy else "designated", params),
        Answer(
            Outcome.WAIT if seat.busy else Outcome.ASSIGN,
            consultant=name,
            turn=turn,
            turn_rule=turn_rule,
            owner=case.owner_after_choice(name) if rule == "A4" else case.owner_after(name),
            wait_minutes=minutes_left(seat, case.situation.now) if seat.busy else 0,
            others="not_named",
            everyone=True,
            params=params,
        ),
    )
