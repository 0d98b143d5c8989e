"""From candidates to rows: what was found about each, which become training pairs, and why not.

A candidate is refused for exactly one reason, the first that applies, and every refusal is
counted: by the task's reasons, and by those of `REFUSALS` for what no checker was asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engines import meter
from engines.errors import ModelUnavailable
from evaluators.proxies.proxy import Proxy, share_of
from evaluators.task import Candidate, Checked, Checker, Context, Task
from search.recipes.recipe import Recipe
from search.settings.filters import Filter
from trainers.dataset import Example

REFUSALS = {
    "empty": "The generator wrote nothing.",
    "too_long": "Context, demos and reply do not fit the window of the generator.",
    "cut_off": "The reply was longer than `generator.max_new_tokens`.",
    "content_filter": "The generator's endpoint filtered the prompt or the reply.",
    "rejected": "The generator's endpoint refused the prompt.",
    "server_error": "The generator's endpoint kept failing on the prompt and on no other.",
    "unreadable": "The texts asked for could not be read in the generator's answer.",
    "no_docstring": "It came without a description.",
    "leak": "Its description or its content is that of a problem the student is asked.",
    "spare": "It passes, but an earlier attempt on its context was taken.",
}
"""What each refusal means that is not one of the task's own reasons."""

LEAK, SPARE = "leak", "spare"
BY_THE_ENDPOINT = frozenset({"content_filter", "rejected", "server_error"})
"""Those that say more of the generator's endpoint than of the recipe."""


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate with what became of it; the one form in which everybody reads it."""

    checked: Checked
    context: Context | None
    """None where the contexts are not at hand."""
    description: str
    """What its student reads: the context's own words where the recipe keeps them."""
    example: Example | None
    """The training pair; None where there is none in the candidate."""
    reason: str
    """Why it is no training pair of its trial; empty where it is one."""

    @property
    def candidate(self) -> Candidate:
        """What the generator wrote."""
        return self.checked.candidate

    @property
    def place(self) -> tuple[str, int]:
        """Context and attempt: one row's alone."""
        return self.candidate.context_id, self.candidate.attempt

    @property
    def outcome(self) -> str:
        """What the checker said in a word; `unchecked` where there was nothing to check."""
        return self.checked.finding.outcome if self.checked.finding else "unchecked"

    @property
    def detail(self) -> str:
        """What the checker said."""
        return self.checked.finding.detail if self.checked.finding else ""


def rows_of(
    checked: Sequence[Checked],
    contexts: Mapping[str, Context],
    task: Task,
    *,
    filter: Filter,
    keep_docstring: bool,
    leaking: Collection[tuple[str, int]] = (),
) -> list[Row]:
    """The row of every candidate, in order.

    Args:
        checked: the candidates of whole contexts.
        contexts: by id, as far as they are at hand.
        task: what they are about.
        filter: how strict the filter is.
        keep_docstring: whether a row has its context's own description.
        leaking: context and attempt of candidates that give a problem away.
    """
    rows, taken = [], set[str]()
    for one in checked:
        candidate, context = one.candidate, contexts.get(one.candidate.context_id)
        readable = not candidate.unreadable and one.finding is not None
        written = task.form.output(candidate.outputs, task.form.described) if readable else ""
        kept = keep_docstring and context is not None
        own = task.form.input(context.inputs, task.form.told) if context and kept else written
        example = task.example(candidate, own) if readable else None
        described = keep_docstring or bool(written.strip())
        reason = _refusal(one, filter, example, described, task)
        if not reason and (candidate.context_id, candidate.attempt) in leaking:
            reason = LEAK
        if not reason:
            reason = SPARE if candidate.context_id in taken else ""
            taken.add(candidate.context_id)
        rows.append(Row(one, context, own, example, reason))
    return rows


def rows_under(
    checked: Sequence[Checked],
    recipe: Recipe,
    contexts: Iterable[Context],
    task: Task,
    *,
    leaking: Collection[tuple[str, int]] = (),
) -> list[Row]:
    """`rows_of` under a recipe."""
    return rows_of(
        checked,
        {context.id: context for context in contexts},
        task,
        filter=recipe.filter,
        keep_docstring=recipe.keep_docstring,
        leaking=leaking,
    )


def examples_of(rows: Iterable[Row]) -> list[Example]:
    """The training pairs, in order: one for each context of which a candidate passes."""
    return [row.example for row in rows if row.example is not None and not row.reason]


def refusals(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows each reason refused, the commonest first; a spare one is not refused."""
    reasons = Counter(row.reason for row in rows if row.reason not in ("", SPARE))
    return dict(reasons.most_common())


def meaning_of(reason: str, task: Task) -> str:
    """What a reason means, in a sentence."""
    return REFUSALS.get(reason) or task.reasons.get(reason, "")


def _refusal(
    checked: Checked,
    filter: Filter,
    example: Example | None,
    described: bool,
    task: Task,
) -> str:
    """Why a candidate may not become an example under a filter; empty when it may."""
    candidate, finding = checked.candidate, checked.finding
    if candidate.unreadable or finding is None:
        return candidate.unreadable or "unreadable"
    if filter != "none" and not finding.valid:
        return finding.reason
    if filter == "faithful" and checked.faithful is not True:
        return checked.doubt
    if example is None:
        return task.no_example
    return "" if described else "no_docstring"


def require_answers(written: Sequence[Candidate], *, refused_share: float) -> None:
    """Check that an endpoint refused so few prompts that the others stand for the recipe.

    One alone is never too many.

    Raises:
        ModelUnavailable: they are more than the share; the answers to the others are kept.
    """
    refused = sum(candidate.unreadable in BY_THE_ENDPOINT for candidate in written)
    if refused > max(1, refused_share * len(written)):
        said = "; ".join(meter.current().notes) or "no reason given"
        raise ModelUnavailable(
            f"the endpoint refused {refused} of {len(written)} prompts, more than "
            f"search.refused_share = {refused_share:g} ({said}); mend that, or raise it; answers "
            "that were paid for are kept"
        )


def check_candidates(
    candidates: Sequence[Candidate], contexts: Sequence[Context], task: Task, checker: Checker
) -> list[Checked]:
    """Have every readable candidate checked in one batch; result `i` is candidate `i`."""
    readable = [candidate for candidate in candidates if not candidate.unreadable]
    found = iter(task.check(readable, contexts, checker))
    return [
        Checked(candidate, None, None) if candidate.unreadable else next(found)
        for candidate in candidates
    ]


def validity(checked: Sequence[Checked]) -> Proxy:
    """The share of all candidates that the checker takes by themselves."""
    return share_of("validity", [one.finding is not None and one.finding.valid for one in checked])


def faithfulness(checked: Sequence[Checked]) -> Proxy:
    """The share that agrees with what is known, of the candidates where that was decided."""
    decided = [one.faithful for one in checked if one.faithful is not None]
    return share_of("faithfulness", decided)
