"""MLflow as a search uses it: it may fail, and the search goes on."""

from __future__ import annotations

from rich.console import Console

from search import environment
from search.errors import first_line
from search.final import FinalComparison
from search.money.ledger import Cost
from search.run_folder import RunFolder
from search.study.records import TrialRecord
from search.study.settings import StudySettings, flat_settings
from search.tracking import Tracker, TrackingFailed


class GuardedTracker:
    """MLflow, which may fail without the search failing."""

    def __init__(
        self, folder: RunFolder, settings: StudySettings, identity: str, console: Console
    ) -> None:
        self._console = console
        self._tracker: Tracker | None = None
        server = environment.mlflow_tracking_uri()
        # the address itself may hold a password
        where = "the server MLFLOW_TRACKING_URI names"
        if not server:
            where = f"mlflow ui --backend-store-uri sqlite:///{folder.path / 'mlflow.db'}"
        console.print(f"tracking    {where}", soft_wrap=True, markup=False)
        try:
            self._tracker = Tracker(
                server or folder.mlflow_uri,
                artifacts=None if server else folder.mlflow_files,
                study=settings.name,
                identity=identity,
                settings=flat_settings(settings),
            )
        except TrackingFailed as error:
            self._give_up(error)

    def sync(self, records: list[TrialRecord]) -> None:
        """Log the trials that are over and not logged yet."""
        try:
            if self._tracker:
                self._tracker.sync(records)
        except TrackingFailed as error:
            self._give_up(error)

    def close(self, final: FinalComparison, *, total: Cost) -> None:
        """Log the final comparison and end the study's run."""
        try:
            if self._tracker:
                self._tracker.close(final, total=total)
        except TrackingFailed as error:
            self._give_up(error)

    def _give_up(self, error: TrackingFailed) -> None:
        self._tracker = None
        self._console.print(
            f"MLflow: {first_line(str(error))}; the search goes on, --resume logs what is missing"
        )
