"""The gate. Every view is declared with `public`, `signed_in` or `requires`; an undeclared view is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.http import HttpRequest

from clinic.models import Staff
from clinic.roles import Capability

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a view: anybody, anybody signed in, or those with one of the capabilities."""

    anonymous: bool = False
    any_of: frozenset[Capability] = frozenset()

    def allows(self, staff: Staff | None) -> bool:
        """Say whether this person (None: nobody signed in) may use the view."""
        if self.anonymous:
            return True
        if staff is None:
            return False
        return not self.any_of or bool(self.any_of & staff.capabilities)


def _declare(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Declare a view that needs no sign-in."""
    return _declare(view, Access(anonymous=True))


def signed_in(view: View) -> View:
    """Declare a view for everybody signed in."""
    return _declare(view, Access())


def requires(*any_of: Capability) -> Callable[[View], View]:
    """Declare a view for staff with at least one of the capabilities."""
    if not any_of:
        raise ValueError("requires() needs a capability; use signed_in for everybody")
    return lambda view: _declare(view, Access(any_of=frozenset(any_of)))


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return what a view was declared with, None when it was not."""
    return cast("Access | None", getattr(view, "access", None))


def staff_of(request: HttpRequest) -> Staff:
    """Return the signed-in person; raise TypeError on a public view where nobody is signed in."""
    if not isinstance(request.user, Staff):
        raise TypeError("nobody is signed in here")
    return request.user
