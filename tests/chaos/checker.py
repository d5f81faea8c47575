"""The bounds that hold in every scenario; each rule returns a sentence for every violation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.chaos.facts import Client, Database, Row

CAUGHT_UP_SECONDS = 10.0
VERDICT_SECONDS = 60.0
OVERDUE_SECONDS = 20.0
FORBIDDEN_CLOSE = 1011
GOOD_ENDINGS = {"done", "vanished"}


@dataclass(frozen=True)
class Run:
    """A scenario that is over. `healed_at` is when everything worked again, in seconds since 1970.

    `overdue` are the rows that were seen late while the run was watched, the last snapshot's included.
    """

    database: Database
    clients: Sequence[Client]
    healed_at: float
    overdue: Sequence[Row] = ()

    def events(self) -> dict[str, list[Row]]:
        """The stored events of each conversation."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.database.events:
            found[row["conversation"]].append(row)
        return found


def acked_are_stored(run: Run) -> Iterator[str]:
    """Every acknowledged utterance is stored as it was sent, under the number that the ack gave."""
    stored = {(row["conversation"], row["author"], row["cid"]): row for row in run.database.events}
    for client in run.clients:
        texts = {frame["cid"]: frame["text"] for _room, frame in client.frames("sent", "msg")}
        for room, ack in client.frames("received", "ack"):
            row = stored.get((room, client.role, ack["cid"]))
            if row is None:
                yield f"{client.name} was promised {room}/{ack['seq']}, which is not stored"
            elif row["seq"] != ack["seq"]:
                yield f"{client.name} was promised {room}/{ack['seq']}, stored as {row['seq']}"
            elif row["kind"] == "msg" and row["text"] != texts[ack["cid"]]:
                yield f"{client.name} sent {room}/{ack['seq']} in other words than are stored"


def nothing_is_twice(run: Run) -> Iterator[str]:
    """No command is stored twice, nothing is stored that nobody sent, nothing comes twice over one line."""
    known = {frame["cid"] for client in run.clients for _room, frame in client.frames("sent", "msg")}
    events = run.database.events
    commands = Counter((row["conversation"], row["author"], row["cid"]) for row in events if row["cid"])
    for (room, author, cid), count in commands.items():
        if count > 1:
            yield f"{author} of {room} has {cid} stored {count} times"
    for row in events:
        if row["kind"] == "msg" and row["cid"] not in known:
            yield f"{row['conversation']}/{row['seq']} is stored, but nobody sent it"
    for client in run.clients:
        for session in client.sessions():
            times = Counter(event["seq"] for _at, event in session.events)
            for seq, count in times.items():
                if count > 1:
                    yield f"{client.name} received {session.conversation}/{seq} {count} times over one line"


def numbers_have_no_gaps(run: Run) -> Iterator[str]:
    """Stored numbers are 1, 2, 3 …; over a line they go on from where it resumed."""
    stored = run.events()
    for room in run.database.rooms:
        numbers = [row["seq"] for row in stored[room["id"]]]
        if numbers != list(range(1, room["last_seq"] + 1)):
            yield f"{room['id']} holds {numbers} and counts to {room['last_seq']}"
    for client in run.clients:
        for session in client.sessions():
            came = list(dict.fromkeys(event["seq"] for _at, event in session.events))
            if came != list(range(session.last_seq + 1, session.last_seq + 1 + len(came))):
                yield f"{client.name} received {came} of {session.conversation} after {session.last_seq}"


def views_are_the_database(run: Run) -> Iterator[str]:
    """What a client was told is what is stored."""
    stored = {
        (row["conversation"], row["seq"]): (row["kind"], row["author"], row["text"])
        for row in run.database.events
    }
    for client in run.clients:
        for session in client.sessions():
            for _at, event in session.events:
                told = (event["kind"], event["from"], event.get("text", ""))
                place = (session.conversation, event["seq"])
                if told != stored.get(place):
                    yield f"{client.name} was told {place}: {told}, stored is {stored.get(place)}"


