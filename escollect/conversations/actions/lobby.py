"""The waiting room: taking a place, keeping it, answering an offer, leaving."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from escollect.audit.actions import record
from escollect.conversations.actions import ending
from escollect.conversations.actions.deadlines import enforce
from escollect.conversations.actions.locked import Room, actor_of, lock_rooms, refresh, store
from escollect.conversations.actions.match import match
from escollect.conversations.actions.outcomes import give_for_full_study
from escollect.conversations.actions.tickets import (
    enforce_ticket,
    get_active,
    get_settings,
    move_ticket,
)
from escollect.conversations.models import Member, Ticket
from escollect.conversations.places import LobbyView, get_lobby_view
from escollect.conversations.selectors import (
    get_open_after,
    get_open_before,
    get_seat,
    get_ticket,
    is_qualified,
    may_converse_again,
)
from escollect.conversations.waiting import is_full
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import TICKET_ACTIVE, ConversationState, TicketState
from escollect.domain.outcomes import Outcome
from escollect.infra import bus, clock
from escollect.people.models import Participant
from escollect.studies.models import Study

OPEN = (ConversationState.CREATED, ConversationState.LIVE)


def hello(participant: Participant) -> LobbyView:
    """Take a place in the waiting room, or come back to the one that is still kept; then match.

    Nobody new gets a place in a study that is full: the view is closed then. Who waits already goes on.
    Raises Refused: forbidden (blocked, withdrawn, no consent), study_closed, not_qualified, not_ready
    (a survey comes first, or no further conversation is open to this participant).
    """
    view = arrive(participant)
    if view is not None:
        return view
    match(participant.study)
    return get_lobby_view(participant.pk)


def arrive(participant: Participant) -> LobbyView | None:
    """`hello` without the matching: None when there is a place now, else where the participant stands."""
    if get_seat(participant.pk) is not None:
        return get_lobby_view(participant.pk)
    _check_open(participant)
    if is_full(participant.study) and get_ticket(participant.pk) is None:
        return _turn_away(participant)
    check_may_wait(participant)
    try:
        with transaction.atomic():
            _take_place(participant)
    except IntegrityError:
        # Two tabs said hello at once: the other one has the place, and it is the same person's.
        return get_lobby_view(participant.pk)
    return None


def check_may_wait(participant: Participant) -> None:
    """Raise Refused unless the participant may be in the waiting room (codes as for `hello`)."""
    _check_open(participant)
    if not is_qualified(participant):
        raise Refused("not_qualified")
    if get_ticket(participant.pk) is not None:
        return
    if get_open_after(participant) is not None or not may_converse_again(participant):
        raise Refused("not_ready")


def _check_open(participant: Participant) -> None:
    if participant.state != Participant.State.ACTIVE or participant.version is None:
        raise Refused("forbidden")
    # Whoever waits already goes on: a page that says so, and a way out, are theirs.
    if participant.study.state != Study.State.OPEN and get_ticket(participant.pk) is None:
        raise Refused("study_closed")


def _turn_away(participant: Participant) -> LobbyView:
    """Say that the study is full, with a code for whoever came this far without one."""
    with transaction.atomic():
        give_for_full_study(participant, get_settings(participant), clock.now())
    return LobbyView("closed", outcome=Outcome.STUDY_FULL)


def _take_place(participant: Participant) -> None:
    now = clock.now()
    timers = get_settings(participant).timers
    ticket = get_active(participant)
    if ticket is not None:
        enforce_ticket(ticket, now)
        if ticket.state in TICKET_ACTIVE:
            _keep(ticket, now)
            refresh(ticket, prompt_at=timers.after(now, "still_there"))
            return
    answers = get_open_before(participant.pk)
    if participant.role == Role.SEEKER and answers is None:
        raise Refused("not_ready")
    ticket = make_ticket(participant, now)
    ticket.save(force_insert=True)
    if answers is not None:
        refresh(answers, ticket=ticket)
    record("ticket.taken", actor=actor_of(participant.pk), obj=ticket, new=ticket.state)


def make_ticket(participant: Participant, since: datetime) -> Ticket:
    """A place in the waiting room, not stored yet."""
    timers = get_settings(participant).timers
    return Ticket(
        study=participant.study,
        participant=participant,
        role=participant.role,
        since=since,
        lease_until=timers.after(since, "lease"),
        prompt_at=timers.after(since, "still_there"),
        expires_at=timers.after(since, "no_partner"),
    )


def renew(participant: Participant) -> LobbyView:
    """Keep the place for another lease; every lobby frame does this. A lapsed place is taken back."""
    came_back = False
    with transaction.atomic():
        ticket = get_active(participant)
        if ticket is not None and ticket.state != TicketState.OFFERED:
            now = clock.now()
            enforce_ticket(ticket, now)
            if ticket.state in TICKET_ACTIVE:
                came_back = _keep(ticket, now)
    if came_back:
        match(participant.study)
    return get_lobby_view(participant.pk)


def _keep(ticket: Ticket, now: datetime) -> bool:
    """Renew the lease of a waiting or lapsed ticket; returns whether it had lapsed."""
    if ticket.state == TicketState.OFFERED:
        return False
    lease_until = get_settings(ticket.participant).timers.after(now, "lease")
    if ticket.state == TicketState.LAPSED:
        actor = actor_of(ticket.participant_id)
        return move_ticket(
            ticket, TicketState.WAITING, now, actor=actor, lease_until=lease_until, back_by=None
        )
    refresh(ticket, lease_until=lease_until)
    return False


def let_go(participant_id: UUID) -> None:
    """The lobby's socket is closed: the lease is over now, so that nobody is paired with a closed page.

    The place itself is kept for the return window; another tab that is still open renews it.
    """
    Ticket.objects.filter(participant=participant_id, state=TicketState.WAITING).update(
        lease_until=clock.now()
    )


def ready(participant: Participant, offer: UUID) -> LobbyView:
    """Say yes to an offer; when both have, the time to enter the room starts.

    Raises Refused(offer_gone) when the offer is not this participant's or is over.
    """
    refused = ready_many([(participant.pk, offer)])
    if refused:
        raise refused[participant.pk, offer]
    return get_lobby_view(participant.pk)


def ready_many(said: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Refused]:
    """The same for many, each given as participant and offer, in one transaction; returns who is refused."""
    refused: dict[tuple[UUID, UUID], Refused] = {}
    offers = {offer for _participant, offer in said}
    if not offers:
        return refused
    with transaction.atomic():
        rooms = lock_rooms(offers)
        for room in rooms.values():
            enforce(room)
        for participant, offer in said:
            found = rooms.get(offer)
            side = found.get_side(participant) if found is not None else None
            if found is None or side is None or found.state not in OPEN:
                refused[participant, offer] = Refused("offer_gone")
            elif found.state is ConversationState.CREATED and side.ready_at is None:
                _note_ready(found, side)
        store(rooms.values())
    return refused


def _note_ready(room: Room, side: Member) -> None:
    refresh(side, ready_at=room.now)
    if all(member.ready_at is not None for member in room.sides.values()):
        refresh(room.row, ready_by=room.timers.after(room.now, "offer"))
    for member in room.sides.values():
        bus.hint(bus.lobby_group(member.participant_id))


def decline(participant: Participant, offer: UUID) -> LobbyView:
    """Say no to an offer: this ticket is given up, the other side keeps its place and is matched again.

    Raises Refused(offer_gone) when the offer is not this participant's or is over.
    """
    with transaction.atomic():
        room, side = _access_offer(participant, offer)
        gone = room.state is not ConversationState.CREATED
        if not gone:
            ending.abort(room, frozenset({Role(side.role)}), declined=True)
        store([room])
    match(participant.study)
    return _answer(participant, gone=gone and not side.active)


def leave(participant: Participant) -> LobbyView:
    """Give up the place; an offer that is open is declined. Without a place nothing happens."""
    seat = get_seat(participant.pk)
    if seat is not None and seat.conversation.state == ConversationState.CREATED:
        return decline(participant, seat.conversation_id)
    with transaction.atomic():
        ticket = get_active(participant)
        if ticket is not None and ticket.state != TicketState.OFFERED:
            move_ticket(ticket, TicketState.CANCELLED, clock.now(), actor=actor_of(participant.pk))
    return get_lobby_view(participant.pk)


def _access_offer(participant: Participant, offer: UUID) -> tuple[Room, Member]:
    """The locked room of an offer and the participant's side, after its clock had its say."""
    room = lock_rooms([offer]).get(offer)
    side = room.get_side(participant.pk) if room is not None else None
    if room is None or side is None:
        raise Refused("offer_gone")
    enforce(room)
    store([room])
    return room, side


def _answer(participant: Participant, *, gone: bool) -> LobbyView:
    if gone:
        raise Refused("offer_gone")
    return get_lobby_view(participant.pk)
