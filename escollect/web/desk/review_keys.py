"""What each key does on the review pages, as the map behind "?" lists it; the scripts do it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Keys = list[tuple[tuple[str, ...], Promise]]

QUEUE: Keys = [
    (("j", "k"), _("next and previous row")),
    (("Enter",), _("open the row")),
    (("t",), _("take the next conversation that waits")),
    (("u",), _("undo your last decision, for a minute")),
    (("?",), _("this map")),
]
CONVERSATION: Keys = [
    (("j", "k"), _("next and previous utterance")),
    (("f", "F"), _("next and previous utterance that a flag points at")),
    (("p",), _("replay, and pause it")),
    (("+", "-"), _("replay faster, slower")),
    (("o",), _("end the replay and show all")),
    (("h",), _("hide words of the utterance")),
    (("x",), _("go to the first open flag, to close it")),
    (("a", "r"), _("accept, reject")),
    (("1", "…", "9"), _("a ready reason for it")),
    (("w",), _("write a reason")),
    (("i",), _("correct the intensity")),
    (("Enter",), _("on a choice: decide and go to the next")),
    (("Ctrl+Enter",), _("send, from a field")),
    (("s",), _("ask a second reviewer")),
    (("n",), _("skip to the next")),
    (("u",), _("undo your last decision, for a minute")),
    (("q",), _("back to the queue")),
    (("?",), _("this map")),
]
SCRIPTS = (
    "js/forms.js",
    "js/desk/keys.js",
    "js/desk/decide.js",
    "js/desk/claim.js",
    "js/desk/hide.js",
    "js/desk/replay.js",
)