def clients_catch_up(run: Run) -> Iterator[str]:
    """Whoever is in a room has every event ten seconds after it happened, or after healing.

    A client that drops its own line, as a phone that sleeps, has ten seconds from when it wakes up.
    """
    stored = run.events()
    for client in run.clients:
        first: dict[tuple[str, int], float] = {}
        for session in client.sessions():
            for at, event in session.events:
                first.setdefault((session.conversation, event["seq"]), at)
        for room, _came, left in client.stays():
            late = []
            for row in stored[room]:
                due = max(row["at"], run.healed_at) + CAUGHT_UP_SECONDS
                for asleep, awake in client.naps():
                    due = max(due, awake + CAUGHT_UP_SECONDS) if asleep < due else due
                if due < left and first.get((room, row["seq"]), due + 1) > due:
                    late.append(row["seq"])
            if late:
                yield f"{client.name} had {room} {late} later than {CAUGHT_UP_SECONDS:g} s"


def nobody_is_closed_with_1011(run: Run) -> Iterator[str]:
    """No socket ends with the code of a server that broke."""
    for client in run.clients:
        for note in client.notes:
            if note["what"] == "closed" and note["code"] == FORBIDDEN_CLOSE:
                yield f"{client.name}: {note['line']} was closed with {FORBIDDEN_CLOSE}"


def verdicts_are_complete(run: Run) -> Iterator[str]:
    """Finished conversations × policies, each within a minute of the later of finishing and healing."""
    finished = {room["id"]: room["finished_at"] for room in run.database.rooms}
    yield from (
        f"{room} has no verdict of {policy}" for room, policy in run.database.owed() - run.database.given()
    )
    for row in run.database.verdicts:
        due = max(finished[row["conversation"]] or 0.0, run.healed_at) + VERDICT_SECONDS
        if row["at"] > due:
            yield f"{row['conversation']} was judged by {row['policy']} {row['at'] - due:.1f} s too late"


def nobody_is_in_two_rooms(run: Run) -> Iterator[str]:
    """Nobody's rooms overlap, and nobody holds two seats."""
    yield from (f"{row['participant']} has {row['rooms']} active seats" for row in run.database.seats)
    stays: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for room in run.database.rooms:
        is_open = room["state"] in {"created", "live"}
        until = float("inf") if is_open else room["ended_at"] or room["created_at"]
        for side in ("seeker", "supporter"):
            stays[room[side]].append((room["created_at"], until, room["id"]))
    for person, rooms in stays.items():
        for (_from, until, one), (start, _until, other) in pairwise(sorted(rooms)):
            if start < until:
                yield f"{person} was in {one} and {other} at the same time"


def nothing_is_stuck(run: Run) -> Iterator[str]:
    """No row stays in a state that its deadline should have ended."""
    for row in (*run.overdue, *run.database.overdue):
        if row["late"] > OVERDUE_SECONDS:
            yield f"{row['what']} is {row['late']:.1f} s past its deadline"


def every_life_ends_well(run: Run) -> Iterator[str]:
    """Every client gets to the end that it wanted."""
    for client in run.clients:
        if client.ending not in GOOD_ENDINGS:
            yield f"{client.name}: {client.ending}"


def something_happened(run: Run) -> Iterator[str]:
    """A crowd that said nothing proves nothing."""
    acked = sum(1 for client in run.clients for _ack in client.frames("received", "ack"))
    finished = [room for room in run.database.rooms if room["state"] == "finished"]
    if not acked or not finished:
        yield f"{acked} acks and {len(finished)} finished conversations prove nothing"


RULES: tuple[Callable[[Run], Iterator[str]], ...] = (
    acked_are_stored,
    nothing_is_twice,
    numbers_have_no_gaps,
    views_are_the_database,
    clients_catch_up,
    nobody_is_closed_with_1011,
    verdicts_are_complete,
    nobody_is_in_two_rooms,
    nothing_is_stuck,
    every_life_ends_well,
    something_happened,
)


def check(run: Run) -> dict[str, list[str]]:
    """Every violated bound and how; empty when all hold."""
    found = {rule.__name__: list(rule(run)) for rule in RULES}
    return {name: sentences for name, sentences in found.items() if sentences}
