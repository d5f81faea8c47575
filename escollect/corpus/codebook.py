"""The codebook of a release: every key, every word it may hold, and every question as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from escollect.conversations.rules import get_survey_after, get_survey_before
from escollect.corpus.models import Release
from escollect.domain.events import Role
from escollect.domain.strategies import STRATEGIES
from escollect.domain.study import Vocabulary
from escollect.domain.surveys import Kind, Question
from escollect.training.selectors import get_reminders, get_tutorial_of

KEYS: Mapping[str, str] = {
    "conversation_id": "the conversation; stays the same in every release",
    "seeker_id, supporter_id": "the people, as keyed hashes that hold within this release only",
    "experience_type": "whether it is happening now or happened before, by the seeker",
    "emotion_type": "the strongest feeling, by the seeker before the conversation",
    "problem_type": "what it is about, by the seeker before the conversation",
    "situation": "what happened, in the seeker's words",
    "initial_emotion_intensity": "how strong the feeling was before, 1 to 5, by the seeker",
    "final_emotion_intensity": "how strong it was afterwards, 1 to 5, by the seeker",
    "empathy": "how well the supporter understood the feelings, 1 to 5, by the seeker",
    "relevance": "how well the supporter stayed with the matter, 1 to 5, by the seeker",
    "supporter_relevance": (
        "how far the seeker went into detail, 1 to 5, by the supporter; `survey_score.supporter.relevance` "
        "in the strict files"
    ),
    "seeker_question1, supporter_question1": "the first open question of the survey afterwards",
    "seeker_question2, supporter_question2": "the second open question of the survey afterwards",
    "dialog": "the utterances in order, each a message as it was sent",
    "utterance_id": "the conversation's id and the place of the utterance from 1",
    "speaker": "`seeker` or `supporter`",
    "content": "the text, trimmed; control tokens of tokenizers are broken up by a space",
    "strategy": "what the supporter chose before writing; on supporter utterances only",
    "original_strategy": "the supporter's own choice, where adjudicators of a relabelling chose another one",
    "feedback": (
        "how helpful the supporter's utterances before this one were, 1 to 5 stars; on the seeker's first "
        "utterance after the rating"
    ),
    "extra": (
        "answers to the study's own questions, as keys and texts; keys of the record that begin with "
        "`extra_` in the strict files"
    ),
    "rejection_reasons": "in `FailedESConv.json`: the rules that did not hold, joined by `;`, or `review`",
}


def write_codebook(release: Release) -> str:
    """The codebook in Markdown, for the version of the study that the release is of."""
    version, study = release.study_version, release.study_version.settings
    before = get_survey_before(version)
    lines = [
        f"# Codebook of {release.study.title}, release {release.version}",
        "",
        f"Version {version.number} of the study `{release.study.slug}`.",
        "Conversations that began under an earlier version were asked in its words; imported ones elsewhere.",
        "",
        "## Keys",
        "",
        "In the typed files (`data/`) every key is there and what is absent is null; in the strict files",
        "(`ESConv.json`, `FailedESConv.json`) numbers are digit strings and what is absent has no key.",
        "",
        *_table(("key", "what it is"), [(f"`{key}`", text) for key, text in KEYS.items()]),
        "",
        "## Strategies",
        "",
        *_table(("strategy", "what supporters read on its chip"), _describe_strategies(release)),
        "",
        "## Words",
        "",
        *_describe_words("experience_type", study.vocabularies.experience),
        *_describe_words("emotion_type", study.vocabularies.emotion),
        *_describe_words("problem_type", study.vocabularies.problem),
        "## Questions",
        "",
        *_describe_survey("Before the conversation, to the seeker", before),
        *_describe_survey("Afterwards, to the seeker", get_survey_after(version, Role.SEEKER)),
        *_describe_survey("Afterwards, to the supporter", get_survey_after(version, Role.SUPPORTER)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _describe_strategies(release: Release) -> list[tuple[str, str]]:
    reminders = get_reminders(get_tutorial_of(release.study_version).language)
    return [(strategy, reminders[strategy]) for strategy in STRATEGIES]


def _describe_words(key: str, words: Vocabulary) -> Iterator[str]:
    others = [word for word in words.accepted if word not in words.offered]
    yield f"`{key}`: {'; '.join(words.offered)}."
    if others:
        yield f"Accepted from imports besides: {'; '.join(others)}."
    yield ""


def _describe_survey(title: str, survey: Sequence[Question]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    rows = [(f"`{question.key}`", question.label, _describe_answers(question)) for question in survey]
    yield from _table(("key", "question", "answers"), rows)
    yield ""


def _describe_answers(question: Question) -> str:
    if question.kind is Kind.SCALE:
        ends = f" (1: {question.low}; 5: {question.high})" if question.low and question.high else ""
        answers = f"1 to 5{ends}"
    elif question.kind is Kind.CHOICE:
        answers = "; ".join(question.options)
    else:
        answers = "text"
    return answers if question.required else f"{answers}; may be left open"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
