"""Template tags of the shell, available in every template without loading."""

from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from phonenumber_field.phonenumber import PhoneNumber, to_python

register = template.Library()
HOME_CODE = 86
HOME = f"+{HOME_CODE}"

# state → word, icon, tone. The tones are the colours of static/css/app.css.
STATES: dict[str, tuple[Promise, str, str]] = {
    "lead": (gettext_lazy("Not booked yet"), "telephone-inbound", "waiting"),
    "booked": (gettext_lazy("Booked"), "calendar3", "in-room"),
    "confirmed": (gettext_lazy("Confirmed"), "calendar-check", "free"),
    "arrived": (gettext_lazy("Arrived"), "door-open", "off"),
    "came": (gettext_lazy("Came"), "door-open", "off"),
    "no_show": (gettext_lazy("Did not come"), "person-x", "late"),
    "moved": (gettext_lazy("Moved"), "arrow-left-right", "off"),
    "queued": (gettext_lazy("To be sent"), "hourglass-split", "waiting"),
    "sent": (gettext_lazy("Sent"), "send", "free"),
    "registered": (gettext_lazy("Registered"), "person-plus", "off"),
    "waiting": (gettext_lazy("Waiting"), "hourglass-split", "waiting"),
    "accepted": (gettext_lazy("Accepted"), "person-check", "in-room"),
    "called": (gettext_lazy("Called"), "megaphone", "in-room"),
    "with_staff": (gettext_lazy("With somebody"), "circle-half", "in-room"),
    "in_room": (gettext_lazy("In the room"), "circle-half", "in-room"),
    "finished": (gettext_lazy("Finished"), "check-circle", "off"),
    "left": (gettext_lazy("Left"), "box-arrow-right", "off"),
    "emergency": (gettext_lazy("Emergency"), "exclamation-octagon-fill", "late"),
    "isolated": (gettext_lazy("Set apart"), "exclamation-octagon-fill", "late"),
    "void": (gettext_lazy("Void"), "slash-circle", "off"),
    "free": (gettext_lazy("Free"), "circle-fill", "free"),
    "busy": (gettext_lazy("Busy"), "circle-half", "in-room"),
    "out": (gettext_lazy("Out"), "circle", "waiting"),
    "off": (gettext_lazy("Off"), "dash-circle", "off"),
    "late": (gettext_lazy("Late"), "exclamation-circle", "late"),
    "suspended": (gettext_lazy("Suspended"), "pause-circle", "off"),
    "open": (gettext_lazy("Open"), "inbox", "waiting"),
    "taken": (gettext_lazy("Taken"), "person-check", "in-room"),
    "planned": (gettext_lazy("Planned"), "calendar3", "in-room"),
    "running": (gettext_lazy("Running"), "arrow-clockwise", "in-room"),
    "done": (gettext_lazy("Done"), "check-circle", "free"),
    "ordered": (gettext_lazy("Ordered"), "calendar3", "in-room"),
    "preparing": (gettext_lazy("Preparing"), "hourglass-split", "waiting"),
    "in_theatre": (gettext_lazy("In theatre"), "circle-half", "in-room"),
    "observed": (gettext_lazy("Observed"), "eye", "in-room"),
    "discharged": (gettext_lazy("Discharged"), "house", "off"),
    "in_house": (gettext_lazy("In the house"), "moon-stars", "in-room"),
    "stay_over": (pgettext_lazy("stay", "Discharged"), "house", "off"),
    "decided": (gettext_lazy("Decided"), "card-checklist", "in-room"),
    "closed": (gettext_lazy("Closed"), "check-circle", "off"),
    "declined": (gettext_lazy("Declined"), "x-circle", "off"),
    "cancelled": (gettext_lazy("Cancelled"), "slash-circle", "off"),
    "failed": (gettext_lazy("Failed"), "exclamation-triangle", "late"),
    "overdue": (gettext_lazy("Overdue"), "exclamation-circle", "late"),
    "minor": (gettext_lazy("Minor"), "info-circle", "off"),
    "general": (gettext_lazy("General"), "exclamation-diamond", "waiting"),
    "major": (gettext_lazy("Major"), "exclamation-octagon-fill", "late"),
}


