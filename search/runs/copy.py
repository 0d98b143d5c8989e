"""Keeps a run folder's copy on another storage, and brings it back where the folder is gone.

What is copied: every stage when it is finished (by whoever made it), and by the driver, every
minute and at the end: the study file, a snapshot of the study and of what was spent, the files
beside the trials, and with the manifest last the sealed comparison, the pipeline and the report.
Not copied: MLflow's store, which is written anew from the study.

What people get wrong: a copy that somebody went on with, overwritten from a folder that was left
behind. A run folder remembers its last driver, and so does the copy; where the two differ nothing
is copied over.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from engines.errors import first_line
from engines.json_text import read_json
from search.console import Console
from search.errors import KNOWN, SettingsError, StudyChanged, StudyExists
from search.runs.folder import RunFolder
from search.settings.storage_address import FILES
from search.study.lease import LEASE_NOTE, Lease
from search.study.storage import forget_note
from stores.content import write_json
from stores.copies import Mirror, StageMirror, forget_mirror, mirror_at
from stores.manifests import MANIFEST

_STATE = "mirror.json"
_SNAPSHOTS = (*FILES.values(), "budget.db")
_SINGLE = ("study.yaml", "study.place", "final.json", "report.html")
_FOLDERS = ("pipeline", "artifacts")
LEFT = ("stages/train/",)
"""Fine-tuned weights are large and seldom asked for: a stage store fetches them one by one."""
_EVERY_SECONDS = 60.0
"""The driver's files are copied so often, where they changed."""


