"""How far a treatment has come: what may follow what, and who may say so. Pure: no Django, no database, no clock."""

from collections.abc import Mapping
from enum import StrEnum

from clinic.roles import Role


class Stage(StrEnum):
    """A place on the way of a treatment, from the order to the visitor's going home."""

    ORDERED = "ordered"
    ARRIVED = "arrived"
    PREPARING = "preparing"
    IN_THEATRE = "in_theatre"
    DONE = "done"
    OBSERVED = "observed"
    DISCHARGED = "discharged"


class Kind(StrEnum):
    """What kind of treatment goes this way."""

    OPERATION = "operation"
    CARE = "care"
    INJECTABLE = "injectable"


_S = Stage
_ORDER = tuple(Stage)
# The usual next one first. What nobody wrote down while it happened is recorded as done at once.
_FOLLOWS: Mapping[Kind, Mapping[Stage, tuple[Stage, ...]]] = {
    Kind.OPERATION: {
        _S.ORDERED: (_S.ARRIVED, _S.DONE),
        _S.ARRIVED: (_S.PREPARING,),
        _S.PREPARING: (_S.IN_THEATRE,),
        _S.IN_THEATRE: (_S.DONE,),
        _S.DONE: (_S.OBSERVED,),
        _S.OBSERVED: (_S.DISCHARGED,),
    },
    Kind.INJECTABLE: {
        _S.ORDERED: (_S.ARRIVED, _S.DONE),
        _S.ARRIVED: (_S.PREPARING, _S.IN_THEATRE, _S.DONE),
        _S.PREPARING: (_S.IN_THEATRE, _S.DONE),
        _S.IN_THEATRE: (_S.DONE,),
        _S.DONE: (_S.OBSERVED, _S.DISCHARGED),
        _S.OBSERVED: (_S.DISCHARGED,),
    },
    Kind.CARE: {
        _S.ORDERED: (_S.ARRIVED, _S.DONE),
        _S.ARRIVED: (_S.IN_THEATRE, _S.PREPARING, _S.DONE),
        _S.PREPARING: (_S.IN_THEATRE, _S.DONE),
        _S.IN_THEATRE: (_S.DONE,),
        _S.DONE: (_S.DISCHARGED,),
        _S.OBSERVED: (_S.DISCHARGED,),
    },
}
_DESK_AND_WARD = frozenset({Role.DEPARTMENT_DESK, Role.NURSE, Role.DOCTOR})
# A beautician prepares whom she is given, and carries out care; she neither operates nor injects.
_BEAUTICIAN = {kind: frozenset({_S.ARRIVED, _S.PREPARING}) for kind in Kind} | {
    Kind.CARE: frozenset(Stage) - {_S.ORDERED}
}
_WARD = frozenset({Role.NURSE, Role.DOCTOR})
_WHO: Mapping[Stage, frozenset[Role]] = {
    _S.ORDERED: frozenset(),
    _S.ARRIVED: _DESK_AND_WARD | {Role.CONSULTANT, Role.ASSISTANT},
    _S.PREPARING: _DESK_AND_WARD,
    _S.IN_THEATRE: _WARD,
    _S.DONE: _DESK_AND_WARD,
    _S.OBSERVED: _WARD,
    _S.DISCHARGED: _DESK_AND_WARD,
}
# Nobody comes here without an order, a file and signed consents.
GATED = frozenset({_S.IN_THEATRE, _S.DONE})
BEFORE_DONE = frozenset({_S.ORDERED, _S.ARRIVED, _S.PREPARING, _S.IN_THEATRE})
IN_THE_HOUSE = frozenset(Stage) - {_S.ORDERED, _S.DISCHARGED}


def may_follow(kind: Kind, stage: Stage) -> tuple[Stage, ...]:
    """Return where a treatment of this kind may go from a stage, the usual one first; nothing after the last."""
    return _FOLLOWS[kind].get(stage, ())


def may_record(kind: Kind, stage: Stage, roles: frozenset[Role]) -> bool:
    """Say whether somebody with these roles may write down that a treatment of this kind has come to a stage."""
    return bool(_WHO[stage] & roles) or (Role.BEAUTICIAN in roles and stage in _BEAUTICIAN[kind])


def may_enter(kind: Kind, roles: frozenset[Role]) -> bool:
    """Say whether somebody with these roles may enter a treatment of an earlier day as done, or take that back.

    Who says that it is done does; a consultant as well, who writes down what her visitors had before.
    """
    return Role.CONSULTANT in roles or may_record(kind, _S.DONE, roles)


def may_see_to(kind: Kind | None, roles: frozenset[Role]) -> bool:
    """Say whether a desk may give somebody with these roles a visitor; `kind`: of her treatment, None for any other.

    A beautician is given care: she neither operates nor injects, nor does she review or advise.
    """
    return Role.BEAUTICIAN not in roles or bool(roles & _WARD) or kind is Kind.CARE


def earlier(stage: Stage) -> tuple[Stage, ...]:
    """Return the stages a treatment may be put back to by a correction, the nearest first."""
    return tuple(reversed(_ORDER[: _ORDER.index(stage)]))


def way_of(kind: Kind) -> tuple[Stage, ...]:
    """Return the usual way of this kind from beginning to end."""
    way = [_S.ORDERED]
    while following := may_follow(kind, way[-1]):
        way.append(following[0])
    return tuple(way)
