"""One evaluation on disk: records appended as they come, a manifest when it is finished.

    job.json        what is evaluated, on what, how; the hash of it is the evaluation's identity
    records.jsonl   a line a problem: what was asked, every attempt, Lean's verdict on it
    summary.json    the rate of every stage, with interval and n
    report.md       the same for a person
    manifest.json   hashes of the above; written last, so a finished evaluation has one

A killed evaluation goes on behind its last whole line: what a problem is answered does not depend
on where the evaluation was cut.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import cast

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from engines.append_only import AppendOnly
from engines.file_hashes import file_sha256
from engines.json_text import read_json
from evaluators.eng2lean.evaluate import Answers, Comparison, evaluate
from evaluators.evaluation import Evaluation, ProblemRecord
from evaluators.problem import Problem
from evaluators.settings import EvaluationSettings
from lean_sandbox.sandbox import Sandbox
from search.errors import EvaluateError
from stores.content import JSONValue, fingerprint, write_json

_RECORD = TypeAdapter(ProblemRecord)

JOB, RECORDS, SUMMARY, REPORT, MANIFEST = (
    "job.json", "records.jsonl", "summary.json", "report.md", "manifest.json",
)  # fmt: skip
REGISTER = "openings.jsonl"


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """What is evaluated, on what, how, and where the records go."""

    folder: Path
    problems: tuple[Problem, ...]
    settings: EvaluationSettings
    seed: int
    origin: Mapping[str, JSONValue]
    """Everything else that a record depends on: hashes of student, adapter and problems, the Lean
    and its gates."""
    notes: Mapping[str, JSONValue]
    """What a reader wants to know and no record depends on: names, sources, what was left out."""

    @property
    def identity(self) -> str:
        """Hash of everything a record depends on."""
        settings = self.settings.model_dump(mode="json", exclude={"batch_size"})
        return fingerprint({**self.origin, "evaluation": settings, "seed": self.seed})


def refuse_foreign(folder: Path, *, resume: bool) -> None:
    """Check, before anything is started, that the folder is free or an evaluation's.

    Raises:
        EvaluateError: it holds something else, or an unfinished evaluation and `resume` was not
            asked for.
    """
    if not folder.exists():
        return
    inside = {one.name for one in folder.iterdir() if not one.name.startswith(".")}
    if inside and JOB not in inside:
        raise EvaluateError(f"{folder} holds something else; give another --run-dir")
    records = folder / RECORDS
    begun = records.is_file() and records.stat().st_size > 0
    if begun and not resume and MANIFEST not in inside:
        raise EvaluateError(
            f"{folder} holds an unfinished evaluation; go on with --resume, or give another "
            "--run-dir"
        )


def is_finished(job: EvaluationJob, *, resume: bool) -> bool:
    """Whether the evaluation is in its folder already, whole.

    Raises:
        EvaluateError: the folder holds something else or another evaluation, or an unfinished one
            and `resume` was not asked for.
    """
    refuse_foreign(job.folder, resume=resume)
    if not (job.folder / JOB).is_file():
        return False
    try:
        found = read_json((job.folder / JOB).read_bytes())
    except ValueError:
        found = {}
    if found.get("identity") != job.identity:
        raise EvaluateError(
            f"{job.folder} holds another evaluation ({_differs(found, job)}); give another "
            "--run-dir"
        )
    if not (job.folder / MANIFEST).is_file():
        return False
    _require_whole(job)
    return True


def read_evaluation(job: EvaluationJob) -> Evaluation:
    """The records of a finished evaluation."""
    return Evaluation(tuple(_sound(job)))


def run_evaluation(
    job: EvaluationJob,
    *,
    model: Answers,
    sandbox: Sandbox,
    comparison: Comparison | None,
    progress: Callable[[Sequence[ProblemRecord]], None],
) -> Evaluation:
    """Ask what was not asked yet; `progress` gets all records so far after every batch.

    Raises:
        EvaluateError: another process writes the folder, or the disk is full.
        EvaluationError: the student cannot answer.
        SandboxUnavailable: Lean cannot be kept alive; records written so far are kept.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    with _alone(job.folder):
        head: dict[str, JSONValue] = {
            "schema": 1,
            "outerloop": version("outerloop"),
            "identity": job.identity,
            "seed": job.seed,
            "asked": len(job.problems),
            "evaluation": cast("JSONValue", job.settings.model_dump(mode="json")),
            **job.origin,
            "notes": dict(job.notes),
        }
        write_json(job.folder / JOB, head)
        records = _sound(job)
        progress(records)
        with AppendOnly(job.folder / RECORDS, every_line=True) as file:
            file.keep(len(records))
            for start in range(len(records), len(job.problems), job.settings.batch_size):
                batch = job.problems[start : start + job.settings.batch_size]
                found = evaluate(
                    model,
                    batch,
                    sandbox,
                    settings=job.settings,
                    seed=job.seed,
                    comparison=comparison,
                    first_row=start,
                )
                try:
                    file.append("\n".join(map(_line, batch, found.records)))
                except OSError as error:
                    raise EvaluateError(
                        f"{job.folder} cannot be written ({error.strerror}); make room and run "
                        "the same command with --resume: every record is kept"
                    ) from error
                records += found.records
                progress(records)
    return Evaluation(tuple(records))


