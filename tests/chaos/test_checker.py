"""The checker itself: an honest run passes, and a run doctored in one point fails the bound of that point."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.checker import RULES, Run, check
from tests.chaos.facts import Client, Database, read_logs

ROOM, LINE = "r1", "room/r1/1"
SEEKER, SUPPORTER = "p1", "p2"
BEGAN = 1000.0
HEALED = 1010.0
LEFT = 1060.0

Doctor = Callable[[Run], Run | None]


def _event(seq: int, kind: str, author: str, cid: str | None = None, text: str = "") -> dict[str, Any]:
    return {
        "conversation": ROOM,
        "seq": seq,
        "kind": kind,
        "author": author,
        "cid": cid,
        "text": text,
        "at": BEGAN + seq,
    }


EVENTS = [
    _event(1, "state", "system"),
    _event(2, "msg", "supporter", "c1", "Hello."),
    _event(3, "msg", "seeker", "c2", "I cannot sleep."),
    _event(4, "state", "seeker", "c3"),
]


def _client(role: str) -> Client:
    notes: list[dict[str, Any]] = [
        {"at": BEGAN, "what": "person", "name": f"0000-{role}", "role": role},
        {"at": BEGAN, "what": "room", "conversation": ROOM},
        {"at": BEGAN, "what": "connected", "line": LINE},
        {"at": BEGAN, "what": "sent", "line": LINE, "frame": {"t": "join", "last_seq": 0}},
    ]
    for row in EVENTS:
        at = row["at"]
        if row["author"] == role:
            sent = {
                "t": row["kind"] if row["kind"] == "msg" else "end",
                "cid": row["cid"],
                "text": row["text"],
            }
            ack = {"t": "ack", "cid": row["cid"], "seq": row["seq"]}
            notes.append({"at": at, "what": "sent", "line": LINE, "frame": sent})
            notes.append({"at": at, "what": "received", "line": LINE, "frame": ack})
        told = {"t": "event", "seq": row["seq"], "kind": row["kind"], "from": row["author"]}
        if row["text"]:
            told["text"] = row["text"]
        notes.append({"at": at, "what": "received", "line": LINE, "frame": told})
    notes.append({"at": LEFT, "what": "closed", "line": LINE, "code": 4005})
    notes.append({"at": LEFT, "what": "place", "place": "survey"})
    notes.append({"at": LEFT + 1, "what": "ended", "how": "done"})
    return Client(notes)


def honest() -> Run:
    """A room of two in which everything is as it should be."""
    room = {
        "id": ROOM,
        "study_id": 1,
        "state": "finished",
        "last_seq": 4,
        "created_at": BEGAN,
        "ended_at": LEFT,
        "finished_at": LEFT + 1,
        "seeker": SEEKER,
        "supporter": SUPPORTER,
    }
    verdict = {"conversation": ROOM, "policy": "paper", "at": LEFT + 2}
    database = Database([room], copy.deepcopy(EVENTS), [verdict], {1: ("paper",)}, [], [])
    return Run(database, [_client("seeker"), _client("supporter")], HEALED)


def _received(run: Run, who: int, kind: str, seq: int) -> dict[str, Any]:
    """The note of a frame in a client's log."""
    (found,) = [
        note
        for note in run.clients[who].notes
        if note["what"] == "received" and note["frame"]["t"] == kind and note["frame"]["seq"] == seq
    ]
    return found


def lose_an_acked_utterance(run: Run) -> Run:
    rows = [row for row in run.database.events if row["seq"] != 3] + [_event(3, "notice", "system")]
    return replace(run, database=replace(run.database, events=sorted(rows, key=lambda row: row["seq"])))


def ack_another_number(run: Run) -> None:
    _received(run, 0, "ack", 3)["frame"]["seq"] = 2


def store_other_words(run: Run) -> None:
    run.database.events[2]["text"] = "I can sleep."


def store_a_command_twice(run: Run) -> Run:
    rows = [*run.database.events, _event(5, "msg", "seeker", "c2", "I cannot sleep.")]
    rooms = [{**run.database.rooms[0], "last_seq": 5}]
    return replace(run, database=replace(run.database, events=rows, rooms=rooms))


def store_what_nobody_sent(run: Run) -> Run:
    rows = [*run.database.events, _event(5, "msg", "seeker", "c9", "I cannot sleep.")]
    rooms = [{**run.database.rooms[0], "last_seq": 5}]
    return replace(run, database=replace(run.database, events=rows, rooms=rooms))


def deliver_twice(run: Run) -> Run:
    notes = list(run.clients[1].notes)
    place = notes.index(_received(run, 1, "event", 3))
    return replace(run, clients=[run.clients[0], Client([*notes[: place + 1], *notes[place:]])])


def skip_a_stored_number(run: Run) -> None:
    for row in run.database.events[3:]:
        row["seq"] = 5
    for who in range(2):
        _received(run, who, "event", 4)["frame"]["seq"] = 5
    _received(run, 0, "ack", 4)["frame"]["seq"] = 5


def deliver_with_a_gap(run: Run) -> Run:
    gone = _received(run, 1, "event", 3)
    notes = [note for note in run.clients[1].notes if note is not gone]
    return replace(run, clients=[run.clients[0], Client(notes)])


def tell_another_author(run: Run) -> None:
    _received(run, 1, "event", 3)["frame"]["from"] = "supporter"


