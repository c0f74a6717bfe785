"""Several replicas that hear, mail and forget at the same time."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, text

from backbone.contracts import EventWithdrawn, OrganiserChanged, OrganiserErased, OrganiserRegistered
from backbone.mail.mailers import MemoryMailer
from backbone.postgres.database import jobs, open_database, outbox
from backbone.service.folding import Happening, fold_all
from commskit.domain import Kit, piece_of
from commskit.handlers import HEARS
from commskit.store import kits, notices

EVENTS = [UUID(int=number + 1) for number in range(30)]
PEOPLE = [UUID(int=number + 1000) for number in range(6)]
REVISIONS = 4


class Printer:
    """Makes kits of one byte."""

    async def kit(self, *_):
        return Kit("kit.zip", (piece_of("qr.svg", b"k"),), b"k")


def stories(decided) -> list[list]:
    """What is told of each event, in order: it is refused, labelled on appeal, and amended; some are taken back."""
    told = []
    for number, event_id in enumerate(EVENTS):
        who = PEOPLE[number % len(PEOPLE)]
        words = [(label, revision) for revision in range(1, REVISIONS + 1) for label in ("refused", "granted")]
        about = {"event_id": event_id, "organiser_id": who}
        told.append([decided(*word, sequence, **about) for sequence, word in enumerate(words, start=1)])
        if number % 5 == 0:
            at = datetime(2026, 9, 1, tzinfo=UTC)
            gone = EventWithdrawn(event_id=event_id, revision=REVISIONS + 1, sequence=9, withdrawn_at=at)
            told[-1].append(gone)
    return told


def person(kind, organiser_id, number=0):
    address = f"n{organiser_id.int}.{number}@fonderie.example"
    return kind(organiser_id=organiser_id, name="Inès", email=address, organisation="Fonderie")


async def hear_in_polls(settings, told, chance) -> None:
    """One replica: takes its facts in polls of some, each a transaction."""
    engine = open_database(settings.database_url.get_secret_value())
    while told:
        some = [told.pop(0) for _ in range(min(len(told), chance.randint(1, 40)))]
        async with engine.begin() as tx:
            await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], None) for fact in some], None)
    await engine.dispose()


async def mail_until(over: asyncio.Event, worker) -> None:
    while not over.is_set():
        if not await worker.run_due():
            await asyncio.sleep(0.005)


async def test_replicas_that_hear_and_mail_at_once_never_lock_each_other_out_and_each_event_has_its_newest_kit(
    settings, open_service, decided, engine, time_passes
):
    chance = random.Random(11)
    mailer, over = MemoryMailer(), asyncio.Event()
    services = [open_service(mailer=mailer, renderers=Printer()) for _ in range(3)]
    workers = [worker for service in services for worker in (service.workers[0], service.workers[2])]
    mailing = [asyncio.create_task(mail_until(over, worker)) for worker in workers]
    # the same facts in two replicas, as around a rebalance; whatever comes late or twice does nothing
    polls = []
    for _ in range(2):
        people = [person(OrganiserRegistered, who) for who in PEOPLE]
        mine = stories(decided)
        mixed = [mine[place].pop(0) for place in shuffled(chance, [len(story) for story in mine])]
        for number in range(300):
            mixed.insert(chance.randrange(len(mixed)), person(OrganiserChanged, chance.choice(PEOPLE), number))
        polls.append(people + mixed)
    await asyncio.gather(*(hear_in_polls(settings, told, chance) for told in polls))
    over.set()
    await asyncio.gather(*mailing)
    for _ in range(4):
        await time_passes()
        while any([await worker.run_due() for worker in workers]):
            pass

    async with engine.connect() as tx:
        asked = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert await tx.scalar(asked) == 0
        newest = await tx.execute(select(kits.c.event_id, kits.c.state).where(kits.c.revision == REVISIONS))
        open_jobs = select(func.count()).where(jobs.c.state != "done").select_from(jobs)
        assert await tx.scalar(open_jobs) == 0
        states = dict(newest.all())
        told = (await tx.execute(select(outbox.c.payload).order_by(outbox.c.seq))).scalars().all()
    kept = [event_id for number, event_id in enumerate(EVENTS) if number % 5]
    assert [states[event_id] for event_id in kept] == ["accepted"] * len(kept)
    mails = [message["Message-ID"] for message in mailer.sent]
    assert len(mails) == len(set(mails)) == len(told)
    for event_id in EVENTS:
        sequences = [fact["sequence"] for fact in told if fact["event_id"] == str(event_id)]
        assert sequences == list(range(1, len(sequences) + 1))


async def test_who_is_erased_while_their_kits_are_heard_of_and_mailed_is_in_no_kit(
    settings, open_service, decided, engine, time_passes
):
    chance = random.Random(5)
    mailer, over = MemoryMailer(), asyncio.Event()
    worker, forgetter, notifier = open_service(mailer=mailer, renderers=Printer()).workers
    mailing = [asyncio.create_task(mail_until(over, each)) for each in (worker, notifier)]
    leaving = PEOPLE[:3]
    mine = stories(decided)
    mixed = [mine[place].pop(0) for place in shuffled(chance, [len(story) for story in mine])]
    for who in leaving:
        mixed.insert(len(mixed) // 2 + chance.randrange(20), OrganiserErased(organiser_id=who))
    await hear_in_polls(settings, [*(person(OrganiserRegistered, who) for who in PEOPLE), *mixed], chance)
    over.set()
    await asyncio.gather(*mailing)
    for _ in range(4):
        await time_passes()
        while await worker.run_due() + await notifier.run_due() + await forgetter.run_due():
            pass
    async with engine.connect() as tx:
        for said, mails in ((kits.c.event, kits), (notices.c.word, notices)):
            left = (await tx.execute(select(said, mails.c.receipt).where(mails.c.organiser_id.in_(leaving)))).all()
            assert left
            assert [row for row in left if any(row)] == []
        assert await tx.scalar(select(func.count()).where(jobs.c.state != "done").select_from(jobs)) == 0
    addresses = {str(message["To"]) for message in mailer.sent}
    assert addresses.isdisjoint({f"n{who.int}.0@fonderie.example" for who in leaving})


def shuffled(chance: random.Random, lengths: list[int]) -> list[int]:
    """The numbers of the stories, each as often as it has facts, in any order."""
    places = [place for place, length in enumerate(lengths) for _ in range(length)]
    chance.shuffle(places)
    return places
