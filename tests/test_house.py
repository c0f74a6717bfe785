"""Who may import whom: the rooms of a service, and the doors between services."""

from __future__ import annotations

import ast
import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = sorted(path for path in (ROOT / "services").glob("*/src/*") if path.is_dir())
NAMES = {path.name for path in SERVICES}
WORDS_AND_RULES = {
    "pydantic",
    "pydantic_core",
    "email_validator",
    "phonenumbers",
    "ahocorasick",
    "stdnum",
    "backbone",
}  # what a domain may use besides the standard library
CAMPAIGN = ("dates", "edition", "geography", "palette", "remedies", "typography", "words", "working_days")
CONTRACTS = {
    "backbone.contracts",
    *(f"backbone.campaign.{room}" for room in CAMPAIGN),
    "backbone.texts.lettering",
    "backbone.mail.mailbox",
    "backbone.texts.pasted",
}


def imports(file: Path) -> set[str]:
    """The full names of the modules that a file imports; those of its own service begin with a dot."""
    tree = ast.walk(ast.parse(file.read_text()))
    found = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    tree = ast.walk(ast.parse(file.read_text()))
    return found | {f"{'.' * n.level}{n.module or ''}" for n in tree if isinstance(n, ast.ImportFrom)}


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_never_imports_another(service: Path) -> None:
    others = NAMES - {service.name}
    assert {i for file in service.rglob("*.py") for i in imports(file) if i.split(".")[0] in others} == set()


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_domain_knows_words_and_rules_alone(service: Path) -> None:
    from sys import stdlib_module_names

    files = [*service.glob("domain.py"), *service.glob("domain/**/*.py")]
    foreign = {i for file in files for i in imports(file) if not i.startswith(".")}
    foreign = {i for i in foreign if i.split(".")[0] not in stdlib_module_names | WORDS_AND_RULES}
    floor = {i for f in files for i in imports(f) if i.startswith("backbone")}
    assert files
    assert foreign == set()
    assert {i for i in floor if not any(i == c or i.startswith(f"{c}.") for c in CONTRACTS)} == set()


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_imports_inside_a_service_go_one_way(service: Path) -> None:
    order = {"settings": 0, "domain": 0, "store": 1, "handlers": 3, "http": 3, "commands": 4, "app": 4}  # others: 2
    for file in service.rglob("*.py"):
        room = file.relative_to(service).parts[0].removesuffix(".py")
        for target in {i.lstrip(".").split(".")[0] for i in imports(file) if i.startswith(".")} - {"", room}:
            if file.parent == service or not (file.parent / f"{target}.py").exists():
                assert order.get(target, 2) <= order.get(room, 2), f"{file} imports {target}"


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_every_service_has_the_same_rooms(service: Path) -> None:
    rooms = {path.stem for path in service.iterdir()}
    assert {"app", "settings", "handlers", "domain", "store", "migrations"} <= rooms


ROOMS = (
    "contracts",
    "campaign",
    "texts",
    "runtime",
    "kafka",
    "postgres",
    "http",
    "mail",
    "printing",
    "service",
    "testing",
)


def test_a_room_of_the_floor_knows_only_those_before_it() -> None:
    floor = ROOT / "shared" / "src" / "backbone"
    assert {file.relative_to(floor).parts[0] for file in floor.glob("*/**/*.py")} == set(ROOMS)
    for file in floor.glob("*/**/*.py"):
        inside = file.relative_to(floor).parts
        depth = len(inside)  # so many dots lead from the file to the floor itself
        known = {i.lstrip(".").split(".")[0] for i in imports(file) if i.startswith("." * depth)} - {""}
        assert known <= set(ROOMS[: ROOMS.index(inside[0])]), f"{file} imports {known}"


def test_the_architecture_names_the_rooms_of_the_floor_in_their_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    table = page.split("## The floor")[1].split("\n## ")[0]
    assert tuple(line.split("`")[1] for line in table.splitlines() if line.startswith("| `")) == ROOMS


def test_the_floor_knows_no_service() -> None:
    floor = (ROOT / "shared" / "src").rglob("*.py")
    assert {i for file in floor for i in imports(file) if i.split(".")[0] in NAMES} == set()


def test_every_package_says_the_licence_of_the_house() -> None:
    files = [file for room in ("services", "clients", "deploy") for file in (ROOT / room).glob("*/pyproject.toml")]
    files += ROOT.glob("shared/pyproject.toml")
    assert {tomllib.loads(file.read_text())["project"].get("license") for file in files} == {"EUPL-1.2"}
    # as the list of SPDX has it, which is the European Commission's text
    told = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert told == "57fb42fbcd0b037ce528ed8f72f1ec095d67bc6825ecf1448ff39be1fe68a4b4"
