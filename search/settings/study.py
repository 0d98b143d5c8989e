"""The study file as frozen data: what `outerloop search` is told to do.

Defaults live here and nowhere else. Building settings touches neither disk nor network, and no
secret belongs in them: keys for hosted generators come from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from engines.settings import BudgetSettings, GeneratorSettings
from evaluators.settings import EvaluationSettings
from evaluators.tasks import DEFAULT
from search.settings.filters import Filter
from search.settings.judge import JudgeSettings
from search.settings.lean import LeanSettings
from search.settings.proposals import Growing, ProposalSettings
from search.settings.storage_address import what_is_wrong_with
from trainers.config import TrainingConfig


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def wrong_at(where: tuple[str, ...], message: str) -> PydanticCustomError:
    """An error about a field below the validated one, whose line the loader can then name."""
    return PydanticCustomError("study", "{message}", {"message": message, "where": list(where)})


def _storage(storage: str) -> str:
    wrong = what_is_wrong_with(storage)
    if wrong:
        raise wrong_at((), wrong)
    return storage


class ContextSettings(_Frozen):
    """What the generator is shown."""

    path: str = "embedded:contexts"
    """A .jsonl or .jsonl.gz file of Python functions, or `embedded:contexts`."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """How many contexts a trial uses, drawn with the study's seed; null uses all."""
    drawn_inputs: Annotated[int, Field(ge=0, le=1000, exclude_if=lambda drawn: drawn == 0)] = 0
    """Hidden inputs drawn for each function, whose values Python says in a fenced process, so that
    faithfulness is known beyond the known calls; 0 keeps to those. About 0.15 s a context."""


class ProblemSettings(_Frozen):
    """The final task's problems."""

    search: str = "embedded:search_problems"
    """Scored in every trial."""
    sealed: str = "embedded:sealed_problems"
    """Opened once, after the last trial."""
    search_limit: Annotated[int, Field(ge=1)] | None = None
    """How many search problems a trial is scored on; null uses all."""
    sealed_limit: Annotated[int, Field(ge=1)] | None = None
    """How many sealed problems the final comparison uses; null uses all."""
    leaks: Literal["copies", "likely"] = "copies"
    """What in contexts and demos stops the study: copies of problems, or the same task in other
    words too (see docs/contamination.md)."""


class RealRange(_Frozen):
    """Two real numbers, both included."""

    low: Annotated[float, Field(ge=0, le=2)]
    """Smallest value tried."""
    high: Annotated[float, Field(ge=0, le=2)]
    """Largest value tried."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise wrong_at(("low",), f"{self.low} lies above high = {self.high}; swap them")
        return self


class WholeRange(_Frozen):
    """Two whole numbers, both included."""

    low: Annotated[int, Field(ge=1, le=64)]
    """Smallest value tried."""
    high: Annotated[int, Field(ge=1, le=64)]
    """Largest value tried."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise wrong_at(("low",), f"{self.low} lies above high = {self.high}; swap them")
        return self


Addition = Annotated[str, Field(min_length=1, max_length=4000)]


class RecipeSpace(_Frozen):
    """Every recipe the study may try."""

    base: Annotated[str, Field(min_length=1)]
    """The sentence every instruction begins with."""
    clauses: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = {}
    """What an instruction may add, by clause; `""` says nothing. Each clause is searched apart."""
    growing: Annotated[tuple[Growing, ...], Field(exclude_if=lambda growing: not growing)] = ()
    """What gets new values while the study runs: `addition`, a text after the clauses; `demo_set`,
    a set of demos. `proposals` says where from (docs/proposals.md); [] keeps to this file."""
    additions: Annotated[tuple[Addition, ...], Field(exclude_if=lambda texts: not texts)] = ()
    """Texts to try as additions, let in bit by bit in this order; more may be added later."""
    demos: str = "embedded:demos"
    """The demo pool: a .jsonl file, or `embedded:demos`."""
    demo_sets: Annotated[dict[str, tuple[str, ...]], Field(min_length=1)] = {"none": ()}
    """Named sets of demo ids; a recipe shows one set."""
    temperature: RealRange = RealRange(low=0.0, high=1.2)
    """The generator's sampling temperature."""
    attempts: WholeRange = WholeRange(low=1, high=3)
    """Candidates drawn per context."""
    filter: Annotated[tuple[Filter, ...], Field(min_length=1)] = ("compiles", "faithful")
    """Which candidates may become examples."""
    keep_docstring: Annotated[tuple[bool, ...], Field(min_length=1)] = (True, False)
    """Whether to train on the context's own docstring in place of the generated one."""

    @model_validator(mode="after")
    def _no_choice_twice(self) -> Self:
        for name, texts in self.clauses.items():
            if len(set(texts)) < len(texts):
                raise wrong_at(("clauses", name), "lists one text twice; drop one")
        lists: tuple[tuple[str, tuple[object, ...]], ...] = (
            ("filter", self.filter),
            ("keep_docstring", self.keep_docstring),
            ("growing", self.growing),
            ("additions", self.additions),
        )
        for field, values in lists:
            if len(set(values)) < len(values):
                raise wrong_at((field,), "lists one value twice; drop one")
        if self.additions and "addition" not in self.growing:
            raise wrong_at(("additions",), "never tried; set `growing: [addition]`, or drop them")
        return self


