"""MLflow as a search uses it: in a thread of its own, and it may fail.

Trials do not wait for it. Whatever it raises, it is said once and the search goes on; the next run
with --resume logs what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engines import environment
from engines.errors import first_line
from engines.ledger import Cost
from search.comparisons.sealed import FinalComparison
from search.console import Console
from search.runs.folder import RunFolder
from search.runs.location import settle_store
from search.runs.next_steps import look_at_store
from search.settings.study import StudySettings, flat_settings
from search.study.records import TrialRecord
from search.tracking.files import TrialFiles
from search.tracking.registry import Registry
from search.tracking.tracker import Logged, Tracker


class BackgroundTracker:
    """MLflow, which may fail without the search failing.

    Args:
        folder: the run folder, which holds the store where there is no server.
        settings: the study.
        identity: which study of that name it is.
        console: where to say what is wrong.
        files: lays out each trial's files.
    """

    def __init__(
        self,
        folder: RunFolder,
        settings: StudySettings,
        identity: str,
        console: Console,
        files: TrialFiles | None = None,
    ) -> None:
        self._console = console
        self._tracker: Tracker | None = None
        self._failed = False
        server = environment.mlflow_tracking_uri()
        # the address itself may hold a password
        self._where = "the server MLFLOW_TRACKING_URI names"
        if not server:
            self._where = look_at_store(folder)
        console.print(f"tracking    {self._where}")
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="mlflow")

        def start() -> None:
            settle_store(folder)
            self._tracker = Tracker(
                server or folder.mlflow_uri,
                artifacts=None if server else folder.mlflow_files,
                study=settings.name,
                identity=identity,
                settings=flat_settings(settings),
                logged=Logged(files, settings.tracking.adapters),
            )

        self._later(start)

    def sync(self, records: list[TrialRecord]) -> None:
        """Log the trials that are over and not logged yet; returns at once."""
        self._later(lambda: self._tracker.sync(records) if self._tracker else None)

    def close(self, final: FinalComparison, *, total: Cost, pipeline: Path) -> None:
        """Log the final comparison, register the frozen winner, and wait until all is there."""

        def end() -> None:
            if self._tracker is not None:
                self._tracker.close(final, total=total)
                version = self._tracker.register(pipeline, final)
                self._say(f"registry    version {version}")

        self._later(end)
        self._queue.shutdown(wait=True)

    def _later(self, step: Callable[[], object]) -> None:
        self._queue.submit(self._guarded, step)

    def _guarded(self, step: Callable[[], object]) -> None:
        if self._failed:
            return
        try:
            step()
        except Exception as error:  # noqa: BLE001 - whatever MLflow raises, the search goes on
            self._failed = True
            self._say(
                f"MLflow: {first_line(str(error))}; the search goes on, --resume logs what is "
                "missing"
            )

    def _say(self, line: str) -> None:
        self._console.print(environment.struck(line))


def log_pipeline_again(folder: RunFolder, settings: StudySettings, console: Console) -> None:
    """Renew the files of a run's registered pipeline, whose card was written anew.

    Like all of MLflow it may fail; one line says so.
    """
    try:
        settle_store(folder)
        Registry.at(environment.mlflow_tracking_uri() or folder.mlflow_uri).renew(folder.pipeline)
    except Exception as error:  # noqa: BLE001 - whatever MLflow raises, the table is there
        line = f"MLflow: {first_line(str(error))}; the registered {settings.name} lacks the table"
        console.print(environment.struck(line))
