"""Forms of the participant pages. What is right is decided by the domain; forms keep and show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escollect.domain.events import Refused
from escollect.domain.study import CONSENT_OPTIONAL, CONSENT_REQUIRED, StudySettings
from escollect.domain.surveys import MISSING, Kind, Question, Survey, check_answers

CONSENT_WORDS = {
    "adult": gettext_lazy("I am 18 years old or older."),
    "take_part": gettext_lazy("I have read this and want to take part."),
    "recorded": gettext_lazy("I agree that what I write is stored and read by the people of this study."),
    "release_public": gettext_lazy(
        "My conversations may be published for research, without anything that tells who I am."
    ),
    "recontact": gettext_lazy("You may write to me again about studies like this one."),
}
CONSENT_MISSING = gettext_lazy("Tick this to take part, or say below that you do not want to.")
OPTION_WORDS = {
    "Current Experience": gettext_lazy("It is happening now"),
    "Previous Experience": gettext_lazy("It happened before"),
}


class ConsentForm(forms.Form):
    """The boxes of the consent page; the first three are needed to take part."""

    use_required_attribute = False

    def __init__(self, settings: StudySettings, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        for name in (*CONSENT_REQUIRED, *CONSENT_OPTIONAL):
            self.fields[name] = forms.BooleanField(
                label=settings.consent.items.get(name) or CONSENT_WORDS[name],
                required=name in CONSENT_REQUIRED,
                error_messages={"required": CONSENT_MISSING},
            )

    def get_required(self) -> list[forms.BoundField]:
        """The boxes that are needed."""
        return [self[name] for name in CONSENT_REQUIRED]

    def get_optional(self) -> list[forms.BoundField]:
        """The boxes that are free."""
        return [self[name] for name in CONSENT_OPTIONAL]

    def get_items(self) -> list[str]:
        """The names of the ticked boxes, after validation."""
        return [name for name, ticked in self.cleaned_data.items() if ticked]


class SurveyForm(forms.Form):
    """One survey, made from its questions; answers are checked by the domain."""

    use_required_attribute = False

    def __init__(
        self,
        survey: Survey,
        data: Mapping[str, Any] | None = None,
        earlier: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={key: str(value) for key, value in (earlier or {}).items()})
        self.survey = survey
        for question in survey:
            self.fields[question.key] = make_field(question)

    def clean(self) -> dict[str, Any]:
        """Put the domain's objections at their fields; those left empty have theirs already."""
        cleaned: dict[str, Any] = dict(self.cleaned_data)
        try:
            return dict(check_answers(self.survey, cleaned))
        except Refused as refused:
            self.take(refused)
        return cleaned

    def take(self, refused: Refused) -> None:
        """Show what an action refused, at the fields it names or above the form."""
        for key, sentence in refused.fields.items():
            if key in self.fields and key not in self.errors:
                self.add_error(key, _(sentence))
        if not refused.fields:
            self.add_error(None, _(refused.message))


class QuestionField(forms.CharField):
    """The form field of a survey question; templates read how it is shown."""

    def __init__(self, question: Question, **kwargs: Any) -> None:
        self.show = str(question.kind)
        self.low = _(question.low) if question.low else ""
        self.high = _(question.high) if question.high else ""
        super().__init__(**kwargs)


def make_field(question: Question) -> QuestionField:
    """The form field of a question, with its label in the reader's language."""
    return QuestionField(
        question,
        label=_(question.label),
        help_text=_(question.help) if question.help else "",
        required=question.required,
        strip=False,
        widget=_make_widget(question),
        error_messages={"required": _(MISSING)},
    )


def _make_widget(question: Question) -> forms.Widget:
    if question.kind is Kind.SCALE:
        return forms.RadioSelect(choices=[(str(value), str(value)) for value in range(1, 6)])
    if question.kind is Kind.CHOICE:
        return forms.RadioSelect(choices=[(option, get_option_label(option)) for option in question.options])
    return forms.Textarea(attrs={"class": "input", "rows": 5 if question.required else 3, "dir": "auto"})


def get_option_label(option: str) -> str:
    """A canonical value in words for people."""
    return str(OPTION_WORDS.get(option) or capfirst(_(option)))


class RoleForm(forms.Form):
    """Which side somebody takes, and who their platform says they are."""

    role = forms.ChoiceField(
        choices=[("seeker", "seeker"), ("supporter", "supporter")],
        error_messages={
            "required": gettext_lazy("Choose one of the two."),
            "invalid_choice": gettext_lazy("Choose one of the two."),
        },
    )
    platform = forms.ChoiceField(choices=[], required=False)
    external_id = forms.CharField(required=False, max_length=200)

    def __init__(self, platforms: list[str], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        field = self.fields["platform"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, name) for name in platforms]
