import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from escollect.domain.quiz import SINGLE
from escollect.domain.strategies import STRATEGIES
from escollect.domain.tutorial_parser import count_lengths
from escollect.training.selectors import get_reminders, get_tutorial

ENGLISH = Path(__file__).resolve().parents[2] / "tutorials" / "en"


@pytest.fixture
def copy(tmp_path: Path, settings: Settings) -> Path:
    """A copy of the English tutorial that may be broken."""
    shutil.copytree(ENGLISH, tmp_path / "en")
    settings.TUTORIALS_DIR = tmp_path
    return tmp_path / "en"


def test_each_strategy_has_a_reminder_that_fits_a_chip() -> None:
    reminders = get_reminders("en")

    assert tuple(reminders) == STRATEGIES
    assert all(20 <= len(reminder) <= 120 for reminder in reminders.values())


def test_a_language_without_a_tutorial_gets_the_english_one() -> None:
    assert get_tutorial("xx") == get_tutorial("en")
    assert get_tutorial("../en") == get_tutorial("en")


def test_neither_length_nor_place_of_a_choice_tells_whether_it_is_right() -> None:
    items = [item for module in get_tutorial("en").modules for item in module.items if item.kind in SINGLE]
    four = [item for item in items if len(item.choices) == 4]
    places = Counter([choice.right for choice in item.choices].index(True) for item in four)

    for counts in (count_lengths(four), [places[place] for place in range(4)]):
        assert all(0.2 <= count / len(four) <= 0.3 for count in counts), counts


def test_another_language_is_another_folder(copy: Path) -> None:
    shutil.copytree(copy, copy.parent / "de")
    head = copy.parent / "de" / "tutorial.yaml"
    head.write_text(head.read_text().replace("language: en", "language: de"))

    assert (get_tutorial("de").language, get_tutorial("en").language) == ("de", "en")


def test_check_tutorial_counts_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_tutorial")

    assert json.loads(capsys.readouterr().out) == {
        "language": "en",
        "version": get_tutorial("en").version,
        "modules": 14,
        "items": sum(len(module.items) for module in get_tutorial("en").modules),
        "practices": len(get_tutorial("en").practices),
    }


def test_check_tutorial_names_file_line_and_remedy(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = copy / "question" / "module.yaml"
    broken.write_text(broken.read_text().replace("kind: strategy", "kind: chapter"))

    with pytest.raises(CommandError, match="3 problems"):
        call_command("check_tutorial")

    said = capsys.readouterr()
    assert (
        "question/module.yaml, line 3, kind: “chapter” is not known. Use one of: conduct, stage, strategy."
        in said.err
    )
    assert json.loads(said.out.splitlines()[-1]) == {"error": "3 problems were found; they are listed above."}


def test_check_tutorial_refuses_a_language_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("check_tutorial", "xx")
