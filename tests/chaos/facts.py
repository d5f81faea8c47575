"""What the checker reads: rows of the database and the clients' logs, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extras import RealDictCursor

# Normal, the room is over, superseded by a newer tab.
WELL_CLOSED = {1000, 1005, 4005, 4009}

Row = dict[str, Any]
Note = dict[str, Any]

ROOMS = """
SELECT id::text, study_id, state, last_seq, extract(epoch FROM created_at)::float AS created_at,
  extract(epoch FROM coalesce(ended_at, finished_at))::float AS ended_at,
  extract(epoch FROM finished_at)::float AS finished_at,
  seeker_id::text AS seeker, supporter_id::text AS supporter
FROM conversations_conversation WHERE kind = 'collected' AND created_at >= to_timestamp(%(since)s)
"""
EVENTS = """
SELECT e.conversation_id::text AS conversation, e.seq, e.kind, e.author, e.cid::text, e.text,
  extract(epoch FROM e.at)::float AS at
FROM conversations_event e JOIN conversations_conversation c ON c.id = e.conversation_id
WHERE c.kind = 'collected' AND c.created_at >= to_timestamp(%(since)s) ORDER BY e.conversation_id, e.seq
"""
VERDICTS = """
SELECT v.conversation_id::text AS conversation, p.name AS policy, extract(epoch FROM v.at)::float AS at
FROM quality_verdict v JOIN quality_policy p ON p.id = v.policy_id
JOIN conversations_conversation c ON c.id = v.conversation_id
WHERE c.created_at >= to_timestamp(%(since)s)
"""
# The policies of a study stand in the definition of its current version.
POLICIES = """
SELECT s.id AS study, v.definition -> 'policy' AS policy
FROM studies_study s JOIN studies_studyversion v ON v.id = s.current_id
"""
SEATS = """
SELECT participant_id::text AS participant, count(*) AS rooms FROM conversations_member
WHERE active GROUP BY participant_id HAVING count(*) > 1
"""
# Every row in a non-terminal state with the deadline that should have ended it.
DEADLINES = """
SELECT 'created room ' || id AS what, ready_by AS due FROM conversations_conversation WHERE state = 'created'
UNION ALL SELECT 'live room ' || id, least(idle_by, max_by, both_gone_by) FROM conversations_conversation
  WHERE state = 'live'
UNION ALL SELECT 'survey of room ' || id, survey_by FROM conversations_conversation WHERE state = 'survey'
UNION ALL SELECT 'absent ' || m.role || ' of room ' || c.id, m.gone_by FROM conversations_member m
  JOIN conversations_conversation c ON c.id = m.conversation_id WHERE m.active AND c.state = 'live'
UNION ALL SELECT 'waiting ticket ' || id, least(lease_until, expires_at) FROM conversations_ticket
  WHERE state = 'waiting'
UNION ALL SELECT 'lapsed ticket ' || id, least(back_by, expires_at) FROM conversations_ticket
  WHERE state = 'lapsed'
