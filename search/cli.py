"""The `outerloop` command: one subcommand for each arrow of the pipeline.

A subcommand's module is imported when it is called, so `--help` is quick. A user's mistake prints
one line and no traceback.
"""

from __future__ import annotations

import importlib
import io
import signal
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from engines import environment
from search.commands.help import paste_first

_PROMISE = "Find the synthetic-data recipe that makes your base model best at the final task."
_COMMANDS = {
    "search": "search for the best recipe, judge it, freeze it",
    "sweep": "search for several students, and see what carries over",
    "report": "read a search: at the terminal and as one HTML file",
    "why": "follow a lost problem to the data behind it",
    "dashboard": "watch a study in the browser while it runs",
    "export": "write the winning pipeline somewhere else",
    "generate": "make a Lean-checked data set with a pipeline",
    "evaluate": "score a student on a benchmark, stage by stage",
    "lean": "install Lean, check programs with it, serve it",
}
"""What `--help` says of each subcommand. `search/commands/NAME.py` holds a function of its name,
or a Typer application `app`."""

_RESUMABLE = {"search", "sweep", "generate", "evaluate"}
"""Commands that go on with what they were stopped in."""
_INTERRUPTED = 130


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"outerloop {version('outerloop')}\n")
        raise typer.Exit


class _Commands(TyperGroup):
    """Subcommands that are imported when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - typer's is private
        """See `TyperGroup.list_commands`."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - likewise
        """See `TyperGroup.get_command`."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"search.commands.{cmd_name}")
        command = getattr(module, "app", None) or _single(getattr(module, cmd_name))
        command.rich_markup_mode = None  # one look for every help
        return _in_words(typer.main.get_command(command))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - likewise
        """See `TyperGroup.format_commands`; imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(help="outerloop search examples/embedded.yaml\n\n" + _PROMISE)
def outerloop(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Say which it is."),
    ] = False,
) -> None:
    """The command's own options."""


def main() -> None:
    """Run the command line; every known error is one line and exit code 1."""
    environment.prepare()
    from search.errors import KNOWN

    _write_whatever_the_encoding()
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except KNOWN as error:
        # whatever a library's message repeats of a key or an address, the secret stays here
        _complain(environment.struck(str(error)))
        sys.exit(1)
    except SystemExit as ended:
        if ended.code == _INTERRUPTED:  # typer's word for a KeyboardInterrupt
            command = next((word for word in sys.argv[1:] if word in _COMMANDS), "")
            hint = "; the same command with --resume goes on" if command in _RESUMABLE else ""
            _complain(f"stopped{hint}")
        raise


def _write_whatever_the_encoding() -> None:
    """A terminal or a pipe that cannot show a character is shown its escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _stop(signal_number: int, frame: object) -> None:
    """A service manager's SIGTERM ends a command as Ctrl-C does."""
    raise KeyboardInterrupt


def _complain(message: str) -> None:
    from search.console import complain  # what prints takes a while to import, and help is quick

    complain(message)


def _in_words(command: Any) -> Any:  # noqa: ANN401 - typer's is private
    """A command whose help says `at least 1` where typer says `x>=1`, and no argument's type."""
    for below in getattr(command, "commands", {}).values():
        _in_words(below)
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            parameter.display_type = lambda ctx: None
        low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
        if low is not None or high is not None:
            words = _limits(low, high)
            parameter._get_number_range_help_str = lambda words=words: words
    return command


def _limits(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if low == 0 or low >= 0.01 else "above 0"


def _single(function: Callable[..., None]) -> typer.Typer:
    """A command that is one function, as an application of its own."""
    single = typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    single.command(help=paste_first(function.__doc__ or ""))(function)
    return single
