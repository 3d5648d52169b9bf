"""The teams of a desk: who sits with whom."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.access import requires, staff_of
from clinic.asked import words_in
from clinic.problems import Refused
from clinic.views.say import done
from triage import services
from triage.forms import TeamsForm
from triage.selectors import screens
from triage.selectors.boards import FRONT
from triage.selectors.teams import SETS_TEAMS, team_places, version_of


@requires(*SETS_TEAMS)
def teams(request: HttpRequest) -> HttpResponse:
    """Show the teams of a desk, and write them down anew."""
    staff, now, status = staff_of(request), timezone.now(), 200
    desk = screens.desk_of_branch(staff.branch, words_in(request.GET.get("desk", FRONT), 20))
    places = team_places(staff.branch, desk, staff.branch.today(now))
    form = TeamsForm(request.POST or None, places=places, initial={"version": version_of(places)})
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.set_teams(
                    branch=staff.branch,
                    desk=desk,
                    seatings=form.seatings,
                    expected=form.cleaned_data["version"],
                    staff=staff,
                    now=now,
                )
                done(request, _("The teams are written down. The next board opened under team rules seats them so."))
                return redirect(f"{reverse('triage:teams')}?desk={desk}")
            except Refused as refused:
                form.add_error(None, str(refused.message))
                status = refused.status
    return render(request, "triage/teams.html", screens.teams_page_of(staff, desk, form, places, now), status=status)
