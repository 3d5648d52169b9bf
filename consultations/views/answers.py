"""How a form of this room is answered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Send the person to another page; a form sent by htmx is told to load it."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address)
