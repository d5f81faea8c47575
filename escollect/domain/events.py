"""What can happen in a room, closed lists: event kinds, their authors, and the codes of refusal."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from escollect.domain.marking import gettext_noop


class Role(StrEnum):
    """The two roles of a conversation."""

    SEEKER = "seeker"
    SUPPORTER = "supporter"

    @property
    def other(self) -> Role:
        """The partner's role."""
        return Role.SUPPORTER if self is Role.SEEKER else Role.SEEKER


class Author(StrEnum):
    """Who an event is from."""

    SEEKER = "seeker"
    SUPPORTER = "supporter"
    SYSTEM = "system"
    MODERATOR = "moderator"


class EventKind(StrEnum):
    """The kinds of event; an utterance is a `msg`, feedback is a `rating`."""

    MSG = "msg"
    RATING_REQUEST = "rating_request"
    RATING = "rating"
    STATE = "state"
    NOTICE = "notice"
    MODERATOR = "moderator"


class Notice(StrEnum):
    """What a `notice` event can be about (its payload's `code`)."""

    IDLE = "idle"
    PARTNER_AWAY = "partner_away"
    PARTNER_BACK = "partner_back"


class HelpKind(StrEnum):
    """What a call for help can be about."""

    UNSAFE = "unsafe"
    PARTNER_UNSAFE = "partner_unsafe"
    ABUSE = "abuse"
    TECH = "tech"


REFUSALS: Mapping[str, str] = {
    "bad_json": gettext_noop("This was not valid JSON. Nothing was stored."),
    "bad_frame": gettext_noop("A field is missing or wrong. Nothing was stored."),
    "too_large": gettext_noop("This is too long to be sent. Shorten it and send it again."),
    "unknown_type": gettext_noop("This kind of frame is not known."),
    "not_joined": gettext_noop("The room has not been joined yet."),
    "forbidden": gettext_noop("This is not yours to do."),
    "state": gettext_noop("The conversation is not at a point where this is possible."),
    "deadline": gettext_noop("The time for this is over. What was sent before is kept."),
    "strategy_required": gettext_noop("Choose a strategy first, then send. Your text is kept."),
    "strategy_forbidden": gettext_noop("Only supporters choose a strategy."),
    "strategy_invalid": gettext_noop("This strategy is not known. Choose one of the eight."),
    "rating_invalid": gettext_noop("This feedback was not asked for, or is already given."),
    "text_empty": gettext_noop("There is nothing to send yet."),
    "text_too_long": gettext_noop("Your message is too long. Shorten it and send it again."),
    "text_chars": gettext_noop("Your message has characters that cannot be stored. Remove them."),
    "cid_conflict": gettext_noop("Another message was stored under the same mark."),
    "rate_limited": gettext_noop("That was too fast. Your message will be sent in a moment."),
    "busy": gettext_noop("The server is busy. Your message will be sent in a moment."),
    "db_unavailable": gettext_noop("The server is busy. Your message will be sent in a moment."),
    "internal": gettext_noop("Something went wrong on our side. What was sent before is kept."),
    "not_qualified": gettext_noop("Pass the training first; then the waiting room opens."),
    "not_ready": gettext_noop("Another step comes first. Go on to the next page."),
    "study_closed": gettext_noop("This study takes no new conversations at the moment."),
    "offer_gone": gettext_noop("This offer is no longer open. Your place is as shown."),
    "survey_invalid": gettext_noop("Some answers are missing or wrong. The others were kept."),
    "survey_done": gettext_noop("These questions were answered already. The answers are kept."),
}
"""Every code of refusal, those of the wire and those of the pages, with the sentence for people."""

RETRYABLE = frozenset({"rate_limited", "busy", "db_unavailable"})


class Refused(Exception):
    """An action refused to act; nothing was stored.

    `code` is one of `REFUSALS`, or one of the action's own with its `message`: the sentence for people,
    untranslated. `fields` names what is wrong in a form.
    """

    def __init__(
        self, code: str, message: str | None = None, fields: Mapping[str, str] | None = None
    ) -> None:
        self.code = code
        self.message = REFUSALS[code] if message is None else message
        self.fields = dict(fields or {})
        super().__init__(f"{code}: {self.message}")

    @property
    def retry(self) -> bool:
        """Whether the same command may succeed later."""
        return self.code in RETRYABLE
