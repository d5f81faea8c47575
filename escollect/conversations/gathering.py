"""Where the commands of all doors of a process meet, so that sockets and requests share transactions."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import DatabaseError, connection

from escollect.conversations import actions
from escollect.domain.wire import Command, Reply, refusal
from escollect.infra.collector import Collector, Overloaded
from escollect.infra.threads import is_serving

logger = logging.getLogger(__name__)

WAIT_SECONDS = 5.0
"""How long a request waits for its batch: as long as a page's reader would."""


def _store(batch: Sequence[Command]) -> list[Reply]:
    return actions.submit(batch)


messages: Collector[Command, Reply] = Collector("messages", _store)


def submit_together(commands: Sequence[Command]) -> list[Reply]:
    """`submit` for a thread of a web process: with what the sockets and the other requests hand in.

    Too much waiting is answered `busy`, a database that does not answer in time `db_unavailable`; both may
    be sent again under the same client ids, and what was stored meanwhile gets its ack. Anywhere else
    (commands, workers, inside of a transaction, which another thread could not see) the commands are
    stored at once, here.
    """
    if not commands or not is_serving() or connection.in_atomic_block:
        return actions.submit(commands)
    try:
        answers = messages.wait_for(commands, WAIT_SECONDS)
    except Overloaded:
        return [refusal(command.body.cid, "busy") for command in commands]
    except TimeoutError:
        logger.warning("%d commands were not stored within %s s", len(commands), WAIT_SECONDS)
        return [refusal(command.body.cid, "db_unavailable") for command in commands]
    return [_get_reply(command, answer) for command, answer in zip(commands, answers, strict=True)]


def _get_reply(command: Command, answer: Reply | BaseException) -> Reply:
    if isinstance(answer, DatabaseError):
        logger.warning("a command was not stored: the database is away: %r", answer)
        return refusal(command.body.cid, "db_unavailable")
    if isinstance(answer, BaseException):
        logger.error("a command was not stored because of an error", exc_info=answer)
        return refusal(command.body.cid, "internal")
    return answer