"""
OVERDUE = f"""
SELECT what, extract(epoch FROM clock_timestamp() - due)::float AS late FROM ({DEADLINES}) rows
WHERE due < clock_timestamp()
"""


@dataclass(frozen=True)
class Database:
    """A snapshot of the rooms that were made since the scenario began."""

    rooms: Sequence[Row]
    events: Sequence[Row]
    verdicts: Sequence[Row]
    policies: dict[int, tuple[str, ...]]
    seats: Sequence[Row]
    overdue: Sequence[Row]

    def owed(self) -> set[tuple[str, str]]:
        """(conversation, policy) of every verdict that there must be."""
        return {
            (room["id"], policy)
            for room in self.rooms
            if room["state"] == "finished"
            for policy in self.policies[room["study_id"]]
        }

    def given(self) -> set[tuple[str, str]]:
        """(conversation, policy) of every verdict that there is."""
        return {(row["conversation"], row["policy"]) for row in self.verdicts}


class Reader:
    """Asks the database; every call on a connection of its own, because scenarios kill them."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, query: str, since: float = 0.0) -> list[Row]:
        connection = psycopg2.connect(self._url, cursor_factory=RealDictCursor)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, {"since": since})
                return [dict(row) for row in cursor.fetchall()]
        finally:
            connection.close()

    def read(self, since: float) -> Database:
        """Everything that the checker compares."""
        policies = {
            row["study"]: (row["policy"]["deciding"], *row["policy"].get("selecting", ()))
            for row in self.ask(POLICIES)
        }
        return Database(
            rooms=self.ask(ROOMS, since),
            events=self.ask(EVENTS, since),
            verdicts=self.ask(VERDICTS, since),
            policies=policies,
            seats=self.ask(SEATS),
            overdue=self.ask(OVERDUE),
        )

    def overdue(self) -> list[Row]:
        """Rows whose deadline is over, and since how many seconds."""
        return self.ask(OVERDUE)

    def count_utterances(self, since: float) -> int:
        """How many utterances rooms made since then hold."""
        return sum(row["kind"] == "msg" for row in self.ask(EVENTS, since))


@dataclass
class Session:
    """One connection to a room: where it resumed, and the events that came over it, with their times."""

    conversation: str
    last_seq: int = 0
    events: list[tuple[float, Note]] = field(default_factory=list)


@dataclass(frozen=True)
class Client:
    """The log of one client."""

    notes: Sequence[Note]

    @property
    def name(self) -> str:
        return str(self.notes[0]["name"])

    @property
    def role(self) -> str:
        return str(self.notes[0]["role"])

    @property
    def ending(self) -> str:
        """How the life ended; `cut off` when the log does not say."""
        last = self.notes[-1]
        return str(last["how"]) if last["what"] == "ended" else "cut off"

    def stays(self) -> list[tuple[str, float, float]]:
        """(conversation, from, until) of every stay in a room."""
        found: list[tuple[str, float, float]] = []
        for number, note in enumerate(self.notes):
            if note["what"] == "room":
                left = (one["at"] for one in self.notes[number:] if one["what"] in {"place", "ended"})
                found.append((note["conversation"], note["at"], next(left, self.notes[-1]["at"])))
        return found

    def naps(self) -> list[tuple[float, float]]:
        """(from, until) of every time that the client dropped its line by itself."""
        return [
            (note["at"], note["at"] + note["seconds"]) for note in self.notes if note["what"] == "dropped"
        ]

    def sessions(self) -> list[Session]:
        """Every connection to a room, in order."""
        done: list[Session] = []
        open_ones: dict[str, Session] = {}
        for note in self.notes:
            line = note.get("line", "")
            if not line.startswith("room/"):
                continue
            if note["what"] == "connected":
                open_ones[line] = Session(line.split("/")[1])
                done.append(open_ones[line])
            elif note["what"] == "sent" and note["frame"]["t"] == "join":
                open_ones[line].last_seq = note["frame"]["last_seq"]
            elif note["what"] == "received" and note["frame"]["t"] == "event":
                open_ones[line].events.append((note["at"], note["frame"]))
        return done

    def count_lost_lines(self) -> int:
        """How many connections ended otherwise than the protocol ends them when all is well."""
        closes = [note["code"] for note in self.notes if note["what"] == "closed"]
        return sum(code not in WELL_CLOSED for code in closes)

    def frames(self, what: str, kind: str) -> Iterator[tuple[str, Note]]:
        """(conversation, frame) of what was `sent` or `received` over rooms."""
        for note in self.notes:
            if note["what"] == what and note["frame"]["t"] == kind and note["line"].startswith("room/"):
                yield note["line"].split("/")[1], note["frame"]


def read_logs(folder: Path) -> list[Client]:
    """The logs of all clients; a last line that was cut off is left out."""
    clients = []
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        clients.append(Client([json.loads(line) for line in lines if line.endswith("\n")]))
    return clients
