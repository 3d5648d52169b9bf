"""The screens in the waiting room: what they show without anybody signed in, and the page that pairs them."""

import hashlib

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import public, requires, staff_of
from clinic.live import tickets, topics
from clinic.models import Branch
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.services.sign_ins import address_of
from clinic.views import say
from reception.devices import DISPLAY
from reception.forms.displays import NamesForm, PairForm
from reception.models import Display
from reception.selectors.displays import calls_of, display_in_branch, display_with, displays_of, names_policy
from reception.services import displays as services
from reception.services.public_requests import may_ask

PAGE = 50
CODES_OF_AN_ADDRESS = 12
# The stream's ticket of a screen belongs to nobody: it names one topic, which carries no data.
NOBODY = 0

supervisors = requires(Capability.MANAGE_DISPLAYS)


@public
@require_GET
def display(request: HttpRequest) -> HttpResponse:
    """Show who is called, on a paired screen; on any other a code to pair it by."""
    now = timezone.now()
    found = _asked_by(request)
    token = ""
    if found is None or (found.paired_at is None and now - found.asked_at >= services.CODE_LASTS):
        try:
            # One address cannot use up the codes of the others.
            if not may_ask(subject=f"screen {address_of(request)}", most=CODES_OF_AN_ADDRESS, now=now):
                raise Refused(_("Too many screens asked for a code. Wait some minutes."), code="too_many")
            token, found = services.ask_for_code(address=address_of(request), now=now)
        except Refused as problem:
            response = render(request, "reception/display_unpaired.html", {"problem": problem}, status=503)
            response.headers["Retry-After"] = "60"
            return _private(response)
    if found.branch is None:
        response = render(request, "reception/display_unpaired.html", {"display": found, "version": _version()})
    else:
        services.note_seen(display=found, now=now)
        context = {
            "display": found,
            "branch": found.branch,
            "calls": calls_of(found.branch, found.branch.today(now)),
            "now_here": now.astimezone(found.branch.zone),
            "version": _version(),
            "ticket": _ticket(found.branch),
        }
        response = render(request, "reception/display.html", context)
    if token:
        DISPLAY.give(response, token)
    return _private(response)


@public
@require_GET
def display_calls(request: HttpRequest) -> HttpResponse:
    """Answer a screen with who is called now, its branch's clock, and what the page is made of.

    205 when the screen is to load again: it was paired or taken off since, or its code is over.
    """
    now = timezone.now()
    found = _asked_by(request)
    paired = request.GET.get("paired") == "1"
    over = found is not None and found.paired_at is None and now - found.asked_at >= services.CODE_LASTS
    if found is None or over or (found.branch is not None) is not paired:
        return _private(HttpResponse(status=205))
    if found.branch is None:
        return _private(JsonResponse({"version": _version()}))
    services.note_seen(display=found, now=now)
    here = now.astimezone(found.branch.zone)
    calls = calls_of(found.branch, found.branch.today(now))
    answer = {
        "calls": [
            {"key": one.key, "number": one.number, "name": one.name, "place": one.place, "spoken": one.spoken}
            for one in calls
        ],
        "minutes": here.hour * 60 + here.minute,
        "seconds": here.second,
        "version": _version(),
        "ticket": _ticket(found.branch),
    }
    return _private(JsonResponse(answer))


@supervisors
@require_GET
def displays(request: HttpRequest) -> HttpResponse:
    """Show the screens of the branch."""
    return _page(request)


@supervisors
@require_POST
def display_pair(request: HttpRequest) -> HttpResponse:
    """Pair the screen that shows a code."""
    form = PairForm(request.POST)
    if not form.is_valid():
        return _page(request, pair_form=form, status=422)
    try:
        paired = services.pair_display(
            code=form.cleaned_data["code"],
            name=form.cleaned_data["name"],
            staff=staff_of(request),
            now=timezone.now(),
        )
    except Refused as problem:
        form.add_error("code", str(problem.message))
        return _page(request, pair_form=form, status=422)
    say.done(request, _("The screen “%(name)s” shows who is called.") % {"name": paired.name})
    return redirect("reception:displays")


@supervisors
@require_POST
def display_names(request: HttpRequest) -> HttpResponse:
    """Say how the branch's screens name people."""
    staff = staff_of(request)
    form = NamesForm(request.POST)
    if not form.is_valid():
        return _page(request, names_form=form, status=422)
    services.set_names(branch=staff.branch, names=form.cleaned_data["names"], staff=staff, now=timezone.now())
    say.done(request, _("The screens name people so from now on."))
    return redirect("reception:displays")


@supervisors
@require_POST
def display_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a screen off."""
    staff = staff_of(request)
    found = get_object_or_404(display_in_branch(staff, pk))
    services.revoke_display(display=found, staff=staff, now=timezone.now())
    say.done(request, _("The screen “%(name)s” shows nothing more.") % {"name": found.name})
    return redirect("reception:displays")


def _page(
    request: HttpRequest,
    *,
    pair_form: PairForm | None = None,
    names_form: NamesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    staff = staff_of(request)
    page = Paginator(displays_of(staff), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pair_form": pair_form or PairForm(),
        "names_form": names_form or NamesForm(initial={"names": names_policy(staff.branch)}),
        "on_since": timezone.now() - 3 * services.SEEN_EVERY,
        "address": request.build_absolute_uri("/display/"),
    }
    return render(request, "reception/displays.html", context, status=status)


def _asked_by(request: HttpRequest) -> Display | None:
    return display_with(DISPLAY.token_in(request))


def _ticket(branch: Branch) -> str:
    return tickets.issue(staff_id=NOBODY, topics=[topics.register(branch.pk)])


def _version() -> str:
    """Return what the page is made of: other files, another version."""
    return hashlib.sha256("".join(map(static, ("js/display.js", "css/display.css"))).encode()).hexdigest()[:12]


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
