"""What kind of visit is this? The C rules."""

from collections.abc import Callable

from .decision import Typing, Verdict
from .facts.people import Arrival, Person
from .facts.words import DeskPurpose, GroupPart, OtherReason, Purpose, Standing, VisitType
from .policy import Policy

TypeRule = Callable[[Arrival, Person | None, Policy], Typing | None]


def classify(arrival: Arrival, person: Person | None, policy: Policy) -> Typing:
    """The kind of visit with the rule that says so; `person` None means that no record can be found.

    At a department's desk she is what she comes there for, whatever the visit was at the front desk.
    """
    if arrival.at_desk is not None:
        return _AT_DESK[arrival.at_desk.purpose]
    for rule in TYPE_RULES:
        typing = rule(arrival, person, policy)
        if typing is not None:
            return typing
    raise AssertionError("the last C rule types every visit")


def stated(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """What the clerk set before confirming stands, under the rule of that type, with her reason."""
    if arrival.stated_type is None:
        return None
    rule = _RULE_OF_TYPE[arrival.stated_type]
    return Typing(arrival.stated_type, Verdict(rule, "stated", {"reason": arrival.stated_reason}))


def c7_companion(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """With `group: lead` a companion is an `other` visit, unless somebody announced her on her own."""
    if arrival.group is not GroupPart.COMPANION or policy.group != "lead" or arrival.pre_reported:
        return None
    return _COMPANION


def c9_claimed(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """She says that she was here, and nothing can be found: a first visit, and the receiver is told."""
    return _CLAIMED if arrival.claims_history and not _known(person) else None


def c8_friend(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """Somebody enquired for her before: a first visit that belongs to the consultant who answered."""
    if arrival.answered_by is None or _known(person):
        return None
    return Typing(VisitType.FIRST, Verdict("C8", "friend", {"consultant": arrival.answered_by}))


def c5_age(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """A minor without a guardian, or an elder, among those nobody consulted yet: who was belongs to somebody."""
    if arrival.age is None or _known(person):
        return None
    if arrival.age <= policy.minor_until and not arrival.guardian:
        return Typing(VisitType.OTHER, Verdict("C5", "other", {"other": OtherReason.MINOR.value}))
    if arrival.age >= policy.elder_from:
        return Typing(VisitType.OTHER, Verdict("C5", "other", {"other": OtherReason.ELDER.value}))
    return None


def c5_other(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """One of the closed list. Collecting a product she was pre-reported for, she is a first visit."""
    if arrival.other is None:
        return None
    if arrival.other is OtherReason.PRODUCT and arrival.pre_reported:
        return _PRODUCT_REPORTED
    return Typing(VisitType.OTHER, Verdict("C5", "other", {"other": arrival.other.value}))


def c3_review(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """Back for a treatment already done, no consultation wanted. What the visitor says at the desk decides."""
    if arrival.purpose is Purpose.REVIEW:
        return _REVIEW
    return None


def c10_simple(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """`typing: simple` only asks whether she is in the records."""
    if policy.typing != "simple":
        return None
    return _SIMPLE_RETURN if _known(person) else _SIMPLE_FIRST


def c4_after_review(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """A review becomes a repurchase the moment she asks for a consultation."""
    return _AFTER_REVIEW if arrival.after_review else None


def c1_first(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """Nobody here ever consulted her."""
    return None if _known(person) else _FIRST


def c2_return(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """Consulted before, never bought."""
    if person is not None and person.standing is Standing.NO_DEAL:
        return _RETURN
    return None


def c4_repurchase(arrival: Arrival, person: Person | None, policy: Policy) -> Typing | None:
    """Bought before, or left a deposit, and wants a consultation now."""
    if person is None:
        return None
    return Typing(VisitType.REPURCHASE, Verdict("C4", person.standing.value))


TYPE_RULES: tuple[TypeRule, ...] = (
    stated,
    c7_companion,
    c5_other,
    c9_claimed,
    c3_review,
    c8_friend,
    c5_age,
    c10_simple,
    c4_after_review,
    c1_first,
    c2_return,
    c4_repurchase,
)


def _known(person: Person | None) -> bool:
    return person is not None and person.standing is not Standing.NEW


_RULE_OF_TYPE = {
    VisitType.FIRST: "C1",
    VisitType.RETURN: "C2",
    VisitType.REVIEW: "C3",
    VisitType.REPURCHASE: "C4",
    VisitType.OTHER: "C5",
}
_COMPANION = Typing(VisitType.OTHER, Verdict("C7", "companion"))
_AFTER_REVIEW = Typing(VisitType.REPURCHASE, Verdict("C4", "after_review"))
_CLAIMED = Typing(VisitType.FIRST, Verdict("C9", "claimed"))
_FIRST = Typing(VisitType.FIRST, Verdict("C1", "first"))
_PRODUCT_REPORTED = Typing(VisitType.FIRST, Verdict("C5", "product_reported"))
_RETURN = Typing(VisitType.RETURN, Verdict("C2", "return"))
_REVIEW = Typing(VisitType.REVIEW, Verdict("C3", "review"))
_AT_DESK = {
    DeskPurpose.TREATMENT: Typing(VisitType.OTHER, Verdict("C5", "treatment")),
    DeskPurpose.REVIEW: _REVIEW,
    DeskPurpose.CONSULT: Typing(VisitType.OTHER, Verdict("C5", "sent_on")),
}
_SIMPLE_FIRST = Typing(VisitType.FIRST, Verdict("C10", "first"))
_SIMPLE_RETURN = Typing(VisitType.RETURN, Verdict("C10", "return"))
