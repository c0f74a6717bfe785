"""What nobody uses any more goes by itself, and its owner is told before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from backbone.postgres.upkeep import Upkeep
from registration.handlers.retention import retention_purges
from registration.store import accounts, attendance, events

YEARS = timedelta(days=1096)
PASSWORD = "douze lettres, ou plus"


@pytest.fixture
def upkeep(engine: Any, settings: Any, clock: Any, worker: Any) -> Any:
    """What the service does now and then, and the mails that come of it."""
    purges = retention_purges(settings, clock)

    async def run() -> None:
        await Upkeep(engine, purges).purge_all()
        await worker.run_due()

    return run


@pytest.fixture
def unused_for(engine: Any) -> Any:
    """Lets so much time pass for the accounts, and what was told of them."""

    async def go(time: timedelta) -> None:
        async with engine.begin() as tx:
            passed = {"used_at": accounts.c.used_at - time, "farewell_at": accounts.c.farewell_at - time}
            await tx.execute(update(accounts).values(passed))

    return go


async def how_many(engine: Any, table: Any) -> int:
    async with engine.connect() as tx:
        return int(await tx.scalar(select(func.count()).select_from(table)))


async def test_an_account_that_nobody_uses_for_three_years_is_told_of_and_erased_a_month_later(
    mine: Any, upkeep: Any, unused_for: Any, mailer: Any, engine: Any, told: Any
) -> None:
    await upkeep()
    before = len(mailer.sent)
    await unused_for(YEARS)
    await upkeep()
    await upkeep()
    [mail] = mailer.sent[before:]
    assert str(mail["Subject"]) == "Votre compte de la Semaine de l’industrie sera effacé dans 30 jours"
    assert "connectez-vous une fois d’ici là" in mail.get_body(("plain",)).get_content()
    await unused_for(timedelta(days=29))
    await upkeep()
    assert await how_many(engine, accounts) == 1
    await unused_for(timedelta(days=2))
    await upkeep()
    assert await how_many(engine, accounts) == 0
    assert [kind for kind, _ in await told("registration.organisers")][-1] == "OrganiserErased"
    assert [kind for kind, _ in await told()][-1] == "EventWithdrawn"


async def test_a_sign_in_takes_it_back(mine: Any, upkeep: Any, unused_for: Any, client: Any, engine: Any) -> None:
    ines, _ = mine
    await unused_for(YEARS)
    await upkeep()
    await client.post("/v1/tokens", json={"email": ines.email, "password": PASSWORD})
    await unused_for(timedelta(days=31))
    await upkeep()
    assert await how_many(engine, accounts) == 1


async def test_a_draft_that_was_never_submitted_goes_a_year_after_its_last_day(
    a_person: Any, a_draft: Any, upkeep: Any, engine: Any
) -> None:
    ines = await a_person()
    old = await ines.drafts(a_draft(title="Il y a longtemps"))
    undated = await ines.drafts(a_draft(title="Sans date", slots=...))
    coming = await ines.drafts(a_draft(title="À venir"))
    new = await ines.drafts(a_draft(title="De cette année"))
    submitted = await ines.drafts(a_draft(title="Déposé"))
    await ines.submits(submitted)
    async with engine.begin() as tx:
        long_ago = func.now() - timedelta(days=400)
        await tx.execute(update(events).where(events.c.id != new).values(created_at=long_ago))
        slots = [{"starts_at": "2019-11-17T09:00:00", "ends_at": "2019-11-17T11:30:00"}]
        for event_id in (old, new, submitted):
            kept = await tx.scalar(select(events.c.draft).where(events.c.id == event_id))
            await tx.execute(update(events).where(events.c.id == event_id).values(draft={**kept, "slots": slots}))
    await upkeep()
    async with engine.connect() as tx:
        left = {str(event_id) for event_id in await tx.scalars(select(events.c.id))}
    assert left == {coming, new, submitted}
    assert undated not in left


async def test_a_word_on_attendance_goes_and_its_numbers_stay(mine: Any, upkeep: Any, engine: Any, clock: Any) -> None:
    async with engine.begin() as tx:
        row = {"event_id": mine[1], "edition": "2026", "visitors": {"pupils": 3}, "word": "Merci à Zoé"}
        await tx.execute(attendance.insert().values(row | {"filed_at": clock.now(), "changed_at": clock.now()}))
    await upkeep()
    clock.at += timedelta(days=331)
    async with engine.connect() as tx:
        assert await tx.scalar(select(attendance.c.word)) == "Merci à Zoé"
    await upkeep()
    async with engine.connect() as tx:
        assert (await tx.execute(select(attendance.c.word, attendance.c.visitors))).one() == (None, {"pupils": 3})
