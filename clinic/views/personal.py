"""What a person sets for herself: language, appearance, password; and the renewal of her page's live ticket."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.access import public, signed_in, staff_of
from clinic.forms.own import PasswordForm, PreferencesForm
from clinic.live import tickets
from clinic.models import Staff
from clinic.services import staff as staff_services


def remember_language(response: HttpResponse, language: str) -> None:
    """Let this browser show the language from the next page on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


@public
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep language, theme or text size, whichever was sent, and go back; strangers keep a language only."""
    form = PreferencesForm(request.POST)
    where = request.POST.get("next", "")
    inside = where.startswith("/") and url_has_allowed_host_and_scheme(where, {request.get_host()}, request.is_secure())
    response: HttpResponse = HttpResponseRedirect(where) if inside else redirect(settings.LOGIN_REDIRECT_URL)
    if not form.is_valid():
        return response
    changes = {name: value for name, value in form.cleaned_data.items() if value}
    if isinstance(request.user, Staff) and changes:
        staff_services.keep_preferences(staff=request.user, changes=changes)
    if language := changes.get("language"):
        remember_language(response, language)
    return response


@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other browsers where one is signed in are signed out."""
    staff = staff_of(request)
    form = PasswordForm(staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        staff_services.change_own_password(staff=staff, password=form.cleaned_data["new_password1"], now=timezone.now())
        update_session_auth_hash(request, staff)
        messages.success(request, _("Your password is changed."))
        return redirect("clinic:password")
    return render(request, "clinic/password.html", {"form": form}, status=422 if form.errors else 200)


@signed_in
@require_POST
def live_ticket(request: HttpRequest) -> HttpResponse:
    """Give a page a fresh ticket for the topics of its old one; refuse a forged or foreign one."""
    staff = staff_of(request)
    try:
        old = tickets.read(request.POST.get("ticket", ""), max_age=tickets.SECONDS_TO_RENEW)
    except signing.BadSignature:
        raise PermissionDenied from None
    if old.staff_id != staff.pk:
        raise PermissionDenied
    return JsonResponse({"ticket": tickets.issue(staff_id=staff.pk, topics=old.topics)})
