"""An operator asks where an address is and why; many are answered out of a file, and a stop costs none of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import func, select, update

from backbone.postgres.database import open_database
from geocoding.store import answers, national_service

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


DOOR = {"label": "12 Rue de l’Industrie 59100 Roubaix", "type": "housenumber", "score": 0.95, "citycode": "59512"}


@pytest.fixture
async def national():
    """A national service that knows one door; its address, and what it was asked."""
    asked = []

    async def search(request):
        asked.append(request.query["q"])
        known = {"geometry": {"type": "Point", "coordinates": [3.18, 50.7]}, "properties": DOOR}
        return web.json_response({"features": [known] if request.query["q"].startswith("12 rue") else []})

    app = web.Application()
    app.router.add_get("/geocodage/search", search)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/geocodage", asked
    await runner.cleanup()


@pytest.fixture
async def told(make_database, national):
    """What geocoding is told, with a database of its own."""
    return {"GEOCODING_DATABASE_URL": await make_database("geocoding"), "GEOCODER_URL": national[0]}


@pytest.fixture
async def of_geocoding(told):
    engine = open_database(told["GEOCODING_DATABASE_URL"])
    yield engine
    await engine.dispose()


async def test_with_geocodings_settings_it_is_the_national_service_that_is_asked_as_geocoding_asks_it(
    sdi, told, national, of_geocoding
):
    for _ in range(2):
        said = await sdi("geocode", "12 rue de l’Industrie, 59100 Roubaix", told=told)
        lines = [line.rstrip() for line in said.text.splitlines()]
        assert lines[0] == f"Asked in this order, as geocoding does: ban gazetteer (ban: {national[0]})"
        assert lines[-1] == "50.70000, 3.18000: housenumber, Roubaix (59512)"
        assert any(line.startswith("ban ") and DOOR["label"] in line for line in lines)
        assert said.exit_code == 0
    assert national[1] == ["12 rue de l’Industrie 59100 Roubaix"]  # once: the services know the answer now, too
    async with of_geocoding.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(answers)) == 1


async def test_what_the_national_service_does_not_know_the_gazetteer_answers(sdi, told):
    said = (await sdi("geocode", "--json", "3 quai Neuf, 59100 Roubaix", told=told)).json
    assert said["whys"]["ban"] == "it has no such address"
    assert (said["location"]["provider"], said["location"]["precision"]) == ("gazetteer", "municipality")


@pytest.mark.parametrize("missing", ["GEOCODING_DATABASE_URL", "GEOCODER_URL"])
async def test_without_one_of_the_two_the_gazetteer_is_asked_alone_and_it_says_so(sdi, told, national, missing):
    said = await sdi("geocode", "12 rue de l’Industrie, 59100 Roubaix", told=told | {missing: None})
    assert said.text.splitlines()[0] == (
        "Asked: the gazetteer alone; for the national service, tell geocoding's DATABASE_URL and its GEOCODER_URL"
    )
    assert (said.exit_code, national[1]) == (0, [])


async def test_while_the_service_is_left_alone_nobody_asks_it_and_how_long_is_said(sdi, told, national, of_geocoding):
    async with of_geocoding.begin() as tx:
        await tx.execute(
            update(national_service).values(left_alone_until=func.now() + func.make_interval(0, 0, 0, 0, 0, 5))
        )
    said = await sdi("geocode", "12 rue de l’Industrie, 59100 Roubaix", told=told)
    assert (said.exit_code, said.text, national[1]) == (2, "", [])
    assert "the national service does not answer for another " in said.errors
    assert "without GEOCODER_URL the gazetteer answers" in said.errors


async def test_a_file_that_a_silence_stopped_goes_on_where_it_was(sdi, told, national, of_geocoding, asked, tmp_path):
    out = tmp_path / "out.csv"
    said = await sdi("geocode", "--csv", asked, "--out", out, told=told | {"GEOCODER_URL": "http://127.0.0.1:9"})
    assert (said.exit_code, "the national service does not answer" in said.errors) == (2, True)
    assert rows_of(out) == []
    said = await sdi("geocode", "--csv", asked, "--out", out, told=told)
    assert (said.exit_code, said.text.strip()) == (0, "4 placed, 1 nowhere, 0 answered before")
    first, *_ = rows_of(out)
    assert (first["found_provider"], first["found_precision"]) == ("ban", "housenumber")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nowhere", "DATABASE_URL is no address"),
        ("postgresql+asyncpg://a:b@127.0.0.1:9/geocoding", "PostgreSQL does not answer"),
    ],
)
async def test_a_database_that_is_none_is_told_in_one_line(sdi, told, url, said):
    answer = await sdi("geocode", "59100 Roubaix", told=told | {"GEOCODING_DATABASE_URL": url})
    assert (answer.exit_code, said in answer.errors, len(answer.errors.splitlines())) == (2, True, 1)


async def test_the_database_of_another_service_is_told_in_one_line(sdi, told, database_url):
    answer = await sdi("geocode", "59100 Roubaix", told=told | {"GEOCODING_DATABASE_URL": database_url})
    assert answer.exit_code == 2
    assert "the database is not geocoding's, or has no tables yet" in answer.errors
