"""A department's desk: to the doctor who operated or is to treat; rotation does the rest (A1, A12)."""

from ..decision import Outcome, Situation, Verdict
from ..facts.words import DeskPurpose, Employment, Presence, Turn
from ..rotation import minutes_left
from .case import Answer, Case, Ruling


def a1_doctor(case: Case) -> Ruling | None:
    """A review goes to the operating doctor, a planned treatment to hers, without a turn; busy: the visit waits.

    Once the visitor agrees to another, rotation gives her out; until then nobody else receives her.
    """
    wish = case.situation.arrival.at_desk
    if wish is None or wish.doctor is None:
        return None
    params = {"consultant": wish.doctor}
    seat = case.present_seat(wish.doctor)
    if given_to_another(case.situation):
        return Ruling(Verdict("A1", "agreed_absent" if seat is None else "agreed_busy", params), then="A12")
    if seat is None:
        nobody = Answer(Outcome.NONE, others="not_named", everyone=True, params=params)
        return Ruling(Verdict("A1", "doctor_absent", params), nobody)
    says = _SAYS[wish.purpose]
    return Ruling(
        Verdict("A1", f"{says}_busy" if seat.busy else says, params),
        Answer(
            Outcome.WAIT if seat.busy else Outcome.ASSIGN,
            consultant=wish.doctor,
            turn=Turn.FREE,
            turn_rule="T2",
            wait_minutes=minutes_left(seat, case.situation.now) if seat.busy else 0,
            others="not_named",
            everyone=True,
            params=params,
        ),
    )


def given_to_another(situation: Situation) -> tuple[str, ...]:
    """The seat that is not asked: the doctor's, when she cannot take the visitor now and another was agreed to."""
    wish, board = situation.arrival.at_desk, situation.board
    if wish is None or wish.doctor is None or not wish.agrees:
        return ()
    seat = board.seat(wish.doctor)
    known = situation.consultants.get(wish.doctor)
    here = seat is not None and seat.presence is Presence.ON
    here = here and known is not None and known.employment is Employment.HERE
    if here and seat is not None and not seat.busy:
        return ()
    return (board.team_of(wish.doctor) or wish.doctor,)


_SAYS = {DeskPurpose.TREATMENT: "planned", DeskPurpose.REVIEW: "operated", DeskPurpose.CONSULT: "asked"}
