"""An arrival, with all that may be said of it."""

from datetime import datetime

import yaml

from ...facts.people import AtDesk, Designation
from ...facts.words import DesignatedBy, DeskPurpose, GroupPart, OtherReason, Purpose, ReferralBy, Turn, VisitType
from ..day import Arrive, Event
from .pieces import Reader


def read_arrival(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    """A visitor, or several who come as a group."""
    several = isinstance(row["arrive"], yaml.SequenceNode)
    nodes = reader.items(row["arrive"]) if several else [row["arrive"]]
    visitors = tuple(reader.text(node) for node in nodes)
    group = reader.switch(row["group"]) if "group" in row else False
    if several and len(visitors) > 1 and not group:
        reader.wrong(row["arrive"], "several visitors arrive together: say `group: true`")
    if not visitors:
        reader.wrong(row["arrive"], "nobody arrives")
    for twice in {one for one in visitors if visitors.count(one) > 1}:
        reader.wrong(row["arrive"], f"{twice} arrives twice at once")
    reader.arrived.update(visitors)
    other = reader.choice(row["other"], OtherReason) if "other" in row else None
    if "friend" in row and other is not OtherReason.FOR_FRIEND:
        reader.wrong(row["friend"], "`friend` goes with `other: for_friend`")
    free_projects = other is OtherReason.NOT_OFFERED
    designation = None
    if "designates" in row:
        by = reader.choice(row["designated_by"], DesignatedBy) if "designated_by" in row else DesignatedBy.VISITOR
        turn = reader.choice(row["turn"], Turn) if "turn" in row else Turn.FREE
        if "turn" in row and by is not DesignatedBy.MANAGEMENT:
            reader.wrong(row["turn"], "`turn` is management's to say: it goes with `designated_by: management`")
        if turn is Turn.MAKE_UP:
            reader.wrong(row["turn"], "a designation is `counted` or `free`")
        name = reader.consultant(row["designates"])
        if name is not None and by is not None and turn is not None:
            refuses = reader.switch(row["refuses_wait"]) if "refuses_wait" in row else False
            designation = Designation(name, by, turn, refuses_wait=refuses)
    else:
        for key in ("designated_by", "turn", "refuses_wait"):
            if key in row:
                reader.wrong(row[key], f"`{key}` goes with `designates`")
    part = reader.choice(row["part"], GroupPart) if "part" in row else None
    if "part" in row and several:
        reader.wrong(row["part"], "`part` is of one visitor of a group who arrives on her own")
    if "wants" in row and not group and part is None:
        reader.wrong(row["wants"], "`wants` goes with `group: true`")
    if "referral_by" in row and "referrer" not in row:
        reader.wrong(row["referral_by"], "`referral_by` goes with `referrer`")
    purpose = reader.choice(row["purpose"], Purpose) if "purpose" in row else Purpose.CONSULT
    return Arrive(
        at=at,
        line=line,
        visitors=visitors,
        projects=reader.project_list(row["projects"], anything=free_projects) if "projects" in row else (),
        purpose=purpose or Purpose.CONSULT,
        group=group,
        wants=reader.consultant(row.get("wants")),
        designation=designation,
        referrer=reader.text(row["referrer"]) if "referrer" in row else None,
        referral_by=reader.choice(row["referral_by"], ReferralBy) if "referral_by" in row else None,
        other=other,
        friend=reader.text(row["friend"]) if "friend" in row else None,
        emergency=reader.switch(row["emergency"]) if "emergency" in row else False,
        claims_history=reader.switch(row["claims_history"]) if "claims_history" in row else False,
        part=part,
        stated_type=reader.choice(row["type"], VisitType) if "type" in row else None,
        stated_reason=reader.text(row["reason"]) if "reason" in row else "",
        announced=reader.switch(row["announced"]) if "announced" in row else False,
        agent=reader.consultant(row.get("agent")),
        answered_by=reader.consultant(row.get("answered_by")),
        age=reader.number(row["age"]) if "age" in row else None,
        guardian=reader.switch(row["guardian"]) if "guardian" in row else True,
        after_review=reader.switch(row["after_review"]) if "after_review" in row else False,
        at_desk=_at_desk(reader, row),
        again=reader.switch(row["again"]) if "again" in row else False,
        undecided=reader.switch(row["undecided"]) if "undecided" in row else False,
    )


def _at_desk(reader: Reader, row: dict[str, yaml.Node]) -> AtDesk | None:
    """What she comes to a department's desk for, to whom, whether she agrees to another, and who may not do it."""
    if "at_desk" not in row:
        for key in ("doctor", "agrees", "barred"):
            if key in row:
                reader.wrong(row[key], f"`{key}` goes with `at_desk`")
        return None
    purpose = reader.choice(row["at_desk"], DeskPurpose)
    if purpose is None:
        return None
    agrees = reader.switch(row["agrees"]) if "agrees" in row else False
    named = [reader.consultant(one) for one in reader.items(row["barred"])] if "barred" in row else []
    barred = tuple([one for one in named if one is not None])
    return AtDesk(purpose, reader.consultant(row.get("doctor")), agrees=agrees, barred=barred)
