"""The description of a release that machines read: Croissant 1.0, JSON-LD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from escollect.corpus.layouts.base import SPLITS
from escollect.corpus.layouts.typed import name_of
from escollect.corpus.models import Release
from escollect.domain.typed import FLAT, LISTS, NUMBER

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
KINDS: Mapping[str, str] = {
    "json": "application/json",
    "jsonl": "application/jsonlines",
    "md": "text/markdown",
    "parquet": "application/x-parquet",
    "png": "image/png",
    "svg": "image/svg+xml",
}
LICENCES: Mapping[str, str] = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-SA-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
}


def describe(release: Release, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The description: every file written so far with its hash, and the records of the three splits."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"{release.study.slug}-{release.version}",
        "description": (
            f"Emotional-support conversations of the study “{release.study.title}”, release "
            f"{release.version}: seekers and supporters, strategies, feedback and surveys."
        ),
        "license": LICENCES.get(release.licence, release.licence),
        "version": release.version,
        "datePublished": release.created_at.date().isoformat(),
        "inLanguage": release.study_version.settings.language,
        "keywords": ["emotional support", "dialogue", "ESConv"],
        "isLiveDataset": False,
        "citeAs": f"{release.study.title}, release {release.version}, {release.created_at.year}.",
        "distribution": [_describe_file(name, files[name]) for name in sorted(files)],
        "recordSet": [_describe_split(split) for split in SPLITS],
    }


def _describe_file(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{entry['bytes']} B",
        "encodingFormat": KINDS.get(name.rpartition(".")[2], "text/plain"),
        "sha256": entry["sha256"],
    }


def _describe_split(split: str) -> dict[str, Any]:
    file = name_of(split)
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "description": f"The conversations of the split {split}, one record each.",
        "key": {"@id": f"{split}/conversation_id"},
        "field": [
            *(_describe_field(split, file, key, kind) for key, kind in FLAT.items()),
            *(_describe_list(split, file, key, keys) for key, keys in LISTS.items()),
        ],
    }


def _describe_field(split: str, file: str, key: str, kind: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{split}/{key}",
        "name": key,
        "dataType": _kind(kind),
        "source": {"fileObject": {"@id": file}, "extract": {"column": key}},
    }


def _describe_list(split: str, file: str, key: str, keys: Mapping[str, str]) -> dict[str, Any]:
    parts = [
        {
            "@type": "cr:Field",
            "@id": f"{split}/{key}/{name}",
            "name": name,
            "dataType": _kind(kind),
            "source": {
                "fileObject": {"@id": file},
                "extract": {"column": key},
                "transform": {"jsonPath": name},
            },
        }
        for name, kind in keys.items()
    ]
    return {
        "@type": "cr:Field",
        "@id": f"{split}/{key}",
        "name": key,
        "repeated": True,
        "source": {"fileObject": {"@id": file}, "extract": {"column": key}},
        "subField": parts,
    }


def _kind(kind: str) -> str:
    return "sc:Integer" if kind == NUMBER else "sc:Text"
