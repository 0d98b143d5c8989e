"""How long things take and what they use, measured from the stages that earlier runs left behind.

A rate is a sum over stages divided by the sum of what they made, with the number of stages it
comes from. Where no stage matches (same generator, same student, same way of training) it is an
assumption and says so: what the embedded study took on two shared cores, and nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engines.json_text import read_json
from engines.ledger import Cost
from engines.named_models import resolve
from engines.settings import GeneratorSettings
from engines.weights import local_path, parameters_of
from evaluators.problem import Problem
from evaluators.settings import EvaluationSettings
from evaluators.tasks import DEFAULT, task_named
from evaluators.words import counted
from search.materials.gathering import student_path
from search.materials.problems import load_problems
from search.settings.study import StudySettings, TrainingSettings
from stores.manifests import Manifest, newest_in
from stores.stages import ROWS, VALUE

_NEWEST = 40
"""Stages of a kind that are read; the newest say most about the next."""
_UNITS = {
    "generate": "candidate",
    "check": "candidate",
    "train": "step",
    "evaluate": "problem",
    "judge": "row",
}
STUDENT, GENERATOR = "embedded:student-a", "embedded:generator"
"""What `ASSUMED` was measured with."""
_PROBLEMS = "embedded:search_problems"


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a stage takes."""

    unit: str
    seconds: float
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    cached_tokens: float = 0.0
    checks: float = 0.0
    stages: int = 0
    """How many stages were measured; 0 for an assumption."""
    stage_bytes: float = 0.0
    """Disk that a whole stage takes."""
    scaled: str = ""
    """What an assumption was scaled to, for a person."""

    @property
    def origin(self) -> str:
        """Measured, with n, or assumed."""
        if not self.stages:
            at_most = "; tokens at most" if self.output_tokens else ""
            return f"assumed, no earlier run{at_most}{self.scaled}"
        return f"measured, n = {counted(self.stages, 'stage')}"

    def __str__(self) -> str:
        """For a person."""
        tokens = ""
        if self.input_tokens or self.output_tokens:
            tokens = f", {self.input_tokens:.0f} tokens in and {self.output_tokens:.0f} out"
        return f"{self.seconds:.3g} s{tokens} a {self.unit} ({self.origin})"


@dataclass(frozen=True, slots=True)
class Rates:
    """The rate of each stage of a trial."""

    generate: Rate
    check: Rate
    train: Rate
    evaluate: Rate
    judge: Rate | None = None
    """None where the study asks no judge."""

    def by_stage(self) -> dict[str, Rate]:
        """The rates by the stage's name."""
        rates = {
            "generate": self.generate,
            "check": self.check,
            "train": self.train,
            "evaluate": self.evaluate,
        }
        return rates if self.judge is None else {**rates, "judge": self.judge}


ASSUMED = Rates(
    generate=Rate("candidate", 0.06, stage_bytes=120_000),
    check=Rate("candidate", 0.07, checks=1, stage_bytes=300_000),
    train=Rate("step", 0.16, stage_bytes=4_600_000),
    evaluate=Rate("problem", 0.05, checks=1, stage_bytes=280_000),
)
"""The embedded study on two shared cores: 14 stages of each kind."""


def measure(
    stores: Iterable[Path],
    settings: StudySettings,
    *,
    generator: str,
    student_sha256: str,
    assumed: Rates = ASSUMED,
) -> Rates:
    """The rates of stages like this study's, wherever the stores hold some.

    Args:
        stores: stage stores of this run and of others.
        settings: the study.
        generator: its generator's fingerprint.
        student_sha256: its student's.
        assumed: what stands in where nothing was measured.
    """
    stores = [store for store in stores if store.is_dir()]
    training = settings.training.config.model_dump(mode="json")

    def same_student(inputs: Mapping[str, Any]) -> bool:
        return bool(inputs.get("student") == student_sha256)

    def same_training(inputs: Mapping[str, Any]) -> bool:
        theirs = inputs.get("training") or {}
        alike = ("method", "batch_size", "threads")
        return same_student(inputs) and all(theirs.get(one) == training[one] for one in alike)

    def steps(stage: Manifest) -> int:
        return int(stage.inputs["training"]["max_steps"])

    def same_generator(inputs: Mapping[str, Any]) -> bool:
        return bool(inputs.get("generator") == generator)

    def same_judge(inputs: Mapping[str, Any]) -> bool:
        return settings.judge is not None and inputs.get("judge") == settings.judge.fingerprint

    def any_inputs(_: Mapping[str, Any]) -> bool:
        return True

    return Rates(
        judge=_rate(stores, "judge", same_judge, _judged) or assumed.judge,
        generate=_rate(stores, "generate", same_generator, _rows) or assumed.generate,
        check=_rate(stores, "check", any_inputs, _rows) or assumed.check,
        train=_rate(stores, "train", same_training, steps) or assumed.train,
        evaluate=_rate(stores, "evaluate", same_student, _records) or assumed.evaluate,
    )


