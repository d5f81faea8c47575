"""What a moderator can do to a room, and what its two people are told then."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from escollect.domain.marking import gettext_noop
from escollect.domain.study import Hotline


class Act(StrEnum):
    """What a moderator can do to a live room."""

    HOLD = "hold"
    CLEAR = "clear"
    CRISIS_STOP = "crisis_stop"
    MODERATOR_STOP = "moderator_stop"
    TELL = "tell"


TOLD = {
    Act.HOLD: gettext_noop(
        "A moderator is looking in, to see that both of you are well. You may go on writing, and you may "
        "stop whenever you like; no time runs out meanwhile. If anybody is in danger right now, please call "
        "your local emergency number."
    ),
    Act.CLEAR: gettext_noop("The moderator has left again. The conversation goes on, and so does its time."),
    Act.CRISIS_STOP: gettext_noop(
        "A moderator ends the conversation here, for safety. It is nobody's fault and counts in full for "
        "both of you. Please do not stay alone with it: if anybody is in danger right now, call your local "
        "emergency number."
    ),
    Act.MODERATOR_STOP: gettext_noop(
        "A moderator ends the conversation here. What was said is kept, and somebody will look at it."
    ),
}
"""What both are told by an act; the words of TELL are the moderator's own."""

WITH_HOTLINES = frozenset({Act.HOLD, Act.CRISIS_STOP})
HOTLINES = gettext_noop("Somebody to talk to:")
MOST_HOTLINES = 3

PROBLEMS = {
    "not_live": gettext_noop("This conversation is not live any more. Nothing was changed."),
    "held": gettext_noop("This conversation is on hold already. Nothing was changed."),
    "not_held": gettext_noop("This conversation is not on hold. Put it on hold first; nothing was changed."),
    "no_reason": gettext_noop("Give a reason: the audit trail keeps it. Nothing was changed."),
}


def get_problem(act: Act, *, live: bool, held: bool) -> str | None:
    """Why an act is not possible, a key of PROBLEMS; only a hold can end in a crisis stop (protocol, 4)."""
    if not live:
        return "not_live"
    if act is Act.HOLD and held:
        return "held"
    if act in {Act.CLEAR, Act.CRISIS_STOP} and not held:
        return "not_held"
    return None


def list_hotlines(hotlines: Sequence[Hotline]) -> str:
    """The first help lines of a study, each on a line of its own."""
    return "\n".join(f"{line.name}: {line.contact}" for line in hotlines[:MOST_HOTLINES])
