"""The forms of the policy pages; a definition's thresholds become fields of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escollect.domain.quality.editing import OFF, copy_definition, find_counts, set_finding, set_threshold
from escollect.domain.quality.findings import DEFAULTS
from escollect.domain.quality.policy import Policy, RuleUse
from escollect.domain.quality.reading import read_policy
from escollect.domain.quality.rules.base import show
from escollect.domain.quality.verdicts import DECIDING
from escollect.domain.quality.wording import say_rule
from escollect.web.desk import words

COMPARED = [
    ("minimum", gettext_lazy("at least")),
    ("above", gettext_lazy("more than")),
    ("maximum", gettext_lazy("at most")),
    ("below", gettext_lazy("less than")),
]
MISSING = [("fails", gettext_lazy("fails")), ("holds", gettext_lazy("holds"))]
TEXT_LIMIT = 200_000
LARGEST = 1_000_000


def select(label: Any, choices: list[tuple[Any, Any]]) -> forms.ChoiceField:
    """A choice in our dress."""
    message = _("Choose one of the values on offer.")
    widget = forms.Select(attrs={"class": "input"})
    errors = {"invalid_choice": message, "required": message}
    return forms.ChoiceField(label=label, choices=choices, widget=widget, error_messages=errors)


def number(label: Any) -> forms.FloatField:
    """A number in our dress."""
    message = _("Give a number, such as 3 or 2.5.")
    widget = forms.NumberInput(attrs={"class": "input", "step": "any"})
    errors = dict.fromkeys(("invalid", "required"), message)
    errors |= dict.fromkeys(("min_value", "max_value"), _("Give a number from -1000000 to 1000000."))
    return forms.FloatField(
        label=label, widget=widget, min_value=-LARGEST, max_value=LARGEST, error_messages=errors
    )


@dataclass(frozen=True, slots=True)
class RuleFields:
    """The fields of one rule, with what it asks now in words."""

    use: RuleUse
    asks: str
    fields: tuple[forms.BoundField, ...]


@dataclass(frozen=True, slots=True)
class FindingFields:
    """The fields of one finding."""

    title: str
    doubt: str
    fields: tuple[forms.BoundField, ...]


class PolicyForm(forms.Form):
    """A definition by its thresholds. What has no field of its own stays as it is in the definition."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("The same name makes the next version, another name a new policy."),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Give a name of small letters, digits, - and _.")},
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("What it is for, in a few words."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
    )

    def __init__(self, definition: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        """Raises PolicyError for a definition that cannot be read."""
        self.definition = copy_definition(definition)
        self.policy: Policy = read_policy({**self.definition, "version": 1})
        first = {"name": self.policy.name, "title": self.policy.title}
        super().__init__(data, initial={**first, **self._get_initial()})
        for use in self.policy.rules:
            self._add_rule(use)
        for at, count in enumerate(find_counts(self.definition)):
            label = _("So many of: %(list)s") % {"list": ", ".join(map(_say_part, count["of"]))}
            self.fields[f"count-{at}"] = select(label, [(k, k) for k in range(1, len(count["of"]) + 1)])
        for name in self._get_findings():
            levels = [*words.SEVERITIES.items(), (OFF, _("not looked for"))]
            self.fields[f"finding-{name}-severity"] = select(_("How soon to look"), levels)
            self.fields[f"finding-{name}-number"] = number(_("From"))

    def _get_initial(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for use in self.policy.rules:
            found |= {f"rule-{use.name}-{key}": value for key, value in use.options.items()}
            found[f"rule-{use.name}-missing"] = "holds" if use.missing_holds else "fails"
            if use.threshold is not None:
                found[f"rule-{use.name}-comparison"] = use.threshold.comparison
                found[f"rule-{use.name}-number"] = show(use.threshold.number)
        for at, count in enumerate(find_counts(self.definition)):
            found[f"count-{at}"] = count["k"]
        on = {use.name: use for use in self.policy.findings}
        for default in DEFAULTS:
            use_now = on.get(default.name, default)
            severity = use_now.severity if default.name in on else OFF
            found[f"finding-{default.name}-severity"] = severity
            found[f"finding-{default.name}-number"] = show(use_now.threshold.number)
        return found

    def _add_rule(self, use: RuleUse) -> None:
        for key, allowed in use.rule.options.items():
            choices = [(value, words.say(words.ROLES, str(value))) for value in allowed]
            self.fields[f"rule-{use.name}-{key}"] = select(
                _("Of whom") if key == "role" else key.capitalize(), choices
            )
        if use.threshold is not None:
            self.fields[f"rule-{use.name}-comparison"] = select(_("Asks for"), list(COMPARED))
            unit = f" ({use.rule.unit})" if use.rule.unit else ""
            self.fields[f"rule-{use.name}-number"] = number(_("Number") + unit)
            self.fields[f"rule-{use.name}-missing"] = select(_("Without a value it"), list(MISSING))

    def _get_findings(self) -> list[str]:
        return [default.name for default in DEFAULTS] if self.policy.kind == DECIDING else []

    def get_rules(self) -> list[RuleFields]:
        """The rules that have fields, in the policy's order."""
        return [
            RuleFields(use, say_rule(use), mine)
            for use in self.policy.rules
            if (mine := self._bound(f"rule-{use.name}-", [*use.rule.options, *_PARTS]))
        ]

    def get_counts(self) -> list[forms.BoundField]:
        """How many of several must hold, in the order of the branches."""
        return [self[name] for name in self.fields if name.startswith("count-")]

    def get_findings(self) -> list[FindingFields]:
        """The findings of a deciding policy."""
        known = {default.name: default for default in DEFAULTS}
        return [
            FindingFields(
                known[name].finding.title,
                known[name].use.rule.doubt,
                self._bound(f"finding-{name}-", ["severity", "number"]),
            )
            for name in self._get_findings()
        ]

    def _bound(self, prefix: str, keys: list[str]) -> tuple[forms.BoundField, ...]:
        return tuple(self[f"{prefix}{key}"] for key in keys if f"{prefix}{key}" in self.fields)

    def get_definition(self) -> dict[str, Any]:
        """The definition with what the form says; only after it was found valid."""
        data, made = self.cleaned_data, copy_definition(self.definition)
        made["name"] = data["name"]
        if data["title"] or "title" in made:
            made["title"] = data["title"]
        for use in self.policy.rules:
            asks = made["rules"][use.name]
            for key, value in use.options.items():
                asks[key] = type(value)(data[f"rule-{use.name}-{key}"])
            if use.threshold is not None:
                comparison = data[f"rule-{use.name}-comparison"]
                set_threshold(asks, comparison, _whole(data[f"rule-{use.name}-number"]))
                asks["missing"] = data[f"rule-{use.name}-missing"]
        for at, count in enumerate(find_counts(made)):
            count["k"] = int(data[f"count-{at}"])
        for name in self._get_findings():
            severity, asked = data[f"finding-{name}-severity"], _whole(data[f"finding-{name}-number"])
            set_finding(made, self.policy, name, severity, asked)
        return made


_PARTS = ("comparison", "number", "missing")


def _whole(value: float) -> int | float:
    return int(value) if value.is_integer() else value


def _say_part(part: Any) -> str:
    return part.replace("_", " ") if isinstance(part, str) else _("another condition")


class PolicyTextForm(forms.Form):
    """The whole definition as YAML."""

    text = forms.CharField(
        label=gettext_lazy("The definition"),
        strip=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"class": "input mono code-input", "rows": 28, "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Write the definition, or go back to a version.")},
    )


def read_base(text: str) -> dict[str, Any]:
    """The definition that the page with the fields carried along; empty where it is none any more."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class PlaceForm(forms.Form):
    """Which conversations a simulation looks at: a study's, or those of one imported file."""

    place = forms.ChoiceField(
        label=gettext_lazy("Over which conversations"),
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={
            "required": gettext_lazy("Choose a study or an import."),
            "invalid_choice": gettext_lazy("Choose a study or an import that is on offer."),
        },
    )

    def __init__(self, places: list[tuple[str, str]], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["place"].choices = places  # type: ignore[attr-defined]

    def get_place(self) -> tuple[str, str]:
        """The slug of the study and the name of the import, "" for the whole study."""
        slug, _colon, source = str(self.cleaned_data["place"]).partition(":")
        return slug, source
