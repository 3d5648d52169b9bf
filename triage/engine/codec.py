"""Frozen dataclasses and named tuples to plain JSON values and back, by their annotations.

Every class is looked at once; afterwards encoding is a walk over a prepared list of fields, cheap enough to read and
write a whole board inside an allocation. A field added later with a default reads from older records as that default.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Plain = dict[str, Any]
Convert = Callable[..., Any]


class _Plan(NamedTuple):
    """How a class is written and read: all its fields at once, then those that need converting."""

    names: tuple[str, ...]
    read_fields: Convert
    encoders: tuple[tuple[str, Convert], ...]
    decoders: tuple[tuple[str, Convert], ...]


def to_plain(value: object) -> Plain:
    """The value as a dict of strings, numbers, booleans, lists and dicts; times in UTC, ISO 8601."""
    plan = _PLANS.get(type(value)) or _plan(type(value))
    result = dict(zip(plan.names, plan.read_fields(value), strict=True))
    for name, encode in plan.encoders:
        if result[name] is not None:
            result[name] = encode(result[name])
    return result


def from_plain(cls: type[T], data: Mapping[str, Any]) -> T:
    """The value `to_plain` was given; raises ValueError, KeyError or TypeError for anything else."""
    values = dict(data)
    for name, decode in (_PLANS.get(cls) or _plan(cls)).decoders:
        if values.get(name) is not None:
            values[name] = decode(values[name])
    return cls(**values)


_PLANS: dict[type, _Plan] = {}


def _plan(cls: type) -> _Plan:
    hints = get_type_hints(cls)
    names = _names(cls)
    converters = [(name, *_converters(hints[name])) for name in names]
    getter = attrgetter(*names)
    plan = _Plan(
        names,
        getter if len(names) > 1 else lambda value: (getter(value),),
        tuple((name, encode) for name, encode, _ in converters if encode is not None),
        tuple((name, decode) for name, _, decode in converters if decode is not None),
    )
    _PLANS[cls] = plan
    return plan


def _names(cls: Any) -> tuple[str, ...]:
    """The fields of a dataclass or a named tuple; none of anything else."""
    if dataclasses.is_dataclass(cls):
        return tuple(field.name for field in dataclasses.fields(cls))
    return tuple(getattr(cls, "_fields", ()))


def _converters(annotation: Any) -> tuple[Convert | None, Convert | None]:
    """How to write and how to read a field; None where the value is plain already."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        found = [_converters(argument) for argument in arguments if argument is not type(None)]
        if len(found) > 1 and any(pair != (None, None) for pair in found):
            raise TypeError(f"no plain form for {annotation!r}")
        return found[0]
    if origin is tuple:
        encode, decode = _converters(arguments[0])
        return _each(list, encode), _each(tuple, decode)
    if origin is Mapping:
        encode, decode = _converters(arguments[1])
        return _each_value(encode), _each_value(decode)
    if annotation in (str, int, bool, object):
        return None, None
    if annotation is datetime:
        return lambda moment: moment.astimezone(UTC).isoformat(), datetime.fromisoformat
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return attrgetter("value"), annotation._value2member_map_.__getitem__
    if isinstance(annotation, type) and _names(annotation):
        return to_plain, partial(from_plain, annotation)
    raise TypeError(f"no plain form for {annotation!r}")


def _each(collect: Convert, convert: Convert | None) -> Convert:
    if convert is None:
        return collect
    return lambda items: collect([convert(item) for item in items]) if items else collect()


def _each_value(convert: Convert | None) -> Convert:
    if convert is None:
        return dict
    return lambda items: {key: convert(item) for key, item in items.items()}
