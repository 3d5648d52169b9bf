"""Error pages, in the reader's language, each saying what to do next."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinic.problems import Refused


def _page(request: HttpRequest, status: int, *, message: object = "", code: str = "") -> HttpResponse:
    """Return the page, or for a fragment the sentence into the message area."""
    context = {"status": status, "message": message, "code": code, "csrf": code == "csrf"}
    if request.headers.get("HX-Request"):
        response = render(request, "clinic/refused.html", context, status=status)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return render(request, "clinic/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return _page(request, 400, message=_("This request could not be read. Reload the page and try again."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return _page(request, 403, message=_("Your role does not allow this. Nothing was changed."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 for a form that came from an old page."""
    sentence = _("This page is too old to be saved. Copy what you typed, reload the page and send it again.")
    return _page(request, 403, message=sentence, code="csrf")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    return _page(request, 404, message=_("This entry does not exist any more, or belongs to somebody else."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page that needs neither database nor session; 503 while the database is away."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if away else 500
    page = render_to_string("clinic/fault.html", {"status": status, "away": away, "LANGUAGE_CODE": get_language()})
    return HttpResponse(page, status=status, headers={"Retry-After": "5"} if away else None)


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """Answer 409 or 422 with the sentence of a service that did nothing: into the message area, or as a page."""
    return _page(request, error.status, message=error.message, code=error.code)
