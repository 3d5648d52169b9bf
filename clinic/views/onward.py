"""Where the browser goes when a form is done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser on, also when htmx asked."""
    if not request.headers.get("HX-Request"):
        return redirect(url)
    return HttpResponse(status=204, headers={"HX-Redirect": url})
