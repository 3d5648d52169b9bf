"""The copy of what is kept about a visitor, for herself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.access import requires, staff_of
from clinic.roles import Capability
from clinic.selectors.personal_data import plain
from reception import services
from reception.forms.own_data import OwnDataForm
from reception.selectors.visitors import visitor_seen_by
from reception.services.own_data import own_data_workbook
from reception.views.following import follows_merges

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(Capability.EXPORT_OWN_DATA)
@require_http_methods(["GET", "POST"])
@follows_merges
def own_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how and what for a visitor's own data are wanted; then answer with all of them, to print or as a workbook."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))
    form = OwnDataForm(request.POST or None, may_reveal=staff.may(Capability.REVEAL_PHONE))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        copy = services.hand_out_own_data(
            visitor=person,
            how=said["how"],
            why=said["why"],
            kind=said["kind"],
            whole_numbers=form.reveals,
            staff=staff,
            now=timezone.now(),
        )
        if said["kind"] == "excel":
            name = f"personal-data-{person.file_number}.xlsx"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return HttpResponse(own_data_workbook(copy).getvalue(), content_type=XLSX, headers=headers)
        return render(
            request, "reception/own_data_print.html", {"visitor": person, "name": plain(person.name), "copy": copy}
        )
    context = {"visitor": person, "form": form}
    return render(request, "reception/own_data.html", context, status=422 if form.errors else 200)
