"""Signing in and out."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.access import public
from clinic.forms.own import SignInForm
from clinic.models import Staff
from clinic.services import sign_ins
from clinic.views.personal import remember_language


class SignIn(LoginView):
    """Ask for login name and password; go on to where the person wanted to go."""

    template_name = "clinic/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, and show the person's own language from the next page on."""
        response = super().form_valid(form)
        if isinstance(self.request.user, Staff) and self.request.user.language:
            remember_language(response, self.request.user.language)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, with the status of a form that was not accepted."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


sign_in = public(SignIn.as_view())
sign_out = public(LogoutView.as_view())


def locked_out(request: HttpRequest, response: object, credentials: dict[str, Any] | None) -> HttpResponse:
    """Answer 429 after too many failures, and say in how many minutes to try again."""
    minutes = sign_ins.minutes_locked(
        username=(credentials or {}).get("username"), address=getattr(request, "axes_ip_address", None)
    )
    return render(request, "clinic/locked_out.html", {"minutes": minutes}, status=429)
