"""Models that a study names in short: `embedded:generator`, `embedded:student-a`."""

from __future__ import annotations

from pathlib import Path

PREFIX = "embedded:"
"""What the name of a model or a file that comes with this program begins with."""
SHIPPED = Path(__file__).parent / "embedded"
"""The folder of the shipped models, made by `python -m search.embedded all`."""


def resolve(name: str) -> Path:
    """The folder behind `embedded:NAME`.

    Raises:
        KeyError: no model of that name is shipped; the message lists those that are.
    """
    short = name.removeprefix(PREFIX)
    known = {path.name: path for path in SHIPPED.iterdir() if path.is_dir()}
    if short not in known:
        raise KeyError(f"no `{PREFIX}{short}`; there are {', '.join(sorted(known))}")
    return known[short]
