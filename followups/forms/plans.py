"""A version of a plan as it is written: from which day on, why, and its calls one by one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.forms.drawing import DateInput, SharedForm
from clinic.words import reads_chinese
from followups.models import PlanQuestion, PlanStep
from followups.plans import Question, Step, Words
from followups.script import unknown_places
from followups.services.plans import place_sentence, warning_fits, warning_sentence

MOST_STEPS = 30
MOST_QUESTIONS = 12
# The furthest a call can be from its day: beyond it a number was mistyped.
FURTHEST = {PlanStep.Unit.DAYS: 1000, PlanStep.Unit.MONTHS: 120}
SIDES = [("after", pgettext_lazy("a day", "after")), ("before", pgettext_lazy("a day", "before"))]

if TYPE_CHECKING:
    RowsFormSet = forms.BaseFormSet["StepForm"]
    QuestionRows = forms.BaseFormSet["QuestionForm"]
else:
    RowsFormSet = QuestionRows = forms.BaseFormSet

_SOME_DAY = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]


class PlanForm(SharedForm):
    """From which day of treatment on a version holds, and why it was made. `seen`: the version it was written after.

    Not `dated`: the plan of one treatment holds whenever that is.
    """

    starts_on = forms.DateField(
        label=gettext_lazy("For treatments from"),
        widget=DateInput(),
        validators=_SOME_DAY,
        help_text=gettext_lazy("Earlier treatments keep the plan they have."),
    )
    note = forms.CharField(label=gettext_lazy("Why it is changed"), max_length=200, required=False)

    def __init__(self, *args: Any, dated: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not dated:
            del self.fields["starts_on"]


class PreviewForm(forms.Form):
    """A day of treatment to see the days of the calls for."""

    on = forms.DateField(label=gettext_lazy("Treated on"), widget=DateInput(), validators=_SOME_DAY)
    next = forms.DateField(
        label=gettext_lazy("Next visit on"), widget=DateInput(), validators=_SOME_DAY, required=False
    )


class Mistake(NamedTuple):
    """What is wrong in a call: the field, which call and what of it, and the sentence."""

    field: str
    where: str
    sentence: str


def _text(label: Any, language: str, *, rows: int, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "lang": language})
    return forms.CharField(label=label, max_length=4000, required=required, widget=widget)


def _warnings() -> list[tuple[str, str]]:
    # Asked for with every form: what is put together beforehand stays in the language of that moment.
    return [
        ("", pgettext("answer that is not normal", "none")),
        ("yes", pgettext("answer", "Yes")),
        ("no", pgettext("answer", "No")),
        *((str(number), _("from %(number)s on") % {"number": number}) for number in range(1, 11)),
    ]


class QuestionForm(forms.Form):
    """A question of a call whose answer is recorded. A row nobody has typed in is none."""

    code = forms.SlugField(max_length=20, required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Chinese question"), max_length=200, widget=forms.TextInput(attrs={"lang": "zh-Hans"})
    )
    name_en = forms.CharField(
        label=gettext_lazy("English question"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"lang": "en"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Answer"), choices=PlanQuestion.Kind, initial=PlanQuestion.Kind.YES_NO.value
    )
    warns_at = forms.ChoiceField(label=gettext_lazy("Not normal"), choices=_warnings, required=False)

    def clean(self) -> dict[str, Any]:
        """Want an answer that is not normal to be one of the answers."""
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind and "warns_at" in data and not warning_fits(kind, data["warns_at"]):
            self.add_error("warns_at", warning_sentence(kind))
        return data

    @property
    def removed(self) -> bool:
        """Whether the row is ticked to be taken out."""
        return _ticked(self)

    @property
    def question(self) -> Question:
        """Return the question, which has no code when it is new; only after `is_valid`. English left out is Chinese."""
        data = self.cleaned_data
        return Question(data["code"], data["kind"], data["name"], data["name_en"] or data["name"], data["warns_at"])


class QuestionsFormSet(QuestionRows):
    """The questions of one call."""

    @property
    def asked(self) -> tuple[Question, ...]:
        """Return the questions in their order; only after `is_valid`."""
        return tuple(form.question for form in self.forms if form.has_changed() and not form.removed)


_Questions = forms.formset_factory(
    QuestionForm,
    formset=QuestionsFormSet,
    extra=0,
    can_delete=True,
    max_num=MOST_QUESTIONS,
    validate_max=True,
    absolute_max=MOST_QUESTIONS + 1,
)


def _questions_form(
    prefix: str, data: Mapping[str, Any] | None, initial: Sequence[Mapping[str, Any]] | None
) -> QuestionsFormSet:
    made = _Questions(data, prefix=prefix, initial=initial, form_kwargs={"empty_permitted": True})
    assert isinstance(made, QuestionsFormSet)
    for form in made.forms:
        form.fields["DELETE"].label = _("Take this question out")
    return made


def _ticked(form: forms.Form) -> bool:
    field = form["DELETE"]
    return bool(field.field.clean(field.data) if form.is_bound else field.initial)


class StepForm(forms.Form):
    """One call of a plan. A row nobody has typed in is none; one with a code is a call that was there before."""

    code = forms.SlugField(max_length=20, required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Chinese name"), max_length=40, widget=forms.TextInput(attrs={"lang": "zh-Hans"})
    )
    name_en = forms.CharField(
        label=gettext_lazy("English name"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"lang": "en"}),
    )
    number = forms.IntegerField(label=pgettext_lazy("of days", "How many"), min_value=0, initial=1)
    unit = forms.ChoiceField(
        label=pgettext_lazy("of time", "Unit"), choices=PlanStep.Unit, initial=PlanStep.Unit.DAYS.value
    )
    side = forms.ChoiceField(label=gettext_lazy("After or before"), choices=SIDES, initial="after")
    anchor = forms.ChoiceField(
        label=gettext_lazy("Counted from"), choices=PlanStep.Anchor, initial=PlanStep.Anchor.OPERATION.value
    )
    kind = forms.ChoiceField(
        label=pgettext_lazy("call-back", "How"), choices=PlanStep.Kind, initial=PlanStep.Kind.PHONE.value
    )
    risk = forms.TypedChoiceField(
        label=gettext_lazy("Urgency"), choices=PlanStep.Urgency, coerce=int, initial=PlanStep.Urgency.SOON.value
    )
    tracked_only = forms.BooleanField(label=gettext_lazy("Only visitors who are tracked individually"), required=False)
    most_tries = forms.IntegerField(
        label=gettext_lazy("Tries at most"),
        min_value=1,
        max_value=20,
        required=False,
        help_text=gettext_lazy("Empty: as the rules of the branch say."),
    )
    pause_no_answer = forms.IntegerField(
        label=gettext_lazy("Minutes until the next try when nobody answers"),
        min_value=15,
        max_value=10080,
        required=False,
        help_text=gettext_lazy("Empty: as the rules of the branch say. 1440 is a day."),
    )
    script = _text(gettext_lazy("Chinese script"), "zh-Hans", rows=8, required=True)
    script_en = _text(gettext_lazy("English script"), "en", rows=8)
    normal = _text(gettext_lazy("Normal now, Chinese: one a line"), "zh-Hans", rows=4)
    normal_en = _text(gettext_lazy("Normal now, English: one a line"), "en", rows=4)
    warning = _text(gettext_lazy("Not normal, Chinese: one a line"), "zh-Hans", rows=4)
    warning_en = _text(gettext_lazy("Not normal, English: one a line"), "en", rows=4)

    TEXTS = ("script", "script_en", "normal", "normal_en", "warning", "warning_en")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prefix = f"{self.prefix}-questions"
        # Whoever sends a call without saying how many questions it has sends none.
        sent = self.data if self.is_bound and f"{prefix}-TOTAL_FORMS" in self.data else None
        self.questions = _questions_form(prefix, sent, (self.initial or {}).get("questions"))

    def has_changed(self) -> bool:
        """Whether anything was typed, in the questions too."""
        return super().has_changed() or (self.questions.is_bound and self.questions.has_changed())

    def is_valid(self) -> bool:
        """Whether the call and its questions are right."""
        return super().is_valid() and (not self.questions.is_bound or self.questions.is_valid())

    def clean(self) -> dict[str, Any]:
        """Want places that exist in the scripts, and a day that is not too far away."""
        data = super().clean() or self.cleaned_data
        for field in ("script", "script_en"):
            for place in unknown_places(data.get(field, "")):
                self.add_error(field, place_sentence(place))
        number, unit = data.get("number"), data.get("unit")
        if number is not None and unit and number > (most := FURTHEST[PlanStep.Unit(unit)]):
            self.add_error("number", _("At most %(number)s.") % {"number": most})
        return data

    @property
    def removed(self) -> bool:
        """Whether the row is ticked to be taken out."""
        return _ticked(self)

    @property
    def title(self) -> str:
        """Return how the call is called in the row's heading; empty for one that has no name yet."""
        names = self["name"].value(), self["name_en"].value()
        return str((names[0] if reads_chinese() else names[1] or names[0]) or "")

    @property
    def texts(self) -> list[forms.BoundField]:
        """Return the fields that are folded away."""
        return [self[name] for name in self.TEXTS]

    @property
    def unfolded(self) -> bool:
        """Whether the texts are shown at once: those of a new call, and those with something wrong in them."""
        return not self["code"].value() or (self.is_bound and any(field.errors for field in self.texts))

    @property
    def step(self) -> Step:
        """Return the call, which has no code when it is new; only after `is_valid`. English left out is Chinese."""
        data = self.cleaned_data
        zh = Words(data["name"], _lines(data["script"]), _lines(data["normal"]), _lines(data["warning"]))
        en = Words(
            data["name_en"] or zh.name,
            _lines(data["script_en"]) or zh.script,
            _lines(data["normal_en"]) or zh.normal,
            _lines(data["warning_en"]) or zh.warning,
        )
        return Step(
            data["code"],
            -data["number"] if data["side"] == "before" else data["number"],
            data["unit"],
            data["risk"],
            zh,
            en,
            anchor=data["anchor"],
            kind=data["kind"],
            tracked_only=data["tracked_only"],
            questions=self.questions.asked if self.questions.is_bound else (),
            most_tries=data["most_tries"],
            pause_no_answer=data["pause_no_answer"],
        )


