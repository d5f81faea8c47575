from __future__ import annotations

import pytest
from django.db import transaction

from escollect.audit.models import AuditRow
from escollect.conversations.actions.locked import Overtaken, lock_rooms
from escollect.conversations.actions.tickets import move_ticket
from escollect.conversations.models import Conversation, Outcome, Ticket
from escollect.domain.events import Role
from escollect.domain.lifecycle import ConversationState, IllegalMove, TicketState
from escollect.infra import clock
from tests.support.rooms import make_pair

pytestmark = pytest.mark.django_db


def test_a_ticket_that_somebody_else_moved_is_left_alone() -> None:
    pair = make_pair().meet()
    stale = pair.ticket(Role.SEEKER)
    Ticket.objects.filter(pk=stale.pk).update(state="consumed")
    rows = AuditRow.objects.count()
    assert move_ticket(stale, TicketState.CANCELLED, clock.now(), actor="system") is False
    assert (pair.ticket(Role.SEEKER).state, AuditRow.objects.count()) == ("consumed", rows)
    assert not Outcome.objects.exists()


def test_a_conversation_that_somebody_else_moved_is_left_alone() -> None:
    pair = make_pair().go_live()
    with transaction.atomic():
        room = lock_rooms([pair.conversation])[pair.conversation]
        Conversation.objects.filter(pk=pair.conversation).update(state="erased")
        with pytest.raises(Overtaken):
            room.move(ConversationState.SURVEY, actor="system", end_reason="done")
    assert (pair.row.state, pair.row.end_reason) == ("erased", "")


def test_a_move_that_does_not_exist_changes_nothing() -> None:
    pair = make_pair().go_live()
    with transaction.atomic():
        room = lock_rooms([pair.conversation])[pair.conversation]
        with pytest.raises(IllegalMove):
            room.move(ConversationState.FINISHED, actor="system")
        with pytest.raises(IllegalMove):
            move_ticket(pair.ticket(Role.SEEKER), TicketState.WAITING, room.now, actor="system")
    assert pair.row.state == "live"
