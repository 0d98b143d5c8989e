"""The quick sampler proposes what Optuna's own proposes, and reads no finished trial twice."""

from __future__ import annotations

import optuna

from search.study.samplers import QuickTPESampler


class CountedChoices(optuna.distributions.CategoricalDistribution):
    """Counts how often a value is turned into a number."""

    asked = 0

    def to_internal_repr(self, param_value_in_external_repr: object) -> float:
        CountedChoices.asked += 1
        return super().to_internal_repr(param_value_in_external_repr)


def tried(sampler: optuna.samplers.BaseSampler, trials: int) -> list[dict[str, object]]:
    """What a sampler proposes on a world in which "b" is good, and a low x."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for number in range(trials):
        trial = study.ask()
        word = trial.suggest_categorical("word", ("a", "b", "c"))
        x, n = trial.suggest_float("x", 0.0, 1.0), trial.suggest_int("n", 1, 4)
        if number % 7 == 3:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        elif number % 7 != 5:  # which stays running, as in a study with several workers
            study.tell(trial, (word == "b") - x + n / 10)
    return [trial.params for trial in study.get_trials()]


def test_what_is_proposed_is_what_optunas_own_sampler_proposes() -> None:
    ours = tried(QuickTPESampler(startup_trials=5, seed=3), 40)

    assert ours == tried(optuna.samplers.TPESampler(n_startup_trials=5, seed=3), 40)


def test_a_finished_trial_is_understood_once() -> None:
    space = {"word": CountedChoices(("a", "b"))}
    study = optuna.create_study(sampler=QuickTPESampler(startup_trials=2, seed=0))
    study.add_trials(
        [
            optuna.trial.create_trial(params={"word": "a"}, distributions=space, value=float(n))
            for n in range(50)
        ]
    )
    sampler, trials = study.sampler, study.get_trials()
    CountedChoices.asked = 0
    for _ in range(3):
        found = sampler._get_internal_repr(trials, space, study)

    assert list(found["word"]) == [0] * 50
    assert CountedChoices.asked == 50
