"""The first page after signing in, and the health check."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinic import navigation
from clinic.access import public, signed_in, staff_of


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Send the person to the first place where she works; say what to do when there is none."""
    links = navigation.links_of(staff_of(request))
    if links:
        return redirect(links[0].url)
    return render(request, "clinic/home.html")


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 `ok` when the database answers; the launcher and the containers ask."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok", content_type="text/plain")
