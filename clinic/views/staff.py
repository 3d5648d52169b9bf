"""Managers' pages about the people who work here."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in, words_in
from clinic.forms.people import LIMITS, LeaveForm, NewStaffForm, ResetPasswordForm, StaffForm
from clinic.models import Staff
from clinic.problems import Stale
from clinic.roles import Capability
from clinic.selectors.changes import latest_change
from clinic.selectors.people import find_staff, staff_seen_by
from clinic.selectors.places import departments_seen_by
from clinic.services import staff as services
from clinic.views import say
from clinic.words import ROLE_WORDS

PAGE = 50
_MANAGE = requires(Capability.MANAGE_STAFF)


@_MANAGE
def staff_list(request: HttpRequest) -> HttpResponse:
    """Show who works here, filtered."""
    manager = staff_of(request)
    text = words_in(request.GET.get("q", ""), 50)
    found = find_staff(
        manager=manager,
        text=text,
        role=request.GET.get("role", ""),
        department=number_in(request.GET.get("department", "")),
        employed=request.GET.get("employed", "here"),
        today=manager.branch.today(timezone.now()),
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    people = [
        (person, [ROLE_WORDS[group.name] for group in person.groups.all() if group.name in ROLE_WORDS])
        for person in page
    ]
    context = {"page": page, "people": people, "roles": ROLE_WORDS.items(), "departments": departments_seen_by(manager)}
    return render(request, "clinic/staff_list.html", context)


@_MANAGE
def staff_new(request: HttpRequest) -> HttpResponse:
    """Take somebody on."""
    manager, now = staff_of(request), timezone.now()
    today = manager.branch.today(now)
    form = NewStaffForm(request.POST or None, manager=manager, today=today, initial={"active_from": today})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        person = services.create_staff(
            login_name=data["login_name"],
            display_name=data["display_name"],
            branch=manager.branch,
            department=data["department"],
            phone_extension=data["phone_extension"],
            room=data["room"],
            roles=form.chosen_roles,
            password=data["password"],
            active_from=data["active_from"],
            **{name: data[name] for name in LIMITS},
            stand_in=data["stand_in"],
            now=now,
            by=manager,
        )
        say.done(request, _("%(name)s can sign in as %(login)s.") % {"name": person, "login": person.login_name})
        return redirect("clinic:staff_list")
    return render(request, "clinic/staff_form.html", {"form": form}, status=422 if form.errors else 200)


@_MANAGE
def staff_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody's details, roles and scope; beside it stand the forms to reset and to leave."""
    manager, now = staff_of(request), timezone.now()
    drawn = {"seen": latest_change(Staff, pk)}
    person = get_object_or_404(staff_seen_by(manager), pk=pk)
    today = person.branch.today(now)
    form = StaffForm(request.POST or None, instance=_copy(person), manager=manager, today=today, initial=drawn)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_staff(
                staff=person,
                changes=form.details,
                roles=form.chosen_roles,
                projects=form.chosen_projects,
                seen=form.cleaned_data["seen"],
                by=manager,
                now=now,
            )
        except Stale as problem:
            form.look_again(problem)
            return _edit_page(request, person, form=form, status=problem.status)
        say.done(request, _("%(name)s is saved.") % {"name": person})
        return redirect("clinic:staff_edit", pk=pk)
    return _edit_page(request, person, form=form)


@_MANAGE
@require_POST
def staff_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's employment; from the last day on she cannot sign in."""
    manager, now = staff_of(request), timezone.now()
    person = get_object_or_404(staff_seen_by(manager), pk=pk)
    form = LeaveForm(request.POST, leaver=person, today=person.branch.today(now))
    if not form.is_valid():
        return _edit_page(request, person, leave_form=form)
    services.end_employment(
        staff=person,
        last_day=form.cleaned_data["last_day"],
        successor=form.cleaned_data["successor"],
        by=manager,
        now=now,
    )
    say.done(request, _("The last day of %(name)s is set.") % {"name": person})
    return redirect("clinic:staff_edit", pk=pk)


@_MANAGE
@require_POST
def staff_reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a new password for somebody who forgot hers."""
    manager, now = staff_of(request), timezone.now()
    person = get_object_or_404(staff_seen_by(manager), pk=pk)
    form = ResetPasswordForm(request.POST, holder=person)
    if not form.is_valid():
        return _edit_page(request, person, password_form=form)
    services.reset_password(staff=person, password=form.cleaned_data["password"], by=manager, now=now)
    say.done(request, _("%(name)s can sign in with the new password.") % {"name": person})
    return redirect("clinic:staff_edit", pk=pk)


def _copy(person: Staff) -> Staff:
    """Return the person once more, for a form to write on: the service compares with the one that was read."""
    copy = Staff.objects.select_related("branch", "department").get(pk=person.pk)
    copy.roles = person.roles
    return copy


def _edit_page(
    request: HttpRequest,
    person: Staff,
    *,
    form: StaffForm | None = None,
    leave_form: LeaveForm | None = None,
    password_form: ResetPasswordForm | None = None,
    status: int = 422,
) -> HttpResponse:
    drawn = {"seen": latest_change(Staff, person.pk)} if form is None else {}
    wrong = form or leave_form or password_form
    today = person.branch.today(timezone.now())
    context = {
        "person": person,
        "here": person.works_on(today),
        "form": form or StaffForm(instance=person, manager=staff_of(request), today=today, initial=drawn),
        "leave_form": leave_form or LeaveForm(leaver=person, today=today),
        "password_form": password_form or ResetPasswordForm(holder=person),
    }
    failed = wrong is not None and wrong.errors
    return render(request, "clinic/staff_form.html", context, status=status if failed else 200)
