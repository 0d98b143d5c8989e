"""From candidates to examples: what Lean says of each, which become training pairs, and why not.

A candidate is refused for exactly one reason, the first that applies, and every refusal is
counted: by Lean's reason codes, and by the codes of `REFUSALS` for what Lean was not asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engines import meter
from engines.errors import ModelUnavailable
from evaluators.behaviour.calls import call_tests
from evaluators.proxies import proxy as proxies
from evaluators.proxies.proxy import Proxy
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import TestOutcome, Verdict
from search.generation.candidate import Candidate, CheckedCandidate
from search.materials.contexts import Context
from search.materials.definition import split_definition
from search.recipes.recipe import Recipe
from search.settings.filters import Filter
from trainers.dataset import Example, student_prompt

REFUSALS = {
    "empty": "The generator wrote nothing.",
    "too_long": "Context, demos and reply do not fit the window of the generator.",
    "cut_off": "The reply was longer than `generator.max_new_tokens`.",
    "content_filter": "The generator's endpoint filtered the prompt or the reply.",
    "rejected": "The generator's endpoint refused the prompt.",
    "server_error": "The generator's endpoint kept failing on the prompt and on no other.",
    "unreadable": "No docstring and definition could be read in the generator's answer.",
    "no_signature": "Not one `def` with a stated type and one body, so no training pair.",
    "no_docstring": "The definition came without a docstring.",
    "unfaithful": "Lean refutes it: it disagrees with Python on a known call.",
    "undecided": "Lean can neither prove nor refute a known call.",
    "leak": "Its docstring or its Lean is that of a problem the student is asked.",
    "no_known_calls": "Faithfulness was asked for, but no known call fits its types.",
}
"""What each refusal means that is not one of Lean's own reason codes."""

BY_THE_ENDPOINT = frozenset({"content_filter", "rejected", "server_error"})
"""Those that say more of the generator's endpoint than of the recipe."""


def require_answers(written: Sequence[Candidate], *, refused_share: float) -> None:
    """Check that an endpoint refused so few prompts that the others stand for the recipe.

    One alone is never too many.

    Raises:
        ModelUnavailable: they are more than the share; the answers to the others are kept.
    """
    refused = sum(candidate.problem in BY_THE_ENDPOINT for candidate in written)
    if refused > max(1, refused_share * len(written)):
        said = "; ".join(meter.current().notes) or "no reason given"
        raise ModelUnavailable(
            f"the endpoint refused {refused} of {len(written)} prompts, more than "
            f"search.refused_share = {refused_share:g} ({said}); mend that, or raise it; answers "
            "that were paid for are kept"
        )


def check_candidates(
    candidates: Sequence[Candidate], contexts: Sequence[Context], sandbox: Sandbox
) -> list[CheckedCandidate]:
    """Ask Lean about every readable candidate in one batch; result `i` is candidate `i`.

    Raises:
        SandboxUnavailable: Lean could not be started or kept alive.
    """
    by_id = {context.id: context for context in contexts}
    readable = [candidate for candidate in candidates if not candidate.problem]
    requests = [_request(candidate, by_id[candidate.context_id]) for candidate in readable]
    verdicts = iter(sandbox.check_many(requests) if requests else [])
    return [
        CheckedCandidate(candidate, None, None)
        if candidate.problem
        else _judged(candidate, next(verdicts))
        for candidate in candidates
    ]


def refusal(checked: CheckedCandidate, *, filter: Filter, keep_docstring: bool = False) -> str:
    """Why a candidate may not become an example under `filter`; empty when it may."""
    candidate, verdict = checked.candidate, checked.verdict
    if candidate.problem or verdict is None:
        return candidate.problem or "unreadable"
    if filter != "none" and not verdict.compiles:
        return verdict.reason
    if filter == "faithful" and checked.faithful is not True:
        return _unfaithful(checked.faithful, verdict)
    if split_definition(candidate.lean) is None:
        return "no_signature"
    return "" if keep_docstring or candidate.docstring.strip() else "no_docstring"


def refusals(checked: Sequence[CheckedCandidate], *, filter: Filter) -> dict[str, int]:
    """How many candidates each reason refused under `filter`, the commonest first."""
    reasons = Counter(refusal(one, filter=filter) for one in checked)
    return {reason: count for reason, count in reasons.most_common() if reason}


def select(checked: Sequence[CheckedCandidate], recipe: Recipe) -> list[CheckedCandidate]:
    """The first candidate of each context that passes the recipe's filter, in context order."""
    chosen: dict[str, CheckedCandidate] = {}
    for one in checked:
        if one.candidate.context_id not in chosen and not refusal(
            one, filter=recipe.filter, keep_docstring=recipe.keep_docstring
        ):
            chosen[one.candidate.context_id] = one
    return list(chosen.values())


def select_examples(
    checked: Sequence[CheckedCandidate], recipe: Recipe, contexts: Sequence[Context]
) -> list[Example]:
    """One training pair for each context of which a candidate passes the recipe's filter."""
    docstrings = {context.id: context.docstring for context in contexts}
    return [
        example(
            one.candidate,
            docstrings[one.candidate.context_id] if recipe.keep_docstring else None,
        )
        for one in select(checked, recipe)
    ]


def example(candidate: Candidate, docstring: str | None = None) -> Example:
    """The training pair of a candidate that can be split, under its own docstring or another."""
    definition = split_definition(candidate.lean)
    if definition is None:
        raise ValueError(f"a candidate of {candidate.context_id} has no signature to train on")
    return Example(
        prompt=student_prompt(docstring or candidate.docstring, definition.signature),
        completion=definition.body,
        context_id=candidate.context_id,
    )


def validity(checked: Sequence[CheckedCandidate]) -> Proxy:
    """The share of all candidates that Lean accepts as definitions, whatever they compute."""
    return proxies.validity([one.verdict for one in checked])


def faithfulness(checked: Sequence[CheckedCandidate]) -> Proxy:
    """The share that agrees with Python, of the candidates for which Lean could decide that."""
    return proxies.faithfulness([one.faithful for one in checked])


def _request(candidate: Candidate, context: Context) -> CheckRequest:
    definition = split_definition(candidate.lean)
    if definition is None:
        return CheckRequest(program=candidate.lean)
    types = (*definition.parameter_types, definition.result_type)
    return CheckRequest(
        program=candidate.lean,
        target=definition.signature,
        tests=call_tests(definition.name, context.calls, types),
    )


def _judged(candidate: Candidate, verdict: Verdict) -> CheckedCandidate:
    return CheckedCandidate(candidate, verdict, _faithful(verdict))


def _faithful(verdict: Verdict) -> bool | None:
    if not verdict.compiles or not verdict.tests:
        return None
    if TestOutcome.FAILED in verdict.tests:
        return False
    return None if TestOutcome.UNDECIDED in verdict.tests else True


def _unfaithful(faithful: bool | None, verdict: Verdict) -> str:
    if faithful is False:
        return "unfaithful"
    return "undecided" if verdict.tests else "no_known_calls"