def _lines(text: str) -> str:
    """Return a text as it is kept: a browser sends two signs for the end of a line."""
    return "\n".join(text.splitlines())


class StepsFormSet(RowsFormSet):
    """The calls of a version; none at all is a plan without calls."""

    @property
    def steps(self) -> list[Step]:
        """Return the calls in the order they are made in; only after `is_valid`."""
        said = [form for form in self.forms if form.has_changed() and not form.removed]
        return sorted((form.step for form in said), key=_order)

    @property
    def mistakes(self) -> list[Mistake]:
        """Return what is wrong, call by call; nothing of those that are taken out."""
        return list(self._mistakes()) if self.is_bound else []

    def _mistakes(self) -> Iterator[Mistake]:
        for sentence in self.non_form_errors():
            yield Mistake("", "", str(sentence))
        for place, form in enumerate(self.forms, start=1):
            if form.removed:
                continue
            for field in form:
                for sentence in field.errors:
                    where = _("Call %(number)s, %(field)s") % {"number": place, "field": field.label}
                    yield Mistake(field.id_for_label, where, str(sentence))
            if form.questions.is_bound and form.has_changed():
                yield from _mistakes_asked(form.questions, place)


def _mistakes_asked(questions: QuestionsFormSet, place: int) -> Iterator[Mistake]:
    for sentence in questions.non_form_errors():
        yield Mistake("", "", str(sentence))
    for number, form in enumerate(questions.forms, start=1):
        for field in form if not form.removed else ():
            for sentence in field.errors:
                where = _("Call %(call)s, question %(number)s, %(field)s") % {
                    "call": place,
                    "number": number,
                    "field": field.label,
                }
                yield Mistake(field.id_for_label, where, str(sentence))


