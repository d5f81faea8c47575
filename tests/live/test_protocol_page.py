"""The page about the protocol knows every code."""

import re
from pathlib import Path

from escollect.domain.codes import RETRY_AFTER_MS, WIRE_CODES, Close

PAGE = (Path(__file__).resolve().parents[2] / "docs/protocol.md").read_text("utf-8")


def test_every_code_is_documented_with_whether_it_may_be_sent_again() -> None:
    rows = re.findall(r"^\| (`[^|]+) \| (no|yes) \|", PAGE, re.MULTILINE)
    found = {code: again == "yes" for codes, again in rows for code in re.findall(r"`(\w+)`", codes)}
    assert found == {code: code in RETRY_AFTER_MS for code in WIRE_CODES}


def test_every_close_code_is_documented_with_when_to_come_back() -> None:
    words = {"no": "never", "with back-off": "later", "at once, with jitter": "at_once"}
    rows = re.findall(r"^\| (4\d{3}) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert {int(code): words[when] for code, when in rows} == {
        close.value: close.reconnect for close in Close
    }
