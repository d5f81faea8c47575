#!/usr/bin/env python
"""Write fixtures/demo/conversations.json: synthetic conversations in the ESConv format, all in our own words.

The same seed gives the same file. Most are what the policy `esconv-2021` accepts; some are rejected, some
need a review, and some are negative samples.
"""

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from escollect.ops.simulation.story import Grammar, record

ROOT = Path(__file__).resolve().parent.parent
GRAMMAR = ROOT / "fixtures" / "demo" / "grammar"
OUT = ROOT / "fixtures" / "demo" / "conversations.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    grammar = Grammar.read(GRAMMAR)
    records = [record(rng, grammar) for _ in range(options.count)]
    text = "[\n" + ",\n".join(json.dumps(one, ensure_ascii=True) for one in records) + "\n]\n"
    options.out.write_text(text, "utf-8")
    print(f"{len(records)} conversations, {len(text)} bytes: {options.out}")


if __name__ == "__main__":
    main()
