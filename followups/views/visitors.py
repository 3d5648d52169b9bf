"""All calls of one visitor: by treatment, with what she wishes about them."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.problems import Refused, Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from followups import selectors, services
from followups.forms import TrackForm
from followups.models import CallBar
from reception.models import Visitor
from reception.selectors import visitor_seen_by
from reception.views.following import follows_merges
from reception.views.looks import looked_at

# Treatments on a page.
PAGE = 50

agents = requires(Capability.WORK_CALL_BACKS, Capability.SUPERVISE_CALL_BACKS)
supervisors = requires(Capability.SUPERVISE_CALL_BACKS)


@agents
@require_GET
@follows_merges
def visitor(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the calls of a visitor at the reader's branch, why she gets none, and whether she is tracked."""
    found = get_object_or_404(visitor_seen_by(staff_of(request), pk))
    looked_at(request, found, Screen.CALL_BACK)
    listen(request, [topics.visitor(found.pk)])
    return _page(request, found)


def _page(request: HttpRequest, found: Visitor, form: TrackForm | None = None) -> HttpResponse:
    staff = staff_of(request)
    page = Paginator(selectors.treatments_followed(found, staff), PAGE).get_page(request.GET.get("page"))
    bars, trackings = list(selectors.bars_of(found)[:PAGE]), list(selectors.trackings_of(found)[:PAGE])
    context = {
        "visitor": found,
        "page": page,
        "followed": selectors.followed_by_calls(list(page.object_list)),
        "bars": bars,
        "barred": any(one.reason == CallBar.Reason.DO_NOT_CALL and one.ended_at is None for one in bars),
        "trackings": trackings,
        "tracking": next((one for one in trackings if one.ended_at is None), None),
        "track": form or TrackForm(),
        "topic": topics.visitor(found.pk),
        "supervises": staff.may(Capability.SUPERVISE_CALL_BACKS),
        "plans": bool({Capability.SUPERVISE_CALL_BACKS, Capability.MANAGE_POLICY} & staff.capabilities),
    }
    return render(request, "followups/visitor.html", context, status=422 if form else 200)


def _back(request: HttpRequest, found: Visitor) -> HttpResponse:
    return go(request, reverse("followups:visitor", args=[found.pk]))


@agents
@require_POST
@follows_merges
def track(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a visitor individually from now on."""
    staff = staff_of(request)
    found = get_object_or_404(visitor_seen_by(staff, pk))
    form = TrackForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    services.track_visitor(
        visitor=found, reason=form.cleaned_data["reason"], branch=staff.branch, staff=staff, now=timezone.now()
    )
    done(request, _("%(name)s is tracked individually from now on.") % {"name": found})
    return _back(request, found)


@agents
@require_POST
@follows_merges
def untrack(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a visitor as everybody else again."""
    staff = staff_of(request)
    found = get_object_or_404(visitor_seen_by(staff, pk))
    tracking = selectors.trackings_of(found).filter(pk=number_in(request.POST.get("tracking", "")) or 0).first()
    if tracking is None:
        raise Stale(_("She is not tracked individually any more."), code="ended")
    services.end_tracking(tracking=tracking, staff=staff, now=timezone.now())
    done(request, _("%(name)s is not tracked individually any more.") % {"name": found})
    return _back(request, found)


@supervisors
@require_POST
@follows_merges
def bar(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a visitor does not want to be called."""
    staff = staff_of(request)
    found = get_object_or_404(visitor_seen_by(staff, pk))
    services.bar_calls(
        visitor=found, reason=CallBar.Reason.DO_NOT_CALL, branch=staff.branch, staff=staff, now=timezone.now()
    )
    done(request, _("%(name)s is not called any more. Her open calls are closed.") % {"name": found})
    return _back(request, found)


@supervisors
@require_POST
@follows_merges
def unbar(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a visitor be called again."""
    staff = staff_of(request)
    found = get_object_or_404(visitor_seen_by(staff, pk))
    stands = selectors.bars_of(found).filter(pk=number_in(request.POST.get("bar", "")) or 0).first()
    if stands is None:
        raise Stale(_("She is called again already."), code="lifted")
    if stands.reason == CallBar.Reason.COMPLAINT:
        raise Refused(_("Her calls go on by themselves when the complaint is closed."), code="complaint_open")
    services.lift_bar(bar=stands, staff=staff, now=timezone.now())
    done(request, _("%(name)s is called again. Her calls that are still due are open again.") % {"name": found})
    return _back(request, found)
