"""Who is concerned: consultants, visitors as the records know them, and a visit as it was registered."""

from dataclasses import dataclass

from .words import (
    DesignatedBy,
    DeskPurpose,
    Employment,
    GroupPart,
    OtherReason,
    Purpose,
    ReferralBy,
    Standing,
    Turn,
    VisitType,
)


@dataclass(frozen=True, slots=True)
class Consultant:
    """A consultant as far as the rules look at her.

    `scope` None: every project. `successor`: who took over her visitors when she left or moved. `stand_in`: whom she
    named beforehand for referrals to her while she is absent. `dedicated`: projects specially given to her (A11).
    `phone`: a phone or online consultant, who has no seat (A14). `sister`: who of the sister pair takes her place on a
    team board while she is off.
    """

    id: str
    scope: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()
    employment: Employment = Employment.HERE
    successor: str | None = None
    stand_in: str | None = None
    dedicated: tuple[str, ...] = ()
    phone: bool = False
    sister: str | None = None

    def may_receive(self, project: str | None) -> bool:
        """Whether scope and exclusions let her take a visit judged by `project` (None: none was named)."""
        if project is None:
            return True
        return project not in self.excluded and (self.scope is None or project in self.scope)


@dataclass(frozen=True, slots=True)
class Person:
    """What the records say of somebody. `owner`: the consultant she belongs to; `received_by`: all who received her."""

    id: str
    standing: Standing
    owner: str | None = None
    received_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Designation:
    """Somebody named a consultant. `turn` is management's to say (A2); `refuses_wait`: the wait was offered in vain."""

    consultant: str
    by: DesignatedBy
    turn: Turn = Turn.FREE
    refuses_wait: bool = False


@dataclass(frozen=True, slots=True)
class Referral:
    """Brought by an existing visitor; `referrer` None: no record of her can be found."""

    by: ReferralBy
    referrer: Person | None


@dataclass(frozen=True, slots=True)
class AtDesk:
    """What a visitor comes to a department's desk for.

    `doctor`: who operated on her, or is to treat her. `agrees`: she agrees to another while that one cannot take her.
    `barred`: who may not do what she comes for, and so is not asked.
    """

    purpose: DeskPurpose
    doctor: str | None = None
    agrees: bool = False
    barred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One visit at the desk, as it was registered. `declined_by`: who declined this very visit already (T7).

    `stated_type`: the clerk changed the proposed type, for `stated_reason`. `other`: the desk's reason for C5.
    `pre_reported`: she was announced before she came; `agent`: the phone or online consultant whose visitor that makes
    her (O2, O3). `group`: her place in a group that came together, `wants`: the consultant all its members want (T6).
    `claims_history`: she says that she was here, and no record can be found (C9). `answered_by`: who answered the
    enquiry of a friend on her behalf (C8). `age` in full years; `guardian`: somebody answers for a minor.
    `after_review`: she came for a review and now wants a consultation (C4). `at_desk`: she is at a department's desk,
    whose board gives her out; None at the front desk.
    """

    visit: str
    projects: tuple[str, ...] = ()
    purpose: Purpose = Purpose.CONSULT
    declined_by: tuple[str, ...] = ()
    stated_type: VisitType | None = None
    stated_reason: str = ""
    designation: Designation | None = None
    referral: Referral | None = None
    other: OtherReason | None = None
    pre_reported: bool = False
    emergency: bool = False
    agent: str | None = None
    group: GroupPart | None = None
    wants: str | None = None
    claims_history: bool = False
    answered_by: str | None = None
    age: int | None = None
    guardian: bool = True
    after_review: bool = False
    at_desk: AtDesk | None = None
