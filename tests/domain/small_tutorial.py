"""The files of a small tutorial that is right in every way: eight modules of eight items each."""

from __future__ import annotations

from escollect.domain.strategies import STRATEGIES

HEAD = """\
title: Small
language: en
introduction: Eight modules.
quiz:
  length: 4
  pass_mark: 0.75
exam:
  length: 8
  pass_mark: 0.5
"""
MODULE = """\
title: Module {number}
order: {number}
kind: strategy
strategy: {strategy}
reminder: Think of {number}.
examples:
  - quality: good
    title: A good one
    lines:
      - {{role: seeker, text: I am sad., comment: Short.}}
      - {{role: supporter, strategy: {strategy}, text: I hear you., comment: It answers.}}
  - quality: clumsy
    title: A clumsy one
    lines:
      - {{role: seeker, text: I am sad.}}
      - {{role: supporter, strategy: Others, text: Cheer up., comment: It does not listen.}}
mistakes:
  - {{what: Talking, instead: Listen.}}
  - {{what: Hurrying, instead: Wait.}}
  - {{what: Guessing, instead: Ask.}}
quiz:
"""
SINGLE = """\
  - id: m{number}-{name}
    kind: {kind}
    skill: {skill}
    prompt: Which of these?
    choices:
      - {{id: a, text: This{a_long}, why: This one is about that.{a}}}
      - {{id: b, text: That{b_long}, why: That one is about this.{b}}}
      - {{id: c, text: Neither{c_long}, why: It is one of the two.{c}}}
"""
ORDER = """\
  - id: m{number}-order
    kind: order
    skill: second
    prompt: In which order?
    choices:
      - {{id: a, text: One, place: 1, why: It comes first here.}}
      - {{id: b, text: Two, place: 2, why: It comes second here.}}
      - {{id: c, text: Three, place: 3, why: It comes third here.}}
      - {{id: d, text: Four, why: It does not belong here.}}
"""
MARK = """\
  - id: m{number}-mark
    kind: mark
    skill: second
    prompt: Mark what listens.
    choices:
      - {{role: seeker, text: I am tired.}}
      - {{id: a, text: "Since when?", right: true, why: It wants to know more.}}
      - {{id: b, text: Me too., why: It is about the supporter.}}
      - {{role: seeker, text: Since May.}}
      - {{id: c, text: That is long., right: true, why: It takes it seriously.}}
"""
PRACTICE = """\
practices:
"""
SCRIPT = """\
  - id: script-{number}
    situation: {{problem_type: Work, emotion_type: Fear, initial_emotion_intensity: 4, situation: A test.}}
    opening: I am afraid of tomorrow.
    steps:
"""
STEP = """\
      - fits: [Question, Others]
        stage: Exploration
        model: What happens tomorrow?
        strategy: Question
        why: Nobody knows yet what it is about.
        then: There is a test ({number}).
"""


def make_files(modules: int = 8) -> dict[str, str]:
    """Every file of the tutorial: path inside its folder to text; with fewer modules, strategies lack."""
    files = {"tutorial.yaml": HEAD, "practice.yaml": PRACTICE}
    for number in (1, 2):
        steps = "".join(STEP.format(number=step) for step in range(1, 7))
        files["practice.yaml"] += SCRIPT.format(number=number) + steps
    for number, strategy in enumerate(STRATEGIES[:modules], 1):
        quiz = "".join(_single(number, place) for place in range(6))
        quiz += ORDER.format(number=number) + MARK.format(number=number)
        files[f"m{number}/module.yaml"] = MODULE.format(number=number, strategy=strategy) + quiz
        files[f"m{number}/text.md"] = f"## What it is\n\nText {number}."
    return files


def _single(number: int, place: int) -> str:
    kind = ("classify", "reply", "mistake", "choose")[place % 4]
    right, long = "abc"[place % 3], "abc"[(place + number) % 3]
    marks = {letter: ", right: true" if letter == right else "" for letter in "abc"}
    lengths = {f"{letter}_long": " in many more words" if letter == long else "" for letter in "abc"}
    skill = "first" if place < 3 else "second"
    return SINGLE.format(number=number, name=f"item{place}", kind=kind, skill=skill, **marks, **lengths)
