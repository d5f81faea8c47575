"""Scenes for tests of the desk, made through the stages' own actions."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from django.conf import settings

from escollect.accounts.actions import create_staff
from escollect.accounts.models import User
from escollect.conversations import actions as rooms
from escollect.conversations.models import Conversation, Member
from escollect.conversations.places import get_lobby_view
from escollect.domain.turns import RATE_EVERY
from escollect.domain.wire import Ack, Command, End, Help, Rate, Say
from escollect.people import actions as people
from escollect.people.models import Participant
from escollect.quality import actions as quality
from escollect.studies.actions import open_study
from escollect.studies.models import Study
from escollect.training.actions import grant_qualification

PASSWORD = "a-password-for-tests"
ITEMS = ("adult", "take_part", "recorded", "release_public")
BEFORE = {
    "experience_type": "Current Experience",
    "emotion_type": "anxiety",
    "problem_type": "job crisis",
    "initial_emotion_intensity": "4",
    "situation": "My contract ends in March, and nobody can tell me whether it goes on.",
}
AFTER_SEEKER = {
    "final_emotion_intensity": "2",
    "empathy": "5",
    "relevance": "5",
    "question1": "I felt heard.",
    "question2": "",
}
AFTER_SUPPORTER = {"relevance": "4", "question1": "A calm talk.", "question2": "More time."}
SEEKER_SAYS = "I keep thinking about the end of the contract, even at night when I should sleep."
SUPPORTER_SAYS = (
    ("Question", "What is it about the end of the contract that worries you the most right now?"),
    (
        "Reflection of feelings",
        "It sounds as if the waiting itself wears you out more than the answer would.",
    ),
)


def make_study(slug: str = "first-light") -> Study:
    """An open study from the paper's file."""
    quality.load_policies()
    text = (Path(settings.FIXTURES_DIR) / "studies" / "esconv.yaml").read_text("utf-8")
    lines = [f"slug: {slug}" if line.startswith("slug:") else line for line in text.splitlines()]
    return open_study("\n".join(lines), None).study


def make_staff(role: str) -> User:
    """A staff login of this role, named like it."""
    return create_staff(role, role, PASSWORD)


def make_participant(study: Study, role: str, external_id: str = "") -> Participant:
    """A participant who consented; a supporter is qualified, a seeker has answered the survey."""
    participant = people.create_participant(study, role, external_id)
    people.give_consent(participant, ITEMS)
    participant.refresh_from_db()
    if role == "supporter":
        grant_qualification(participant, None, "Qualified in an earlier study.")
    else:
        rooms.answer_survey_before(participant, BEFORE)
    return participant


def open_room(study: Study) -> Conversation:
    """A live room of two new participants."""
    seeker, supporter = make_participant(study, "seeker"), make_participant(study, "supporter")
    rooms.hello(seeker)
    rooms.hello(supporter)
    found = rooms.match(study)
    room = found[0] if found else Conversation.objects.get(seeker=seeker)
    for participant in (seeker, supporter):
        offer = get_lobby_view(participant.pk).offer
        assert offer is not None
        rooms.ready(participant, offer)
    for participant in (seeker, supporter):
        rooms.join(room.pk, participant.pk, uuid4())
    room.refresh_from_db()
    return room


def send(room: Conversation, *frames: tuple[str, Say | Rate | End | Help]) -> None:
    """Send frames in order, each as one side of the room, in one batch."""
    sides = {side.role: side for side in Member.objects.filter(conversation=room)}
    commands = [
        Command(room.pk, sides[role].participant_id, sides[role].epoch, body) for role, body in frames
    ]
    for reply in rooms.submit(commands):
        assert isinstance(reply, Ack), reply


def talk(room: Conversation, utterances: int = 16) -> None:
    """Talk in turns, with feedback of four stars whenever it is asked for."""
    said = [_utterance(at) for at in range(utterances)]
    for start in range(0, utterances, RATE_EVERY * 2):
        send(room, *said[start : start + RATE_EVERY * 2])
        room.refresh_from_db()
        if room.open_request:
            send(room, ("seeker", Rate(uuid4(), room.open_request, 4)))


def _utterance(at: int) -> tuple[str, Say]:
    if at % 2 == 0:
        return "seeker", Say(uuid4(), SEEKER_SAYS)
    strategy, text = SUPPORTER_SAYS[at // 2 % 2]
    return "supporter", Say(uuid4(), text, strategy)


def finish(room: Conversation, intensity: int = 2) -> Conversation:
    """End the room and answer both surveys; the policies judge it."""
    send(room, ("seeker", End(uuid4(), "done")))
    after = {**AFTER_SEEKER, "final_emotion_intensity": str(intensity)}
    rooms.answer_survey_after(room.seeker, room, after)
    rooms.answer_survey_after(room.supporter, room, AFTER_SUPPORTER)
    quality.work_jobs(room.pk)
    room.refresh_from_db()
    return room


def make_finished(study: Study, utterances: int = 16, intensity: int = 2) -> Conversation:
    """A finished and judged conversation: accepted, or needs_review with an intensity that did not fall."""
    room = open_room(study)
    talk(room, utterances)
    return finish(room, intensity)