def _order(step: Step) -> tuple[bool, int]:
    # Only calls counted from the next visit have no place among the others; a month is about thirty days.
    return step.anchor == "next_visit", step.offset * (30 if step.unit == "months" else 1)


_Steps = forms.formset_factory(
    StepForm,
    formset=StepsFormSet,
    extra=0,
    can_delete=True,
    max_num=MOST_STEPS,
    validate_max=True,
    absolute_max=MOST_STEPS + 1,
)


def steps_form(
    data: Mapping[str, Any] | None = None, *, initial: Sequence[Mapping[str, Any]] | None = None
) -> StepsFormSet:
    """Return the rows of a version: as they were sent, or with what is known."""
    made = _Steps(data, prefix="steps", initial=initial, form_kwargs={"empty_permitted": True})
    assert isinstance(made, StepsFormSet)
    for form in made.forms:
        form.fields["DELETE"].label = _("Take this call out")
    return made


def rows_of(steps: Sequence[PlanStep]) -> list[dict[str, Any]]:
    """Return what the rows of a version begin with; what is the same in English stands once."""
    return [
        {
            "code": step.code,
            "name": step.name,
            "name_en": _other(step.name_en, step.name),
            "number": abs(step.offset),
            "unit": step.unit,
            "side": "before" if step.offset < 0 else "after",
            "anchor": step.anchor,
            "kind": step.kind,
            "risk": min(step.risk, PlanStep.Urgency.MOST),
            "tracked_only": step.tracked_only,
            "script": step.script,
            "script_en": _other(step.script_en, step.script),
            "normal": step.normal_signs,
            "normal_en": _other(step.normal_signs_en, step.normal_signs),
            "warning": step.warning_signs,
            "warning_en": _other(step.warning_signs_en, step.warning_signs),
            "most_tries": step.most_tries,
            "pause_no_answer": step.pause_no_answer,
            "questions": [
                {
                    "code": one.code,
                    "name": one.name,
                    "name_en": _other(one.name_en, one.name),
                    "kind": one.kind,
                    "warns_at": one.warns_at,
                }
                for one in step.questions.all()
            ],
        }
        for step in steps
    ]


