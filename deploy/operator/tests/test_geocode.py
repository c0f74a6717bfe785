"""An operator asks where an address is and why; many are answered out of a file, and a stop costs none of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

ASKED = """ref,street,postcode,city
1,12 rue de l’Industrie,59100,Roubaix
2,,38000,Grenobel
3,"3 rue du Port
bâtiment B",97490,Sainte-Clotilde
4,,00000,Nulle part
5,,1000,Bourg-en-Bresse
"""
COMMUNES = ["59512", "38185", "97411", "", "01053"]


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "addresses.csv"
    path.write_text(ASKED)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


async def test_an_address_is_explained_step_by_step_and_as_its_organiser_reads_it(sdi):
    for _ in range(2):
        said = await sdi("geocode", "12 rue de l’Industrie, 59100 Roubiax")
        lines = [line.rstrip() for line in said.text.splitlines()]
        assert "commune    Roubaix (59512), score 0.86: its name but for a slip of the pen" in lines
        assert "pin        the organiser put none" in lines
        assert "50.69420, 3.17460: municipality, within 4.1 km, Roubaix (59512)" in lines
        assert lines[-2:] == [
            "the organiser reads: Nous avons compris « Roubaix » : vérifiez le nom de la commune et le code postal.",
            "the organiser reads: La rue n’a été trouvée nulle part : l’événement est placé à la commune,"
            " faute de mieux.",
        ]
        assert said.exit_code == 0


async def test_a_machine_reads_the_same(sdi):
    said = (await sdi("geocode", "--json", "--pin", "50.70,3.18", "12 rue de l’Industrie, 59100 Roubaix")).json
    assert said["location"]["commune_code"] == "59512"
    assert (said["location"]["provider"], said["location"]["latitude"]) == ("organiser", 50.7)
    assert list(said["whys"]) == ["clean", "commune", "gazetteer", "pin", "judge", "territory"]


async def test_an_address_that_is_nowhere_ends_with_1_and_says_what_becomes_of_its_event(sdi):
    said = await sdi("geocode", "99999 Atlantis")
    assert said.exit_code == 1
    assert "« Atlantis » and 99999 name no commune together" in said.text
    assert "its organiser is asked for commune and postcode" in said.text


async def test_each_address_of_a_file_has_its_line_in_their_order(sdi, asked, tmp_path):
    said = await sdi("geocode", "--csv", asked, "--out", tmp_path / "out.csv")
    assert (said.exit_code, said.text.strip()) == (0, "4 placed, 1 nowhere, 0 answered before")
    answers = rows_of(tmp_path / "out.csv")
    assert [row["found_commune_code"] for row in answers] == COMMUNES
    assert [row["ref"] for row in answers] == ["1", "2", "3", "4", "5"]
    assert (answers[3]["found_precision"], answers[1]["found_doubts"]) == ("none", "commune-guessed")
    assert "clean: read as 01000 Bourg-en-Bresse; commune: Bourg-en-Bresse (01053)" in answers[4]["found_why"]


async def test_what_was_answered_before_a_stop_is_not_asked_again_and_a_torn_line_is(sdi, asked, tmp_path):
    out = tmp_path / "out.csv"
    await sdi("geocode", "--csv", asked, "--out", out)
    whole = out.read_bytes()
    for stopped in (0, 10, len(whole) // 2, len(whole) - 1):
        out.write_bytes(whole[:stopped])
        await sdi("geocode", "--csv", asked, "--out", out)
        assert out.read_bytes() == whole
    said = await sdi("geocode", "--csv", asked, "--out", out)
    assert said.text.strip() == "0 placed, 0 nowhere, 5 answered before"
    assert out.read_bytes() == whole


@pytest.mark.parametrize(
    ("written", "found", "refusal"),
    [
        ("ref,town\n1,Lyon\n", "", "addresses.csv lacks the columns city, postcode"),
        ("", "", "addresses.csv lacks the columns city, postcode"),
        (ASKED, "something,else\n1,2\n3", "out.csv holds the answers to other questions"),
        (ASKED.replace("Roubaix", "Lille"), None, "out.csv holds the answers to other questions"),
    ],
)
async def test_a_file_that_does_not_fit_is_refused_and_nothing_of_it_changed(
    sdi, asked, tmp_path, written, found, refusal
):
    out = tmp_path / "out.csv"
    if found is None:
        await sdi("geocode", "--csv", asked, "--out", out)
    elif found:
        out.write_text(found)
    before = out.read_bytes() if out.exists() else None
    asked.write_text(written)
    said = await sdi("geocode", "--csv", asked, "--out", out)
    assert said.exit_code == 2
    assert refusal in said.errors
    assert (out.read_bytes() if out.exists() else None) == before


async def test_a_row_with_more_cells_than_columns_is_answered_once_all_the_same(sdi, asked, tmp_path):
    asked.write_text(ASKED.replace("2,,38000,Grenobel", "2,,38000,Grenobel,too,many"))
    for said in ("4 placed, 1 nowhere, 0 answered before", "0 placed, 0 nowhere, 5 answered before"):
        assert (await sdi("geocode", "--csv", asked, "--out", tmp_path / "out.csv")).text.strip() == said
    assert [row["found_commune_code"] for row in rows_of(tmp_path / "out.csv")] == COMMUNES


async def test_what_cannot_be_read_or_written_is_named(sdi, asked, tmp_path):
    said = await sdi("geocode", "--csv", asked, "--out", tmp_path / "no folder" / "out.csv")
    assert (said.exit_code, "out.csv cannot be read or written: No such file" in said.errors) == (2, True)
    asked.write_bytes(ASKED.encode("cp1252", errors="replace") + b"6,,80000,Abb\xe9ville\n")
    said = await sdi("geocode", "--csv", asked, "--out", tmp_path / "out.csv")
    assert (said.exit_code, "is not in UTF-8" in said.errors) == (2, True)


@pytest.mark.parametrize("pin", ["here", "95,3", "nan,3", "50.7"])
async def test_a_pin_that_is_no_place_is_refused(sdi, pin):
    said = await sdi("geocode", "--pin", pin, "59100 Roubaix")
    assert (said.exit_code, "latitude,longitude" in said.errors) == (2, True)
