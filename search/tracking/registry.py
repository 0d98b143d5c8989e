"""The winners of searches in MLflow's registry: one version for each frozen pipeline.

A version is the pipeline folder as it stands: JSON and Markdown, no pickle, nothing that runs when
it is loaded. Plain DSPy loads its `program.json`. The registry's half of `tracker`.

What people get wrong: a study that goes on may find another winner, and its run keeps the files of
both. Each version's lie in a folder of their own, so an older alias never hands out the newer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from engines import environment
from engines.errors import first_line
from evaluators.statistics.deltaone import Conclusion
from search.comparisons.sealed import FinalComparison
from search.errors import PipelineError
from search.offline.pipeline import Pipeline

WINNER = "winner"
"""Names the version of the newest finished search."""
SHOWN = "shown"
"""Names the newest version that was shown to beat the baseline on the sealed problems."""
FOLDER = "pipeline"
"""Where a run keeps pipelines among its artefacts, each under its hash."""
_HASH = "outerloop.pipeline"
_HASH_SHOWN = 16
"""Of a pipeline's hash, in a path."""
_ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
"""What MLflow calls a model that is not there, or whose name nothing could have."""
_NAMED = 50
"""Models named at most where the one asked for is not there."""


class Registry:
    """One MLflow registry.

    Args:
        client: a client of the server or the file it lives in.
    """

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    @classmethod
    def at(cls, uri: str) -> Registry:
        """The registry at an address."""
        return cls(MlflowClient(tracking_uri=uri, registry_uri=uri))

    def register(self, folder: Path, *, run: str, study: str, final: FinalComparison) -> int:
        """Make a version of the pipeline in `folder`, unless it has one; gives its number.

        Args:
            folder: the frozen pipeline.
            run: the study's run, which keeps the files.
            study: the study's identity.
            final: the sealed comparison.

        Raises:
            MlflowException: the registry cannot be reached or refuses.
        """
        pipeline = Pipeline.load(folder)
        path = f"{FOLDER}/{pipeline.hash[:_HASH_SHOWN]}"
        self._client.log_artifacts(run, str(folder), path)
        name = pipeline.name
        version = self._version_of(name, pipeline.hash)
        if version is None:
            self._make_model(name)
            source = self._client.get_run(run).info.artifact_uri
            tags = {**lineage(pipeline, final), "outerloop.study": study}
            made = self._client.create_model_version(
                name, source=f"{source.rstrip('/')}/{path}", run_id=run, tags=tags
            )
            version = int(made.version)
        self._client.set_registered_model_alias(name, WINNER, str(version))
        if final.verdict is Conclusion.SHOWN:
            self._client.set_registered_model_alias(name, SHOWN, str(version))
        return version

    def renew(self, folder: Path) -> bool:
        """Log a pipeline's files again, after its card was written anew; whether it has a version.

        Args:
            folder: the frozen pipeline; its hash is what it was.

        Raises:
            MlflowException: the registry cannot be reached or refuses.
        """
        pipeline = Pipeline.load(folder)
        number = self._version_of(pipeline.name, pipeline.hash)
        if number is None:
            return False
        version = self._client.get_model_version(pipeline.name, str(number))
        self._client.log_artifacts(version.run_id, str(folder), self._path_of(version))
        return True

    def fetch(self, name: str, alias: str, *, folder: Path) -> Path:
        """Download the pipeline that an alias names; gives back where it lies under `folder`.

        Raises:
            PipelineError: no such model or alias, naming those there are, or the registry does
                not answer.
        """
        try:
            version = self._by_alias(name, alias)
            path = self._path_of(version)
            got = self._client.download_artifacts(version.run_id, path, str(folder))
        except MlflowException as error:
            # MLflow repeats the address, which may hold a password
            said = environment.struck(first_line(str(error)))
            raise PipelineError(
                f"the registry does not hand out {name}@{alias} ({said}); is the server up, and "
                "MLFLOW_TRACKING_URI the one the search was run with?"
            ) from error
        return Path(got)

    def _by_alias(self, name: str, alias: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - MLflow has no types
        try:
            model = self._client.get_registered_model(name)
        except MlflowException as error:
            if error.error_code not in _ABSENT:
                raise
            found = self._client.search_registered_models(max_results=_NAMED)
            known = ", ".join(sorted(one.name for one in found)) or "none"
            raise PipelineError(
                f"no model `{name}` in the registry (known: {known}); a search registers its "
                "winner when it ends"
            ) from error
        aliases = dict(model.aliases)
        if alias not in aliases:
            known = ", ".join(f"{one} (version {aliases[one]})" for one in sorted(aliases))
            raise PipelineError(
                f"`{name}` has no alias `{alias}`; it has {known or 'none'}: give one of these "
                "with --alias"
            )
        return self._client.get_model_version(name, aliases[alias])

    def _path_of(self, version: ModelVersion) -> str:
        """Where a version's files lie among its run's artefacts."""
        root = self._client.get_run(version.run_id).info.artifact_uri.rstrip("/")
        return str(version.source).removeprefix(root + "/")

    def _version_of(self, name: str, pipeline: str) -> int | None:
        found = self._client.search_model_versions(f"name = '{name}'")
        numbers = [int(one.version) for one in found if one.tags.get(_HASH) == pipeline]
        return max(numbers, default=None)

    def _make_model(self, name: str) -> None:
        try:
            self._client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise


def lineage(pipeline: Pipeline, final: FinalComparison) -> Mapping[str, str]:
    """What a version says of where it comes from and of what was found, as tags."""
    tags = {
        _HASH: pipeline.hash,
        "outerloop.trial": str(final.arm("best").trial),
        "outerloop.verdict": final.verdict.value,
        "outerloop.sealed_opened": str(final.times_opened),
        "outerloop.student": pipeline.student,
        "outerloop.student_sha256": pipeline.student_fingerprint,
        "outerloop.generator": pipeline.generator.model,
        "outerloop.generator_sha256": pipeline.generator_fingerprint,
        "outerloop.checker": pipeline.checker,
        "outerloop.seed": str(pipeline.seed),
        **{f"outerloop.from.{name}": sha256 for name, sha256 in pipeline.provenance.items()},
    }
    if final.judgement is not None:
        gain = final.judgement.paired
        tags["outerloop.gain"] = f"{gain.difference:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
    return {name.replace(":", "."): value[:5000] for name, value in tags.items()}
