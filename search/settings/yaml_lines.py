"""A YAML text as plain values, with the line that each of them stands on.

PyYAML forgets where a value stood, lets a repeated key win silently, follows aliases of aliases
for ever, and raises whatever a date or a number that is none raises. So the text is composed into
nodes first, and every node is looked after before values are made of them.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml

from engines.errors import first_line
from search.errors import SettingsError

Where: TypeAlias = tuple[str | int, ...]

MOST_VALUES = 100_000
"""Values that a file may stand for, aliases followed."""
DEEPEST = 30
"""How deep they may be nested."""
_LARGEST = 10**30


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