def _other(text: str, than: str) -> str:
    return "" if text == than else text


def _as_sent(form: forms.Form, data: QueryDict) -> dict[str, Any]:
    """Return what was sent for a row, not looked at yet: a number that was taken away stays away."""
    sent = {name: data[f"{form.prefix}-{name}"] for name in form.fields if f"{form.prefix}-{name}" in data}
    return dict.fromkeys(type(form).base_fields, "") | sent


def _fresh(form: type[forms.Form]) -> dict[str, Any]:
    return {name: field.initial for name, field in form.base_fields.items()}


def one_more(data: QueryDict, asked_of: int | None = None) -> StepsFormSet:
    """Return the rows as they were sent, not looked at yet, with an empty one after them.

    `asked_of`: the number of the call (from 0) that gets an empty question instead; another number: nothing is added.
    """
    sent = steps_form(data)
    known = []
    for form in sent.forms:
        questions = [_as_sent(one, data) for one in form.questions.forms] if form.questions.is_bound else []
        known.append(_as_sent(form, data) | {"questions": questions})
    if asked_of is None and len(known) < MOST_STEPS:
        known.append(_fresh(StepForm))
    asking = asked_of is not None and asked_of < len(known) and len(known[asked_of]["questions"]) < MOST_QUESTIONS
    if asking and asked_of is not None:
        known[asked_of]["questions"].append(_fresh(QuestionForm))
    made = steps_form(initial=known)
    if asking and asked_of is not None:
        made.forms[asked_of].questions.forms[-1].fields["name"].widget.attrs["data-focus"] = True
    elif asked_of is None and len(made.forms) > len(sent.forms):
        made.forms[-1].fields["name"].widget.attrs["data-focus"] = True
    return made
