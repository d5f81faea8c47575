"""The paper's funnel, counted for a study: who came, who may support, what was collected and kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q

from escollect.conversations.models import Conversation
from escollect.corpus.models import Release, ReleaseItem
from escollect.domain.lifecycle import EndReason
from escollect.people.models import Consent, Participant, Role
from escollect.studies.models import Study
from escollect.training.selectors import filter_standing

PROPER_ENDS = ("", EndReason.DONE, EndReason.MAX_TIME)
"""How a conversation ends that counts as finished; imports have no end reason."""

DEFAULT_MINIMUM = 16


class Step(StrEnum):
    """The steps of the funnel in order: three count people, four count conversations."""

    ARRIVED = "arrived"
    CONSENTED = "consented"
    QUALIFIED = "qualified"
    CONVERSATIONS = "conversations"
    LONG_ENOUGH = "long_enough"
    ACCEPTED = "accepted"
    RELEASED = "released"


PEOPLE = frozenset({Step.ARRIVED, Step.CONSENTED, Step.QUALIFIED})


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many got as far as `step`."""

    step: str
    count: int

    @property
    def counts_people(self) -> bool:
        """Whether this step counts people; the others count conversations."""
        return self.step in PEOPLE


def get_funnel(study: Study) -> list[FunnelStep]:
    """The funnel of a study, every step in order (paper, sections 3 and 4.3).

    People stand behind no imported conversation, so imports start at the step `conversations`; nor
    behind the scripted seekers of practice chats. A supporter counts as qualified while a qualification
    stands: not revoked, not expired, and not outdated where a refresher is asked for. `long_enough` is
    finished with at least the study's minimum of utterances; `released` counts what any ready release
    holds and nobody withdrew. Practice and erased conversations do not count.
    """
    released = (
        ReleaseItem.objects.filter(
            release__study=study,
            release__state=Release.State.READY,
            part=ReleaseItem.Part.ACCEPTED,
            conversation__tombstone=None,
        )
        .values("conversation")
        .distinct()
    )
    counts = {
        **_count_people(study),
        **_count_conversations(study),
        Step.RELEASED: released.count(),
    }
    return [FunnelStep(step.value, counts[step]) for step in Step]


def _count_people(study: Study) -> dict[Step, int]:
    consents = Consent.objects.filter(participant=OuterRef("pk"), given=True)
    standing = filter_standing(study).filter(participant=OuterRef("pk"))
    people = Participant.objects.filter(study=study).exclude(source__in=Participant.SYNTHETIC)
    found = people.aggregate(
        arrived=Count("pk"),
        consented=Count("pk", filter=Exists(consents)),
        qualified=Count("pk", filter=Q(role=Role.SUPPORTER) & Q(Exists(standing))),
    )
    return {
        Step.ARRIVED: found["arrived"],
        Step.CONSENTED: found["consented"],
        Step.QUALIFIED: found["qualified"],
    }


def _count_conversations(study: Study) -> dict[Step, int]:
    state = Conversation.State
    minimum = study.current.settings.minimum_utterances if study.current else DEFAULT_MINIMUM
    enough = Q(state=state.FINISHED, end_reason__in=PROPER_ENDS, utterances__gte=minimum)
    accepted = Q(state=state.FINISHED, verdict="accepted")
    began = Conversation.objects.filter(
        study=study, state__in=[state.LIVE, state.SURVEY, state.FINISHED, state.ABANDONED]
    ).exclude(kind=Conversation.Kind.PRACTICE)
    found = began.aggregate(
        conversations=Count("pk"),
        long_enough=Count("pk", filter=enough),
        accepted=Count("pk", filter=accepted),
    )
    return {
        Step.CONVERSATIONS: found["conversations"],
        Step.LONG_ENOUGH: found["long_enough"],
        Step.ACCEPTED: found["accepted"],
    }
