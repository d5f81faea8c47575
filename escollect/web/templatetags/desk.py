"""Filters that put stored codes into words on the desk."""

from __future__ import annotations

import datetime

from django import template
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escollect.domain.correlation import Share
from escollect.web.desk import words

register = template.Library()

MINUTE, HOUR = 60, 3600
SHORT = 8


@register.filter
def verdict_word(code: str) -> str:
    """A verdict in words."""
    return words.say(words.VERDICTS, code)


@register.filter
def verdict_kind(code: str) -> str:
    """The badge of a verdict."""
    return words.VERDICT_KINDS.get(code, "")


@register.filter
def state_word(code: str) -> str:
    """The state of anything that has one, in words."""
    return words.say(words.STATES, code)


@register.filter
def why_waiting(code: str) -> str:
    """Why somebody is still in the waiting room, in words."""
    return words.say(words.WAITS, code)


@register.filter
def state_kind(code: str) -> str:
    """The badge of a state."""
    return words.STATE_KINDS.get(code, "")


@register.filter
def role_word(code: str) -> str:
    """A role in words."""
    return words.say(words.ROLES, code)


@register.filter
def end_word(code: str) -> str:
    """Why a conversation ended, in words."""
    return words.say(words.ENDS, code)


@register.filter
def code_word(code: str) -> str:
    """A code that has no words of its own: blanks for underscores."""
    return code.replace("_", " ").replace(".", ": ")


@register.filter
def flag_word(kind: str) -> str:
    """A kind of flag in words."""
    return words.say(words.FLAGS, kind)


@register.filter
def actor_word(actor: str) -> str:
    """Who acted: staff by login, a participant by the beginning of the id."""
    kind, _colon, name = actor.partition(":")
    if kind == "staff":
        return name
    return _("participant %(id)s") % {"id": name[:SHORT]} if kind == "participant" else _("the system")


@register.filter
def severity_kind(code: str) -> str:
    """The badge of a flag."""
    return words.SEVERITY_KINDS.get(code, "")


@register.filter
def severity_word(code: str) -> str:
    """How much a flag matters."""
    return words.say(words.SEVERITIES, code)


@register.filter
def short_id(value: object) -> str:
    """The first eight signs of a UUID: enough to tell rows apart."""
    return str(value)[:SHORT]


@register.filter
def share_words(share: Share) -> str:
    """The interval of a share in whole percent, "" of nothing."""
    if share.interval is None:
        return ""
    low, high = round(share.interval.low * 100), round(share.interval.high * 100)
    return _("%(low)s to %(high)s %%") % {"low": low, "high": high}


@register.filter
def length_since(moment: datetime.datetime | None) -> str:
    """How long ago something was, in seconds, minutes, or hours and minutes."""
    if moment is None:
        return "–"
    seconds = max(0, int((now() - moment).total_seconds()))
    if seconds < MINUTE:
        return _("%(count)s s") % {"count": seconds}
    if seconds < HOUR:
        return _("%(count)s min") % {"count": seconds // MINUTE}
    days, rest = divmod(seconds, 24 * HOUR)
    if days:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    return _("%(hours)s h %(minutes)s min") % {"hours": rest // HOUR, "minutes": rest % HOUR // MINUTE}
