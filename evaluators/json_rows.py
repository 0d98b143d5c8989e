"""A row of a JSON Lines file, which knows the file and line it came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from evaluators.errors import RowsError


@dataclass(frozen=True, slots=True)
class JsonRow:
    """One JSON object of a file. Fields nobody asks for are ignored on purpose."""

    path: Path
    line: int
    fields: dict[str, object]

    def error(self, message: str) -> RowsError:
        """The error to raise when something is wrong with this row."""
        return RowsError(f"{self.path}:{self.line}: {message}")

    def text(self, *names: str) -> str:
        """The text under the first of `names` that the row has.

        Raises:
            RowsError: the row has none of them, or something else than text is there.
        """
        value = self.optional_text(*names)
        if value is None:
            have = ", ".join(sorted(self.fields)) or "none"
            raise self.error(f"no field `{names[0]}` (fields: {have}); add it as text")
        return value

    def optional_text(self, *names: str) -> str | None:
        """The text under the first of `names` that the row has, None where it has none.

        Raises:
            RowsError: something else than text is there.
        """
        for name in names:
            value = self.fields.get(name)
            if value is None:
                continue
            if not isinstance(value, str):
                raise self.error(f"`{name}` must be text, not {json.dumps(value)[:60]}")
            return value
        return None

    def items(self, name: str) -> list[object]:
        """The array under `name`, empty where the row has none.

        Raises:
            RowsError: something else than an array is there.
        """
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(f"`{name}` must be an array, not {json.dumps(value)[:60]}")
        return cast("list[object]", value)

    def texts(self, name: str) -> tuple[str, ...]:
        """The array of texts under `name`, empty where the row has none.

        Raises:
            RowsError: something else than an array of texts is there.
        """
        values = self.items(name)
        for value in values:
            if not isinstance(value, str):
                raise self.error(f"`{name}` must hold texts, not {json.dumps(value)[:60]}")
        return tuple(cast("list[str]", values))
