"""The documents say what is true: their commands, links and settings exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from typer.core import TyperGroup

from search.cli import app
from search.offline.pipeline import MeasuredScore, Pipeline
from search.settings.study import StudySettings

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
COMMAND = typer.main.get_command(app)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def shell_lines() -> list[tuple[str, str]]:
    """Every command line in a fenced block of a document, and in the commands' own help."""
    fences = [
        (name, line)
        for name in DOCUMENTS
        for block in re.findall(r"```sh\n(.*?)```", text(name), re.DOTALL)
        for line in block.splitlines()
    ]
    helped = [
        (f"outerloop {name} --help", line.strip())
        for name, command in commands(COMMAND)
        for line in (command.help or "").splitlines()
    ]
    return [
        (place, line.split("  #")[0])
        for place, line in fences + helped
        if line.startswith(("outerloop ", "make "))
    ]


def commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, command
    if isinstance(command, TyperGroup):
        for name in command.list_commands(None):
            yield from commands(command.get_command(None, name), f"{path} {name}".strip())


def settings() -> Iterator[type[BaseModel]]:
    """Every settings class reachable from the study file and the pipeline file."""
    waiting: list[type[BaseModel]] = [StudySettings, Pipeline, MeasuredScore]
    seen: set[type[BaseModel]] = set()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        yield model
        for field in model.model_fields.values():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                waiting.append(field.annotation)


def test_the_readme_names_both_commands():
    assert "\nmake demo " in text("README.md")
    assert "\nmake test " in text("README.md")


@pytest.mark.parametrize(("place", "line"), shell_lines())
def test_every_command_in_a_document_exists(place, line):
    program, *words = shlex.split(line)
    if program == "make":
        assert re.search(rf"^{words[0]}:", text("Makefile"), re.MULTILINE), f"{place}: {line}"
        return
    known = dict(commands(COMMAND))
    names = [word for word in words if not word.startswith("-")]
    name = next(" ".join(names[:n]) for n in (2, 1, 0) if " ".join(names[:n]) in known)
    assert name, f"{place}: {line}"
    options = {option for parameter in known[name].params for option in parameter.opts}
    asked = {word for word in words if word.startswith("--")}
    assert asked <= options, f"{place}: {line}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(name):
    for link in re.findall(r"\]\(([^)#]+)\)", text(name)):
        assert link.startswith("https://") or (ROOT / link).exists(), link


@pytest.mark.parametrize("model", list(settings()), ids=lambda model: model.__name__)
def test_every_setting_is_described_and_unknown_ones_are_refused(model):
    assert model.model_config.get("frozen")
    assert model.model_config.get("extra") == "forbid"
    bare = [name for name, field in model.model_fields.items() if not field.description]
    assert not bare


@pytest.mark.parametrize("name", list(dict(commands(COMMAND))))
def test_every_command_and_option_has_a_help(name):
    command = dict(commands(COMMAND))[name]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None) or parameter.name == "help", parameter.name
