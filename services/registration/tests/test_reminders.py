"""Reviewers are told in time of what waits for them, and once, by a mail that says no more than how much."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from backbone.contracts import AppealReceived, EventLabelled
from backbone.postgres.database import jobs
from registration.domain.reviewing import may_review
from registration.store import accounts

FRIDAY = datetime.fromisoformat("2026-06-05T18:00+02:00")
NO_BREAK = "\u00a0"


@pytest.fixture
def a_reviewer(a_person, engine):
    """A person of a committee, by the address that they have."""

    async def make(*regions, role="reviewer"):
        address = f"relecture-{uuid4().hex[:8]}@comites.example"
        await a_person(address)
        async with engine.begin() as tx:
            granted = update(accounts).where(accounts.c.email == address)
            await tx.execute(granted.values(role=role, regions=list(regions)))
        return address

    return make


@pytest.fixture
def waits(hear, mine, a_decision):
    """Has the event wait for a person of a region."""
    _, event_id = mine

    async def tell(region="52", due_at=FRIDAY, sequence=1, label="under_review", **changes):
        await hear(a_decision(event_id, 1, sequence, label, region=region, due_at=due_at, **changes))

    return tell


@pytest.fixture
def let_time_pass(service, clock, mailer, engine):
    """Has what is due by then done; the mails that left, each as its reader sees it."""

    async def go(until: str, kinds=("reminder", "mailing")):
        passed = datetime.fromisoformat(until) - clock.at
        clock.at += passed
        before = len(mailer.sent)
        async with engine.begin() as tx:
            await tx.execute(update(jobs).where(jobs.c.state == "waiting").values(due_at=jobs.c.due_at - passed))
        while sum([await worker.run_due() for worker in service.workers if worker.kind in kinds]):
            pass
        return [
            (mail["To"], str(mail["Subject"]).replace(NO_BREAK, " "), mail.get_body(("plain",)).get_content())
            for mail in mailer.sent[before:]
        ]

    return go


async def test_in_the_morning_of_the_working_day_before_every_reviewer_of_the_region_is_told_how_much_waits(
    a_reviewer, waits, let_time_pass
):
    here, too, elsewhere = await a_reviewer("52"), await a_reviewer("11", "52"), await a_reviewer("84")
    await waits()
    assert await let_time_pass("2026-06-04T08:30+02:00") == []
    mails = await let_time_pass("2026-06-04T09:00+02:00")
    assert {to for to, _, _ in mails} == {here, too} - {elsewhere}
    subject = "1 événement attend votre décision avant le vendredi 5 juin 2026 à 18 h"
    assert {said for _, said, _ in mails} == {subject}
    body = mails[0][2].replace(NO_BREAK, " ")
    assert "1 événement attend une décision (Pays de la Loire)." in body
    assert "au plus tard le vendredi 5 juin 2026 à 18 h (heure du lieu). Passé ce délai, l’équipe nationale" in body
    assert "https://inscription.example/relecture" in body
    assert await let_time_pass("2026-06-12T09:00+02:00") == []


async def test_a_monday_is_told_of_on_the_friday_before_and_after_a_holiday_earlier(a_reviewer, waits, let_time_pass):
    await a_reviewer("52")
    await waits(due_at=datetime.fromisoformat("2026-06-08T18:00+02:00"))
    assert len(await let_time_pass("2026-06-05T09:00+02:00")) == 1
    await waits(due_at=datetime.fromisoformat("2026-07-15T18:00+02:00"), sequence=2)  # the 14th is a holiday
    assert len(await let_time_pass("2026-07-13T09:00+02:00")) == 1


@pytest.fixture
def owed(engine):
    """How many mails to reviewers are owed, or were."""

    async def count():
        is_owed = (jobs.c.kind == "mailing") & (jobs.c.payload["mail"].astext == "reminder")
        async with engine.connect() as tx:
            return await tx.scalar(select(func.count()).where(is_owed))

    return count


async def test_of_what_was_decided_meanwhile_nobody_is_told(
    hear, mine, a_decision, a_reviewer, waits, let_time_pass, owed
):
    await a_reviewer("52")
    await waits()
    await hear(a_decision(mine[1], 1, 2, "granted", decided_by="review"))
    assert (await let_time_pass("2026-06-04T09:00+02:00"), await owed()) == ([], 0)


async def test_what_is_decided_once_reviewers_are_found_is_told_to_none_of_them(
    hear, mine, a_decision, a_reviewer, waits, let_time_pass, owed
):
    await a_reviewer("52")
    await waits()
    assert (await let_time_pass("2026-06-04T09:00+02:00", kinds=("reminder",)), await owed()) == ([], 1)
    await hear(a_decision(mine[1], 1, 2, "granted", decided_by="review"))
    assert await let_time_pass("2026-06-04T09:01+02:00") == []


async def test_whose_region_was_taken_from_them_meanwhile_is_not_written(
    a_reviewer, waits, let_time_pass, owed, engine
):
    address = await a_reviewer("52")
    await waits()
    assert (await let_time_pass("2026-06-04T09:00+02:00", kinds=("reminder",)), await owed()) == ([], 1)
    async with engine.begin() as tx:
        await tx.execute(update(accounts).where(accounts.c.email == address).values(regions=["84"]))
    assert await let_time_pass("2026-06-04T09:01+02:00") == []


async def test_several_are_one_mail_in_the_plural(hear, mine, a_draft, a_decision, a_reviewer, waits, let_time_pass):
    person, _ = mine
    await a_reviewer("52")
    await waits()
    other = await person.drafts(a_draft(title="La forge"))
    await person.submits(other)
    await hear(a_decision(other, 1, 1, "under_review", region="52", due_at=FRIDAY))
    [(_, subject, body)] = await let_time_pass("2026-06-04T09:00+02:00")
    assert subject.startswith("2 événements attendent votre décision")
    body = body.replace(NO_BREAK, " ")
    assert "2 événements attendent chacun une décision (Pays de la Loire)." in body
    assert "Elles sont dues au plus tard le vendredi 5 juin 2026 à 18 h (heure du lieu)." in body


async def test_the_national_desk_is_told_at_once_of_what_a_region_let_wait(a_reviewer, waits, let_time_pass):
    national, _ = await a_reviewer("00"), await a_reviewer("52")
    await waits()
    await let_time_pass("2026-06-05T18:00+02:00")
    await waits("00", sequence=2)
    [(to, subject, body)] = await let_time_pass("2026-06-05T18:01+02:00")
    assert (to, subject) == (national, "En retard : 1 événement attend votre décision")
    assert "1 événement attend une décision (équipe nationale)." in body
    assert "l’organisateur l’attend toujours." in body


async def test_a_region_without_a_reviewer_has_the_national_desk_told_and_without_that_the_administrators(
    a_reviewer, waits, let_time_pass
):
    administrator = await a_reviewer(role="administrator")
    await waits()
    assert [to for to, _, _ in await let_time_pass("2026-06-04T09:00+02:00")] == [administrator]
    national = await a_reviewer("00")
    await waits("53", datetime.fromisoformat("2026-06-12T18:00+02:00"), sequence=2)
    assert [to for to, _, _ in await let_time_pass("2026-06-11T09:00+02:00")] == [national]


async def test_an_appeal_is_told_of_as_a_review_is(a_reviewer, waits, let_time_pass):
    await a_reviewer("52")
    await waits(label="refused", kind=AppealReceived, decided_by="organiser")
    assert len(await let_time_pass("2026-06-04T09:00+02:00")) == 1


async def test_told_again_it_is_one_mail(a_reviewer, waits, let_time_pass, engine):
    await a_reviewer("52")
    await waits()
    await waits(sequence=2)
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).where(jobs.c.kind == "reminder")) == 1
    assert len(await let_time_pass("2026-06-04T09:00+02:00")) == 1


async def test_a_decision_that_waits_for_nobody_reminds_nobody(hear, mine, a_decision, engine):
    decision = a_decision(mine[1], 1, 1, "granted", kind=EventLabelled)
    await hear(decision)
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).where(jobs.c.kind == "reminder")) == 0


@pytest.mark.parametrize(
    ("role", "regions", "may"),
    [
        ("reviewer", ["52"], True),
        ("reviewer", ["00"], True),
        ("reviewer", ["84"], False),
        ("administrator", [], True),
        ("organiser", ["52"], False),
    ],
)
def test_who_may_decide_no_longer_is_reminded_no_longer(role, regions, may):
    assert may_review(role, regions, "52") is may
