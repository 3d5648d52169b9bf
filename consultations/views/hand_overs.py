"""Hand-overs of a leaver's visitors: choosing, preview, carrying out, taking back, and the notice of the receivers."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in, words_in
from clinic.forms import typed_with
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views.say import done
from consultations import services
from consultations.forms.hand_overs import (
    CarryOutForm,
    ShareForm,
    TakeBackForm,
    moves_as_text,
    moves_in,
    numbers_in,
)
from consultations.models import HandOver
from consultations.selectors import hand_overs as handed

PAGE = 50
PAST = 20

hands_over = requires(Capability.HAND_OVER)


@hands_over
@require_GET
def hand_overs(request: HttpRequest) -> HttpResponse:
    """Show who has visitors to give away, and what was handed over before."""
    branch = staff_of(request).branch
    page = Paginator(handed.hand_overs_of(branch), PAST).get_page(request.GET.get("page"))
    context = {
        "leavers": list(handed.leavers_of(branch)),
        "today": branch.today(timezone.now()),
        "page": page,
        "zone": branch.time_zone,
    }
    return render(request, "consultations/hand_overs.html", context)


@dataclass(slots=True)
class _Asked:
    """What the page of one leaver was asked for: its two forms, and the plan they make."""

    leaver: Staff
    share: ShareForm
    carry: CarryOutForm
    moves: dict[int, int]
    colleagues: list[Staff]
    ticked: set[int]
    moved: bool


@hands_over
@require_http_methods(["GET", "POST"])
def hand_over_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose who takes a leaver's visitors over, look at the preview, move some by hand, and carry it out."""
    staff, now = staff_of(request), timezone.now()
    leaver = get_object_or_404(handed.people_of(staff.branch), pk=pk)
    data = request.POST if request.method == "POST" else request.GET
    asked = _asked(leaver, data, handed.colleagues_for(leaver, now))
    if not asked.share.is_bound or not asked.share.is_valid():
        return _preview(request, asked, status=422 if asked.share.errors else 200)
    if data.get("do") == "carry_out" and request.method == "POST":
        return _carry_out(request, asked)
    if data.get("do") == "move" and not asked.moved:
        return _preview(request, asked, status=422, none_ticked=True)
    return _preview(request, asked)


def _asked(leaver: Staff, data: QueryDict, colleagues: list[Staff]) -> _Asked:
    moves = moves_in(data.get("moves", ""))
    ticked = {visitor for one in data.getlist("moved") if (visitor := number_in(one)) is not None}
    to = number_in(data.get("move_to", ""))
    moved = data.get("do") == "move" and bool(ticked)
    if moved and to is not None:
        moves |= dict.fromkeys(sorted(ticked), to)
        ticked = set()
    if data.get("do") == "unmove":
        moves = {}
    share = ShareForm(data if "rule" in data else None, colleagues=colleagues)
    kept = {"reason": data.get("reason", ""), "moves": moves_as_text(moves)}
    return _Asked(leaver, share, CarryOutForm(initial=kept), moves, colleagues, ticked, moved)


def _carry_out(request: HttpRequest, asked: _Asked) -> HttpResponse:
    staff, now = staff_of(request), timezone.now()
    asked.carry = CarryOutForm(request.POST)
    if not asked.carry.is_valid():
        return _preview(request, asked, status=422)
    said = asked.carry.cleaned_data
    if said["shared"] not in ("", asked.share.as_text):
        sentence = _("Other colleagues, or another way, were chosen since the preview. Look at the new preview first.")
        asked.carry.add_error(None, sentence)
        return _preview(request, asked, status=409)
    seen = numbers_in(said["seen"])
    arguments: dict[str, Any] = {
        "leaver": asked.leaver,
        "receivers": asked.share.receivers,
        "rule": asked.share.cleaned_data["rule"],
        "moves": asked.moves,
        "seen": seen,
        "mark": said["mark"],
        "reason": said["reason"],
        "request_key": said["request_key"],
        "staff": staff,
        "now": now,
    }
    try:
        if len(seen) > services.AT_ONCE:
            return redirect("clinic:job", pk=services.start_hand_over(**arguments).pk)
        made = services.hand_over(**arguments)
    except Refused as problem:
        asked.carry.begin_again(problem)
        return _preview(request, asked, status=problem.status)
    done(
        request,
        ngettext(
            "%(number)d visitor of %(leaver)s was handed over.",
            "%(number)d visitors of %(leaver)s were handed over.",
            made.number,
        )
        % {"number": made.number, "leaver": asked.leaver},
    )
    return redirect("consultations:hand_over", pk=made.pk)


