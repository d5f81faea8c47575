"""The design system keeps its promises: contrast, checksums, icons that exist."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text("utf-8")
GROUNDS = ("--ground", "--surface", "--surface-2")


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", block))


LIGHT = colours(TOKENS.split("@media", maxsplit=1)[0])
SYSTEM_DARK = colours(TOKENS.split("@media", maxsplit=1)[1].split(':root[data-theme="dark"]')[0])
CHOSEN_DARK = colours(TOKENS.split(':root[data-theme="dark"] {')[1].split("}")[0])

PAIRS = [
    *[(text, ground) for ground in GROUNDS for text in ("--ink", "--ink-soft")],
    *[
        (text, ground)
        for ground in GROUNDS[:2]
        for text in ("--accent", "--accent-strong", "--bad", "--star")
    ],
    ("--accent-ink", "--accent"),
    ("--accent-ink", "--accent-strong"),
    ("--accent-strong", "--accent-soft"),
    ("--ink", "--accent-soft"),
    *[(f"--{kind}", f"--{kind}-soft") for kind in ("good", "warn", "bad")],
    *[("--ink", f"--{kind}-soft") for kind in ("good", "warn", "bad")],
]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", [LIGHT, CHOSEN_DARK], ids=["light", "dark"])
def test_text_keeps_a_contrast_of_four_and_a_half(look: dict[str, str]) -> None:
    weak = {pair: contrast(look[pair[0]], look[pair[1]]) for pair in PAIRS}
    assert {pair: value for pair, value in weak.items() if value < 4.5} == {}


@pytest.mark.parametrize("look", [LIGHT, CHOSEN_DARK], ids=["light", "dark"])
def test_borders_of_controls_and_the_focus_ring_keep_a_contrast_of_three(look: dict[str, str]) -> None:
    for ground in GROUNDS:
        assert contrast(look["--line-strong"], look[ground]) >= 3
        assert contrast(look["--focus"], look[ground]) >= 3


def test_dark_is_the_same_by_system_and_by_choice_and_has_every_colour() -> None:
    assert SYSTEM_DARK == CHOSEN_DARK
    assert set(LIGHT) == set(CHOSEN_DARK)


def test_vendored_files_are_what_their_checksums_say() -> None:
    folder = STATIC / "vendor"
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"SHA256SUMS", "README.md"}
    }
    assert files == listed


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    sprite = (STATIC / "vendor" / "lucide" / "icons.svg").read_text("utf-8")
    there = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(
            r'icons?(?:\.html" with (?:\w+=\S+ )*name|)="([a-z0-9-]+)"', path.read_text("utf-8")
        )
    }
    assert "life-buoy" in named
    assert named - there == set()
