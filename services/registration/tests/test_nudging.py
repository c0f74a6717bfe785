"""Who has begun a draft is reminded of it once, in the last week to register."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, update

from backbone.postgres.upkeep import Upkeep
from registration.handlers.nudging import nudges
from registration.store import events

LAST_WEEK = datetime.fromisoformat("2026-10-30T00:00:00+01:00")


@pytest.fixture
def upkeep(engine, service, worker):
    """What the service does now and then, and the mails that come of it; and so for the replica beside it."""
    desk = service.http.state.desk

    async def run():
        for _ in range(2):
            await Upkeep(engine, [nudges(desk.edition, desk.clock)]).purge_all()
        await worker.run_due()

    return run


@pytest.fixture
def begun(engine):
    """Lets so much time pass for what was begun."""

    async def go(ago):
        async with engine.begin() as tx:
            await tx.execute(update(events).values(created_at=func.now() - ago))

    return go


@pytest.fixture
def nudged(mailer):
    def found():
        return [mail for mail in mailer.sent if "brouillon" in str(mail["Subject"])]

    return found


async def test_who_has_begun_a_draft_is_told_once_by_when_to_submit_it(a_person, a_draft, clock, upkeep, begun, nudged):
    person = await a_person()
    await person.drafts(a_draft(slots=...))
    await begun(timedelta(days=30))
    clock.at = LAST_WEEK - timedelta(seconds=1)
    await upkeep()
    assert nudged() == []
    for clock.at in (LAST_WEEK, LAST_WEEK + timedelta(days=3)):
        await upkeep()
    [mail] = nudged()
    title = "Du métal en fusion à la pièce finie"
    assert str(mail["To"]) == person.email
    assert mail["Subject"] == f"« {title} » est encore un brouillon : déposez-le avant la fin du 6\u00a0novembre 2026"
    text = mail.get_body(("plain",)).get_content()
    assert f"il n’est pas déposé : « {title} »." in text
    assert "https://inscription.example/mes-evenements" in text
    assert "nous ne vous écrirons plus à ce sujet" in text


async def test_several_drafts_are_told_of_in_one_mail(a_person, a_draft, clock, upkeep, begun, nudged):
    person = await a_person()
    for number in range(7):
        await person.drafts(a_draft(title=f"Visite {number}") if number else {})
    await begun(timedelta(days=30))
    clock.at = LAST_WEEK
    await upkeep()
    [mail] = nudged()
    assert mail["Subject"] == (
        "Vos brouillons pour la Semaine de l’industrie : déposez-les avant la fin du 6\u00a0novembre 2026"
    )
    listed = [line for line in mail.get_body(("plain",)).get_content().splitlines() if line.startswith("- ")]
    assert (len(listed), listed[-1]) == (6, "- et 2 autres")


async def test_who_has_submitted_all_or_began_today_or_is_too_late_is_not_written_to(
    a_person, a_draft, clock, upkeep, begun, nudged
):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    clock.at = LAST_WEEK
    await upkeep()  # begun today
    await begun(timedelta(days=30))
    clock.at = datetime.fromisoformat("2026-11-07T00:00:00+01:00")
    await upkeep()
    await begun(timedelta(days=300))  # of the edition before
    clock.at = LAST_WEEK
    await upkeep()
    await begun(timedelta(days=30))
    await person.submits(event_id)
    await upkeep()
    assert nudged() == []


async def test_what_is_submitted_before_the_mail_leaves_is_not_in_it(
    a_person, a_draft, clock, engine, service, worker, begun, nudged
):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    await begun(timedelta(days=30))
    clock.at = LAST_WEEK
    desk = service.http.state.desk
    await Upkeep(engine, [nudges(desk.edition, desk.clock)]).purge_all()
    await person.submits(event_id)
    await worker.run_due()
    assert nudged() == []
