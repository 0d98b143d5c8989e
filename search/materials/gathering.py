"""What a study works with, read and checked before the first token is spent.

Everything that can be wrong with a study's files is found here: a search that starts has its
contexts, problems, demos and student.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engines.named_models import PREFIX, resolve
from engines.weights import model_hash
from evaluators.leaks.contamination import COPIES, LIKELY, Passage, refuse_overlaps
from evaluators.problem import Problem
from evaluators.task import Context, Demo, Form, Task
from evaluators.tasks import task_named
from evaluators.words import counted
from search.errors import StudyError
from search.materials.contexts import contexts_hash, load_contexts
from search.materials.problems import load_demos, load_problems, problems_hash
from search.recipes.gate import Gate
from search.recipes.pool import Draft
from search.settings.study import StudySettings


@dataclass(frozen=True, slots=True)
class Materials:
    """A study's contexts, problems, demos and student."""

    contexts: tuple[Context, ...]
    search_problems: tuple[Problem, ...]
    sealed_problems: tuple[Problem, ...]
    demos: Mapping[str, Demo]
    student_sha256: str
    contexts_sha256: str = ""
    """Hash of the contexts as they were read, before Python was asked for more known calls."""

    @property
    def hashes(self) -> dict[str, str]:
        """What everything that comes out of the study was made from."""
        return {
            "contexts": contexts_hash(self.contexts),
            "search_problems": problems_hash(self.search_problems),
            "sealed_problems": problems_hash(self.sealed_problems),
            "student": self.student_sha256,
        }


def gather(settings: StudySettings) -> Materials:
    """Read what a study's settings name.

    Raises:
        StudyError: a file is missing or broken, a demo set names a demo nobody wrote, or the
            student is not there.
        ContaminationError: a context, a demo or a search problem gives a problem away.
    """
    problems, task = settings.problems, task_named(settings.task)
    read = load_contexts(
        settings.contexts.path, task, limit=settings.contexts.limit, seed=settings.seed
    )
    contexts, drawn = read, settings.contexts.drawn_inputs
    if drawn:
        contexts = tuple(task.knowing_more(read, many=drawn, seed=settings.seed))
    materials = Materials(
        contexts=contexts,
        search_problems=load_problems(problems.search, task, limit=problems.search_limit),
        sealed_problems=load_problems(problems.sealed, task, limit=problems.sealed_limit),
        demos=_demos(settings, task.form),
        student_sha256=student_sha256(settings.student),
        contexts_sha256=contexts_hash(read),
    )
    _refuse_leaks(materials, task, likely=problems.leaks == "likely")
    _refuse_told(settings, task, (*materials.search_problems, *materials.sealed_problems))
    return materials


def student_path(student: str) -> str:
    """Where a student's weights are: a folder, or the hub id as it stands.

    Raises:
        StudyError: an embedded name or a path that is not there.
    """
    if student.startswith(PREFIX):
        try:
            return str(resolve(student))
        except KeyError as error:
            raise StudyError(f"student {student}: {error.args[0]}") from error
    looks_local = student.startswith((".", "/", "~")) or student.count("/") > 1
    path = Path(student).expanduser()
    if looks_local and not path.is_dir():
        raise StudyError(
            f"student {student}: no such folder; give a folder, a hub id or embedded:…"
        )
    return str(path) if path.is_dir() else student


def student_sha256(student: str) -> str:
    """Hash of a student's files; a hub id stands for itself and its commit.

    Raises:
        StudyError: it is not there, or a file of it cannot be read.
    """
    path = student_path(student)
    try:
        return model_hash(path)
    except OSError as error:
        raise StudyError(f"student {student}: {error.filename}: {error.strerror}") from error


def _demos(settings: StudySettings, form: Form) -> Mapping[str, Demo]:
    wanted = {demo for demos in settings.recipe.demo_sets.values() for demo in demos}
    if not wanted:
        return {}
    pool = load_demos(settings.recipe.demos, form)
    for name, demos in settings.recipe.demo_sets.items():
        for demo in demos:
            if demo not in pool:
                raise StudyError(
                    f"recipe.demo_sets.{name}: no demo `{demo}` in {settings.recipe.demos} "
                    f"({counted(len(pool), 'demo')}, such as {', '.join(list(pool)[:3])})"
                )
    return pool


def _refuse_told(settings: StudySettings, task: Task, problems: Sequence[Problem]) -> None:
    """An addition that quotes a problem would tell the generator what is asked."""
    gate = Gate(problems, task, longest=settings.proposals.longest)
    for text in settings.recipe.additions:
        refusal = gate.refuse(Draft(text), ())
        if refusal is not None:
            raise StudyError(
                f"recipe.additions: {text!r} cannot be tried: {refusal}; change it or drop it"
            )


def _refuse_leaks(materials: Materials, task: Task, *, likely: bool) -> None:
    """Nothing learnt from may hold what is asked, nor what is searched on what is sealed."""
    learnt = [task.context_passage(context) for context in materials.contexts]
    learnt += [
        task.passage(
            name, "demo", demo.outputs, task.form.output(demo.outputs, task.form.described)
        )
        for name, demo in materials.demos.items()
    ]
    problems = (*materials.search_problems, *materials.sealed_problems)
    refuse_overlaps(learnt, problems, by=(*COPIES, *LIKELY) if likely else COPIES)
    searched = [
        Passage(one.id, "search problem", one.docstring, one.reference)
        for one in materials.search_problems
    ]
    refuse_overlaps(searched, materials.sealed_problems)
