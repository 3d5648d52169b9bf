"""What the shift roster lacks, as a part of the pages it concerns."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinic.access import signed_in, staff_of
from clinic.asked import day_in
from triage.selectors.gaps import DAYS, gaps_of


@signed_in
@require_GET
def roster_gaps(request: HttpRequest) -> HttpResponse:
    """Warn of days without a consultant or a doctor: of one desk (`?desk=`) from today on, or of all in a week.

    `?first=`: the first day of that week; days that are over are left out.
    """
    staff = staff_of(request)
    today = staff.branch.today(timezone.now())
    first = day_in(request.GET.get("first", ""))
    begin = max(first or today, today)
    number = DAYS - (begin - first).days if first is not None else DAYS
    gaps = gaps_of(staff.branch, first=begin, number=number, desk=request.GET.get("desk", "")) if number > 0 else []
    context = {
        "gaps": [
            {
                "name": str(gap.department) if gap.department else _("Front desk"),
                "department": gap.department,
                "team": gap.team,
                "days": gap.days,
            }
            for gap in gaps
        ],
        "today": today,
        "linked": first is None,
    }
    return render(request, "triage/roster_gaps.html", context)
