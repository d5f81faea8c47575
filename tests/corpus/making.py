"""Records of our own words for the tests of importing and releasing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from escollect.corpus.layouts.typed import has_parquet
from escollect.corpus.pictures import has_png
from escollect.studies.actions import open_study
from escollect.studies.models import Study

FIGURES = (
    "feedback-by-third",
    "funnel",
    "intensity",
    "lengths",
    "problems-by-emotion",
    "strategies-by-sixth",
)
EXTRA = [
    *(f"data/{split}.parquet" for split in ("test", "train", "validation") if has_parquet()),
    *(f"figures/{name}.png" for name in FIGURES if has_png()),
]
"""What is there when the publishing extra is installed."""

FILES = sorted(
    [
        "ESConv.json",
        "FailedESConv.json",
        "LICENSE",
        "README.md",
        "SHA256SUMS",
        "codebook.md",
        "convokit/conversations.json",
        "convokit/corpus.json",
        "convokit/index.json",
        "convokit/speakers.json",
        "convokit/utterances.jsonl",
        "croissant.json",
        "data/test.jsonl",
        "data/train.jsonl",
        "data/validation.jsonl",
        *(f"figures/{name}.svg" for name in FIGURES),
        "manifest.json",
        "statistics.json",
        "statistics.md",
        "withdrawn.json",
        *EXTRA,
    ]
)

ROOT = Path(__file__).parents[2]
SEEKER = "Nothing has felt right since {} went away"
SUPPORTER = "That sounds like a heavy week for you"
STRATEGIES = ("Question", "Reflection of feelings", "Self-disclosure", "Others")


def open_esconv() -> Study:
    """The paper's study."""
    return open_study((ROOT / "fixtures" / "studies" / "esconv.yaml").read_text("utf-8"), None).study


def record(name: str = "the cat", turns: int = 16, **changes: Any) -> dict[str, Any]:
    """A strict record with feedback on every second seeker utterance; the paper's policy accepts it."""
    dialog = []
    for at in range(turns):
        if at % 2:
            annotation = {"strategy": STRATEGIES[at // 2 % len(STRATEGIES)]}
            dialog.append({"speaker": "supporter", "annotation": annotation, "content": SUPPORTER})
        else:
            annotation = {"feedback": "4"} if at % 4 == 2 else {}
            dialog.append({"speaker": "seeker", "annotation": annotation, "content": SEEKER.format(name)})
    made = {
        "experience_type": "Current Experience",
        "emotion_type": "sadness",
        "problem_type": "Sleep Problems",
        "situation": f"I lie awake and think of {name}.",
        "survey_score": {
            "seeker": {
                "initial_emotion_intensity": "4",
                "empathy": "5",
                "relevance": "4",
                "final_emotion_intensity": "2",
            },
            "supporter": {"relevance": "3"},
        },
        "dialog": dialog,
        "seeker_question1": "It was good to write.",
        "seeker_question2": "",
        "supporter_question1": "",
        "supporter_question2": "More time.",
    }
    return made | changes


def failed(name: str = "the dog") -> dict[str, Any]:
    """A record that is rejected and negative: nothing got better, and nobody felt understood."""
    scores = {
        "initial_emotion_intensity": "3",
        "empathy": "1",
        "relevance": "2",
        "final_emotion_intensity": "4",
    }
    return record(name, survey_score={"seeker": scores, "supporter": {}})


def write(path: Path, records: list[Any], *, lines: bool = False) -> Path:
    """A file of these records, as an array or as JSON lines."""
    if lines:
        path.write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    else:
        path.write_text(json.dumps(records, indent=1), "utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name within it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
