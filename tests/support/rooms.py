"""Studies, people and rooms for tests that need a database, and a way to let time pass."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db.models import DateTimeField, F

from escollect.conversations import actions
from escollect.conversations.models import Conversation, Event, Member, Outcome, Ticket
from escollect.domain.events import Role
from escollect.domain.lifecycle import Timers
from escollect.domain.study import ConsentText, StudySettings
from escollect.domain.wire import Ack, Body, Command, End, Help, Nack, Rate, Reply, Say
from escollect.infra.models import Heartbeat
from escollect.people.models import Participant, Person
from escollect.studies.models import Study, StudyVersion
from escollect.training.models import Qualification

BEFORE = {
    "experience_type": "Current Experience",
    "emotion_type": "anxiety",
    "problem_type": "job crisis",
    "initial_emotion_intensity": "5",
    "situation": "My contract ends in a month and I cannot sleep.",
}
AFTER: Mapping[Role, Mapping[str, str]] = {
    Role.SEEKER: {
        "final_emotion_intensity": "2",
        "empathy": "5",
        "relevance": "4",
        "question1": "It was calm.",
        "question2": "",
    },
    Role.SUPPORTER: {"relevance": "4", "question1": "", "question2": "A longer time."},
}


def make_study(slug: str = "calm", *, timers: Timers | None = None, **settings: object) -> Study:
    """An open study with one version."""
    known = {
        "slug": slug,
        "title": slug.title(),
        "licence": "CC-BY-4.0",
        "consent": ConsentText("You are asked to take part."),
        "timers": timers or Timers(),
        **settings,
    }
    described = StudySettings(**known)  # type: ignore[arg-type]
    study = Study.objects.create(slug=slug, title=slug.title(), licence="CC-BY-4.0", state=Study.State.OPEN)
    study.current = StudyVersion.objects.create(study=study, number=1, definition=described.to_json())
    study.save()
    return study


def make_participant(
    study: Study, role: str, *, qualified: bool = True, person: Person | None = None
) -> Participant:
    """Somebody who has consented; a supporter is qualified unless told otherwise."""
    participant = Participant.objects.create(
        person=person or Person.objects.create(),
        study=study,
        version=study.current,
        role=role,
        pseudonym=f"{role}-{uuid.uuid4().hex[:8]}",
    )
    if role == Role.SUPPORTER and qualified:
        Qualification.objects.create(participant=participant, reason="test")
    return participant


@dataclass
class Pair:
    """A seeker and a supporter on their way through a conversation."""

    seeker: Participant
    supporter: Participant
    conversation: UUID = field(default_factory=uuid.uuid4)
    epochs: dict[UUID, int] = field(default_factory=dict)

    def of(self, role: Role) -> Participant:
        """The participant of a role."""
        return self.seeker if role is Role.SEEKER else self.supporter

    @property
    def row(self) -> Conversation:
        """The conversation as it is stored now."""
        return Conversation.objects.get(pk=self.conversation)

    def side(self, role: Role) -> Member:
        """A side as it is stored now."""
        return Member.objects.get(conversation=self.conversation, role=role)

    def ticket(self, role: Role) -> Ticket:
        """A side's ticket as it is stored now."""
        return Ticket.objects.filter(participant=self.of(role)).latest("since")

    def meet(self) -> Pair:
        """Both answer what comes first and say hello: an offer."""
        actions.answer_survey_before(self.seeker, BEFORE)
        actions.hello(self.seeker)
        view = actions.hello(self.supporter)
        assert view.offer is not None
        self.conversation = view.offer
        return self

    def get_ready(self) -> Pair:
        """Both accept the offer."""
        for role in Role:
            actions.ready(self.of(role), self.conversation)
        return self

    def join(self, role: Role) -> None:
        """A side enters from a new tab."""
        who = self.of(role).pk
        self.epochs[who] = actions.join(self.conversation, who, uuid.uuid4()).epoch

    def go_live(self) -> Pair:
        """From nothing to a live room."""
        self.meet().get_ready()
        for role in Role:
            self.join(role)
        return self

    def command(self, role: Role, body: Body) -> Command:
        """A command as the socket of that side sends it."""
        who = self.of(role).pk
        return Command(self.conversation, who, self.epochs.get(who), body)

    def send(self, role: Role, body: Body) -> Reply:
        """Submit one command."""
        (reply,) = actions.submit([self.command(role, body)])
        return reply

    def ack(self, role: Role, body: Body) -> Ack:
        """Submit one command that must be stored."""
        reply = self.send(role, body)
        assert isinstance(reply, Ack), reply
        return reply

    def code(self, role: Role, body: Body) -> str:
        """Submit one command that must be refused; its code."""
        reply = self.send(role, body)
        assert isinstance(reply, Nack), reply
        return reply.code

    def talk(self, turns: int) -> None:
        """That many utterances, the supporter and the seeker by turns."""
        for at in range(turns):
            role = (Role.SUPPORTER, Role.SEEKER)[at % 2]
            self.ack(role, say(f"Utterance {at}", "Question" if role is Role.SUPPORTER else None))

    def here(self, *roles: Role) -> None:
        """A ping of each of these sides."""
        for role in roles:
            actions.seen(self.conversation, self.of(role).pk, None)

    def answer(self, role: Role) -> None:
        """The post-chat survey of a side."""
        actions.answer_survey_after(self.of(role), self.conversation, AFTER[role])

    def outcomes(self) -> dict[str, str]:
        """Role to outcome of this conversation."""
        given = Outcome.objects.filter(conversation=self.conversation).values_list(
            "participant__role", "code"
        )
        return dict(given)

    def events(self) -> list[tuple[int, str, str]]:
        """(seq, kind, author) of everything that happened."""
        return list(
            Event.objects.filter(conversation=self.conversation)
            .order_by("seq")
            .values_list("seq", "kind", "author")
        )


def make_pair(study: Study | None = None) -> Pair:
    """Two people of a study who have not met."""
    study = study or make_study()
    return Pair(make_participant(study, Role.SEEKER), make_participant(study, Role.SUPPORTER))


def say(text: str = "Hello", strategy: str | None = None, *, cid: UUID | None = None) -> Say:
    """An utterance with a client id of its own."""
    return Say(cid or uuid.uuid4(), text, strategy)


def rate(req: int, value: int = 4, *, cid: UUID | None = None) -> Rate:
    """Feedback."""
    return Rate(cid or uuid.uuid4(), req, value)


def end(reason: str = "done", *, cid: UUID | None = None) -> End:
    """The wish to end."""
    return End(cid or uuid.uuid4(), reason)


def call_help(kind: str = "tech", note: str = "", *, cid: UUID | None = None) -> Help:
    """A call for help."""
    return Help(cid or uuid.uuid4(), kind, None, note)


def pass_time(seconds: float) -> None:
    """Let time pass: every time in rooms and waiting rooms moves that far into the past."""
    for model in (Conversation, Member, Ticket):
        columns = [column.name for column in model._meta.get_fields() if isinstance(column, DateTimeField)]
        model._default_manager.update(**{name: F(name) - timedelta(seconds=seconds) for name in columns})


def let_outage_pass(seconds: float) -> None:
    """As long as that nobody was served, after somebody had been until then."""
    actions.note_service()
    pass_time(seconds)
    Heartbeat.objects.update(at=F("at") - timedelta(seconds=seconds))
