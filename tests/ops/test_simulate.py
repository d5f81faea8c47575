"""The simulated crowd: its choices, without a server, and a small one that lives through a real server."""

from __future__ import annotations

import json
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from escollect.domain.events import Role
from escollect.domain.strategies import STRATEGIES
from escollect.ops.simulation.cast import USUAL_MIX, MixInvalid, cast, read_mix
from escollect.ops.simulation.ledger import Ledger, get_percentile
from escollect.ops.simulation.line import get_pause
from escollect.ops.simulation.pace import Pace
from escollect.ops.simulation.pages import Page, get_shown_path
from escollect.ops.simulation.personas import PERSONAS
from escollect.ops.simulation.story import Grammar
from escollect.ops.simulation.tale import choose_trouble, tell_tale
from tests.support.processes import ROOT, Child, wait_until
from tests.support.servers import Embedded

Entry = dict[str, Any]

# The demo study with short timers: who is silent is soon noticed.
QUICK = """
timers: {heartbeat: 2, online: 4, nudge: 5, idle: 10, partner_away: 5, partner_left: 10, both_offline: 10}
limits: {utterance_rate: 5}
"""


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return Grammar.read(Path(settings.FIXTURES_DIR) / "demo" / "grammar")


def test_the_same_seed_casts_the_same_people() -> None:
    assert cast(30, USUAL_MIX, "one") == cast(30, USUAL_MIX, "one")
    assert cast(30, USUAL_MIX, "one") != cast(30, USUAL_MIX, "two")


def test_a_mix_is_kept_as_exactly_as_whole_pairs_allow() -> None:
    people = cast(40, USUAL_MIX, "any")
    odd = Counter(person.persona for person in people if person.persona != "good")
    assert odd == dict.fromkeys(set(USUAL_MIX) - {"good"}, 2)
    assert Counter(person.role for person in people) == {Role.SEEKER: 40, Role.SUPPORTER: 40}
    assert [person.pair for person in people] == sorted([*range(40), *range(40)])


def test_the_usual_mix_has_every_persona() -> None:
    assert set(USUAL_MIX) == set(PERSONAS)


def test_a_mix_is_read_with_weights() -> None:
    assert read_mix("good:3, leaver,good") == {"good": 4.0, "leaver": 1.0}


@pytest.mark.parametrize("text", ["nobody", "good:many", "good:0", "good:-1,leaver:2", "good:nan", ","])
def test_a_mix_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(MixInvalid):
        read_mix(text)


def test_a_persons_random_numbers_depend_on_nothing_but_the_seed_the_person_and_the_purpose() -> None:
    (seeker, supporter) = cast(1, {"good": 1}, "s")
    drawn = [stream.random() for stream in (seeker.stream("a"), seeker.stream("b"), supporter.stream("a"))]
    assert len(set(drawn)) == 3
    assert cast(1, {"good": 1}, "s")[0].stream("a").random() == drawn[0]


def test_a_trouble_is_one_that_the_survey_offers_and_always_leads_to_the_same_tale(grammar: Grammar) -> None:
    for seed in range(40):
        problems, emotions = ["job crisis", "Sleep Problems"], ["fear", "anxiety"]
        trouble = choose_trouble(grammar, random.Random(seed), problems, emotions)
        assert (trouble.problem in problems, trouble.emotion in emotions) == (True, True)
        tale = tell_tale(grammar, trouble)
        assert tale == tell_tale(grammar, trouble)
        assert {line.strategy for line in tale.lines if line.role is Role.SEEKER} == {None}
        assert {line.strategy for line in tale.lines if line.role is Role.SUPPORTER} <= set(STRATEGIES)
        assert set(tale.after[Role.SEEKER]) == {
            "empathy", "relevance", "final_emotion_intensity", "question1", "question2",
        }  # fmt: skip


def test_a_study_with_words_of_its_own_gets_a_trouble_it_accepts(grammar: Grammar) -> None:
    trouble = choose_trouble(grammar, random.Random(1), ["moving house"], ["homesickness"])
    assert (trouble.problem, trouble.emotion) == ("moving house", "homesickness")
    assert tell_tale(grammar, trouble).lines


def test_a_page_is_read_as_a_form_filler_reads_it() -> None:
    page = Page(
        "http://x/chat/1/?a=b",
        200,
        '<input type="hidden" name="csrf" value="t"><input type="radio" name="q" value="1">'
        '<input type="radio" name="q" value="2"><select name="o"><option value="">–</option>'
        '<option value="z">Z</option></select><textarea name="more"></textarea><a href="/next/">on</a>'
        '<dl><dt>Situation</dt><dd dir="auto">I &amp; my <b>job</b></dd></dl>'
        '<code>no</code><code id="completion-code"> ABC </code>',
    )
    assert (page.path, page.hidden, page.texts, page.links) == (
        "/chat/1/",
        {"csrf": "t"},
        ["more"],
        ["/next/"],
    )
    assert page.choices == {"q": ["1", "2"], "o": ["z"]}
    assert (page.facts, page.code) == (["I & my job"], "ABC")