def finish(job: EvaluationJob, *, summary: Mapping[str, JSONValue], report: str) -> None:
    """Write summary and report, and the manifest last."""
    write_json(job.folder / SUMMARY, summary)
    (job.folder / REPORT).write_text(report, encoding="utf-8", newline="\n")
    hashes: dict[str, JSONValue] = {
        name: file_sha256(job.folder / name) for name in (JOB, RECORDS, SUMMARY, REPORT)
    }
    write_json(job.folder / MANIFEST, {"schema": 1, "identity": job.identity, "files": hashes})


def _line(problem: Problem, record: ProblemRecord) -> str:
    """A record with what was asked; no reference, but a verdict may quote the test that failed."""
    asked = {
        "docstring": problem.docstring,
        "signature": problem.signature,
        **({"preamble": problem.preamble} if problem.preamble else {}),
    }
    return json.dumps({"asked": asked, "record": _RECORD.dump_python(record, mode="json")})


def _sound(job: EvaluationJob) -> list[ProblemRecord]:
    """The whole records of the folder, in the order of the problems."""
    records: list[ProblemRecord] = []
    lines = AppendOnly(job.folder / RECORDS)
    for line, problem in zip(lines, job.problems, strict=False):
        try:
            record = _RECORD.validate_python(read_json(line)["record"])
        except (ValueError, KeyError, TypeError, ValidationError):
            break
        if record.problem_id != problem.id:
            break
        records.append(record)
    return records


def _require_whole(job: EvaluationJob) -> None:
    manifest = read_json((job.folder / MANIFEST).read_bytes())
    for name, digest in manifest["files"].items():
        path = job.folder / name
        if not path.is_file() or file_sha256(path) != digest:
            raise EvaluateError(
                f"{path} is not what the manifest says; delete {job.folder} and evaluate again"
            )


def _differs(found: Mapping[str, object], job: EvaluationJob) -> str:
    """What a folder's evaluation was made with, where that is not what is asked for."""
    asked: dict[str, object] = {
        **job.origin,
        "seed": job.seed,
        "evaluation": job.settings.model_dump(mode="json"),
    }
    other = [name for name, value in asked.items() if found.get(name) != value]
    return f"other {', '.join(other)}" if other else "of another version"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        with lock:
            yield
    except Timeout as error:
        raise EvaluateError(
            f"another process is writing {folder}; wait for it, or give another --run-dir"
        ) from error


@dataclass(frozen=True, slots=True)
class Opening:
    """One evaluation of one student on some problems."""

    problems: str
    """Hash of the problems."""
    evaluation: str
    """Hash of everything the evaluation depends on."""
    student: str
    adapter: str
    """Hash of the adapter's weights; empty for the bare student."""
    benchmark: str
    when: str = ""


def remember(opening: Opening, *, folder: Path) -> int:
    """Note an evaluation for ever after; how many different ones the problems have seen with it.

    A line that cannot be read counts as an opening: a damaged register must not look unopened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    register = folder / REGISTER
    with FileLock(folder / f".{REGISTER}.lock"):
        seen, damaged = _read(register, opening.problems)
        if opening.evaluation not in seen:
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            line = json.dumps({**asdict(opening), "when": when}, ensure_ascii=False)
            before = register.read_bytes() if register.is_file() else b""
            # torn lines count and so are ended, not cut off as engines/append_only.py does
            torn = bool(before) and not before.endswith(b"\n")
            with register.open("a", encoding="utf-8") as file:
                file.write("\n" * torn + line + "\n")
                file.flush()
                os.fsync(file.fileno())
            seen.add(opening.evaluation)
    return len(seen) + damaged


def times_opened(problems: str, *, folder: Path) -> int:
    """How many different evaluations the problems have seen."""
    seen, damaged = _read(folder / REGISTER, problems)
    return len(seen) + damaged


def _read(register: Path, problems: str) -> tuple[set[str], int]:
    if not register.is_file():
        return set(), 0
    seen: set[str] = set()
    damaged = 0
    for line in register.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = read_json(line)
            if row["problems"] == problems:
                seen.add(str(row["evaluation"]))
        except (ValueError, KeyError, TypeError):
            damaged += 1
    return seen, damaged