@cache
def _sprite() -> str:
    """Return where the icons are; some screens draw three hundred."""
    return static("vendor/icons.svg")


def _use(name: str) -> str:
    return f"{_sprite()}#{name}"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return an icon from the sprite; with a label it is read out, without one it is decoration."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, _use(name)
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', _use(name))


@register.simple_tag
def state(name: str, label: str = "") -> SafeString:
    """Return a state as icon, word and colour. `label` replaces the word; an unknown state is shown plain."""
    word, picture, tone = STATES.get(name, (name, "dot", "off"))
    return format_html(
        '<span class="state state-{}"><svg class="icon" aria-hidden="true"><use href="{}"></use></svg>{}</span>',
        tone,
        _use(picture),
        label or word,
    )


@register.simple_tag
def ticking(since: datetime | None, late_after: int = 0) -> SafeString:
    """Return the time since then, running in the browser; late after `late_after` minutes (0: never).

    As 17′09″, from an hour on 1 h 05′: with a colon it would read as a time of the day, which stands beside it. What
    counts on in the browser writes it the same. In a notice that is read out the seconds are not read on.
    """
    if since is None:
        return SafeString("")
    seconds = max(0, int((timezone.now() - since).total_seconds()))
    late = late_after and seconds >= late_after * 60
    text = _running(seconds)
    return format_html(
        '<time class="ticking num{}" data-since="{}" data-late="{}" datetime="{}" aria-live="off">{}</time>',
        " late" if late else "",
        since.isoformat(),
        late_after,
        since.isoformat(),
        text,
    )


def _running(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours} {pgettext('hours that run', 'h')} {minutes:02d}′" if hours else f"{minutes}′{rest:02d}″"


@register.simple_tag
def counting_down(until: datetime) -> SafeString:
    """Return the time left until then, running in the browser; once it is over, how late it is, in words and red."""
    seconds = int((until - timezone.now()).total_seconds())
    late = seconds < 0
    left, over = gettext_lazy("%(time)s left"), gettext_lazy("late by %(time)s")
    return format_html(
        '<time class="ticking num{}" data-until-then="{}" data-left="{}" data-over="{}" datetime="{}">{}</time>',
        " late" if late else "",
        until.isoformat(),
        left % {"time": "{}"},
        over % {"time": "{}"},
        until.isoformat(),
        (over if late else left) % {"time": _running(abs(seconds))},
    )


def masked_phone(phone: object) -> str:
    """Return a phone number with its middle hidden, a foreign one with its country: 138****8000, +852 91****567.

    Of short ones two digits are kept in front and three at the end, of very short ones none.
    """
    number = phone if isinstance(phone, PhoneNumber) else None
    # Reading a number costs more than drawing the row it stands in; most are of this country.
    if isinstance(phone, str) and phone.startswith("+") and not phone.startswith(HOME):
        number = to_python(phone)
    country = getattr(number, "country_code", None)
    national = str(getattr(number, "national_number", None) or phone or "").strip().removeprefix(HOME)
    digits = "".join(character for character in national if character.isdigit())
    abroad = f"+{country} " if country and country != HOME_CODE else ""
    if not digits:
        return ""
    if len(digits) >= 11:
        return f"{abroad}{digits[:3]}****{digits[-4:]}"
    if len(digits) >= 7:
        return f"{abroad}{digits[:2]}****{digits[-3:]}"
    return "*" * len(digits)


@register.simple_tag
def masked(visitor: Any) -> SafeString:
    """Return a visitor's phone with its middle hidden; anything with `phone`, or a number itself, will do."""
    text = masked_phone(getattr(visitor, "phone", visitor))
    if not text:
        return format_html('<span class="muted">{}</span>', _("no phone"))
    return format_html('<span class="num">{}</span>', text)


@register.simple_tag
def colon() -> str:
    """Return what stands between a label and what it labels, in the reader's language."""
    return pgettext("after a label", ": ")


@register.simple_tag
def comma() -> str:
    """Return what stands between the names of a list, in the reader's language."""
    return pgettext("between names", ", ")


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """Return the query string of this page with some parameters changed; an empty value takes one out."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    text = parameters.urlencode()
    return f"?{text}" if text else "?"