def test_an_invites_secret_is_not_shown() -> None:
    assert get_shown_path("http://x/join/secret/") == "/join/…/"
    assert get_shown_path("http://x/survey/after/") == "/survey/after/"


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [get_percentile(values, share) for share in (0.5, 0.95, 0.99, 0.999)] == [50, 95, 99, 100]
    assert (get_percentile([7.0], 0.5), get_percentile([], 0.5)) == (7.0, None)


def test_latency_is_from_sending_to_the_partner_whichever_is_known_first() -> None:
    ledger = Ledger()
    ledger.stored("room", 2, 10.0)
    ledger.heard("room", 2, 10.25)
    ledger.heard("room", 3, 11.5)
    ledger.stored("room", 3, 11.0)
    ledger.stored("other", 3, 11.0)
    assert ledger.latencies == [250.0, 500.0]
    assert ledger.utterances == 3


def test_a_room_that_stopped_although_both_stayed_is_an_error() -> None:
    ledger = Ledger()
    for room, reason, given_up in (("a", "idle", True), ("b", "idle", False), ("c", "done", False)):
        entry = ledger.room(room)
        entry.live, entry.reason, entry.given_up = True, reason, given_up
    ledger.find_broken_rooms()
    assert ledger.errors == ["room b: ended with idle although both stayed"]


def test_back_off_is_a_random_share_of_a_bounded_pause() -> None:
    rng = random.Random(1)
    for attempt, whole in ((0, 0.5), (1, 1.0), (4, 8.0), (5, 15.0), (5000, 15.0)):
        pauses = [get_pause(attempt, rng) for _ in range(50)]
        assert whole / 2 <= min(pauses) < max(pauses) <= whole


@pytest.mark.parametrize(
    ("pace", "slowness", "low", "high"), [("human", 1, 5, 8), ("human", 3, 15, 24), ("fast", 1, 0, 0)]
)
def test_people_write_every_five_to_eight_seconds_and_the_fast_at_once(
    pace: Any, slowness: float, low: float, high: float
) -> None:
    pauses = [Pace(pace, random.Random(1), slowness).writing_seconds() for _ in range(20)]
    assert low <= min(pauses) <= max(pauses) <= high