class RunMirror:
    """The driver's side of one run folder's mirror.

    Args:
        mirror: the copy.
        folder: the run folder.
        stages: the stage store.
        say: told in one line of what goes wrong, and when it goes well again.
        stage_mirror: where the stage store is copied that several runs share; None is `mirror`.
    """

    def __init__(
        self,
        mirror: Mirror,
        folder: RunFolder,
        *,
        stages: Path,
        say: Callable[[str], None],
        stage_mirror: Mirror | None = None,
    ) -> None:
        self._mirror = mirror
        self._stage_mirror = StageMirror(stage_mirror or mirror)
        self._folder = folder
        self._stages = stages
        self._say = say
        self._copied: dict[str, tuple[int, int]] = {}
        self._late = False

    @contextmanager
    def kept(
        self,
        *,
        resume: bool,
        lease: Lease | None = None,
        every_seconds: float = _EVERY_SECONDS,
    ) -> Iterator[None]:
        """Hold the mirror, bring back what is missing here, copy while the search runs.

        Args:
            resume: whether a study that is there is gone on with.
            lease: in place of the mirror's own.
            every_seconds: pause between two copies.

        Raises:
            StudyInUse: a driver elsewhere holds it.
            StudyExists: a study is there and nobody asked to resume it.
            StudyChanged: somebody went on with the copy since this folder was last used.
            CopyUnavailable: it cannot be reached.
        """
        lease = lease or Lease(self._mirror)
        with lease.held(self._say):
            self._settle(resume=resume)
            self._stage_mirror.tell(self._stages)
            over = threading.Event()

            def keep_copying() -> None:
                while not over.wait(every_seconds):
                    self._copy(lease)

            thread = threading.Thread(target=keep_copying, name="run-mirror", daemon=True)
            thread.start()
            try:
                yield
            finally:
                forget_mirror(self._stages)
                over.set()
                thread.join()
                self._copy(lease)
                rest = "  (behind: run again with --resume to copy the rest)"
                self._say(f"mirror      {self._mirror.address}{rest if self._late else ''}")

    def _settle(self, *, resume: bool) -> None:
        """Make folder and copy one study's.

        The folder remembers its own driver and the one whose copy that driver found, because a
        driver may die before it has copied anything.
        """
        state = self._folder.path / _STATE
        there = self._driver_of_copy()
        ours = _drivers(state)
        if there and not resume:
            raise StudyExists(
                f"{self._mirror.address} holds a study already; add --resume to go on with it, "
                "or give another --run-dir"
            )
        if there and self._folder.has_study() and there not in ours:
            raise StudyChanged(
                f"{self._mirror.address} was gone on with elsewhere since {self._folder.path} "
                "was last used; move that folder away and run again with --resume"
            )
        if there and not self._folder.has_study():
            bring_back(self._mirror, self._folder.path, leave=LEFT)
            self._forget_driver()
            self._say(f"mirror      {self._mirror.address} brought back, but for weights")
        self._folder.path.mkdir(parents=True, exist_ok=True)
        write_json(state, {"driver": uuid.uuid4().hex, "before": there})

    def _driver_of_copy(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / _STATE
            self._mirror.get(_STATE, file)
            return (_drivers(file) or [""])[0]

    def _forget_driver(self) -> None:
        """The study came with the lease of whoever copied it, who is gone."""
        for name in FILES.values():
            if (self._folder.path / name).exists():
                forget_note(self._folder.path / name, LEASE_NOTE)

    def _copy(self, lease: Lease) -> None:
        """Copy what changed; what cannot be copied now is copied the next time."""
        try:
            lease.require()
            if self._folder.has_study():
                self._stage_mirror.catch_up(self._stages)
                self._copy_files()
            if self._late:
                self._say("going on    the mirror answers again")
            self._late = False
        except (*KNOWN, OSError, sqlite3.Error) as error:
            self._copied.clear()
            if not self._late:
                self._say(f"waiting     the mirror is behind: {first_line(str(error))}")
            self._late = True

    def _copy_files(self) -> None:
        root = self._folder.path
        with tempfile.TemporaryDirectory() as scratch:
            for name in _SNAPSHOTS:
                if self._changed(root / name):
                    shot = Path(scratch) / name
                    _snapshot(root / name, shot)
                    self._mirror.put(shot, name)
        for path in self._plain_files():
            self._copy_changed(path)
        self._copy_changed(root / _STATE)
        if not (root / MANIFEST).exists():
            self._mirror.drop(MANIFEST)  # a finished study that is gone on with is not finished
        self._copy_changed(root / MANIFEST)

    def _plain_files(self) -> Iterator[Path]:
        root = self._folder.path
        yield from (root / name for name in _SINGLE)
        for folder in _FOLDERS:
            yield from sorted(path for path in (root / folder).rglob("*") if path.is_file())

    def _copy_changed(self, path: Path) -> None:
        if self._changed(path):
            self._mirror.put(path, path.relative_to(self._folder.path).as_posix())

    def _changed(self, path: Path) -> bool:
        """Whether a file is there and does not look as it did when this was last asked."""
        if not path.exists():
            return False
        name, looks = str(path), (path.stat().st_mtime_ns, path.stat().st_size)
        before, self._copied[name] = self._copied.get(name), looks
        return before != looks


@contextmanager
def kept_in(
    mirror: Mirror | None,
    folder: RunFolder,
    *,
    stages_dir: Path | None = None,
    resume: bool = False,
    console: Console,
) -> Iterator[None]:
    """Keep a run folder in a mirror while its search runs, where there is one.

    Args:
        mirror: the copy; None where there is none.
        folder: the run folder.
        stages_dir: the stage store; None is the run folder's own.
        resume: whether a study that is there is gone on with.
        console: told in one line of what goes wrong.

    Raises:
        StudyError: see `RunMirror.kept`.
    """
    if mirror is None:
        if stages_dir is None:  # a killed search may have left one behind
            forget_mirror(folder.stages)
        yield
        return
    stages = (stages_dir or folder.stages).resolve()
    with RunMirror(mirror, folder, stages=stages, say=console.print).kept(resume=resume):
        yield


def bring_back(
    mirror: Mirror, folder: Path, *, leave: tuple[str, ...] = (), below: str = ""
) -> None:
    """Fill a run folder, or a sweep's, from its copy; stages that are here already stay.

    Args:
        mirror: the copy.
        folder: what is filled.
        leave: files whose paths begin so are left.
        below: only files whose paths begin so are brought.

    Raises:
        CopyUnavailable: the copy cannot be reached.
    """
    for name in mirror.names():
        here = folder / name
        if not name.startswith(below) or name.startswith(leave):
            continue
        if name.startswith("stages/") and here.exists():
            continue
        if name != "driver.json":
            mirror.get(name, here)


def _drivers(state: Path) -> list[str]:
    """The driver a folder or a copy was last used by, and the one before; none without a state."""
    try:
        kept = read_json(state.read_text(encoding="utf-8"))
        return [str(kept["driver"]), str(kept["before"])]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _snapshot(path: Path, to: Path) -> None:
    """A copy of a file that somebody is writing, as it stands at one moment."""
    if path.suffix != ".db":
        text = path.read_bytes()
        to.write_bytes(text[: text.rfind(b"\n") + 1])  # a journal's whole lines
        return
    source = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, timeout=30)
    target = sqlite3.connect(to)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def split_run_dir(
    given: str | None, *, default: Path, copy: str | None = None
) -> tuple[Path, Mirror | None]:
    """The local folder, and the mirror where a person gave the address of one.

    Args:
        given: a folder; or an address, which means the default folder and a copy there.
        default: the folder where none is given.
        copy: the address of a copy of a given folder.

    Raises:
        SettingsError: an address cannot be used, or two are given.
    """
    address = given if given is not None and "://" in given else None
    if address is not None and copy is not None:
        raise SettingsError(
            "--run-dir and --mirror both name an address; give --run-dir the folder to work in"
        )
    folder = Path(given) if given and address is None else default
    wanted = address or copy
    return folder, mirror_at(wanted) if wanted else None
