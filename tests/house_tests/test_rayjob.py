"""The RayJob file: its fields are those of KubeRay's and Kubernetes' own schemas."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from typer.testing import CliRunner

from search.cli import app

ROOT = Path(__file__).parents[2]

ANYTHING = {str: str}
POD = {
    "spec": {
        "containers": [
            {
                "name": str,
                "image": str,
                "ports": [{"containerPort": int, "name": str}],
                "resources": {"requests": ANYTHING, "limits": ANYTHING},
                "volumeMounts": [{"name": str, "mountPath": str}],
            }
        ],
        "tolerations": [{"key": str, "operator": str, "effect": str}],
        "volumes": [
            {
                "name": str,
                "persistentVolumeClaim": {"claimName": str},
                "configMap": {"name": str},
            }
        ],
    }
}
RAY_JOB = {
    "apiVersion": str,
    "kind": str,
    "metadata": {"name": str},
    "spec": {
        "entrypoint": str,
        "submissionMode": {"K8sJobMode", "HTTPMode", "InteractiveMode", "SidecarMode"},
        "backoffLimit": int,
        "shutdownAfterJobFinishes": bool,
        "ttlSecondsAfterFinished": int,
        "activeDeadlineSeconds": int,
        "suspend": bool,
        "runtimeEnvYAML": str,
        "rayClusterSpec": {
            "rayVersion": str,
            "authOptions": {"mode": {"token", "disabled"}},
            "enableInTreeAutoscaling": bool,
            "autoscalerOptions": {
                "idleTimeoutSeconds": int,
                "upscalingMode": {"Default", "Conservative", "Aggressive"},
            },
            "headGroupSpec": {"rayStartParams": ANYTHING, "template": POD},
            "workerGroupSpecs": [
                {
                    "groupName": str,
                    "replicas": int,
                    "minReplicas": int,
                    "maxReplicas": int,
                    "rayStartParams": ANYTHING,
                    "template": POD,
                }
            ],
        },
    },
}
"""What is used of KubeRay 1.5 (ray.io/v1) and of a Kubernetes pod, by field and type."""


def wrong(value: object, schema: object, where: str = "") -> list[str]:
    """Where a value does not keep to a schema."""
    if isinstance(schema, type):
        right = type(value) is schema
    elif isinstance(schema, set):
        right = value in schema
    elif isinstance(schema, list):
        right = isinstance(value, list)
    else:
        right = isinstance(value, dict)
    if not right:
        return [f"{where}: {value!r}"]
    if isinstance(value, list):
        return [
            line for n, one in enumerate(value) for line in wrong(one, schema[0], f"{where}[{n}]")
        ]
    if isinstance(value, dict):
        lines = []
        for key, one in value.items():
            known = schema.get(key, schema.get(str))
            here = f"{where}.{key}"
            lines += wrong(one, known, here) if known else [f"{here}: no such field"]
        return lines
    return []


@pytest.fixture(scope="module")
def rayjob() -> dict[str, dict[str, object]]:
    return yaml.safe_load((ROOT / "rayjob.yaml").read_text(encoding="utf-8"))


def test_the_rayjob_has_only_fields_that_there_are(rayjob):
    assert wrong(rayjob, RAY_JOB) == []
    assert (rayjob["apiVersion"], rayjob["kind"]) == ("ray.io/v1", "RayJob")


def test_a_misspelt_field_or_a_wrong_type_is_found(rayjob):
    cluster = {**rayjob["spec"]["rayClusterSpec"], "rayversion": "2", "rayVersion": 2}
    broken = {**rayjob, "spec": {**rayjob["spec"], "rayClusterSpec": cluster}}

    assert wrong(broken, RAY_JOB) == [
        ".spec.rayClusterSpec.rayVersion: 2",
        ".spec.rayClusterSpec.rayversion: no such field",
    ]


def test_the_rayjob_runs_the_pinned_ray_and_scales_to_zero(rayjob):
    cluster = rayjob["spec"]["rayClusterSpec"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ray = next(
        Requirement(one) for one in project["dependencies"] if Requirement(one).name == "ray"
    )
    assert ray.specifier.contains(cluster["rayVersion"])
    assert f"ray:{cluster['rayVersion']}-" in (ROOT / "rayjob.yaml").read_text(encoding="utf-8")
    for group in cluster["workerGroupSpecs"]:
        assert (group["minReplicas"], group["replicas"]) == (0, 0), group["groupName"]
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


def test_every_pod_sees_the_folder_that_the_search_writes(rayjob):
    spec = rayjob["spec"]
    words = spec["entrypoint"].split()
    run = Path(words[words.index("--run-dir") + 1])
    cluster = spec["rayClusterSpec"]
    for group in [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]:
        pod = group["template"]["spec"]
        named = {one["name"] for one in pod["volumes"]}
        for container in pod["containers"]:
            mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
            assert set(mounts) <= named
            assert run.is_relative_to(mounts["shared"])


def test_a_repeated_entrypoint_goes_on_and_is_a_command_of_ours(rayjob):
    command, *arguments = rayjob["spec"]["entrypoint"].split()
    assert command == "outerloop"
    assert "--resume" in arguments
    said = CliRunner().invoke(app, [*arguments, "--help"]).output
    for option in (one for one in arguments if one.startswith("--")):
        assert option in said
