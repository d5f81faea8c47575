"""The texts of a release: its card, its licence note, its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from escollect import __version__
from escollect.corpus.layouts.base import SPLITS
from escollect.corpus.layouts.typed import name_of
from escollect.corpus.models import Release
from escollect.domain.masking import TOKEN
from escollect.domain.typed import FLAT, LISTS

FORMAT = "escollect-release/1"
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
FILTERS = {
    "accepted": "accepted by the deciding policy or a reviewer",
    "negative": "rejected, and selected by a selecting policy",
    "consent": "release_public of both participants; imports: the licence they came with",
    "withdrawn": "left out",
    "dialect": "complete for the strict dialect of ESConv",
}


def describe(release: Release, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The manifest: what the release is, what it was made with, and a hash of every file written so far."""
    return {
        "format": FORMAT,
        "release": str(release.pk),
        "study": release.study.slug,
        "study_version": release.study_version.number,
        "version": release.version,
        "created": release.created_at.date().isoformat(),
        "code_version": __version__,
        "licence": release.licence,
        "policies": [{key: one[key] for key in one if key != "id"} for one in release.policies],
        "filters": FILTERS,
        "counts": {key: value for key, value in release.counts.items() if key != "funnel"},
        "files": {name: dict(files[name]) for name in sorted(files)},
    }


def write_licence(release: Release) -> str:
    """The note on the licence."""
    return (
        f"The conversations of this release ({release.study.title}, {release.version}) are published "
        f"under the licence {release.licence}.\n"
        "Use them under its terms, and only for what the participants agreed to: research on supportive "
        "conversation.\nDo not try to find out who the participants are.\n"
    )


def name_release(release: Release) -> dict[str, str]:
    """What a release is called, and under which licence it is."""
    return {
        "name": f"{release.study.slug}-{release.version}",
        "study": release.study.title,
        "version": release.version,
        "licence": release.licence,
    }


@dataclass(frozen=True, slots=True)
class Splits:
    """The conversations of each split; the seekers, and how many of them are in several splits."""

    counts: Mapping[str, int]
    seekers: int
    in_several_splits: int


def write_card(release: Release, statistics: Mapping[str, Any], splits: Splits) -> str:
    """The dataset card: a YAML head that the Hugging Face hub reads, and a short data statement."""
    count = statistics["conversations"]
    head = {
        "license": release.licence.lower(),
        "language": [release.study_version.settings.language],
        "pretty_name": release.study.title,
        "size_categories": [next((name for limit, name in SIZES if count < limit), "n>1M")],
        "task_categories": ["text-generation", "text-classification"],
        "tags": ["emotional-support", "dialogue", "esconv"],
        "configs": _configs(release, splits),
        "dataset_info": {"config_name": "default", "features": _features()},
    }
    written = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)
    return "\n".join(["---", written + "---", "", *_statement(release, statistics, splits), ""])


def _configs(release: Release, splits: Splits) -> list[dict[str, Any]]:
    """What `load_dataset` offers; a part without conversations is not offered."""
    typed = [{"split": split, "path": name_of(split)} for split in SPLITS if splits.counts[split]]
    offered: list[dict[str, Any]] = [{"config_name": "default", "data_files": typed}] if typed else []
    for name, part, file in (
        ("strict", "accepted", "ESConv.json"),
        ("failed", "negative", "FailedESConv.json"),
    ):
        if release.counts[part]:
            offered.append({"config_name": name, "data_files": file})
    return offered


def _features() -> list[dict[str, Any]]:
    flat = [{"name": key, "dtype": kind} for key, kind in FLAT.items()]
    lists = [
        {"name": key, "list": [{"name": name, "dtype": kind} for name, kind in keys.items()]}
        for key, keys in LISTS.items()
    ]
    return [*flat, *lists]


def _statement(release: Release, statistics: Mapping[str, Any], splits: Splits) -> list[str]:
    counts, negative = release.counts, statistics["negative"]
    policies = ", ".join(f"{one['name']} version {one['version']}" for one in release.policies)
    made = release.created_at.date().isoformat()
    lines = [
        f"# {release.study.title}, release {release.version}",
        "",
        f"Made on {made} from version {release.study_version.number} of the study `{release.study.slug}`.",
        f"Licence: {release.licence}.",
        "",
        f"- `ESConv.json`: {counts['accepted']} accepted conversations",
        f"  with {statistics['utterances']} utterances",
        f"- `FailedESConv.json`: {counts['negative']} conversations that did not help",
        f"  with {negative['utterances']} utterances",
        "- `data/`: the accepted conversations as typed records in three splits, for `load_dataset`",
        "- `convokit/`: the same for ConvoKit",
        "- `codebook.md`: every key, word and question",
        "- `statistics.md`, `statistics.json`, `figures/`: the numbers of this release",
        "- `croissant.json`, `manifest.json`, `withdrawn.json`, `SHA256SUMS`",
        "",
        "`ESConv.json` and `FailedESConv.json` are in the format of ESConv (Liu et al., ACL 2021):",
        "one JSON array, numbers as strings,",
        "a strategy on every supporter utterance, the seeker's feedback on the utterance that followed it.",
        "`conversation_id` stays the same in all releases; person ids hold within this release only.",
        "",
        "## Splits",
        "",
        f"{', '.join(f'{split}: {count}' for split, count in splits.counts.items())} conversations.",
        "All conversations of a supporter are in one split, and stay in it in later releases.",
        f"Of {splits.seekers} seekers {splits.in_several_splits} are in more than one split.",
        "",
        "## How it was selected",
        "",
        f"Judged by {policies or 'no policy'}; what a reviewer decided stands above them.",
        f"{counts['open_flags']} of the conversations have an open flag.",
        (
            "Names and other personal details cannot be found reliably by a program: "
            f"what people hid when they read a conversation is replaced by {TOKEN}, nothing else is."
        ),
    ]
    if counts["left_out"]:
        lines += ["", "Left out:", ""]
        lines += [f"- {reason}: {count}" for reason, count in sorted(counts["left_out"].items())]
    return lines + _labels(statistics.get("agreement"))


def _labels(agreement: Mapping[str, Any] | None) -> list[str]:
    """How far people agree on the labels; nothing where nobody relabelled any."""
    if agreement is None:
        return []
    interval = ""
    if agreement["alpha_low"] is not None:
        interval = f" (95 % interval {agreement['alpha_low']:.3f} to {agreement['alpha_high']:.3f})"
    alpha = "not defined" if agreement["alpha"] is None else f"{agreement['alpha']:.3f}{interval}"
    drawn = agreement["random_draw"]
    return [
        "",
        "## How far people agree on the strategies",
        "",
        f"{agreement['utterances']} supporter utterances of {agreement['conversations']} conversations were",
        "labelled again by other supporters, who did not see the first label:",
        f"{agreement['opinions']} opinions.",
        f"Krippendorff's alpha (nominal): {alpha}.",
        f"Drawn at random were {drawn['utterances'] if drawn else 0} of these utterances; the others were",
        "drawn by strategy or where labels are doubtful. `statistics.json` has the numbers apart, by",
        f"strategy, and the confusion. Labels that adjudicators changed: {agreement['changed']}; there the",
        "first one stays as `original_strategy`.",
    ]