class BaselineSettings(_Frozen):
    """The recipe a person would write by hand: trial 0, and what the winner is held against."""

    clauses: dict[str, str] = {}
    """One text of each clause's list; a clause left out says nothing."""
    demo_set: str = "none"
    """One of `recipe.demo_sets`."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    """Within `recipe.temperature`."""
    attempts: Annotated[int, Field(ge=1)] = 1
    """Within `recipe.attempts`."""
    filter: Filter = "compiles"
    """One of `recipe.filter`."""
    keep_docstring: bool = True
    """One of `recipe.keep_docstring`."""


class TrainingSettings(TrainingConfig):
    """How a trial fine-tunes the student, and when it refuses to."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    min_examples: Annotated[int, Field(ge=1)] = 16
    """A trial whose filter leaves fewer examples than this fails instead of being scored."""

    @property
    def config(self) -> TrainingConfig:
        """What a trainer is given."""
        return TrainingConfig(**self.model_dump(exclude={"min_examples"}))


class RungSettings(_Frozen):
    """The cheap steps a trial climbs before it is run whole (see docs/rungs.md)."""

    contexts: Annotated[int, Field(ge=1)]
    """First rung: rows of so many of the contexts. They are written once and count for the whole
    trial too."""
    max_steps: Annotated[int, Field(ge=0)]
    """Second rung: a fine-tune of so many steps on these rows; 0 leaves it out."""
    problems: Annotated[int, Field(ge=1)] | None = None
    """How many search problems the second rung asks; null asks all."""
    signal: Literal["validity", "faithfulness"] = "validity"
    """What the first rung goes by: the share of rows that Lean accepts, or that agrees with
    Python."""
    reduction: Annotated[int, Field(ge=2, le=16)] = 3
    """Of the trials that reached a rung, one in so many goes on."""
    control: Annotated[float, Field(ge=0.02, le=1)] = 0.15
    """Share of trials that go on whatever the rungs say, so that the rungs stay measured."""
    least_correlation: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """A rung stops trials once its rank correlation with the score, over this study's trials, is
    higher than this for certain: the lower end of its 95 % interval."""
    least_trials: Annotated[int, Field(ge=4)] = 8
    """Trials with a score that it takes before a rung stops any."""


