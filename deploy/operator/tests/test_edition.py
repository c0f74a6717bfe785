"""The next edition is made from the last one's file; nobody is let in, or written to, with what is left of the last."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backbone.campaign.edition import Edition, load_edition
from sdi.editing.file import look_at
from sdi.editing.words import look_through

EDITIONS = Path(__file__).parents[3] / "editions"
NEXT = ("edition", "next", "2027", "--from", "2027-11-15", "--to", "2027-11-21")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The editions that there are, in a folder of their own."""
    return Path(shutil.copytree(EDITIONS, tmp_path / "editions"))


@pytest.fixture
def found() -> Callable[..., list[tuple[str, str]]]:
    """What is found about the edition of 2026 once fields of it are otherwise: how grave, and about what."""

    def look(file: str = "2026.toml", beside: tuple[Edition, ...] = (), **changes: Any) -> list[tuple[str, str]]:
        told = tomllib.loads((EDITIONS / "2026.toml").read_text())
        for place, value in changes.items():
            *parents, name = place.split("__")
            holder = told
            for parent in parents:
                holder = holder[parent]
            holder[name] = value
        return [(one.weight, one.about) for one in look_at(Edition.model_validate(told), told, file, beside)]

    return look


async def test_the_next_edition_is_written_with_its_days_moved_and_says_what_is_still_to_be_decided(sdi, folder):
    answer = await sdi(*NEXT, "--after", folder / "2026.toml")
    assert answer.exit_code == 0
    for told in ("theme: « À décider »", "registration: Assumed: moved from 2026 by 364 days", "colours: Assumed"):
        assert told in answer.text
    made = load_edition(folder / "2027.toml")
    assert (made.name, made.number, made.theme) == ("2027", 16, "À décider")
    days = (made.week.first, made.labelling_window.last, made.registration.opens, made.registration.last_day)
    assert [str(day) for day in days] == ["2027-11-15", "2027-11-21", "2027-02-01", "2027-11-05"]
    assert "2026" not in (folder / "2027.toml").read_text().split("[sources]")[0]
    again = await sdi(*NEXT, "--after", folder / "2026.toml")
    assert (again.exit_code, "is there already" in again.errors) == (2, True)


async def test_a_longer_week_ends_later_and_so_does_its_window(sdi, folder):
    await sdi(*NEXT[:-1], "2027-11-28", "--after", folder / "2026.toml")
    made = load_edition(folder / "2027.toml")
    assert (str(made.week.last), str(made.labelling_window.last)) == ("2027-11-28", "2027-11-28")


async def test_an_edition_whose_theme_is_decided_is_found_right_and_all_of_it_is_made(sdi, folder, tmp_path):
    await sdi(*NEXT, "--after", folder / "2026.toml")
    file = folder / "2027.toml"
    undecided = file.read_text()
    file.write_text(undecided.replace("À décider", "L’industrie, c’est ici"))
    answer = await sdi("edition", "check", file, "--to", tmp_path / "words")
    assert answer.exit_code == 0, answer.text
    assert "Nothing is wrong." in answer.text
    kit = " ".join((tmp_path / "words" / "kit-affiche-a4.pdf.txt").read_text().split())
    for said in ("16e édition", "Mardi 16 novembre 2027", "L’industrie, c’est ici"):
        assert said in kit
    assert "du 15 au 21 novembre 2027" in (tmp_path / "words" / "mail-not-labelled.txt").read_text().replace(
        "\u00a0", " "
    )
    assert "1er\u00a0février 2027" in (tmp_path / "words" / "page-closed.txt").read_text()


async def test_a_file_that_no_service_could_read_is_told_in_a_line(sdi, folder):
    (folder / "2027.toml").write_text('name = "2027"\n')
    answer = await sdi("edition", "check", folder / "2027.toml")
    assert answer.exit_code == 2
    assert "is no edition" in answer.errors
    assert "number: Field required" in answer.errors


def test_the_editions_that_are_here_are_right():
    for file in EDITIONS.glob("*.toml"):
        others = [load_edition(one) for one in EDITIONS.glob("*.toml") if one != file]
        told = tomllib.loads(file.read_text())
        assert [one for one in look_at(load_edition(file), told, file.name, others) if one.weight == "wrong"] == []


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"file": "2027.toml"}, "name"),
        ({"name": "2025"}, "name"),
        ({"labelling_window__partly_outsid": "not_met"}, "labelling_window.partly_outsid"),
        ({"colors": {}}, "colors"),
        ({"registration__last_day": "2026-11-16"}, "registration.last_day"),
        ({"registration__opens": "2026-11-09"}, "registration"),
        ({"map__opens": "2026-01-01"}, "map.opens"),
        ({"labelling_window__last": "2026-11-21"}, "labelling_window"),
        ({"theme": "À décider"}, "theme"),
        ({"theme": "Inventer un avenir durable", "beside": (load_edition(EDITIONS / "2020.toml"),)}, "theme"),
        ({"theme": "Deux  espaces"}, "theme"),
        ({"themes__skills": 'Compétences "et" métiers'}, "themes.skills"),
        ({"theme": "鋳造"}, "theme"),
        ({"colours__ink": "#ffe0e0"}, "colours"),
        ({"number": 9, "beside": (load_edition(EDITIONS / "2020.toml"),)}, "number"),
        (
            {"registration__opens": "2020-11-20", "beside": (load_edition(EDITIONS / "2020.toml"),)},
            "registration.opens",
        ),
    ],
)
def test_what_is_wrong_with_an_edition_is_named(found, changes, about):
    assert ("wrong", about) in found(**changes)


def test_a_last_day_whose_answers_come_in_the_week_itself_is_for_a_person_to_decide(found):
    assert ("decide", "review") in found(registration__last_day="2026-11-12")
    assert ("decide", "review") not in found()


def test_what_is_left_of_another_edition_in_a_text_is_found():
    last, this = load_edition(EDITIONS / "2020.toml"), load_edition(EDITIONS / "2026.toml")
    words = {
        "mail kit": "Rendez-vous du 16 au 22\u00a0novembre 2020.",
        "page list": "Inventer un avenir durable",
        "kit guide.pdf": "Bonjour {{ name }}",
        "mail reminder": "avant le 7 septembre 2026",
        "page closed": "IGN Admin Express 2023, article L. 2026-1, https://exemple.fr/2019/semaine",
    }
    found = [(one.about, one.what.split(" ")[0]) for one in look_through(words, this, [last])]
    assert found == [("mail kit", "2020"), ("page list", "the"), ("kit guide.pdf", "something")]
