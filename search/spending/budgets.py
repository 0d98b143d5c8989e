"""A study's purses: what trials may spend, what is kept for the final comparison, and the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engines.budget import Purse
from engines.caps import Amount, Caps
from engines.ledger import Cost, StudyLedger, money
from engines.prices import is_local, price_of
from engines.settings import GeneratorSettings
from evaluators.words import counted
from search.errors import StudyError
from search.settings.study import StudySettings

FILE = "budget.db"
"""In the run folder."""


@dataclass(frozen=True, slots=True)
class Spending:
    """Two purses over one file; None where nothing is limited and nothing costs money."""

    trials: Purse | None
    final: Purse | None

    @classmethod
    def of(cls, settings: StudySettings, folder: Path) -> Spending:
        """The purses of a study in a run folder.

        Raises:
            StudyError: money is capped, and the generator has no price.
        """
        require_price(settings)
        local = all(is_local(lm.model) for _, lm in language_models(settings))
        if not settings.budget.capped and local:
            return cls(None, None)
        file = (folder / FILE).resolve()
        trials, final = (Caps.of(settings.budget, final=final) for final in (False, True))
        return cls(Purse(file, trials), Purse(file, final))

    @contextmanager
    def run(self) -> Iterator[None]:
        """A driver's life; hours are counted while it lasts."""
        if self.final is None:
            yield
        else:
            with self.final.run():
                yield

    def know_of(self, ledger: StudyLedger, *, at_once: int) -> None:
        """Let caps hold over what earlier runs spent without them, or in another run folder.

        Args:
            ledger: of the whole study.
            at_once: trials that ran at a time, so that hours are not counted for each of them.
        """
        if self.final is not None:
            spent = ledger.spent
            self.final.know_of(Amount.of(spent), seconds=spent.seconds / at_once)

    def lines(self, ledger: StudyLedger) -> list[str]:
        """What no manifest holds: stages that were not finished, requests that were lost."""
        if self.final is None:
            return []
        spent, lost, known = self.final.spent(), self.final.lost(), ledger.spent
        beyond = max(0, spent.nanodollars - known.nanodollars)
        tokens = max(0, spent.tokens - known.tokens)
        found = []
        if tokens:
            found.append(
                f"Unfinished stages cost {counted(tokens, 'token')}{_money(beyond)} more."
            )
        if lost.tokens:
            found.append(
                "Processes were killed with requests in flight: up to "
                f"{counted(lost.tokens, 'token')}{_money(lost.nanodollars)} may have been "
                "billed that no cap knows of."
            )
        return found


def _money(nanodollars: int) -> str:
    """In brackets, after tokens; nothing where they cost no money, or where nobody knows."""
    return f" ({money(Cost(nanodollars=nanodollars))})" if nanodollars else ""


def require_price(settings: StudySettings) -> None:
    """Refuse a cap on money where nobody knows what a token costs.

    Raises:
        StudyError: see above.
    """
    if settings.budget.money is None:
        return
    for setting, lm in language_models(settings):
        if price_of(lm.model, lm.price) is None:
            raise StudyError(
                f"budget.money = {settings.budget.money:g} cannot hold: no price is known for "
                f"{lm.model}; state {setting}.price (input_per_million, output_per_million), or "
                "cap budget.tokens"
            )


def language_models(settings: StudySettings) -> Iterator[tuple[str, GeneratorSettings]]:
    """Every language model that a study pays, and where its file names it."""
    yield "generator", settings.generator
    if settings.judge is not None:
        yield "judge.lm", settings.judge.lm
    if settings.proposals.lm is not None and settings.recipe.growing:
        yield "proposals.lm", settings.proposals.lm
