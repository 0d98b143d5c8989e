"""Reading a study file, and saying in one line what is wrong with it and where."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engines.errors import first_line
from search.errors import SettingsError
from search.settings.study import StudySettings

Where: TypeAlias = tuple[str | int, ...]
MOST_VALUES = 100_000
"""Values that a file may stand for, aliases followed."""
DEEPEST = 30
"""How deep they may be nested."""
_LARGEST = 10**30


def load_study(path: Path) -> StudySettings:
    """The settings in a study file.

    Raises:
        SettingsError: the file is missing, is not YAML, or says something it cannot mean.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: no such study file; see examples/embedded.yaml") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as text ({error})") from error
    return parse_study(text, name=str(path))


def parse_study(text: str, *, name: str) -> StudySettings:
    """The settings in a study file's text; `name` stands for the file in messages.

    Raises:
        SettingsError: see `load_study`.
    """
    values, lines = read_yaml(text, name=name)
    try:
        return StudySettings.model_validate(values)
    except ValidationError as error:
        details = error.errors()
        first = min(details, key=lambda detail: _line(_where(detail), lines))
        more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
        where = _where(first)
        message = f"{name}:{_line(where, lines)}: {dotted(where)}: {_say(first)}{more}"
        raise SettingsError(message) from error


def with_overrides(
    settings: StudySettings, *, trials: int | None = None, student: str | None = None
) -> StudySettings:
    """The settings with what the command line says in their place.

    Another student is another study: the name gets the student's last part, so two students never
    share a run folder.

    Raises:
        SettingsError: no study reaches fewer than one score.
    """
    if trials is not None:
        if trials < 1:
            raise SettingsError(f"trials = {trials}: a search needs at least 1; give more")
        search = settings.search.model_copy(update={"trials": trials})
        settings = settings.model_copy(update={"search": search})
    if student is not None and student != settings.student:
        short = re.split(r"[:/]", student.rstrip("/"))[-1]
        name = f"{settings.name}-{short}"[:64]
        settings = settings.model_copy(update={"student": student, "name": name})
    return settings


def study_text(settings: StudySettings) -> str:
    """A study file that says what the settings say, every default written out."""
    values = settings.model_dump(mode="json")
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=99)


def _where(detail: ErrorDetails) -> Where:
    below = detail.get("ctx", {}).get("where", [])
    return (*detail["loc"], *below)


def _line(where: Where, lines: dict[Where, int]) -> int:
    """The line of a value, or of the nearest thing around it that stands in the file."""
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where, 1)


def _say(detail: ErrorDetails) -> str:
    kind, given = detail["type"], json.dumps(detail["input"], default=str, skipkeys=True)[:60]
    if kind == "extra_forbidden":
        return f"unknown key{_suggestion(tuple(detail['loc']))}"
    if kind == "missing":
        return "missing; add it"
    if kind == "study":
        return detail["msg"]
    plain = {
        "int_parsing": "must be a whole number without a unit (the key's name has it)",
        "int_type": "must be a whole number",
        "int_from_float": "must be a whole number",
        "float_parsing": "must be a number without a unit (the key's name has it)",
        "float_type": "must be a number",
        "bool_parsing": "must be true or false",
        "string_type": "must be text; put it in quotes",
    }
    return f"{plain.get(kind, _lowered(detail['msg']))}, not {given}"


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]


def _suggestion(where: Where) -> str:
    """The nearest known key beside an unknown one, or where else in the file it belongs."""
    key, parent = str(where[-1]), _model_at(where[:-1])
    beside = list(parent.model_fields) if parent else []
    near = difflib.get_close_matches(key, beside, n=1, cutoff=0.5)
    if near:
        return f"; did you mean `{near[0]}`?"
    everywhere = dict(_all_keys(StudySettings, ()))
    near = difflib.get_close_matches(key, everywhere, n=1, cutoff=0.75)
    if near:
        return f"; did you mean `{everywhere[near[0]]}`?"
    return f"; known here: {', '.join(beside)}"


