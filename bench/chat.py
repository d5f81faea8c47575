"""How many messages a second, how late, at what cost: the application and the yardstick by turns.

`python -m bench.chat --shape postgres --pairs 20,100,500 --seconds 10` measures the capacity: the highest
rate in a closed loop whose 99th percentile to the partner stays below 100 ms, over several numbers of
messages under way.
`--rate 100` sends at a fixed rate instead, `--idle` holds the sockets and says nothing.
Progress goes to stderr; the last line of stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
from typing import Any
from uuid import uuid4

from bench.servers import SHAPES, Target, start
from tests.support.processes import ROOT

LATEST_MS = 100.0
WINDOWS = (16, 48, 128, 320, 640)


def say(line: str) -> None:
    """Progress for people."""
    print(line, file=sys.stderr, flush=True)


def measure(target: Target, pairs: int, *, window: int, rate: float, seconds: float) -> dict[str, Any]:
    """One run of the load client with fresh pairs, and what the serving processes spent on it.

    Where nothing is to be said the study's timers for silence are hours, and nothing else differs.
    """
    plan = {
        "ports": target.ports,
        "pairs": target.make_pairs(pairs, *([] if window or rate else ["patient"])),
        "window": window,
        "rate": rate,
        "seconds": seconds,
        "warm_up": min(2.0, seconds / 4),
        "first": uuid4().int >> 32 << 32,
    }
    before = target.memory()
    client = subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(json.dumps(plan) + "\n")
    client.stdin.close()
    client.stdout.readline()
    grown = target.memory() - before
    client.stdout.readline()
    used = target.cpu()
    client.stdout.readline()
    spent, at_end = target.cpu(), target.memory() - before
    found: dict[str, Any] = json.loads(client.stdout.readline())
    client.wait(60)
    messages = max(1, found["messages"])
    found["cpu_us_per_message"] = {
        name: round((spent[name] - used[name]) / messages * 1e6) for name in target.processes
    }
    found["kib_per_connection"] = round(grown / 1024 / (2 * pairs), 1)
    found["kib_per_connection_at_end"] = round(at_end / 1024 / (2 * pairs), 1)
    found["window"] = window
    say(
        f"{target.name:10} {pairs:4} pairs  window {window:4}  {found['per_second']:8.1f} /s  "
        f"to the partner {found['to_partner_ms']}  to the ack {found['to_ack_ms']}  "
        f"lost {found['lost']}  twice {found['duplicated']}  gaps {found['gaps']}  "
        f"CPU us {found['cpu_us_per_message']}  client {found['client_cpu']}  "
        f"{found['kib_per_connection']} KiB, at the end "
        f"{found['kib_per_connection_at_end']}  {found['refused'] or ''} {found['closed'] or ''}"
    )
    return found


def is_sound(found: dict[str, Any]) -> bool:
    """Whether a run counts: fast enough, and nothing lost, twice, refused or closed."""
    flaws = found["lost"] or found["duplicated"] or found["gaps"] or found["refused"] or found["closed"]
    return not flaws and 0 < found["to_partner_ms"]["p99"] < LATEST_MS


def capacity(
    targets: tuple[Target, Target], pairs: int, seconds: float, windows: list[int]
) -> dict[str, Any]:
    """The best sound run of each target, by turns at every window."""
    runs: dict[str, list[dict[str, Any]]] = {target.name: [] for target in targets}
    for window, target in itertools.product(windows, targets):
        runs[target.name].append(measure(target, pairs, window=window, rate=0, seconds=seconds))
    best = {
        name: max(filter(is_sound, found), key=lambda run: float(run["per_second"]), default=None)
        for name, found in runs.items()
    }
    ours, bare = (best[target.name] for target in targets)
    ratio = round(ours["per_second"] / bare["per_second"], 2) if ours and bare else None
    say(f"{pairs} pairs: ratio {ratio}")
    return {"pairs": pairs, "ratio": ratio, "best": best, "runs": runs}


def at_rate(targets: tuple[Target, Target], pairs: int, seconds: float, rate: float) -> dict[str, Any]:
    """Both targets at the same fixed rate (0: idle), by turns."""
    found = {target.name: measure(target, pairs, window=0, rate=rate, seconds=seconds) for target in targets}
    return {"pairs": pairs, "rate": rate, **found}


def main() -> None:
    """Read the options, start the servers, measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", choices=SHAPES, default="postgres")
    parser.add_argument("--pairs", default="20,100,500")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--windows", default=",".join(map(str, WINDOWS)), help="messages under way, in all")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second, in all")
    parser.add_argument("--idle", action="store_true", help="hold the sockets and say nothing")
    parser.add_argument("--only", choices=("escollect", "yardstick"), help="leave the other one out")
    options = parser.parse_args()
    results = []
    with start(options.shape) as both:
        targets: Any = tuple(one for one in both if options.only in (None, one.name))
        for pairs in map(int, options.pairs.split(",")):
            if options.idle or options.rate:
                results.append(at_rate(targets, pairs, options.seconds, options.rate))
            elif len(targets) == 1:
                for window in map(int, options.windows.split(",")):
                    results.append(measure(targets[0], pairs, window=window, rate=0, seconds=options.seconds))
            else:
                windows = [int(window) for window in options.windows.split(",")]
                results.append(capacity(targets, pairs, options.seconds, windows))
    print(json.dumps({"shape": options.shape, "results": results}))


if __name__ == "__main__":
    main()