class SearchSettings(_Frozen):
    """How the search runs."""

    trials: Annotated[int, Field(ge=1)] = 12
    """Trials that end with a score, or that a rung stopped; a failed one is replaced."""
    max_failed_trials: Annotated[int, Field(ge=0)] = 10
    """More failures than this, in all runs of the study, end the search before the sealed problems
    are opened."""
    concurrent_trials: Annotated[int, Field(ge=1)] = 2
    """Trials running at one time. A sampler that learns proposes from the trials that have ended:
    with more than one, what is tried after `startup_trials` depends on which ended first, not on
    the seed alone. 1, run in one go, is reproducible to the last trial."""
    sampler: Literal["tpe", "gp", "random"] = "tpe"
    """Who proposes: Optuna's TPE; its Gaussian process, for studies of up to some hundred trials
    (docs/replay.md); or chance."""
    startup_trials: Annotated[int, Field(ge=0)] = 6
    """Trials proposed by chance before the sampler has something to learn from."""
    final_seeds: Annotated[int, Field(ge=1, le=64)] = 1
    """Fresh runs of the baseline and of the winner on the sealed problems, each with its own seed.
    With 1 it stays unknown how much a recipe's fine-tunes vary; 3 or more measure it."""
    rungs: Annotated[RungSettings | None, Field(exclude_if=lambda rungs: rungs is None)] = None
    """Cheap steps before a trial is run whole, which stop the weak; null runs every trial
    whole."""
    finalists: Annotated[int, Field(ge=0, le=32, exclude_if=lambda many: many == 0)] = 0
    """How many of the best trials are run again with fresh seeds on the search problems, until it
    is settled which is best; 0 takes the highest score."""
    finalist_runs: Annotated[int, Field(ge=2, le=32, exclude_if=lambda runs: runs == 4)] = 4
    """Most fresh runs of each finalist."""
    refused_share: Annotated[float, Field(ge=0, le=1, exclude_if=lambda share: share == 0.2)] = 0.2
    """Largest share of a trial's prompts that the generator's endpoint may refuse: each is a
    refused row, and more of them fail the trial, because what is left stands for no recipe."""
    storage: Annotated[str, AfterValidator(_storage)] = "sqlite"
    """Where the study is kept: `sqlite` or `journal`, a file in the run folder, or
    `postgresql://USER@HOST/DATABASE` without a password (docs/storage.md)."""
    storage_wait_minutes: Annotated[float, Field(gt=0, exclude_if=lambda wait: wait == 10)] = 10
    """How long a storage that is gone is waited for before the search stops, to be resumed."""


class TrainerResources(_Frozen):
    """What Ray reserves for one trainer actor."""

    cpus: Annotated[float, Field(gt=0)] = 1
    """CPU cores; training uses as many threads as `training.threads` says."""
    gpus: Annotated[float, Field(ge=0)] = 0
    """GPUs, fractions allowed; 0 trains on the CPU."""


class Resources(_Frozen):
    """What a search may use."""

    trainer: TrainerResources = TrainerResources()
    """For each trial's fine-tuning and evaluation."""
    lean: Annotated[LeanSettings, Field(exclude_if=lambda lean: lean == LeanSettings())] = (
        LeanSettings()
    )
    """Which Lean judges; nothing named is the embedded one (docs/lean_sandbox.md)."""
    lean_workers: Annotated[int, Field(ge=1)] = 2
    """Lean processes; a server has its own."""
    lean_for: Annotated[
        Literal["study", "trial"], Field(exclude_if=lambda whose: whose == "study")
    ] = "study"
    """Whose they are: one pool for the study, outside Ray's books; or as many for each trial, with
    a CPU each in its placement group, for a cluster (see docs/cluster.md)."""
    lean_timeout_seconds: Annotated[float, Field(gt=0)] = 20.0
    """Wall-clock deadline for one program."""
    object_store_megabytes: Annotated[int, Field(ge=80)] = 200
    """Ray's shared memory when this process starts its own Ray."""


Adapters: TypeAlias = Literal["winner", "all", "none"]
"""Whose fine-tuned weights MLflow is given."""


class TrackingSettings(_Frozen):
    """What MLflow is given beside parameters, metrics and prompts."""

    data: bool = True
    """Whether each trial's candidates and training rows go to MLflow too."""
    adapters: Adapters = "winner"
    """Whose fine-tuned weights do: the winner's, every trial's, or nobody's. A trial's weights are
    in the stage store anyway."""