def _rate(
    stores: Iterable[Path],
    stage: str,
    alike: Callable[[Mapping[str, Any]], bool],
    made: Callable[[Manifest], int],
) -> Rate | None:
    total, units, stages, taken = Cost(), 0, 0, 0
    for manifest in newest_in(stores, stage, at_most=_NEWEST):
        try:
            if not alike(manifest.inputs):
                continue
            number = made(manifest)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a stage that cannot be read says nothing
        total, units, stages = total + manifest.cost, units + number, stages + 1
        paths = manifest.folder.rglob("*")
        taken += sum(path.stat().st_size for path in paths if path.is_file())
    if not units:
        return None
    return Rate(
        _UNITS[stage],
        seconds=total.seconds / units,
        input_tokens=total.input_tokens / units,
        output_tokens=total.output_tokens / units,
        cached_tokens=total.cached_tokens / units,
        checks=total.checks / units,
        stages=stages,
        stage_bytes=taken / stages,
    )


def _rows(stage: Manifest) -> int:
    with (stage.folder / ROWS).open("rb") as file:
        return sum(1 for line in file if line.strip())


def _records(stage: Manifest) -> int:
    return len(_value(stage)["records"])


def _judged(stage: Manifest) -> int:
    return len(_value(stage)["rows"])


def _value(stage: Manifest) -> Any:  # noqa: ANN401 - JSON
    return read_json((stage.folder / VALUE).read_text(encoding="utf-8"))


def assumed_step(settings: StudySettings, problems: Sequence[Problem]) -> Rate:
    """A step of a fine-tune: weights × batch size × length of a row.

    Rows are taken to be as long as the problems with their references, which they are to teach.
    """
    size = _size(student_path(settings.student), STUDENT)
    rows = settings.training.batch_size / TrainingSettings().batch_size
    length = _bytes(problems) / _embedded_bytes()
    rate = _scaled(ASSUMED.train, size, rows * length, settings)
    full = settings.training.method == "full"  # an adapter of another size is its rank's
    return dataclasses.replace(rate, stage_bytes=rate.stage_bytes * (size.times if full else 1))


def assumed_answer(settings: StudySettings) -> Rate:
    """A problem's answers: weights × longest answer × attempts."""
    size = _size(student_path(settings.student), STUDENT)
    asked, usual = settings.evaluation, EvaluationSettings()
    tokens = asked.attempts * asked.max_new_tokens / usual.max_new_tokens
    rate = _scaled(ASSUMED.evaluate, size, tokens, settings)
    return dataclasses.replace(rate, checks=rate.checks * asked.attempts)


def assumed_reply(generator: GeneratorSettings) -> Rate:
    """A candidate of a generator on this machine: weights × longest reply."""
    size = _size(local_path(generator.model), GENERATOR)
    usual = GeneratorSettings(model=GENERATOR)
    return _scaled(ASSUMED.generate, size, generator.max_new_tokens / usual.max_new_tokens, None)


@dataclasses.dataclass(frozen=True, slots=True)
class _Size:
    times: float
    said: str


def _size(model: str, usual: str) -> _Size:
    """How many times the weights of the embedded model a model has."""
    base, own = _embedded_parameters(usual), parameters_of(model)
    if own is None:
        return _Size(1.0, f"; as for {base / 1e6:.1f} M weights, its own number is not known yet")
    if own == base:
        return _Size(1.0, "")
    return _Size(own / base, f"; scaled from {base / 1e6:.1f} M to {own / 1e6:,.1f} M weights")


def _scaled(rate: Rate, size: _Size, tokens: float, settings: StudySettings | None) -> Rate:
    gpu = settings is not None and settings.resources.trainer.gpus > 0
    said = size.said + (", as on a CPU core: a GPU is faster" if gpu else "")
    return dataclasses.replace(rate, seconds=rate.seconds * size.times * tokens, scaled=said)


@cache
def _embedded_parameters(name: str) -> int:
    known = parameters_of(str(resolve(name)))
    assert known is not None  # they ship as safetensors
    return known


@cache
def _embedded_bytes() -> float:
    return _bytes(load_problems(_PROBLEMS, task_named(DEFAULT)))


def _bytes(problems: Sequence[Problem]) -> float:
    """The mean length of a problem with its answer."""
    texts = (one.docstring + one.signature + one.reference for one in problems)
    lengths = [len(text.encode(errors="surrogatepass")) for text in texts]
    return sum(lengths) / len(lengths)
