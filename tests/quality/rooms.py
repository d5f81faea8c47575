"""Finished conversations for the tests of judging, reviewing and publishing."""

from __future__ import annotations

from escollect.conversations.models import Conversation
from escollect.domain.events import Role
from escollect.people.models import Consent
from escollect.studies.models import Study
from tests.support.rooms import Pair, end, make_pair, rate, say

SUPPORTER = "I hear how much this weighs on you right now"
SEEKER = "It has been like this for months"
STRATEGIES = ("Question", "Reflection of feelings", "Providing Suggestions", "Others")


def talk(study: Study, turns: int = 16, feedback: int = 4, *, reason: str = "done") -> Pair:
    """Two people who talked, rated and ended; the surveys are still open."""
    pair = make_pair(study)
    for participant in (pair.seeker, pair.supporter):
        agree(participant.consents.model(participant=participant, version=study.current))
    pair.go_live()
    for at in range(turns):
        if at % 2:
            pair.ack(Role.SEEKER, say(SEEKER))
        else:
            pair.ack(Role.SUPPORTER, say(SUPPORTER, STRATEGIES[at // 2 % len(STRATEGIES)]))
        request = pair.row.open_request
        if request is not None and feedback:
            pair.ack(Role.SEEKER, rate(request, feedback))
    pair.ack(Role.SEEKER, end(reason))
    return pair


def agree(consent: Consent, *, public: bool = True) -> None:
    """Store what a participant says to the consent page."""
    consent.given = consent.adult = consent.take_part = consent.recorded = True
    consent.release_public = public
    consent.save()


def finish(study: Study, turns: int = 16) -> Conversation:
    """A conversation with both surveys in: the paper's policy accepts it when it has 16 turns."""
    pair = talk(study, turns)
    for role in Role:
        pair.answer(role)
    return pair.row