class StudySettings(_Frozen):
    """A whole study."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    """Letters, digits, `.`, `_`, `-`: the study's name and its run folder's."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    """Everything drawn by chance is drawn from this."""
    task: Annotated[str, Field(pattern=r"^\w+$|^[\w.]+:\w+$")] = DEFAULT
    """The final task: `eng2lean`, or `package.module:NAME` for one of your own."""
    generator: GeneratorSettings
    """Who writes the candidates."""
    student: Annotated[str, Field(min_length=1)] = "embedded:student-a"
    """The base model: `embedded:NAME`, a local folder or a hub id."""
    contexts: ContextSettings = ContextSettings()
    """Where the Python functions come from."""
    problems: ProblemSettings = ProblemSettings()
    """The final task."""
    recipe: RecipeSpace
    """The space searched."""
    baseline: BaselineSettings = BaselineSettings()
    """The hand-written recipe."""
    proposals: Annotated[
        ProposalSettings, Field(exclude_if=lambda settings: settings == ProposalSettings())
    ] = ProposalSettings()
    """Where the values of what is `recipe.growing` come from."""
    training: TrainingSettings = TrainingSettings()
    """The fine-tune of every trial."""
    evaluation: EvaluationSettings = EvaluationSettings()
    """How a student is asked."""
    judge: Annotated[JudgeSettings | None, Field(exclude_if=lambda judge: judge is None)] = None
    """A language model asked about each trial's training rows, as one more proxy; null asks none
    (docs/judge.md)."""
    search: SearchSettings = SearchSettings()
    """How the search runs."""
    resources: Resources = Resources()
    """What it may use."""
    budget: BudgetSettings = BudgetSettings()
    """What it may spend."""
    tracking: Annotated[
        TrackingSettings, Field(exclude_if=lambda given: given == TrackingSettings())
    ] = TrackingSettings()
    """What MLflow is given."""

    @model_validator(mode="after")
    def _threads_within_cpus(self) -> Self:
        threads, cpus = self.training.threads, self.resources.trainer.cpus
        if threads > max(1, cpus):
            message = f"{threads} threads on resources.trainer.cpus = {cpus:g}; make them equal"
            raise wrong_at(("training", "threads"), message)
        return self

    @model_validator(mode="after")
    def _additions_from_somewhere(self) -> Self:
        can = self.recipe.additions or self.proposals.lm is not None
        if "addition" in self.recipe.growing and not can:
            message = "nothing could ever be added; list `recipe.additions` or set `proposals.lm`"
            raise wrong_at(("recipe", "growing"), message)
        longest = self.proposals.longest
        for text in self.recipe.additions:
            if len(text) > longest:
                message = f"{len(text)} characters; shorten it or raise proposals.longest"
                raise wrong_at(("recipe", "additions"), message)
            if any(text in texts for texts in self.recipe.clauses.values()):
                raise wrong_at(("recipe", "additions"), f'"{text}" is a clause\'s text; drop it')
        return self

    @model_validator(mode="after")
    def _baseline_in_space(self) -> Self:
        space, baseline = self.recipe, self.baseline
        for name in baseline.clauses:
            if name not in space.clauses:
                known = ", ".join(space.clauses) or "none"
                raise wrong_at(("baseline", "clauses", name), f"no such clause (known: {known})")
        for name, texts in space.clauses.items():
            text = baseline.clauses.get(name, "")
            if text not in texts:
                where = ("baseline", "clauses", *([name] if name in baseline.clauses else []))
                raise wrong_at(where, f'clause `{name}`: "{text}" is not in recipe.clauses.{name}')
        self._require(baseline.demo_set in space.demo_sets, "demo_set")
        self._require(baseline.filter in space.filter, "filter")
        self._require(baseline.keep_docstring in space.keep_docstring, "keep_docstring")
        within = space.temperature.low <= baseline.temperature <= space.temperature.high
        self._require(within, "temperature")
        self._require(space.attempts.low <= baseline.attempts <= space.attempts.high, "attempts")
        return self

    def _require(self, inside: bool, field: str) -> None:
        if not inside:
            value = self.baseline.model_dump(mode="json")[field]
            message = (
                f"{value!r} lies outside recipe.{field}: widen the space or change the baseline"
            )
            raise wrong_at(("baseline", field), message)


def flat_settings(settings: StudySettings) -> dict[str, object]:
    """The settings by dotted name, for comparing and logging.

    Addresses of endpoints, and where their keys are found, are left out: neither decides a score,
    and an address may hold a secret.
    """
    flat: dict[str, object] = {}

    def walk(value: object, name: str) -> None:
        if isinstance(value, Mapping) and value:
            for key, below in value.items():
                walk(below, f"{name}.{key}" if name else str(key))
        else:
            flat[name] = value

    walk(settings.model_dump(mode="json"), "")
    asked = ("generator", "proposals.lm", "judge.lm", "resources.lean")
    secret = ("resources.lean.server", *(f"{model}.api_" for model in asked))
    return {name: value for name, value in flat.items() if not name.startswith(secret)}
