"""The codes that the database holds, in words for staff, with the kind of badge they wear."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from escollect.domain.quality.rules import FINDINGS

Words = Mapping[str, str | Promise]

VERDICTS: Words = {
    "accepted": _("accepted"),
    "rejected": _("rejected"),
    "needs_review": _("needs review"),
    "selected": _("selected"),
    "not_selected": _("not selected"),
    "pending": _("pending"),
    "": _("pending"),
}
VERDICT_KINDS = {"accepted": "good", "rejected": "bad", "needs_review": "warn", "selected": "accent"}

STATES: Words = {
    "created": _("ready check"),
    "live": _("live"),
    "survey": _("in the surveys"),
    "finished": _("finished"),
    "aborted": _("never began"),
    "abandoned": _("abandoned"),
    "erased": _("erased"),
    "active": _("active"),
    "declined": _("declined"),
    "blocked": _("blocked"),
    "withdrawn": _("withdrawn"),
    "waiting": _("waiting"),
    "lapsed": _("away for a moment"),
    "offered": _("asked whether ready"),
    "draft": _("draft"),
    "open": _("open"),
    "paused": _("paused"),
    "closed": _("closed"),
    "queued": _("queued"),
    "running": _("running"),
    "building": _("being built"),
    "ready": _("ready"),
    "failed": _("failed"),
}
STATE_KINDS = {
    "live": "accent",
    "active": "good",
    "open": "good",
    "ready": "good",
    "blocked": "bad",
    "failed": "bad",
    "lapsed": "warn",
    "paused": "warn",
    "withdrawn": "warn",
    "queued": "accent",
    "running": "accent",
    "building": "accent",
}

WAITS: Words = {
    "offered": _("has been asked whether ready"),
    "paused": _("the study is paused"),
    "elsewhere": _("is in a conversation in the other role"),
    "away": _("the page is closed or the line is down"),
    "no_one_of_other_role": _("nobody of the other role is here"),
    "only_self": _("only the same person is here in the other role"),
    "only_met_before": _("has talked with everybody of the other role"),
    "offered_elsewhere": _("everybody of the other role is taken"),
    "others_away": _("everybody of the other role is away"),
    "partner_free": _("is paired in the next round"),
}

SEVERITY_KINDS = {"urgent": "bad", "warning": "warn", "info": "accent"}
SEVERITIES: Words = {"urgent": _("urgent"), "warning": _("to look at"), "info": _("for information")}

ROLES: Words = {
    "seeker": _("seeker"),
    "supporter": _("supporter"),
    "system": _("system"),
    "moderator": _("moderator"),
}

FUNNEL: Words = {
    "arrived": _("Arrived"),
    "consented": _("Consented"),
    "qualified": _("Qualified as supporter"),
    "conversations": _("Conversations"),
    "long_enough": _("Finished and long enough"),
    "accepted": _("Accepted"),
    "released": _("Released"),
}

ENDS: Words = {
    "done": _("called done"),
    "leave": _("somebody left"),
    "other": _("somebody left"),
    "unsafe": _("somebody felt unsafe"),
    "partner_left": _("the partner did not come back"),
    "idle": _("nobody wrote any more"),
    "max_time": _("the time was up"),
    "crisis_stop": _("stopped for safety"),
    "moderator_stop": _("stopped by a moderator"),
    "no_show": _("somebody did not come"),
    "both_offline": _("both went offline"),
    "tech_failure": _("a technical failure"),
    "withdrawn": _("withdrawn"),
}

NOTICES: Words = {
    "idle": _("Nobody had written for a while; both were asked to go on"),
    "partner_away": _("One side was away"),
    "partner_back": _("The other side came back"),
}

ROOM: Words = {
    "live": _("The conversation began"),
    "survey": _("The conversation ended, the surveys opened"),
    "finished": _("Both surveys were closed"),
    "aborted": _("It never began"),
    "abandoned": _("Both were gone for too long"),
}

QUESTIONS: Words = {
    "experience_type": _("Now or before"),
    "emotion_type": _("Emotion"),
    "problem_type": _("Problem"),
    "initial_emotion_intensity": _("Intensity before"),
    "situation": _("Situation"),
    "final_emotion_intensity": _("Intensity after"),
    "empathy": _("Empathy"),
    "relevance": _("Relevance"),
    "question1": _("Liked or disliked"),
    "question2": _("To improve"),
}
SCALES = frozenset({"initial_emotion_intensity", "final_emotion_intensity", "empathy", "relevance"})

FLAGS: Words = {
    "appeal": _("appeal"),
    "second_opinion": _("second opinion asked"),
    "needs_review": _("needs review"),
    "judging_failed": _("judging failed"),
    **{name: finding.title.lower() for name, finding in FINDINGS.items()},
}

YES, NO = _("yes"), _("no")
SIGNS = {"At least": "≥", "More than": ">", "At most": "≤", "Less than": "<"}


def say(words: Words, code: str) -> str:
    """The words of a code; a code that has none is shown as it is, with blanks for underscores."""
    return str(words.get(code) or code.replace("_", " "))
