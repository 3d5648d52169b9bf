"""The texts of the consents: every version, and the next one."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.access import requires, staff_of
from clinic.forms import typed_with
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views import say
from reception import services
from reception.forms import ConsentTextForm
from reception.models import ConsentText
from reception.selectors.consents import texts_in_force, versions

PAGE = 20

manages = requires(Capability.MANAGE_POLICY)


@manages
@require_http_methods(["GET", "POST"])
def consent_texts(request: HttpRequest) -> HttpResponse:
    """Show every version of every text; `?kind=` opens the form for its next version, POST writes it."""
    staff, now = staff_of(request), timezone.now()
    today = staff.branch.today(now)
    in_force = texts_in_force(today)
    form, status = None, 200
    if request.method == "POST":
        form, status = ConsentTextForm(request.POST), 422
        if form.is_valid():
            try:
                written = services.write_consent_text(**form.cleaned_data, staff=staff, now=now)
            except Refused as problem:
                if "seen" in problem.detail:
                    form.data = typed_with(form.data, seen=str(problem.detail["seen"]))
                form.add_error(None, str(problem.message))
                status = problem.status
            else:
                say.done(request, _("%(text)s is written.") % {"text": written})
                return redirect("reception:consent_texts")
    elif (kind := request.GET.get("kind", "")) in ConsentText.Kind.values:
        latest = ConsentText.objects.filter(kind=kind).order_by("-version").first()
        words = {"text": latest.text, "text_en": latest.text_en, "seen": latest.version} if latest else {"seen": 0}
        form = ConsentTextForm(initial={"kind": kind, "starts_on": today, **words})
    context = {
        "form": form,
        "writes": ConsentText.Kind(str(form["kind"].value())).label
        if form is not None and form["kind"].value() in ConsentText.Kind.values
        else "",
        "page": Paginator(versions(), PAGE).get_page(request.GET.get("page")),
        "in_force": {text.pk for text in in_force.values()},
        "kinds": ConsentText.Kind.choices,
        "zone": staff.branch.time_zone,
    }
    return render(request, "reception/consent_texts.html", context, status=status)
