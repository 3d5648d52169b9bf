"""Frozen dataclasses, made and copied quickly.

A decision with its trace is some twenty records. Where a class is frozen, `dataclasses` writes every field by a call of
`object.__setattr__` and copies field by field; here each slot is written through its own descriptor, in half the time,
and a class is looked at once. Nothing else differs: same fields, arguments and equality, and as frozen.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    # These tell the type checker what fields a class has.
    from dataclasses import dataclass, replace
else:
    T = TypeVar("T")

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
        """Return the decorator that `dataclasses.dataclass` returns for these arguments."""

        def made(cls: type[T]) -> type[T]:
            record = dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only)(cls)
            record.__init__ = _init(record)
            return record

        return made

    def replace(record: T, /, **changes: Any) -> T:
        """Return a copy of the record with these fields changed; raises KeyError for a field it has not."""
        cls = type(record)
        read, places, make = _PLANS.get(cls) or _plan(cls)
        values = list(read(record))
        for name in changes:
            values[places[name]] = changes[name]
        return make(*values)


def _init(cls: type) -> Callable[..., None]:
    """The class's `__init__` as `dataclasses` writes it, but for how it sets the slots."""
    by_place: list[str] = []
    by_name: list[str] = []
    body: list[str] = []
    known: dict[str, Any] = {"MISSING": dataclasses.MISSING}
    for field in dataclasses.fields(cls):
        name = value = argument = field.name
        known[f"set_{name}"] = getattr(cls, name).__set__
        if field.default is not dataclasses.MISSING:
            known[f"default_{name}"] = field.default
            argument = f"{name}=default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            known[f"make_{name}"] = field.default_factory
            argument = f"{name}=MISSING"
            value = f"make_{name}() if {name} is MISSING else {name}"
        (by_name if field.kw_only else by_place).append(argument)
        body.append(f"    set_{name}(self, {value})")
    arguments = ", ".join(["self", *by_place, *(["*", *by_name] if by_name else [])])
    # Names of fields and nothing else: what is run here stands in the class.
    exec("\n".join([f"def __init__({arguments}):", *body]), known)  # noqa: S102
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


class _Plan(NamedTuple):
    """How a class is copied: all its fields read at once, the place of each, and what makes one of them in order."""

    read: Callable[[Any], Sequence[Any]]
    places: Mapping[str, int]
    make: Callable[..., Any]


_PLANS: dict[type, _Plan] = {}


def _plan(cls: type) -> _Plan:
    fields = dataclasses.fields(cls)
    names = [field.name for field in fields]
    read = attrgetter(*names)
    by_name = any(field.kw_only for field in fields)
    plan = _Plan(
        read if len(names) > 1 else lambda record: (read(record),),
        {name: place for place, name in enumerate(names)},
        (lambda *values: cls(**dict(zip(names, values, strict=True)))) if by_name else cls,
    )
    _PLANS[cls] = plan
    return plan


__all__ = ["dataclass", "replace"]