@pytest.fixture(scope="module")
def quick_study(embedded_server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("study") / "demo.yaml"
    file.write_text((ROOT / "fixtures/studies/demo.yaml").read_text("utf-8") + QUICK, "utf-8")
    opened = embedded_server.manage("open_study", str(file))
    return str(opened["study"])


def read_logs(folder: Path) -> dict[str, list[Entry]]:
    return {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in sorted(folder.glob("*.jsonl"))
    }


def received(entries: list[Entry], kind: str) -> list[Entry]:
    return [
        entry["frame"] | {"line": entry["line"]}
        for entry in entries
        if entry["what"] == "received" and entry["frame"]["t"] == kind
    ]


@pytest.mark.servers
@pytest.mark.timeout(120)
def test_a_small_crowd_lives_through_a_real_server(
    embedded_server: Embedded, quick_study: str, tmp_path: Path
) -> None:
    told = embedded_server.manage(
        "simulate", "--pairs", "3", "--study", quick_study, "--seed", "7", "--log", str(tmp_path / "log"),
        "--persona", "spammer,tabs,sleeper", "--time-limit", "60",
    )  # fmt: skip
    assert list(told) == ["conversations", "utterances", "accepted", "errors", "latency_ms"]
    assert (told["conversations"], told["errors"]) == (3, [])
    assert 0 < told["accepted"] <= 3
    assert 0 < told["latency_ms"]["p50"] <= told["latency_ms"]["p95"] <= told["latency_ms"]["p99"] < 10_000

    logs = read_logs(tmp_path / "log")
    assert [entries[-1]["how"] for entries in logs.values()] == ["done"] * 6
    assert all(entries[-1]["completion_code"] for entries in logs.values())
    by_persona = {entries[0]["persona"]: entries for entries in logs.values()}
    refused = {one["code"] for one in received(by_persona["spammer"], "nack")}
    # Stars may come too late for somebody who writes so fast.
    assert refused - {"rating_invalid"} == {"rate_limited"}
    assert 4009 in [one["code"] for one in by_persona["tabs"] if one["what"] == "closed"]
    assert len([one for one in by_persona["sleeper"] if one["what"] == "dropped"]) == 2
    joins = [frame["last_seq"] > 0 for frame in sent(by_persona["sleeper"], "join")]
    assert joins == [False, True, True]

    acked = {
        (one["line"].split("/")[1], one["cid"], one["seq"])
        for entries in logs.values()
        for one in received(entries, "ack")
    }
    rooms = {room for room, _cid, _seq in acked}
    kept = stored(embedded_server, quick_study, tmp_path / "raw")
    assert {command for command in kept if command[0] in rooms} == acked
    assert told["utterances"] == sum(
        one["t"] == "msg" for entries in logs.values() for one in unique_commands(entries)
    )


def sent(entries: list[Entry], kind: str) -> list[Entry]:
    return [one["frame"] for one in entries if one["what"] == "sent" and one["frame"]["t"] == kind]


def unique_commands(entries: list[Entry]) -> list[Entry]:
    frames = [one["frame"] for one in entries if one["what"] == "sent" and "cid" in one["frame"]]
    return list({frame["cid"]: frame for frame in frames}.values())


def stored(server: Embedded, study: str, out: Path) -> set[tuple[str, str, int]]:
    """Every command that the database holds: conversation, client id, number."""
    server.manage("export_raw", "--study", study, "--out", str(out))
    rows = [json.loads(line) for line in (out / "events.jsonl").read_text("utf-8").splitlines()]
    return {(row["conversation_id"], row["cid"], row["seq"]) for row in rows if row["cid"]}


@pytest.mark.servers
@pytest.mark.timeout(120)
def test_who_is_silent_or_leaves_is_no_error(
    embedded_server: Embedded, quick_study: str, tmp_path: Path
) -> None:
    told = embedded_server.manage(
        "simulate", "--pairs", "2", "--study", quick_study, "--seed", "3", "--log", str(tmp_path),
        "--persona", "silent,leaver", "--time-limit", "60",
    )  # fmt: skip
    assert (told["conversations"], told["errors"]) == (2, [])
    logs = read_logs(tmp_path)
    by_persona = {entries[0]["persona"]: entries for entries in logs.values()}
    assert sent(by_persona["silent"], "msg") == []
    assert by_persona["silent"][-1]["how"] == "done"
    assert {entries[-1]["how"] for entries in logs.values()} <= {"done", "vanished"}


@pytest.mark.servers
@pytest.mark.timeout(120)
def test_ctrl_c_ends_a_simulation_cleanly(
    embedded_server: Embedded, quick_study: str, tmp_path: Path
) -> None:
    command = [sys.executable, "manage.py", "simulate", "--pairs", "1", "--pace", "human",
               "--persona", "good", "--study", quick_study, "--log", str(tmp_path / "log")]  # fmt: skip
    child = Child(command, env=embedded_server.environment, log=tmp_path / "simulate.log")
    wait_until(
        lambda: any('"place": "lobby"' in path.read_text() for path in (tmp_path / "log").glob("*.jsonl")),
        child.log.read_text,
        60,
    )
    child.send(signal.SIGINT)
    assert child.process.wait(timeout=30) == 1
    result = json.loads(child.log.read_text("utf-8").splitlines()[-1])
    assert sorted(error.split(": ")[1] for error in result["errors"]) == ["cut off by Ctrl-C"] * 2
    ends = [entries[-1] for entries in read_logs(tmp_path / "log").values()]
    assert [(end["what"], end["how"]) for end in ends] == [("ended", "stopped")] * 2


@pytest.mark.servers
def test_what_cannot_be_simulated_is_said_and_changes_nothing(embedded_server: Embedded) -> None:
    nobody = ["--url", "http://127.0.0.1:9"]
    for extra, word in ((nobody, "Nobody answers"), (["--study", "nope"], "nope"), (["--persona", "x"], "x")):
        done = embedded_server.manage("simulate", "--pairs", "1", *extra, check=False)
        assert done.returncode == 1
        error = json.loads(done.stdout.splitlines()[-1])["error"]
        assert (word in error, "Nothing was simulated." in error) == (True, True)


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_crowd_that_trains_practises_where_the_study_asks_for_it(
    embedded_server: Embedded, quick_study: str, tmp_path: Path
) -> None:
    text = (ROOT / "fixtures/studies/demo.yaml").read_text("utf-8") + QUICK
    file = tmp_path / "practice.yaml"
    file.write_text(
        text.replace("slug: demo", "slug: rehearsed", 1).replace(
            "training:\n  required: true", "training:\n  required: true\n  practice: true", 1
        ),
        "utf-8",
    )
    study = embedded_server.manage("open_study", str(file))["study"]
    assert study != quick_study
    told = embedded_server.manage(
        "simulate", "--pairs", "1", "--study", study, "--seed", "3", "--persona", "good",
        "--train", "--time-limit", "120",
    )  # fmt: skip
    assert (told["conversations"], told["errors"]) == (1, [])
    out = tmp_path / "raw"
    embedded_server.manage("export_raw", "--study", study, "--out", str(out))
    assert len((out / "conversations.jsonl").read_text("utf-8").splitlines()) == 1
    assert len((out / "qualifications.jsonl").read_text("utf-8").splitlines()) == 1
