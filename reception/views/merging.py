"""Two records of one person: the list of pairs, the preview, merging, and taking it back."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import typed_with
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.say import done
from reception import services
from reception.forms.merging import MergeForm
from reception.models import Visitor
from reception.selectors.duplicates import open_pairs, pair_named, possible_duplicates
from reception.selectors.merging import latest_merge_of, merge_preview, merged_sentence
from reception.selectors.visitors import records_seen_by, search_visitors, visitor_seen_by
from reception.views.following import follows_merges
from reception.views.looks import looked_at

PAGE = 50
OFFERED = 8

mergers = requires(Capability.MERGE_VISITORS)


@mergers
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """List the pairs of records that may be one person."""
    page = Paginator(open_pairs(), PAGE).get_page(request.GET.get("page"))
    return render(request, "reception/duplicates.html", {"page": page, "pairs": list(page.object_list)})


@mergers
@require_POST
def duplicate_dismiss(request: HttpRequest) -> HttpResponse:
    """Note that a pair are two persons."""
    pair = pair_named(number_in(request.POST.get("pair", "")) or 0)
    if pair is None:
        raise Stale(_("This pair is not on the list any more."), code="no_pair")
    services.dismiss_duplicate(pair=pair, staff=staff_of(request), now=timezone.now())
    done(
        request,
        _("%(first)s and %(second)s are two persons. They are not asked about again.")
        % {"first": pair.first.name, "second": pair.second.name},
    )
    return redirect("reception:duplicates")


@mergers
@require_http_methods(["GET", "POST"])
def visitor_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose another record (`?other=`), see what would become of both, and merge it into this one."""
    staff = staff_of(request)
    if request.method == "POST" and "q" not in request.POST:
        return _merge(request, staff, get_object_or_404(records_seen_by(staff), pk=pk))
    return _choose(request, pk)


@mergers
@require_POST
def visitor_merge_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the merging of a record into another one."""
    staff = staff_of(request)
    other = get_object_or_404(records_seen_by(staff), pk=pk)
    merge = latest_merge_of(other)
    if merge is None:
        raise Stale(_("%(name)s was never merged into another record.") % {"name": other.name}, code="not_merged")
    changed = services.take_merge_back(merge=merge, staff=staff, now=timezone.now())
    text = _("%(name)s (%(number)s) and %(other)s (%(other_number)s) are two records again.") % {
        "name": merge.survivor.name,
        "number": merge.survivor.file_number,
        "other": merge.other.name,
        "other_number": merge.other.file_number,
    }
    if changed:
        text += " " + _("Changed since, and left as it is now: %(fields)s.") % {"fields": _(", ").join(changed)}
    done(request, text)
    return redirect("reception:visitor", pk=merge.survivor_id)


@follows_merges
def _choose(request: HttpRequest, pk: int) -> HttpResponse:
    staff = staff_of(request)
    survivor = get_object_or_404(visitor_seen_by(staff, pk))
    looked_at(request, survivor, Screen.MERGING)
    if (number := number_in(request.GET.get("other", ""))) is not None:
        other = get_object_or_404(records_seen_by(staff), pk=number)
        if other.merged_into_id is not None:
            raise Stale(merged_sentence(other), code="merged", detail={"visitor": other.merged_into_id})
        if other.pk != survivor.pk:
            looked_at(request, other, Screen.MERGING)
            return _drawn(request, MergeForm(preview=merge_preview(survivor, other)))
    text = request.POST.get("q", "").strip()
    if text:
        offered = search_visitors(staff, text, OFFERED)
    else:
        offered = possible_duplicates(
            name=survivor.name,
            phone=str(survivor.phone),
            birth_on=survivor.birth_on,
            but=survivor,
            limit=OFFERED,
        )
    context = {"visitor": survivor, "text": text, "offered": [one for one in offered if one.pk != survivor.pk]}
    return render(request, "reception/merge.html", context)


def _merge(request: HttpRequest, staff: Staff, survivor: Visitor) -> HttpResponse:
    other = records_seen_by(staff).filter(pk=number_in(request.POST.get("other", "")) or 0).first()
    if other is None:
        raise Refused(_("Choose the other record first: search for it by phone, name or file number."), code="other")
    form = MergeForm(request.POST, preview=merge_preview(survivor, other))
    if not form.is_valid():
        return _drawn(request, form, 422)
    try:
        services.merge_visitors(
            survivor=survivor, other=other, keep=form.keep, seen=form.seen, staff=staff, now=timezone.now()
        )
    except Refused as problem:
        if problem.code in ("merged", "same"):
            raise
        fresh = MergeForm(preview=form.preview).initial
        typed = typed_with(request.POST, **{name: str(fresh[name]) for name in ("seen_survivor", "seen_other")})
        again = MergeForm(typed, preview=form.preview)
        again.add_error(None, str(problem.message))
        return _drawn(request, again, problem.status)
    done(
        request,
        _("%(other)s (%(number)s) is merged into this record. It can be taken back for 24 hours.")
        % {"other": other.name, "number": other.file_number},
    )
    return redirect("reception:visitor", pk=survivor.pk)


def _drawn(request: HttpRequest, form: MergeForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "preview": form.preview, "visitor": form.preview.survivor}
    return render(request, "reception/merge_preview.html", context, status=status)