def _model_at(where: Where) -> type[BaseModel] | None:
    model: type[BaseModel] = StudySettings
    for part in where:
        field = model.model_fields.get(str(part))
        below = _model_in(field.annotation) if field else None
        if below is None:
            return None
        model = below
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any annotation at all
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _all_keys(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for key, field in model.model_fields.items():
        yield key, ".".join((*path, key))
        below = _model_in(field.annotation)
        if below is not None:
            yield from _all_keys(below, (*path, key))


def read_yaml(text: str, *, name: str) -> tuple[Any, dict[Where, int]]:
    """The values of a text that is one mapping, and their lines; `name` stands for the file.

    Raises:
        SettingsError: it is not YAML, not one mapping, or no values can be made of it.
    """
    reading = _Reading(name)
    try:
        _require_shallow(text, name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise SettingsError(f"{name}:1: not a study; write `key: value` lines, `name:` first")
        reading.find(node, ())
        return yaml.safe_load(text), reading.lines
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{name}:{line}: not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SettingsError(
            f"{name}:{line}: not YAML: {error.reason} ({error.character!r}); save it as UTF-8 text"
        ) from error
    except (ValueError, TypeError, OverflowError) as error:  # what merged keys make of odd values
        raise SettingsError(f"{name}: cannot be read ({first_line(str(error))})") from error


def _require_shallow(text: str, name: str) -> None:
    """Refuse deep nesting from events, which cost no stack; composing does."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise SettingsError(f"{name}:{line}: nested deeper than {DEEPEST} levels; flatten it")


class _Reading:
    """Walks through a file's nodes."""

    def __init__(self, name: str) -> None:
        self.lines: dict[Where, int] = {}
        self._name = name
        self._values = 0
        self._scalars = yaml.SafeLoader("")

    def find(self, node: yaml.Node, where: Where) -> None:
        line = node.start_mark.line + 1
        self.lines.setdefault(where, line)
        self._values += 1
        if self._values > MOST_VALUES:
            raise self._error(
                line, f"more than {MOST_VALUES:,} values, aliases followed; use less"
            )
        if len(where) > DEEPEST:
            raise self._error(line, f"nested deeper than {DEEPEST} levels; flatten it")
        if isinstance(node, yaml.SequenceNode):
            for index, child in enumerate(node.value):
                self.find(child, (*where, index))
        elif isinstance(node, yaml.MappingNode):
            for key, child in node.value:
                self._find_key(key, child, where)
        else:
            self._require_value(node, line)

    def _find_key(self, node: yaml.Node, child: yaml.Node, where: Where) -> None:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(line, "a key must be a word, not a list or a mapping")
        self._require_value(node, line)
        here = (*where, str(node.value))
        if here in self.lines:
            raise self._error(line, f"{dotted(here)}: stands on line {self.lines[here]} too")
        self.lines[here] = line
        self.find(child, here)

    def _require_value(self, node: yaml.Node, line: int) -> None:
        """Numbers, dates and texts that Python, JSON or UTF-8 have no word for."""
        try:
            value = self._scalars.construct_object(node)
        except yaml.MarkedYAMLError:
            raise
        except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
            raise self._error(
                line, f"not a value ({first_line(str(error))}); put it in quotes"
            ) from error
        if isinstance(value, int) and abs(value) > _LARGEST:
            raise self._error(line, "a number of more than 30 digits; put it in quotes")
        if any("\ud800" <= letter <= "\udfff" for letter in str(node.value)):
            raise self._error(line, "half a character (a surrogate); write the whole one")

    def _error(self, line: int, message: str) -> SettingsError:
        return SettingsError(f"{self._name}:{line}: {message}")


def dotted(where: Where) -> str:
    """A place in the file for a person."""
    return ".".join(str(part) for part in where) or "the file"
