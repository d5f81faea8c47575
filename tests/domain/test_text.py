"""Text rules: what an utterance keeps, loses and is refused for."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escollect.domain.text import TextError, clean, clean_utterance

ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("I feel lost.", "I feel lost."),
        ("two\nlines", "two\nlines"),
        ("  spaces stay  ", "  spaces stay  "),
        ("cafe\u0301", "caf\u00e9"),
        ("pass\u200bword", "password"),
        ("\ufeffhello\u2060", "hello"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("x" * 2000, "x" * 2000),
        ("e\u0301" * 2000, "\u00e9" * 2000),
    ],
)
def test_an_utterance_keeps_what_people_write(raw: str, kept: str) -> None:
    assert clean_utterance(raw) == kept


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "text_empty"),
        (" \n\u00a0 ", "text_empty"),
        ("\u200b\u200b", "text_empty"),
        ("\u200d", "text_empty"),
        ("x" * 2001, "text_too_long"),
        ("x" * 9000, "text_too_long"),
        ("nul\x00", "text_chars"),
        ("tab\t", "text_chars"),
        ("return\r\n", "text_chars"),
        ("escape\x1b[31m", "text_chars"),
        ("c1\x85", "text_chars"),
        ("delete\x7f", "text_chars"),
        ("lone \ud800", "text_chars"),
        ("\ufdd0", "text_chars"),
        ("\ufffe", "text_chars"),
        ("\U0001ffff", "text_chars"),
        ("\U0010fffe", "text_chars"),
    ],
)
def test_an_utterance_is_refused_with_a_code(raw: str, code: str) -> None:
    with pytest.raises(TextError) as caught:
        clean_utterance(raw)
    assert caught.value.code == code


PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def kept_or_none(raw: str) -> str | None:
    try:
        return clean(raw, 40)
    except TextError:
        return None


@PATIENT
@given(ANY_TEXT)
def test_cleaning_is_final_and_what_is_kept_can_be_stored(raw: str) -> None:
    text = kept_or_none(raw)
    if text is None:
        return
    assert clean(text, 40) == text
    assert unicodedata.is_normalized("NFC", text)
    assert len(text) <= 40
    assert "\x00" not in text
    text.encode()
