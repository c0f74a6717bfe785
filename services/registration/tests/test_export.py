"""Whoever asks what is kept of them is handed all of it, in words that they understand, and nobody else is."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import Column
from sqlalchemy.sql import visitors

from backbone.postgres.database import floor
from backbone.postgres.switches import READ_ONLY, turn
from registration.store import metadata
from registration.store.export import PARTS

PASSWORD = "douze lettres, ou plus"
REGISTER = Path(__file__).parents[3] / "docs" / "personal-data.md"
NAME = re.compile(r"`([^`]+)`")


def register() -> list[list[str]]:
    """The lines of the register about registration's tables, and about those of every service."""
    page = REGISTER.read_text()
    found = []
    for section in ("## registration\n", "## Every service’s database\n"):
        text = page.split(section)[1].split("\n#")[0]
        found += [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines() if "`" in row]
    return [line for line in found if len(line) == 7]


def by_the_register() -> set[tuple[str, str, str]]:
    """Which column the register says to be in which file."""
    return {
        (file, NAME.findall(table)[0], column)
        for table, columns, *_, export in register()
        for file in NAME.findall(export)
        if file.endswith(".json") and not export.startswith("no")
        for column in NAME.findall(columns)
    }


def by_the_code() -> set[tuple[str, str, str]]:
    return {
        (part.file, found.table.name, found.name)
        for part in PARTS
        for expression in part.columns.values()
        for found in visitors.iterate(expression)
        if isinstance(found, Column)
    }


def test_what_the_register_promises_of_people_is_in_the_export() -> None:
    promised, handed = by_the_register(), by_the_code()
    assert promised
    assert sorted(promised - handed) == [], "in the register, and not handed over: a line in store/export.py"


def test_a_column_of_people_that_is_not_handed_over_has_a_reason_in_the_register() -> None:
    handed = {(table, column) for _, table, column in by_the_code()}
    tables = {*metadata.tables, *floor.tables}
    unexplained = [
        (NAME.findall(table)[0], column)
        for table, columns, what, *_, export in register()
        if NAME.findall(table)[0] in tables and not what.startswith("nothing of a person")
        for column in NAME.findall(columns)
        if (NAME.findall(table)[0], column) not in handed
        and not (export.startswith("no: ") or export == "by kind below")
    ]
    assert unexplained == []


@pytest.fixture
def export(client: Any) -> Any:
    async def ask(email: str = "ines@fonderie.example", password: str = PASSWORD) -> Any:
        return await client.post("/v1/accounts/export", json={"email": email, "password": password})

    return ask


def opened(answer: Any) -> tuple[dict[str, Any], str]:
    """The files of JSON, and the words that go with them."""
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as folder:
        assert folder.testzip() is None
        files = {name: folder.read(name).decode() for name in folder.namelist()}
    words = files.pop("README.txt")
    return {name: json.loads(text) for name, text in files.items()}, words


async def test_a_person_is_handed_account_drafts_story_and_mails(
    a_person: Any, a_draft: Any, export: Any, clock: Any
) -> None:
    ines = await a_person()
    event = await ines.drafts(a_draft())
    await ines.submits(event)
    await ines.drafts(a_draft(title="Un brouillon que personne n’a vu"))

    answer = await export()
    files, words = opened(answer)

    assert answer.headers["content-disposition"] == 'attachment; filename="mes-donnees-2026-06-01.zip"'
    assert answer.headers["cache-control"] == "no-store"
    assert {*files} == {part.file for part in PARTS}
    [account] = files["compte.json"]
    assert (account["adresse"], account["nom"]) == ("ines@fonderie.example", "Inès Payet")
    assert account["adresse_confirmée_le"]
    titles = [event["brouillon"]["title"] for event in files["evenements.json"]]
    assert titles == ["Du métal en fusion à la pièce finie", "Un brouillon que personne n’a vu"]
    assert files["evenements.json"][0]["déposé"]["booking_email"] == "visites@erdre.example"
    assert [(step["événement"], step["pas"]) for step in files["histoire.json"]] == [(event, "EventSubmitted")]
    assert [mail["courriel"] for mail in files["courriels.json"]] == ["confirmation"]
    [organisation] = files["organisations.json"]
    assert (organisation["nom"], organisation["rôle"]) == ("Fonderie de l’Erdre", "manager")
    assert [session["navigateur"] for session in files["connexions.json"]] == ["Un programme"]
    assert "argon2" not in answer.content.decode("latin-1")
    assert "faite le lundi 1er juin 2026 à 11 h (heure de Paris)" in re.sub("[\u00a0\u202f]", " ", words)
    assert "compte de ines@fonderie.example" in words
    assert all(f"{name}\n    " in words for name in files), "each file is explained"
    assert "https://inscription.example/docs" in words


async def test_nobody_is_handed_anything_of_another(a_person: Any, a_draft: Any, export: Any) -> None:
    paul = await a_person("paul@acier.example")
    await paul.submits(await paul.drafts(a_draft(title="Ce que Paul seul écrit")))
    await a_person()

    files, _ = opened(await export())

    text = json.dumps(files, ensure_ascii=False)
    assert "paul@" not in text
    assert "Ce que Paul seul écrit" not in text
    assert files["evenements.json"] == []


async def test_the_owner_of_the_account_is_told_that_all_was_handed_over(
    a_person: Any, export: Any, worker: Any, mailer: Any
) -> None:
    await a_person()
    before = len(mailer.sent)
    opened(await export())
    await worker.run_due()
    [mail] = mailer.sent[before:]
    assert mail["To"] == "ines@fonderie.example"
    assert str(mail["Subject"]) == "Vos données vous ont été remises – Semaine de l’industrie"
    assert "nous n’en gardons pas de copie" in mail.get_body(("plain",)).get_content()


async def test_the_password_is_asked_for(a_person: Any, export: Any) -> None:
    await a_person()
    answer = await export(password="une autre, tout aussi longue")
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("Mot de passe ou adresse inconnus.")


async def test_more_events_than_fit_into_one_reading_are_all_there(
    a_person: Any, a_draft: Any, export: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("registration.store.export.AT_ONCE", 2)
    ines = await a_person()
    numbers = [await ines.drafts(a_draft(title=f"Visite {number}")) for number in range(5)]
    files, _ = opened(await export())
    assert [event["numéro"] for event in files["evenements.json"]] == numbers


async def test_what_is_kept_is_handed_over_while_nothing_may_be_changed(
    a_person: Any, export: Any, service: Any, engine: Any
) -> None:
    await a_person()
    async with engine.begin() as tx:
        await turn(tx, READ_ONLY, None, "")
    await service.switches.look()
    assert (await export()).status_code == 200
