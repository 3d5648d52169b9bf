"""What a screen in the waiting room shows, and the screens themselves."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from clinic.models import Branch, Staff
from reception.devices import hash_of
from reception.masking import called_name
from reception.models import Display, Visit, WaitingRoom

# How many are called at once, at most, as far as a screen shows them: the newest large, the others below.
SHOWN = 7
CALLED = (Visit.State.ACCEPTED, Visit.State.IN_ROOM)
_SAID = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody called: her number, her name as the branch's policy lets it be read, and where to.

    `key` changes when she is called once more; `spoken` is what the screen says aloud.
    """

    key: str
    number: str
    name: str
    place: str
    spoken: str


def names_policy(branch: Branch | int) -> str:
    """Return how a branch's screens name people; masked where nobody has said otherwise."""
    pk = branch if isinstance(branch, int) else branch.pk
    return WaitingRoom.objects.filter(branch=pk).values_list("names", flat=True).first() or WaitingRoom.Names.MASKED


def calls_of(branch: Branch | int, day: date) -> list[Call]:
    """Return who is called at a branch, the latest first: accepted by her consultant, or called once more.

    While somebody is in a consultant's room, nobody else is called there; who was accepted meanwhile is called when the
    room is free again. Two queries however many there are.
    """
    policy = names_policy(branch)
    in_the_room = Visit.objects.filter(consultant=OuterRef("consultant"), state=Visit.State.IN_ROOM)
    finished = Visit.objects.filter(branch=branch, day=day, consultant=OuterRef("consultant")).order_by()
    room_free = Subquery(finished.values("consultant").annotate(last=Max("finished_at")).values("last"))
    visits = (
        Visit.objects.filter(branch=branch, day=day, state__in=CALLED, accepted_at__isnull=False)
        .filter(Q(state=Visit.State.IN_ROOM) | ~Exists(in_the_room))
        .select_related("visitor", "consultant")
        .annotate(last_called=Greatest("accepted_at", "called_at", room_free))
        .only("number", "accepted_at", "visitor__name", "consultant__display_name", "consultant__room")
        .order_by("-last_called", "-number")[:SHOWN]
    )
    return [_call(visit, policy) for visit in visits]


def _call(visit: Visit, policy: str) -> Call:
    called_at: datetime = visit.last_called  # type: ignore[attr-defined]
    consultant = visit.consultant
    place = (consultant.room or consultant.display_name) if consultant else ""
    name = ""
    if policy != WaitingRoom.Names.NONE:
        name = visit.visitor.name if policy == WaitingRoom.Names.FULL else called_name(visit.visitor.name)
    return Call(
        key=f"{visit.pk}-{int(called_at.timestamp() * 1000)}",
        number=str(visit),
        name=name,
        place=place,
        spoken=spoken(str(visit), place),
    )


def spoken(number: str, place: str) -> str:
    """Return a call as it is said in Chinese, the number digit by digit. No name is said aloud."""
    digits = "".join(_SAID.get(one, one) for one in number)
    return f"请{digits}号，到{place}。" if place else f"请{digits}号。"


def display_with(token: str) -> Display | None:
    """Return the screen that has this token and was not taken off; None for any other."""
    if not token:
        return None
    return Display.objects.select_related("branch").filter(token_hash=hash_of(token), revoked_at=None).first()


def display_in_branch(staff: Staff, pk: int) -> QuerySet[Display]:
    """Return the screen if it was paired at this person's branch, taken off or not."""
    return Display.objects.filter(pk=pk, branch=staff.branch_id)


def displays_of(staff: Staff) -> QuerySet[Display]:
    """Return the paired screens of this person's branch that were not taken off, the latest first."""
    return Display.objects.filter(branch=staff.branch_id, revoked_at=None).select_related("paired_by")
