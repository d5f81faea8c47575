"""The practice chat as the training sees it: who may have one, and who has to. The chat is a conversation."""

from __future__ import annotations

from escollect.domain.tutorial import EXAM
from escollect.people.models import Participant, Role
from escollect.training.models import Attempt, Qualification
from escollect.training.selectors import get_tutorial_for, has_qualification, is_revoked


def get_paper_to_qualify_by(participant: Participant) -> Attempt | None:
    """The passed examination that no qualification was granted for yet; the latest where there are several.

    A paper qualifies once: after an expiry it is taken again, and so is the practice chat.
    """
    passed = Attempt.objects.filter(participant=participant, module=EXAM, state=Attempt.State.PASSED)
    paper = passed.order_by("-graded_at").first()
    if paper is None or has_qualification(participant) or is_revoked(participant):
        return None
    used = Qualification.objects.filter(participant=participant, granted_at__gte=paper.graded_at)
    return None if used.exists() else paper


def is_practice_asked(participant: Participant) -> bool:
    """Whether the participant's study wants a practice chat after the examination, and there are scripts."""
    version = participant.version
    return bool(version and version.settings.training.practice and get_tutorial_for(participant).practices)


def is_practice_due(participant: Participant) -> bool:
    """Whether a whole practice chat is all that is missing: the paper is passed, and waits."""
    return is_practice_asked(participant) and get_paper_to_qualify_by(participant) is not None


def may_practise(participant: Participant) -> bool:
    """Whether a practice chat is open: to whoever passed the examination or is qualified, again and again."""
    active = participant.state == Participant.State.ACTIVE and participant.version_id is not None
    if participant.role != Role.SUPPORTER or not active or not get_tutorial_for(participant).practices:
        return False
    return has_qualification(participant) or get_paper_to_qualify_by(participant) is not None