def _preview(request: HttpRequest, asked: _Asked, *, status: int = 200, none_ticked: bool = False) -> HttpResponse:
    """Draw the page with the plan as it is now; what a form carries of the plan is set to this one."""
    now = timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    rows = handed.rows_of(asked.leaver)
    context: dict[str, Any] = {
        "leaver": asked.leaver,
        "share": asked.share,
        "carry": asked.carry,
        "form": asked.carry if asked.carry.errors else asked.share,
        "colleagues": asked.colleagues,
        "number": len(rows),
        "none_ticked": none_ticked,
    }
    valid = asked.share.is_bound and asked.share.is_valid()
    if valid and rows:
        plan = handed.plan_of(rows, asked.share.receivers, asked.share.cleaned_data["rule"], asked.moves)
        carried = {
            "moves": moves_as_text(asked.moves),
            "seen": ",".join(map(str, plan.visitors)),
            "mark": plan.mark,
            "shared": asked.share.as_text,
        }
        if asked.carry.is_bound:
            asked.carry.data = typed_with(asked.carry.data, **carried)
        else:
            asked.carry.initial = {**asked.carry.initial, **carried}
        only, text = number_in(data.get("only", "")), words_in(data.get("q", ""), 60)
        lines = [line for line in plan.lines if only in (None, line.to.pk) and _named(line, text)]
        # Who looks for somebody, or asks for another preview, begins at the first page; who moves somebody stays.
        number = None if data.get("do") in ("show", "preview") else data.get("page")
        page = Paginator(lines, PAGE).get_page(number)
        # Whoever turns the page or looks for somebody else goes on ticking.
        elsewhere = asked.ticked & set(plan.visitors) - {line.row.visitor for line in page}
        context |= {
            "plan": plan,
            "standings": handed.STANDINGS,
            "page": page,
            "ticked": asked.ticked,
            "ticked_elsewhere": sorted(elsewhere),
            "only": only,
            "q": text,
            "here": list(handed.here_today(asked.leaver, now)),
            "receivers": asked.share.receivers,
            "as_job": len(rows) > services.AT_ONCE,
        }
    return render(request, "consultations/hand_over_new.html", context, status=status)


def _named(line: handed.Line, text: str) -> bool:
    return text.casefold() in line.row.name.casefold() or text.upper() in line.row.file_number


@hands_over
@require_GET
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a hand-over with its visitors, and whether it can be taken back."""
    found = get_object_or_404(handed.hand_overs_of(staff_of(request).branch), pk=pk)
    return _page_of(request, found, TakeBackForm())


@hands_over
@require_POST
def hand_over_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a hand-over back: every visitor who is still as handed over."""
    found = get_object_or_404(handed.hand_overs_of(staff_of(request).branch), pk=pk)
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        return _page_of(request, found, form, status=422)
    try:
        back, stayed = services.take_back_hand_over(
            hand_over=found, reason=form.cleaned_data["reason"], staff=staff_of(request), now=timezone.now()
        )
    except Refused as problem:
        form.add_error(None, str(problem.message))
        return _page_of(request, found, form, status=problem.status)
    said = ngettext("%(number)d visitor was taken back.", "%(number)d visitors were taken back.", back.number) % {
        "number": back.number
    }
    if stayed:
        said += " " + ngettext(
            "%(number)d stays where she is: she belongs to somebody else by now.",
            "%(number)d stay where they are: they belong to somebody else by now.",
            stayed,
        ) % {"number": stayed}
    done(request, said)
    return redirect("consultations:hand_over", pk=found.pk)


def _page_of(request: HttpRequest, found: HandOver, form: TakeBackForm, *, status: int = 200) -> HttpResponse:
    now, only = timezone.now(), number_in(request.GET.get("only", ""))
    shares = list(found.shares.all())
    lines = handed.not_as_handed_over(found) if request.GET.get("gone") else handed.lines_of(found)
    if only is not None:
        lines = lines.filter(to_staff=only)
    back = getattr(found, "undone_by", None)
    context = {
        "made": found,
        "back": back,
        "shares": shares,
        "page": Paginator(lines, PAGE).get_page(request.GET.get("page")),
        "only": only,
        "gone": handed.not_as_handed_over(found).count() if back is None else 0,
        "only_gone": bool(request.GET.get("gone")),
        "form": form,
        "may_take_back": handed.may_be_taken_back(found, now),
        "until": found.made_at + HandOver.UNDO_WITHIN,
        "zone": found.branch.time_zone,
    }
    return render(request, "consultations/hand_over.html", context, status=status)


@requires(Capability.WORK_OWN_QUEUE)
@require_GET
def hand_over_notice(request: HttpRequest) -> HttpResponse:
    """Say whose visitors I was given, or lost again, until I have seen it."""
    return _notice(request)


@requires(Capability.WORK_OWN_QUEUE)
@require_POST
def hand_over_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """I have seen what a hand-over gave me."""
    share = get_object_or_404(handed.shares_of(staff_of(request)), hand_over=pk)
    services.see_hand_over(share=share, now=timezone.now())
    if request.headers.get("HX-Request"):
        return _notice(request)
    return redirect("consultations:my_visitors")


def _notice(request: HttpRequest) -> HttpResponse:
    shares = list(handed.unseen_shares(staff_of(request))[:3])
    return render(request, "consultations/hand_over_notice.html", {"shares": shares})
