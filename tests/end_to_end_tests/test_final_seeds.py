"""Several fresh fine-tunes of each recipe on the sealed problems: real Ray, models and Lean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from evaluators.statistics.deltaone import delta_one
from evaluators.statistics.seeds import seeded_score
from search.comparisons.sealed import FinalComparison
from tests.end_to_end_tests.test_embedded_search import ROOT, outerloop

TINY = {
    r"^name: .*": "name: tiny",
    r"^  limit: .*": "  limit: 40",
    r"^(  sealed: .*)": r"\1\n  search_limit: 30\n  sealed_limit: 40",
    r"^  max_steps: .*": "  max_steps: 12",
    r"^  trials: .*": "  trials: 3\n  final_seeds: 3",
}
_FINAL = TypeAdapter(FinalComparison)


def final_of(run: Path) -> FinalComparison:
    return _FINAL.validate_json((run / "final.json").read_text(encoding="utf-8"))


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_each_recipe_is_fine_tuned_anew_for_every_final_seed(tmp_path: Path) -> None:
    study = (ROOT / "examples" / "embedded.yaml").read_text(encoding="utf-8")
    for find, put in TINY.items():
        study, times = re.subn(find, put, study, flags=re.MULTILINE)
        assert times == 1, find
    (tmp_path / "tiny.yaml").write_text(study, encoding="utf-8")

    printed = outerloop("search", "tiny.yaml", cwd=tmp_path)

    run = tmp_path / "runs" / "tiny"
    final = final_of(run)
    assert len(set(final.seeds)) == 3
    assert 0 not in final.seeds  # the trials' own seed is never a final one
    for name in ("baseline", "best"):
        arm = final.arm(name)
        assert tuple(one.seed for one in arm.runs) == final.seeds
        assert {len(one.shares) for one in arm.runs} == {40}
        assert arm.score == seeded_score(arm.runs)
        trained = [key for stage, key in arm.stages.items() if stage.startswith("train")]
        assert len(set(trained)) == 3
    assert len(final.arm("untuned").runs) == 1
    assert "3 fresh seeds" in printed
    if final.judgement is None:
        assert final.reason == "no trial scored higher than the baseline recipe"
    else:  # everything needed to recompute the verdict stands in the file
        digest = final.judgement.evidence.problems_sha256
        again = delta_one(
            final.arm("best").runs, final.arm("baseline").runs, problems_sha256=digest
        )
        assert again == final.judgement

    resumed = outerloop("search", "tiny.yaml", "--resume", cwd=tmp_path)

    assert final_of(run).seeds == final.seeds
    assert [one.runs for one in final_of(run).arms] == [one.runs for one in final.arms]
    assert resumed.splitlines()[-3] == printed.splitlines()[-3]
