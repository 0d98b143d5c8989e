"""What a model nobody has measured is assumed to take: the embedded models' rates, scaled.

A step is assumed to take time in proportion to weights × tokens, an answer to weights × its
longest length, on one CPU core as the embedded models were measured. That leaves out what is not
arithmetic (small models are slower than it says) and every GPU (which is faster), so it is an
order of magnitude until the first stage has measured it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache

from engines.named_models import resolve
from engines.settings import GeneratorSettings
from engines.weights import local_path, parameters_of
from evaluators.problem import Problem
from evaluators.settings import EvaluationSettings
from evaluators.tasks import DEFAULT, task_named
from search.forecast.rates import ASSUMED, Rate
from search.materials.gathering import student_path
from search.materials.problems import load_problems
from search.settings.study import StudySettings, TrainingSettings

STUDENT, GENERATOR = "embedded:student-a", "embedded:generator"
"""What `ASSUMED` was measured with."""
_PROBLEMS = "embedded:search_problems"


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
