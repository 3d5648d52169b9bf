"""What happens on a day, corrections apart: each takes a desk and an event and returns the lines it comes to."""

from dataclasses import replace

from ...allocate.deciding import allocate
from ...corrections.departures import decline, leave
from ...credit import claimant, deal_shares
from ...decision import Outcome, Refused
from ...facts.people import Arrival, Consultant
from ...facts.words import Fate, GroupPart, Turn
from ...ledger.afterwards import Declined, Entered, Finished, Left
from ...ledger.day import CheckedIn, Closed, Reordered, SeatState
from ..day import Arrive, CheckIn, Close, DealMade, Decline, End, Enter, Finish, Learn, Leave, Reorder, Say
from .desk import Desk, Impossible, Line, Visit


def arrives(desk: Desk, event: Arrive) -> list[Line]:
    """A visitor, or each of a group, is registered and given out; raises Impossible when one is here already."""
    lines = []
    for place, visitor in enumerate(event.visitors):
        earlier = desk.visits.get(visitor)
        anew = earlier if event.again and earlier is not None else None
        if anew is not None and not event.undecided and not desk.nobody_has(anew):
            anew = None
        if earlier is not None and not earlier.over and anew is None:
            raise Impossible(f"{visitor} is here already")
        part = event.part
        if event.group:
            part = GroupPart.LEAD if place == 0 else GroupPart.COMPANION
        desk.arrived += 1
        reports = desk.day.pre_reports.get(visitor, ())
        arrival = Arrival(
            visit=anew.number if anew is not None else f"{visitor}#{desk.arrived}",
            projects=event.projects,
            purpose=event.purpose,
            declined_by=anew.arrival.declined_by if anew is not None else (),
            stated_type=event.stated_type,
            stated_reason=event.stated_reason,
            designation=event.designation,
            referral=desk.referral(event.referrer, event.referral_by),
            other=event.other,
            pre_reported=event.announced or bool(reports),
            emergency=event.emergency,
            agent=event.agent or claimant(reports, desk.day.day, desk.day.policy),
            group=part,
            wants=event.wants,
            claims_history=event.claims_history,
            answered_by=event.answered_by or desk.answered_by(visitor),
            age=event.age,
            guardian=event.guardian,
            after_review=event.after_review,
            at_desk=event.at_desk,
        )
        if anew is not None and event.undecided:
            anew.arrival = arrival
            continue
        decision = allocate(desk.situation(arrival, visitor, event.at))
        visit = Visit(arrival.visit, visitor, arrival, decision, friend=event.friend)
        desk.visits[visitor] = visit
        if event.friend is not None:
            desk.enquired_for.add(event.friend)
        if event.undecided:
            visit.last = replace(decision, decision=Outcome.NONE, consultant=None, turn=None, turn_rule=None)
            continue
        lines.append(desk.carry_out(visit, decision, event.at))
    return lines


def says(desk: Desk, event: Say) -> list[Line]:
    """Something is said about a seat; raises Impossible when it is not on the board."""
    if desk.board.seat(event.seat) is None:
        raise Impossible(f"{event.seat} has no seat on this board")
    desk.record(SeatState(at=event.at, seat=event.seat, change=event.change, free_in=event.free_in, until=event.until))
    return []


def checks_in(desk: Desk, event: CheckIn) -> list[Line]:
    """A consultant is there, with or without a seat until now."""
    desk.consultants.setdefault(event.seat, Consultant(event.seat))
    desk.record(CheckedIn(at=event.at, seat=event.seat))
    return []


def reorders(desk: Desk, event: Reorder) -> list[Line]:
    """The seats stand in another order."""
    desk.record(Reordered(at=event.at, seats=event.seats))
    return []


def learns(desk: Desk, event: Learn) -> list[Line]:
    """From now on something else is known of visitors, consultants or projects."""
    desk.persons |= event.persons
    desk.consultants |= event.consultants
    for project, rank in event.ranks.items():
        if rank is None:
            desk.ranks.pop(project, None)
        else:
            desk.ranks[project] = rank
    return []


