"""The house: what is pinned, shipped and described to Ray, and what no file may hold."""

from __future__ import annotations

import ast
import fnmatch
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COUNTED = (
    "pairs|times|trials|runs|rows|demos|problems|examples|candidates|attempts|recipes|"
    "students|fine-tunes|rungs|arms|stages|programs|checks|files|contexts|parameters|others"
)
"""Things that are counted in texts for people."""
PACKAGES = tuple(PROJECT["tool"]["mypy"]["packages"])


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def test_every_package_a_laptop_needs_is_pinned_to_a_version_that_may_be_used(pins):
    project = PROJECT["project"]
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        wanted = Requirement(line)
        version = pins[wanted.name.lower().replace("_", "-")]
        assert wanted.specifier.contains(version), line


def test_every_file_inside_a_package_is_shipped_with_it(tracked):
    patterns = ["*.py", *PROJECT["tool"]["setuptools"]["package-data"]["*"]]
    for path in tracked:
        if path.relative_to(ROOT).parts[0] in PACKAGES:
            assert any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns), path


def test_no_file_names_the_machine_it_was_written_on(tracked):
    here = [f"{folder}/".encode() for folder in (ROOT, Path.home()) if len(folder.parts) > 1]
    for path in tracked:
        content = path.read_bytes()
        assert not [folder for folder in here if folder in content], path


def test_no_module_is_longer_than_400_lines(tracked):
    long = [
        path.name
        for path in tracked
        if path.suffix == ".py" and len(path.read_text(encoding="utf-8").splitlines()) > 400
    ]
    assert not long


def test_only_one_module_hands_texts_to_rich(tracked):
    ours = [
        path for path in tracked if path.suffix == ".py" and path.is_relative_to(ROOT / "search")
    ]
    names = re.compile(r"^\s*(?:from|import) rich\b|typer\.(?:echo|secho)\(", re.MULTILINE)
    using = [path for path in ours if names.search(path.read_text(encoding="utf-8"))]
    assert using == [ROOT / "search" / "console.py"]


def plurals_after_a_number(path: Path) -> list[str]:
    """Nouns in the plural that follow a whole number in a text: "1 pairs" in waiting."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        befores = [ast.Constant(""), *parts]  # "n=3 problems" and "1 + 2 runs" are right
        for before, value, after in zip(befores, parts, parts[1:], strict=False):
            if text_of(before).endswith(("=", "+ ")):
                continue
            word = re.match(rf" (?:search |sealed |likely |whole )?({COUNTED})\b", text_of(after))
            if isinstance(value, ast.FormattedValue) and word and "f" not in form_of(value):
                found.append(f"{path.name}:{node.lineno}: {word[1]}")
    return found


def text_of(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else ""


def form_of(value: ast.FormattedValue) -> str:
    spec = value.format_spec
    return "".join(map(text_of, spec.values)) if isinstance(spec, ast.JoinedStr) else ""


def test_a_noun_after_a_number_is_counted_not_written_in_the_plural(tracked):
    texts = [
        path
        for path in tracked
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ("search", "evaluators")
    ]
    assert not [one for path in texts for one in plurals_after_a_number(path)]


@pytest.mark.parametrize("broken", ["lint", "test", "nothing"])
def test_the_check_of_a_change_fails_when_any_part_of_it_does(tmp_path, broken):
    said = tmp_path / "said"
    make = tmp_path / "make"
    make.write_text(f'#!/bin/sh\necho "$*" >> {said}\ncase "$*" in *{broken}*) exit 2;; esac\n')
    make.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ended = subprocess.run([ROOT / ".ci" / "run"], env=environment, check=False)
    assert (ended.returncode == 0) == (broken == "nothing")
    if broken == "nothing":
        assert said.read_text().splitlines() == ["lint types layers", "test"]


def test_the_cluster_file_is_one_that_ray_accepts():
    from ray.autoscaler._private.util import prepare_config, validate_config

    validate_config(prepare_config(cluster()))


def test_the_cluster_scales_to_zero_and_asks_for_a_token_everywhere():
    config = cluster()
    for name, node in config["available_node_types"].items():
        assert node.get("min_workers", 0) == 0, name
    starts = config["head_start_ray_commands"] + config["worker_start_ray_commands"]
    for command in starts:
        assert "ray start" not in command or "RAY_AUTH_MODE=token ray start" in command


def test_the_cluster_runs_the_pinned_versions(pins):
    config = cluster()
    images = [config["docker"]["image"]]
    images += [
        node["docker"]["worker_image"]
        for node in config["available_node_types"].values()
        if "docker" in node
    ]
    for image in images:
        assert image.split(":")[1].startswith(f"{pins['ray']}-")
    assert any(f"torch=={pins['torch']}" in command for command in config["setup_commands"])


def cluster() -> dict[str, object]:
    return yaml.safe_load((ROOT / "cluster.yaml").read_text(encoding="utf-8"))
