"""The analysis of the training in words: what is odd and what to do, and how to read a correlation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from escollect.domain.correlation import Interval, Reading, Share
from escollect.domain.item_analysis import Warn
from escollect.quality.training_prediction import Later

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Advice:
    """What is odd about an item, and what to do."""

    what: str | Promise
    todo: str | Promise


ADVICE: Mapping[Warn, Advice] = {
    Warn.FEW: Advice(
        _("Too few answers to say"),
        _("Below 30 answers chance speaks louder than the item. Wait for more before you change it."),
    ),
    Warn.EASY: Advice(
        _("Nearly everybody gets it right"),
        _("It tells nobody apart. Keep one such item as a warm-up; make other wrong choices likelier."),
    ),
    Warn.GOOD_FAIL: Advice(
        _("Good trainees fail it"),
        _("Fewer than half of them get it right. Check key and wording, and whether the module teaches it."),
    ),
    Warn.BACKWARDS: Advice(
        _("Weak trainees do better than good ones"),
        _("Who is right elsewhere tends to be wrong here. Check the key first, then whether it is a trick."),
    ),
    Warn.RIVAL: Advice(
        _("A wrong choice draws more good trainees than the right one"),
        _("It may be right too, seen by somebody who knows. Reword it, or accept it."),
    ),
    Warn.UNUSED: Advice(
        _("Nobody takes some of the wrong choices"),
        _("A choice that fools nobody only helps guessing. Put a mistake there that people do make."),
    ),
}

READINGS: Mapping[Reading, str | Promise] = {
    Reading.FEW: _("too few to say"),
    Reading.FLAT: _("nothing varies"),
    Reading.UNCLEAR: _("no clear relation"),
    Reading.TOGETHER: _("go together"),
    Reading.APART: _("go apart"),
}

LATER: Mapping[Later, str | Promise] = {
    Later.ACCEPTANCE: _("Share of conversations accepted"),
    Later.FEEDBACK: _("Mean of the seeker's stars"),
    Later.RELABELS: _("Second opinions that agree"),
}


def say_time(seconds: float | None) -> str:
    """A length of time, to the second below an hour."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < MINUTE:
        return _g("%(count)s s") % {"count": whole}
    if whole < HOUR:
        return _g("%(minutes)s min %(seconds)s s") % {"minutes": whole // MINUTE, "seconds": whole % MINUTE}
    return _g("%(hours)s h %(minutes)s min") % {"hours": whole // HOUR, "minutes": whole % HOUR // MINUTE}


def say_share(share: Share) -> str:
    """A share in per cent, a dash of nothing."""
    return "–" if share.value is None else f"{100 * share.value:.0f} %"


def say_share_interval(interval: Interval | None) -> str:
    """The interval of a share, in per cent."""
    return f"{100 * interval.low:.0f}–{100 * interval.high:.0f} %" if interval else "–"


def say_r(value: float | None) -> str:
    """A correlation to two decimals, with a proper minus sign; a dash where it says nothing."""
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def say_r_interval(interval: Interval | None) -> str:
    """The interval of a correlation."""
    return (
        _g("%(low)s to %(high)s") % {"low": say_r(interval.low), "high": say_r(interval.high)}
        if interval
        else "–"
    )
