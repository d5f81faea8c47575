"""The forms of the review desk: a decision, words to hide, a flag to close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escollect.domain.masking import Range, Word
from escollect.web.desk.forms import REASON_LIMIT, ReasonForm, text_area

SCALE = [("", _("as answered")), *((str(value), str(value)) for value in range(1, 6))]
NO_NUMBER = _("Choose a number from 1 to 5, or leave it as answered.")

PRESETS: Mapping[str, Mapping[str, str | Promise]] = {
    "accepted": {
        "real": _("A full conversation with real support; the measure that failed does not do it justice."),
        "scale": _("The scale was read upside down: the answers say that it helped."),
        "complete": _("Short, but complete."),
        "harmless": _("What was flagged is harmless."),
    },
    "rejected": {
        "little": _("Hardly any support was given."),
        "off_topic": _("Small talk, or talk about the task, instead of the problem."),
        "copied": _("Copied or pasted messages instead of a conversation."),
        "careless": _("Answers or stars were given without care."),
        "personal": _("Personal data throughout, too much to hide."),
        "language": _("Not in the language of the study."),
    },
}
HIDING: Mapping[str, str | Promise] = {
    "name": _("A name."),
    "place": _("A place or an employer."),
    "contact": _("A number, an address or a handle."),
    "other": _("Something else that tells who somebody is."),
}


class ReviewForm(forms.Form):
    """A decision on a conversation; `appealed` asks for an answer to the participants."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("accepted", _("Accept")), ("rejected", _("Reject"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose accept or reject."),
            "invalid_choice": _("Choose accept or reject."),
        },
    )
    preset = forms.ChoiceField(
        label=_("Because"),
        required=False,
        choices=[(key, text) for texts in PRESETS.values() for key, text in texts.items()],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("In your own words"),
        help_text=_("The audit trail keeps it: do not quote what participants wrote."),
        max_length=REASON_LIMIT,
        required=False,
        widget=text_area(2),
    )
    answer = forms.CharField(
        label=_("Your answer to the appeal"),
        help_text=_(
            "Whoever appealed reads it on their page a minute later. Say what you looked at and why."
        ),
        max_length=REASON_LIMIT,
        widget=text_area(3),
        error_messages={"required": _("Answer the appeal: the participant reads it on their page.")},
    )
    initial_emotion_intensity = forms.ChoiceField(
        label=_("Intensity before"),
        choices=SCALE,
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={"invalid_choice": NO_NUMBER},
    )
    final_emotion_intensity = forms.ChoiceField(
        label=_("Intensity after"),
        choices=SCALE,
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={"invalid_choice": NO_NUMBER},
    )

    def __init__(self, *args: Any, appealed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not appealed:
            del self.fields["answer"]

    def clean(self) -> dict[str, Any]:
        """Put the reason together from the preset and the words; one of the two must be there."""
        cleaned: dict[str, Any] = super().clean() or {}
        decision, preset = cleaned.get("decision"), cleaned.get("preset")
        ready = PRESETS.get(decision or "", {}).get(preset or "")
        if preset and decision and ready is None:
            self.add_error("preset", _now("This reason is for the other decision. Choose another one."))
        elif "reason" in cleaned:
            words = f"{ready or ''} {cleaned['reason']}".strip()
            cleaned["why"] = words
            if not words and not self.has_error("preset"):
                self.add_error("reason", _now("Give a reason: the audit and the participants need it."))
        return cleaned

    def get_presets(self) -> list[tuple[str, str, list[tuple[str, str | Promise, bool]]]]:
        """The ready reasons by decision, each with whether it is chosen."""
        chosen = self.data.get("preset", "")
        labels = dict(self.fields["decision"].choices)  # type: ignore[attr-defined]
        return [
            (decision, labels[decision], [(key, text, key == chosen) for key, text in texts.items()])
            for decision, texts in PRESETS.items()
        ]

    def get_corrections(self) -> dict[str, Any]:
        """The corrected intensities; empty where nothing is corrected."""
        keys = ("initial_emotion_intensity", "final_emotion_intensity")
        return {key: int(self.cleaned_data[key]) for key in keys if self.cleaned_data.get(key)}


class HideForm(forms.Form):
    """Words of one utterance to hide, each as its place in the text, and why."""

    words = forms.MultipleChoiceField(
        label=_("Words to hide"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one word."),
            "invalid_choice": _("The text has other words. Choose them again."),
        },
    )
    preset = forms.ChoiceField(
        label=_("Because it is"),
        required=False,
        choices=list(HIDING.items()),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("In your own words"),
        help_text=_("The audit trail keeps it: do not repeat what you hide."),
        max_length=REASON_LIMIT,
        required=False,
        widget=forms.TextInput(attrs={"class": "input"}),
    )

    def __init__(self, *args: Any, of: Sequence[Word], **kwargs: Any) -> None:
        # It may stand on the page of the decision, whose fields have the same names.
        super().__init__(*args, **{"auto_id": "hide_%s", **kwargs})
        field = self.fields["words"]
        field.choices = [(f"{word.start}-{word.end}", word.text) for word in of]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Put the reason together from the preset and the words."""
        cleaned: dict[str, Any] = super().clean() or {}
        ready = HIDING.get(cleaned.get("preset") or "")
        cleaned["why"] = f"{ready or ''} {cleaned.get('reason', '')}".strip()
        if not cleaned["why"]:
            self.add_error("reason", _now("Say why, or choose one of the reasons."))
        return cleaned

    def get_ranges(self) -> list[Range]:
        """The chosen places in the text."""
        pairs = [value.split("-") for value in self.cleaned_data["words"]]
        return [(int(start), int(end)) for start, end in pairs]


class FlagForm(ReasonForm):
    """What was found behind a flag, and whether it was right."""

    right = forms.ChoiceField(required=False, choices=[("", ""), ("yes", ""), ("no", "")])

    def get_right(self) -> bool | None:
        """Whether the flag was right; None where nobody says."""
        return {"yes": True, "no": False}.get(self.cleaned_data.get("right") or "")
