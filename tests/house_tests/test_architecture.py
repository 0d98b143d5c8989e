"""docs/architecture.md says what the contracts and the packages say."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("architecture.md", "python.md")
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]
LINK = re.compile(r"\[([^\]]+)\]\(([^)#]+)(?:#[^)]*)?\)")


def floors(contract: str) -> list[list[str]]:
    """The modules on each floor of a contract, from the top."""
    [layers] = [each["layers"] for each in LINTER["contracts"] if each["name"] == contract]
    return [[module.strip() for module in floor.split("|")] for floor in layers]


PACKAGES = [package for [package] in floors("Imports point one way")]


def has_floors(package: str) -> bool:
    names = [contract["name"] for contract in LINTER["contracts"]]
    return f"The floors of {package}" in names


def says(module: str) -> str:
    """The first paragraph of a module's or a package's docstring, on one line."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


def line_of(module: str) -> str:
    """A row of the page's tables."""
    path = module.replace(".", "/")
    folder = (ROOT / path).is_dir()
    name = f"{path.rsplit('/', 1)[-1]}{'/' if folder else '.py'}"
    return f"| [`{name}`](../{path}{'' if folder else '.py'}) | {says(module)} |"


def table_after(heading: str) -> list[str]:
    """The rows of the first table below a heading."""
    below = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line for line in below.splitlines() if line.startswith("| [`")]


def test_every_package_stands_in_the_picture_floor_by_floor():
    lines = []
    for package in PACKAGES:
        rooms = floors(f"The floors of {package}") if has_floors(package) else [[]]
        names = [package, *[""] * (len(rooms) - 1)]
        lines += [
            f"{name:<14}{' · '.join(floor)}".rstrip()
            for name, floor in zip(names, rooms, strict=True)
        ]
    assert "\n```text\n" + "\n".join(lines) + "\n```\n" in TEXT


def test_every_package_is_described_in_its_own_words_from_the_top_down():
    assert table_after("The picture") == [line_of(package) for package in PACKAGES]


@pytest.mark.parametrize("package", [package for package in PACKAGES if has_floors(package)])
def test_every_room_is_described_in_its_own_words_from_the_top_down(package):
    rooms = [f"{package}.{room}" for floor in floors(f"The floors of {package}") for room in floor]

    assert table_after(f"The rooms of {package}") == [line_of(room) for room in rooms]


def test_the_readme_names_every_package_from_the_top_down():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Map\n")[1]
    assert re.findall(r"^\| \[(\w+)/\]", readme, re.MULTILINE)[: len(PACKAGES)] == PACKAGES


def test_every_package_has_said_what_it_holds():
    folders = [
        path.parent for package in PACKAGES for path in (ROOT / package).rglob("__init__.py")
    ]
    for folder in folders:
        said = says(".".join(folder.relative_to(ROOT).parts))
        assert said.endswith((".", "…")), folder
        assert "TODO" not in said, folder


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_every_name_is_defined_in_the_file_it_leads_to(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for name, target in LINK.findall(text):
        if target.startswith("https://"):
            continue
        path = (ROOT / "docs" / target).resolve()
        assert path.exists(), target
        identifier = re.fullmatch(r"`(\w+)`", name)
        if identifier and path.suffix == ".py":
            assert identifier[1] in defined_in(path), f"{name} in {target}"


def defined_in(path: Path) -> set[str]:
    """The classes, functions and constants of a file."""
    names = set()
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {ast.unparse(target) for target in statement.targets}
        elif isinstance(statement, ast.AnnAssign):
            names.add(ast.unparse(statement.target))
    return names
