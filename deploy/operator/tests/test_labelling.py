from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backbone.postgres.database import open_database

EDITIONS = Path(__file__).parents[3] / "editions"


@pytest.fixture
async def labelling_url(make_database: Callable[[str], Awaitable[str]]) -> str:
    """The address of a fresh database of labelling's."""
    return await make_database("labelling")


@pytest.fixture
def ask(sdi, labelling_url):
    """Has `sdi labelling` do something where labelling's database is known."""
    known = {"LABELLING_DATABASE_URL": labelling_url, "EDITION": str(EDITIONS / "2026.toml")}

    async def call(*words: object) -> Any:
        return await sdi("labelling", *words, told=known)

    return call


async def test_an_operator_has_the_log_of_decisions_verified(ask):
    answer = await ask("verify")
    assert (answer.exit_code, answer.errors) == (0, "")
    assert answer.text == "labelling: the decisions on 0 events are as they were told: 0 in all\n"


async def test_a_log_that_is_not_whole_ends_with_1_and_names_the_event(ask, labelling_url):
    row = (
        "INSERT INTO decisions VALUES (gen_random_uuid(), 1, gen_random_uuid(), '{}', NULL, '', '') RETURNING event_id"
    )
    engine = open_database(labelling_url)
    async with engine.begin() as tx:
        event_id = await tx.scalar(text(row))
    await engine.dispose()
    answer = await ask("verify")
    assert (answer.exit_code, answer.text) == (1, f"labelling: {event_id}: its case is missing\n")


async def test_where_labellings_database_is_not_known_one_line_says_so(sdi):
    answer = await sdi("labelling", "verify", told={"EDITION": str(EDITIONS / "2026.toml")})
    assert answer.exit_code == 2
    assert "DATABASE_URL" in answer.errors
    assert answer.errors.count("\n") == 1


async def test_an_operator_sees_whose_label_would_change_by_the_rules_that_are_here(ask):
    answer = await ask("rejudge", "--edition", "2026", "--dry-run")
    assert (answer.exit_code, answer.errors) == (0, "")
    assert "0 events were judged again; 0 would be told a new decision; 0 are left" in answer.text


async def test_the_words_of_labellings_own_command_are_passed_on_as_they_are(ask):
    answer = await ask("rejudge", "--edition", "2026")
    assert answer.exit_code == 2
    assert "one of the arguments --dry-run --apply is required" in answer.errors


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["--edition", "2031", "--dry-run"],
            "labelling: nothing is known here of an edition 2031; of these it is: 2020, 2026\n",
        ),
        (
            ["--edition", "2026", "--lexicons", "/nowhere", "--dry-run"],
            "the lexicons cannot be used: /nowhere is no folder",
        ),
        (["--edition", "2026", "--rules", "0123456789ab", "--apply"], "look at a dry run of these first"),
    ],
)
async def test_what_cannot_be_done_ends_with_2_as_every_command_of_an_operator(ask, words, says):
    answer = await ask("rejudge", *words)
    assert (answer.exit_code, answer.text, answer.errors.count("\n")) == (2, "", 1)
    assert says in answer.errors