def enters(desk: Desk, event: Enter) -> list[Line]:
    """The visitor goes into the room of whoever has the visit; raises Impossible when nobody has."""
    visit = desk.open_visit(event.visitor)
    desk.record(Entered(at=event.at, visit=visit.number, seat=desk.who_has(visit)))
    visit.entered = True
    return []


def finishes(desk: Desk, event: Finish) -> list[Line]:
    """The consultation is over, and the records say who received her; raises Impossible when nobody has the visit."""
    visit = desk.open_visit(event.visitor)
    seat = desk.who_has(visit)
    desk.record(Finished(at=event.at, visit=visit.number, seat=seat))
    visit.over = visit.finished = True
    desk.remember(visit, seat)
    return []


def declines(desk: Desk, event: Decline) -> list[Line]:
    """T7: who has the visit declines, and it is given out again; raises Impossible when she does not have it."""
    visit = desk.open_visit(event.visitor)
    if event.consultant is not None and desk.who_has(visit) != event.consultant:
        raise Impossible(f"{event.visitor} is not with {event.consultant}")
    had = visit.turn
    try:
        entry: Declined = decline(desk.board, desk.day.policy, visit=visit.number, at=event.at, by="")
    except Refused as refused:
        return [desk.stands(visit, refused, event.at)]
    desk.record(entry)
    visit.arrival = replace(visit.arrival, declined_by=(*visit.arrival.declined_by, entry.seat))
    visit.receiver = visit.turn = visit.turn_rule = None
    decision = allocate(desk.situation(visit.arrival, visit.visitor, event.at))
    fate = Fate.FREE if had is Turn.FREE else Fate.LOST
    return [desk.carry_out(visit, decision, event.at, fate=fate)]


def leaves(desk: Desk, event: Leave) -> list[Line]:
    """T8: the visitor walks out."""
    visit = desk.open_visit(event.visitor)
    fate = Fate(visit.turn.value) if visit.turn is not None and visit.receiver is not None else None
    try:
        entry: Left = leave(desk.board, desk.day.policy, visit=visit.number, at=event.at, by="")
    except Refused:
        pass  # nobody had her and nobody was asked: she only leaves
    else:
        desk.record(entry)
        fate = Fate.RETURNED if entry.returned else fate
        if fate is Fate.RETURNED:
            visit.turn = None
    visit.over = True
    return [Line(event.at, visit.visitor, previous_turn=fate)]


def ends(desk: Desk, event: End) -> list[Line]:
    """The visit is over, whoever has it; raises Impossible when it was over already."""
    visit = desk.open_visit(event.visitor)
    seat = desk.board.seat_of(visit.number)
    if seat is not None:
        desk.record(
            Entered(at=event.at, visit=visit.number, seat=seat.consultant),
            Finished(at=event.at, visit=visit.number, seat=seat.consultant),
        )
    elif desk.board.pending_for(visit.number) is not None:
        desk.record(Left(at=event.at, visit=visit.number))
    visit.over = True
    return []


def buys(desk: Desk, event: DealMade) -> list[Line]:
    """O4: a deal is shared out; raises Impossible when nobody received the visitor."""
    visit = desk.visits.get(event.visitor)
    if visit is None or visit.receiver is None:
        raise Impossible(f"nobody received {event.visitor}")
    shares = deal_shares(owner=visit.owner, receiver=visit.receiver)
    visit.deals.append(event.visitor)
    if visit.finished:
        desk.remember(visit, visit.receiver)
    return [Line(event.at, visit.visitor, shares=shares)]


def closes(desk: Desk, event: Close) -> list[Line]:
    """The day ends; raises Impossible when it has ended."""
    if desk.board.closed:
        raise Impossible("the day is closed")
    desk.record(Closed(at=event.at, keeps_owed=desk.day.policy.carry_owed))
    return []
