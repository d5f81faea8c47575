"""The forms of the desk; every one keeps what was typed when something is wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

REASON_LIMIT = 2000


def text_area(rows: int = 3) -> forms.Textarea:
    """A text area in our dress."""
    return forms.Textarea(attrs={"class": "input", "rows": rows})


class ReasonForm(forms.Form):
    """A reason, for everything that is done to somebody."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LIMIT,
        widget=text_area(2),
        error_messages={"required": _("Give a reason. It is kept in the audit trail.")},
    )


class FilterForm(forms.Form):
    """Filters of a list, sent by GET; a value that is not on offer does not filter."""

    def get(self, name: str) -> str:
        """The value of a filter, "" where it is missing or not on offer."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")

    def get_query(self) -> str:
        """The filters that are set, for the links to other pages of the list; ends with "&" unless empty."""
        given = {name: self.get(name) for name in self.fields if self.get(name)}
        return f"{urlencode(given)}&" if given else ""


def choice_filter(label: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    """A filter by one value; the first entry is "any"."""
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", _("any")), *choices],
        widget=forms.Select(attrs={"class": "input"}),
    )


def search_filter(label: Any) -> forms.CharField:
    """A filter by words."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "input", "type": "search"}),
    )
