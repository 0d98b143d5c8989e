"""What a person may type next, ready to be pasted: every path quoted for the shell."""

from __future__ import annotations

import shlex

from engines import environment
from search.runs.folder import RunFolder

YOUR_FUNCTIONS = "YOUR_FUNCTIONS.jsonl"
"""Stands for a file of contexts that no search has used."""


def command(*words: object) -> str:
    """A command line of these words, whatever they hold."""
    return shlex.join(str(word) for word in words)


def look_at_store(folder: RunFolder) -> str:
    """How a run's own MLflow store is looked at."""
    shown = command("mlflow", "ui", "--backend-store-uri", folder.mlflow_uri)
    return f"{environment.WITHOUT_NETWORK} {shown}"


def after_search(folder: RunFolder) -> list[str]:
    """What to do with a winner: read how it won, and let it write from functions of one's own."""
    write = command("outerloop", "generate", folder.pipeline, YOUR_FUNCTIONS, "--out", "data")
    return [
        f"next        {command('outerloop', 'report', folder.path)}",
        f"            {write}",
    ]
