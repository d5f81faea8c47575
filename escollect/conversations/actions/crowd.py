"""What people in the waiting room do, many at once: a collector of sockets hands it over in batches.

Whoever does the ordinary thing (comes for the first time, keeps a place, says ready) takes a constant number
of statements with all others; everybody else goes through the action for one. Pairs are looked for once a
batch and study, and where everybody stands afterwards is read together.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from escollect.audit.actions import record_many
from escollect.conversations.actions import lobby
from escollect.conversations.actions.locked import actor_of
from escollect.conversations.actions.match import match
from escollect.conversations.actions.tickets import get_settings, with_settings
from escollect.conversations.actions.together import do_together
from escollect.conversations.models import Member, SurveyResponse, Ticket
from escollect.conversations.places import LobbyView, get_lobby_views
from escollect.conversations.selectors import get_qualified
from escollect.conversations.waiting import is_full
from escollect.domain.events import Refused, Role
from escollect.domain.frames import Decline, Hello, Leave, Ping, Ready
from escollect.domain.lifecycle import TICKET_ACTIVE, TicketState
from escollect.infra import clock, sets
from escollect.people.models import Participant
from escollect.studies.models import Study

logger = logging.getLogger(__name__)

Newcomer = tuple[Participant, UUID | None]
"""Somebody who was never here, and the id of the seeker's answers to the survey before."""

Answer = LobbyView | Exception
"""Where the participant stands now; or why nothing was done, which is theirs alone."""


@dataclass(frozen=True, slots=True)
class Act:
    """A frame of a lobby socket."""

    participant: UUID
    frame: Hello | Ready | Decline | Leave | Ping


def act_many(acts: Sequence[Act]) -> list[Answer]:
    """Do what the frames ask for, and answer each; one that breaks something hurts no other."""
    return do_together(_act, acts)


def _act(acts: Sequence[Act]) -> list[Answer]:
    given: dict[Act, Answer] = {}
    _renew([act.participant for act in acts if isinstance(act.frame, Ping)])
    for act in acts:
        if isinstance(act.frame, Decline | Leave):
            given[act] = _give_up(act.participant, act.frame)
    said = {act: (act.participant, act.frame.offer) for act in acts if isinstance(act.frame, Ready)}
    gone = lobby.ready_many(said.values())
    given |= {act: gone[answer] for act, answer in said.items() if answer in gone}
    hellos = {act: act.participant for act in acts if isinstance(act.frame, Hello)}
    refused = _greet(list(hellos.values()))
    given |= {act: refused[participant] for act, participant in hellos.items() if participant in refused}
    views = get_lobby_views({act.participant for act in acts if act not in given})
    return [given.get(act) or views[act.participant] for act in acts]


def _give_up(participant: UUID, frame: Decline | Leave) -> Answer:
    person = _get_people([participant])[participant]
    try:
        return lobby.leave(person) if isinstance(frame, Leave) else lobby.decline(person, frame.offer)
    except Refused as refused:
        return refused


def _get_people(ids: Collection[UUID]) -> dict[UUID, Participant]:
    found = Participant.objects.select_related("study__current", "version").defer(*HEAVY).in_bulk(set(ids))
    versions = {person.version_id: person.version for person in found.values()}
    for person in found.values():
        # One object a version, so that what it says is read once.
        person.version = versions[person.version_id]
    return {pk: found[pk] for pk in ids if pk in found}


HEAVY = [f"{path}__{name}" for path in ("study__current", "version") for name in ("definition", "source")]
"""What a study version says; it is read once a process."""


def _renew(ids: Sequence[UUID]) -> None:
    """Keep the places of those whose lease runs, in the same statements."""
    if not ids:
        return
    rows, others = [], []
    with transaction.atomic():
        # In the order in which matching locks them, so that neither waits for the other in a circle.
        locked = Ticket.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
        tickets = list(with_settings(locked.filter(participant__in=ids, state__in=TICKET_ACTIVE)))
        now = clock.now()
        for ticket in tickets:
            if ticket.state == TicketState.WAITING and min(ticket.lease_until, ticket.expires_at) > now:
                rows.append((ticket.pk, get_settings(ticket.participant).timers.after(now, "lease")))
            else:
                others.append(ticket.participant_id)
        sets.update_rows(Ticket, ["lease_until"], rows)
    for person in _get_people(others).values():
        lobby.renew(person)


def _greet(ids: Sequence[UUID]) -> dict[UUID, Answer]:
    """Give everybody a place and look for pairs; returns the answers to those who got none."""
    if not ids:
        return {}
    people = _get_people(ids)
    new = _get_newcomers(people.values())
    try:
        _take_places(new)
    except IntegrityError as error:
        logger.info("%d newcomers take their places one by one: %r", len(new), error)
        new = {}
    given: dict[UUID, Answer] = {}
    for person in people.values():
        if person.pk in new:
            continue
        try:
            view = lobby.arrive(person)
        except Refused as refused:
            given[person.pk] = refused
        else:
            if view is not None:
                given[person.pk] = view
    for study in {people[pk].study for pk in people.keys() - given.keys()}:
        match(study)
    return given


def _get_newcomers(people: Iterable[Participant]) -> dict[UUID, Newcomer]:
    """Those who may wait and never had a place or a room, with the seeker's answers to the survey."""
    able = {person.pk: person for person in people if _may_take_part(person)}
    full = {study: is_full(study) for study in {person.study for person in able.values()}}
    known = set(Ticket.objects.filter(participant__in=able).values_list("participant", flat=True))
    known |= set(Member.objects.filter(participant__in=able).values_list("participant", flat=True))
    answers = dict(
        SurveyResponse.objects.filter(
            participant__in=able, kind=SurveyResponse.Kind.BEFORE, conversation=None, ticket=None
        )
        .order_by("-pk")
        .values_list("participant", "pk")
    )
    qualified = get_qualified(able.values())
    found: dict[UUID, Newcomer] = {}
    for pk, person in able.items():
        ready = pk in answers if person.role == Role.SEEKER else pk in qualified
        if ready and pk not in known and not full[person.study]:
            found[pk] = (person, answers.get(pk))
    return found


def _may_take_part(person: Participant) -> bool:
    if person.state != Participant.State.ACTIVE or person.version is None:
        return False
    return person.study.state == Study.State.OPEN and get_settings(person).seeker_conversations > 0


def _take_places(new: dict[UUID, Newcomer]) -> None:
    if not new:
        return
    with transaction.atomic():
        now = clock.now()
        tickets = Ticket.objects.bulk_create(
            # Those who come in one batch keep their order.
            lobby.make_ticket(person, now + timedelta(microseconds=n))
            for n, (person, _answers) in enumerate(new.values())
        )
        rows = [
            (new[ticket.participant_id][1], ticket.pk)
            for ticket in tickets
            if new[ticket.participant_id][1] is not None
        ]
        sets.update_rows(SurveyResponse, ["ticket"], rows)
        done = [(actor_of(ticket.participant_id), ticket) for ticket in tickets]
        record_many("ticket.taken", done, new=TicketState.WAITING)
