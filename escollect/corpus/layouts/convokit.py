"""The layout of ConvoKit: a folder that `convokit.Corpus(filename=…)` loads.

A conversation is named by its first utterance, as ConvoKit has it; our own id is in its meta data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from escollect.corpus.layouts.base import Entry
from escollect.corpus.writing import Folder, HashedFile, ObjectFile
from escollect.domain.typed import DIALOG, FLAT, NUMBER, TEXT, write_typed

FOLDER = "convokit"
SAID = ("strategy", "original_strategy", "feedback")
TEXTS = {TEXT: "<class 'str'>", NUMBER: "<class 'int'>"}


class ConvoKitFiles:
    """`utterances.jsonl` and `conversations.json` of the folder."""

    def __init__(self, utterances: HashedFile, conversations: ObjectFile) -> None:
        self._utterances = utterances
        self._conversations = conversations

    def add(self, entry: Entry) -> None:
        """Write a conversation: its utterances, each an answer to the one before, and its meta data."""
        record = write_typed(entry.transcript, entry.ids, entry.utterance_ids)
        dialog, root = record.pop("dialog"), entry.utterance_ids[0]
        speakers = {"seeker": record["seeker_id"], "supporter": record["supporter_id"]}
        before = None
        for turn in dialog:
            line = {
                "id": turn["utterance_id"],
                "conversation_id": root,
                "text": turn["content"],
                "speaker": speakers[turn["speaker"]],
                "meta": {"role": turn["speaker"], **{key: turn[key] for key in SAID}},
                "reply-to": before,
                "timestamp": None,
                "vectors": [],
            }
            self._utterances.write(json.dumps(line) + "\n")
            before = turn["utterance_id"]
        record["extra"] = {one["key"]: one["value"] for one in record["extra"]}
        self._conversations.add(root, {"meta": {**record, "split": entry.split}, "vectors": []})


@contextmanager
def open_convokit(folder: Folder) -> Iterator[ConvoKitFiles]:
    """The two files that grow with the conversations; they are finished when the block ends."""
    with (
        folder.open(f"{FOLDER}/utterances.jsonl") as utterances,
        folder.open(f"{FOLDER}/conversations.json") as file,
    ):
        conversations = ObjectFile(file)
        yield ConvoKitFiles(utterances, conversations)
        conversations.close()


def write_speakers(folder: Folder, speakers: Iterable[str]) -> None:
    """Everybody who says something, once each."""
    with folder.open(f"{FOLDER}/speakers.json") as file:
        found = ObjectFile(file)
        for speaker in speakers:
            found.add(speaker, {"meta": {}, "vectors": []})
        found.close()


def write_heads(folder: Folder, about: Mapping[str, str]) -> None:
    """`corpus.json`, what the corpus says of itself, and `index.json`, what kinds of values there are."""
    folder.write_json(f"{FOLDER}/corpus.json", about)
    kinds = {key: [TEXTS[kind]] for key, kind in FLAT.items()}
    index = {
        "utterances-index": {
            "role": [TEXTS[TEXT]],
            **{key: [TEXTS[DIALOG[key]]] for key in SAID},
        },
        "speakers-index": {},
        "conversations-index": {**kinds, "extra": ["<class 'dict'>"], "split": [TEXTS[TEXT]]},
        "overall-index": {key: [TEXTS[TEXT]] for key in about},
        "version": 1,
        "vectors": [],
    }
    folder.write_json(f"{FOLDER}/index.json", index)