def deliver_late(run: Run) -> None:
    for seq in (3, 4):
        _received(run, 1, "event", seq)["at"] = HEALED + 10.1


def close_with_1011(run: Run) -> None:
    next(note for note in run.clients[0].notes if note["what"] == "closed")["code"] = 1011


def forget_a_verdict(run: Run) -> Run:
    return replace(run, database=replace(run.database, verdicts=[]))


def judge_too_late(run: Run) -> None:
    run.database.verdicts[0]["at"] = LEFT + 1 + 60.1


def sit_in_two_rooms(run: Run) -> Run:
    other = {**run.database.rooms[0], "id": "r2", "last_seq": 0, "state": "aborted", "created_at": LEFT - 1}
    return replace(run, database=replace(run.database, rooms=[run.database.rooms[0], other]))


def hold_two_seats(run: Run) -> Run:
    return replace(run, database=replace(run.database, seats=[{"participant": SEEKER, "rooms": 2}]))


def leave_a_row_behind(run: Run) -> Run:
    return replace(run, database=replace(run.database, overdue=[{"what": "live room r1", "late": 20.1}]))


def see_a_row_late_in_between(run: Run) -> Run:
    return replace(run, overdue=[{"what": "live room r1", "late": 20.1}])


def fail_a_life(run: Run) -> None:
    next(note for note in run.clients[0].notes if note["what"] == "ended")["how"] = "failed"


def cut_a_log_off(run: Run) -> Run:
    return replace(run, clients=[Client(run.clients[0].notes[:-1]), run.clients[1]])


def say_nothing(run: Run) -> Run:
    rooms = [{**run.database.rooms[0], "last_seq": 0}]
    clients = [Client([client.notes[0], client.notes[-1]]) for client in run.clients]
    return replace(run, clients=clients, database=replace(run.database, events=[], rooms=rooms))


DOCTORED: list[tuple[Doctor, set[str]]] = [
    (lose_an_acked_utterance, {"acked_are_stored", "views_are_the_database"}),
    (ack_another_number, {"acked_are_stored"}),
    (store_other_words, {"acked_are_stored", "views_are_the_database"}),
    (store_a_command_twice, {"acked_are_stored", "nothing_is_twice", "clients_catch_up"}),
    (store_what_nobody_sent, {"nothing_is_twice", "clients_catch_up"}),
    (deliver_twice, {"nothing_is_twice"}),
    (skip_a_stored_number, {"numbers_have_no_gaps"}),
    (deliver_with_a_gap, {"numbers_have_no_gaps", "clients_catch_up"}),
    (tell_another_author, {"views_are_the_database"}),
    (deliver_late, {"clients_catch_up"}),
    (close_with_1011, {"nobody_is_closed_with_1011"}),
    (forget_a_verdict, {"verdicts_are_complete"}),
    (judge_too_late, {"verdicts_are_complete"}),
    (sit_in_two_rooms, {"nobody_is_in_two_rooms"}),
    (hold_two_seats, {"nobody_is_in_two_rooms"}),
    (leave_a_row_behind, {"nothing_is_stuck"}),
    (see_a_row_late_in_between, {"nothing_is_stuck"}),
    (fail_a_life, {"every_life_ends_well"}),
    (cut_a_log_off, {"every_life_ends_well"}),
    (say_nothing, {"something_happened"}),
]


def test_an_honest_run_holds_every_bound() -> None:
    assert check(honest()) == {}


@pytest.mark.parametrize(("doctor", "violated"), DOCTORED, ids=[doctor.__name__ for doctor, _ in DOCTORED])
def test_a_doctored_run_fails_its_bound(doctor: Doctor, violated: set[str]) -> None:
    run = honest()
    assert set(check(doctor(run) or run)) == violated


def test_every_bound_has_a_doctored_run() -> None:
    assert {rule.__name__ for rule in RULES} == set().union(*(violated for _doctor, violated in DOCTORED))


def test_what_is_on_time_by_a_hair_is_on_time() -> None:
    run = honest()
    for seq in (3, 4):
        _received(run, 1, "event", seq)["at"] = HEALED + 10.0
    run.database.verdicts[0]["at"] = LEFT + 1 + 60.0
    late = [{"what": "live room r1", "late": 20.0}]
    assert check(replace(run, overdue=late)) == {}


def test_whoever_sleeps_has_ten_seconds_from_waking_up() -> None:
    def sleeper(received_at: float) -> Run:
        run = honest()
        notes = [*run.clients[1].notes]
        notes.insert(4, {"at": HEALED + 5, "what": "dropped", "line": LINE, "seconds": 3.0})
        for seq in (3, 4):
            _received(run, 1, "event", seq)["at"] = received_at
        return replace(run, clients=[run.clients[0], Client(notes)])

    assert check(sleeper(HEALED + 18.0)) == {}
    assert set(check(sleeper(HEALED + 18.1))) == {"clients_catch_up"}


def test_logs_are_read_back_without_the_line_that_a_kill_cut_off(tmp_path: Path) -> None:
    written = honest()
    for client in written.clients:
        lines = [json.dumps(note) for note in client.notes]
        (tmp_path / f"{client.name}.jsonl").write_text("\n".join(lines) + '\n{"at": 10')
    assert check(replace(written, clients=read_logs(tmp_path))) == {}
