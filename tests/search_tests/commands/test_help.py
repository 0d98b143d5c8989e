"""What the commands' help says, and how quickly."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from search import cli
from tests.house_tests.test_documents import COMMAND, commands

NAMES = list(dict(commands(COMMAND)))


def helped(name: str, option: str) -> str:
    ended = CliRunner().invoke(cli.app, [*name.split(), option], terminal_width=200)
    assert ended.exit_code == 0
    return ended.output


@pytest.mark.parametrize("name", NAMES)
def test_every_command_answers_the_short_option_as_the_long_one(name: str) -> None:
    assert helped(name, "-h") == helped(name, "--help")
    assert "-h, --help" in helped(name, "-h")


@pytest.mark.parametrize("name", NAMES)
def test_no_help_shows_the_types_of_the_program(name: str) -> None:
    text = helped(name, "--help")

    assert not re.search(r"--\S+ (?:TEXT|PATH|INTEGER|FLOAT)\b|RANGE|x[<>]=|<=x|1e-", text)
    shown = re.findall(r"<([^>]*)>", text)
    assert all("|" in one or " " in one for one in shown), shown  # choices, and <study name>
    assert "FOLDER..." not in text


def test_limits_are_said_in_words() -> None:
    sweep = helped("sweep", "--help")

    assert re.search(r"--trials N .*\[at least 1\]", sweep)
    assert re.search(r"--best N .*1 to 100\]", sweep)
    assert re.search(r"--money DOLLARS .*\[above 0\]", sweep)
    assert re.search(r"--seed N .*at least 0\]", helped("evaluate", "--help"))


def test_the_version_is_told() -> None:
    told = CliRunner().invoke(cli.app, ["--version"])

    assert (told.exit_code, told.output) == (0, f"outerloop {version('outerloop')}\n")


def test_a_group_lists_what_its_commands_do() -> None:
    lean = helped("lean", "-h")

    assert "Say of each file whether Lean accepts it" in lean
    assert typer.main.get_command(cli.app)
