"""Two editions in a row: what was submitted for the last one stays of the last one."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from registration.store import events


@pytest.fixture
async def last_year(mine, engine):
    """An event of the edition before, and its organiser."""
    person, event_id = mine
    async with engine.begin() as tx:
        await tx.execute(update(events).values(edition="2025"))
    return person, event_id


async def test_an_event_of_the_last_edition_is_not_moved_to_the_new_one_and_a_new_one_is_submitted(
    last_year, told, a_draft
):
    person, event_id = last_year
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="La même visite, un an après"))
    for _ in range(2):
        answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
        assert answer.status_code == 409
        assert answer.json()["detail"] == (
            "Cet événement est de l’édition 2025, qui est close. Pour l’édition 2026, déposez-en un nouveau : vous "
            "pouvez en reprendre le texte."
        )
    new = await person.submits(await person.drafts(a_draft(title="La même visite, un an après")))
    assert new["revision"] == 1
    assert [fact["edition"] for _, fact in await told()] == ["2026", "2026"]


async def test_an_event_of_the_last_edition_is_taken_back_in_its_own(last_year, told):
    person, event_id = last_year
    assert (await person.ask("POST", f"/v1/events/{event_id}/withdrawal")).status_code == 200
    kind, fact = (await told())[-1]
    assert (kind, fact["edition"]) == ("EventWithdrawn", "2025")
