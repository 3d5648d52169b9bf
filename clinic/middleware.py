"""What stands before every view: the limits of a session, privacy, messages of fragments, and the gate."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.access import access_of
from clinic.models import Staff
from clinic.problems import Refused
from clinic.views import errors

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def made_by_hand(request: HttpRequest) -> bool:
    """Say whether a person asked for this; pages mark what they refetch on their own."""
    return "X-Background" not in request.headers


class SessionLimitsMiddleware:
    """Ends a session that was idle or has lasted too long, whatever the browser kept."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Sign out when a limit has passed; otherwise note the time of what a person asked, once a minute."""
        if isinstance(request.user, Staff):
            now = int(timezone.now().timestamp())
            started = request.session.setdefault("started_at", now)
            seen = request.session.setdefault("seen_at", now)
            if now - started > settings.SESSION_ABSOLUTE_HOURS * 3600:
                logout(request)
                messages.info(request, _("Your session has lasted long enough. Please sign in again."))
            elif now - seen > settings.SESSION_IDLE_MINUTES * 60:
                logout(request)
                messages.info(request, _("You were signed out because nothing was done for a while."))
            elif now - seen >= 60 and made_by_hand(request):
                request.session["seen_at"] = now
        return self.get_response(request)


class PersonalMiddleware:
    """Keeps pages with personal data out of every cache, and shows times as the clock of the person's branch does."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the branch's time; not to be stored when somebody was signed in when it was asked for."""
        somebody = request.user.is_authenticated
        with timezone.override(request.user.branch.zone if isinstance(request.user, Staff) else None):
            response = self.get_response(request)
        if somebody and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


class FragmentMessagesMiddleware:
    """Sends messages along with a fragment, into the message area of the page that asked for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Append pending messages to a fragment that a person asked for."""
        response = self.get_response(request)
        if (
            isinstance(response, HttpResponse)
            and "HX-Request" in request.headers
            and made_by_hand(request)
            and response.status_code in {200, 201, 409, 422}
            and response.headers.get("Content-Type", "").startswith("text/html")
            and not {"HX-Redirect", "HX-Refresh", "HX-Location"} & response.headers.keys()
            and (waiting := list(messages.get_messages(request)))
        ):
            response.write(render_to_string("clinic/messages_oob.html", {"messages": waiting}))
        return response


class GateMiddleware:
    """Lets a request through to a view only as the view was declared in `clinic.access`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the work is done when the view is known."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Send a stranger to the sign-in page and refuse everybody a view is not declared for."""
        access = access_of(view)
        if access is None:
            raise PermissionDenied("view is not declared to the gate")
        staff = request.user if isinstance(request.user, Staff) else None
        if access.allows(staff):
            return None
        if staff is None:
            if request.headers.get("HX-Request"):
                # The page belongs to a session that has ended: it loads again, and that leads to the sign-in page.
                return HttpResponse(status=401, headers={"HX-Refresh": "true"})
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        raise PermissionDenied

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Turn a service's refusal into its sentence, beside the form that asked or as a page."""
        return errors.refused(request, error) if isinstance(error, Refused) else None
