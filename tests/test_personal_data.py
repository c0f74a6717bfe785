"""docs/personal-data.md, the register of what is kept of people, names what there is: all of it, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import MetaData

from backbone.contracts.topics import all_topics
from backbone.postgres.database import floor
from backbone.postgres.jobs import Job
from backbone.service.settings import ServiceSettings

ROOT = Path(__file__).parents[1]
REGISTER = ROOT / "docs" / "personal-data.md"
SERVICES = {path.name.replace("_", "-"): path for path in sorted((ROOT / "services").glob("*/src/*")) if path.is_dir()}
EVERYONES = "Every service’s database"
NOTHING = "nothing of a person"
NAME = re.compile(r"`([^`]+)`")
SETTING = re.compile(r"^(?:(?:REGISTRATION|LABELLING|GEOCODING|COMMSKIT|MAP_FEED)_)?([A-Z]+(?:_[A-Z]+)+)$")


class Line(NamedTuple):
    """A row of a table of the page: its cells, below the heading that it stands under."""

    heading: str
    cells: tuple[str, ...]

    def names(self, cell: int) -> list[str]:
        return NAME.findall(self.cells[cell])


def lines(page: str) -> Iterator[Line]:
    """The rows of all tables of the page, without their heads."""
    heading, is_below_head = "", False
    for line in page.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if not line.startswith("|"):
            is_below_head = False
        elif set(line) <= set("|- "):
            is_below_head = True
        elif is_below_head:
            yield Line(heading, tuple(cell.strip() for cell in line.strip("|").split("|")))


def declaring(service: Path, what: str) -> Iterator[object]:
    """All that stands at the top of the service's modules whose source says this."""
    for file in sorted(service.rglob("*.py")):
        if what in file.read_text() and "migrations" not in file.parts:
            module = import_module(".".join(file.relative_to(service.parent).with_suffix("").parts))
            yield from vars(module).values()


def kept() -> Counter[tuple[str, str, str]]:
    """Every column of every table: database, table, name."""
    databases = {
        name: {id(found): found for found in declaring(path, "Table(") if isinstance(found, MetaData)}.values()
        for name, path in SERVICES.items()
    }
    assert all(databases.values())
    return Counter(
        (database, table.name, column.name)
        for database, catalogues in [*databases.items(), (EVERYONES, [floor])]
        for catalogue in catalogues
        if catalogue is not floor or database == EVERYONES
        for table in catalogue.tables.values()
        for column in table.columns
    )


@pytest.fixture(scope="module")
def register() -> list[Line]:
    return list(lines(REGISTER.read_text()))


def of_tables(register: list[Line]) -> list[Line]:
    return [line for line in register if line.heading in {*SERVICES, EVERYONES}]


def test_every_column_that_is_kept_has_its_line_in_the_register(register: list[Line]) -> None:
    named = Counter(
        (line.heading, line.names(0)[0], column) for line in of_tables(register) for column in line.names(1)
    )
    there = kept()
    assert sorted(there - named) == [], "kept, and in no line of docs/personal-data.md"
    assert sorted(named - there) == [], "in docs/personal-data.md (twice perhaps), and not kept"


def test_a_line_about_people_says_why_how_long_who_sees_it_how_it_goes_and_where_they_find_it(
    register: list[Line],
) -> None:
    silent = [
        line.cells[:2]
        for line in register
        if line.heading in {*SERVICES, EVERYONES, "Jobs", "Topics"}
        and not any(cell.startswith(NOTHING) for cell in line.cells)
        and not all(line.cells)
    ]
    assert silent == []


def test_every_topic_has_its_line_in_the_register(register: list[Line]) -> None:
    named = [topic for line in register if line.heading == "Topics" for topic in line.names(0)]
    assert sorted(named) == sorted(topic.name for topic in all_topics())


def test_every_kind_of_job_has_its_line_in_the_register(register: list[Line]) -> None:
    named = [(line.cells[0], line.names(1)[0]) for line in register if line.heading == "Jobs"]
    there = {
        (service, found.kind)
        for service, path in SERVICES.items()
        for found in declaring(path, "(Job)")
        if isinstance(found, type) and issubclass(found, Job) and found is not Job
    }
    assert sorted(named) == sorted(there)


def test_every_mail_has_its_line_in_the_register(register: list[Line]) -> None:
    named = [(line.cells[0], mail) for line in register if line.heading == "Mails" for mail in line.names(1)]
    there = [
        (service, subject.parent.name)
        for service, path in SERVICES.items()
        for subject in path.glob("templates/*/subject.txt")
    ]
    assert sorted(named) == sorted(there)


def test_a_setting_that_the_register_names_exists(register: list[Line]) -> None:
    declared: Mapping[str, object] = {
        name.upper(): field
        for settings in (
            ServiceSettings,
            *(import_module(f"{path.name}.settings").Settings for path in SERVICES.values()),
        )
        for name, field in settings.model_fields.items()
    }
    named = {
        setting[1]
        for line in register
        for cell in range(len(line.cells))
        for name in line.names(cell)
        if (setting := SETTING.match(name))
    }
    assert named
    assert named - declared.keys() == set()
