"""An organiser who is erased is in no table and in no mailbox, and is written to no more, whenever it is told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from backbone.contracts import OrganiserChanged, OrganiserErased, OrganiserRegistered
from backbone.mail.mailers import MailDelayed, MaildirMailer
from backbone.postgres.database import jobs
from commskit.domain import Kit, piece_of
from commskit.store import kits, organisers

AT = datetime(2026, 8, 31, 8, tzinfo=UTC)
ORGANISER = UUID("7c1f0a51-90c2-4e59-8f3c-19f6d7a8b102")
INES = OrganiserRegistered(
    organiser_id=ORGANISER, name="Inès Payet", email="ines@fonderie.example", organisation="Atelier Inès Payet"
)
PAUL = OrganiserRegistered(organiser_id=uuid4(), name="Paul Roux", email="paul@forge.example", organisation="Forge")
ERASED = OrganiserErased(organiser_id=ORGANISER)
TRACES = ("inès", "payet", "ines@", "fonderie.example")


class Printer:
    """Makes kits of one byte, and waits before each until it may go on."""

    def __init__(self):
        self.begun, self.may_go_on = asyncio.Event(), asyncio.Event()
        self.may_go_on.set()

    async def kit(self, *_):
        self.begun.set()
        await self.may_go_on.wait()
        return Kit("kit.zip", (piece_of("qr.svg", b"k"),), b"k")

    async def close(self):
        return None


class Mailbox(MaildirMailer):
    """A mailbox in place of a mail server; it waits before it takes a mail, or is away, if told so."""

    def __init__(self, folder):
        super().__init__(folder)
        self.asked, self.may_go_on, self.is_away = asyncio.Event(), asyncio.Event(), False
        self.may_go_on.set()

    async def send(self, letter):
        self.asked.set()
        await self.may_go_on.wait()
        if self.is_away:
            raise MailDelayed("later")
        return f"{await super().send(letter)} for {letter.to}"

    @property
    def files(self):
        return [file for file in self.folder.rglob("*") if file.is_file()]


@pytest.fixture
def mailbox(tmp_path):
    return Mailbox(tmp_path / "courrier")


@pytest.fixture
def printer():
    return Printer()


@pytest.fixture
def workers(open_service, mailbox, printer):
    """Whoever sends kits, and whoever forgets mails."""
    return open_service(mailer=mailbox, renderers=printer).workers


@pytest.fixture
def postman(workers):
    return workers[0]


@pytest.fixture
def forgetter(workers):
    return workers[1]


@pytest.fixture
def labelled(decided):
    """The label of an event whose organisation bears its organiser's name."""

    def make(revision=1, **changes):
        return decided("granted", revision, **{"organisation": "Atelier Inès Payet", **changes})

    return make


@pytest.fixture
def states(states):
    """The states of the kits."""

    async def read():
        return sorted(state for _, state in await states())

    return read


@pytest.fixture
def traces(engine):
    """What is left of Inès in all tables of the database."""

    async def look():
        async with engine.connect() as tx:
            tables = list(await tx.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
            assert {"organisers", "kits", "outbox", "inbox", "jobs"} <= set(tables)
            rows = [await tx.scalars(text(f'SELECT lower(t::text) FROM "{table}" t')) for table in tables]
        kept = [(table, row) for table, read in zip(tables, rows, strict=True) for row in read]
        return [(table, trace) for table, row in kept for trace in TRACES if trace in row]

    return look


@pytest.fixture
def open_jobs(engine):
    async def read():
        async with engine.connect() as tx:
            question = select(jobs.c.kind).where(jobs.c.state.not_in(("done", "dead")))
            return sorted(await tx.scalars(question))

    return read


@pytest.fixture
async def two_mails(hear, postman, mailbox, labelled):
    """Two kits of Inès's are mailed; one of the mails was read."""
    await hear(INES, labelled(), labelled(event_id=uuid4()))
    await postman.run_due()
    first, second = mailbox.files
    first.rename(mailbox.folder / "cur" / f"{first.name}:2,S")
    return second


async def test_an_erased_organiser_is_in_no_table_and_in_no_mailbox(
    two_mails, hear, forgetter, mailbox, traces, states, told
):
    assert {trace for _, trace in await traces()} == set(TRACES)
    before = await told()
    await hear(ERASED)
    assert await traces() == []
    assert await forgetter.run_due() == 1
    assert (mailbox.files, await states()) == ([], ["accepted", "accepted"])
    assert ([kind for kind, _ in before], await told()) == (["KitSent", "KitSent"], before)


async def test_nobody_elses_things_are_touched(two_mails, hear, postman, forgetter, mailbox, labelled, engine):
    await hear(PAUL, labelled(event_id=uuid4(), organiser_id=PAUL.organiser_id, organisation="Forge"))
    await postman.run_due()
    await hear(ERASED)
    await forgetter.run_due()
    [mail] = mailbox.files
    assert "paul@forge.example" in mail.read_text()
    async with engine.connect() as tx:
        assert list(await tx.scalars(select(organisers.c.email).where(organisers.c.email.is_not(None)))) == [
            "paul@forge.example"
        ]
        kept = await tx.execute(select(kits.c.event, kits.c.receipt).where(kits.c.organiser_id == PAUL.organiser_id))
    [(event, receipt)] = kept
    assert event["organisation"] == "Forge"
    assert "paul@forge.example" in receipt


async def test_told_again_it_removes_what_was_written_late(two_mails, hear, forgetter, mailbox):
    content = two_mails.read_bytes()
    await hear(ERASED)
    await forgetter.run_due()
    two_mails.write_bytes(content)  # by a process that was frozen all the while
    await hear(ERASED)
    assert await forgetter.run_due() == 1
    assert mailbox.files == []


async def test_who_was_never_known_is_erased_all_the_same(hear, forgetter, traces, states):
    await hear(ERASED, ERASED)
    await forgetter.run_due()
    await forgetter.run_due()
    assert (await traces(), await states()) == ([], [])


# What comes late.


@pytest.mark.parametrize("order", list(permutations(["person", "label", "erasure"])))
async def test_in_whatever_order_it_is_told_an_erased_organiser_is_not_written_to(
    hear, postman, forgetter, mailbox, labelled, traces, states, told, open_jobs, order
):
    facts = {"person": INES, "label": labelled(), "erasure": ERASED}
    await hear(*(facts[name] for name in order))
    assert await postman.run_due() == 1
    await forgetter.run_due()
    assert (mailbox.files, await traces(), await told()) == ([], [], [])
    assert (await states(), await open_jobs()) == (["superseded"], [])


async def test_a_label_that_is_told_when_all_is_forgotten_leaves_no_text(
    hear, postman, forgetter, labelled, states, traces
):
    await hear(INES, ERASED)
    await forgetter.run_due()
    await hear(labelled())
    await postman.run_due()
    assert (await states(), await traces()) == (["superseded"], [])


@pytest.mark.parametrize("again", [INES, OrganiserChanged(**INES.model_dump())])
async def test_what_is_told_of_the_person_once_more_is_not_taken(two_mails, hear, traces, engine, again):
    await hear(ERASED, again)
    async with engine.connect() as tx:
        assert list(await tx.scalars(select(organisers.c.email).where(organisers.c.email.is_not(None)))) == []
    assert await traces() == []


async def test_a_kit_that_waits_for_its_organiser_ends_at_once_when_they_are_erased(
    hear, postman, labelled, states, told, open_jobs
):
    await hear(labelled())
    await postman.run_due()  # the organiser is not known yet: put off
    assert (await postman.run_due(), await states()) == (0, ["pending"])
    await hear(ERASED)
    assert await postman.run_due() == 1
    assert (await states(), await told(), await open_jobs()) == (["superseded"], [], ["forgetting"])


async def test_a_kit_that_waits_for_the_mail_server_ends_at_once_when_its_organiser_is_erased(
    hear, postman, forgetter, labelled, mailbox, states, open_jobs
):
    mailbox.is_away = True
    await hear(INES, labelled())
    await postman.run_due()
    assert (await postman.run_due(), await states()) == (0, ["pending"])
    mailbox.is_away = False
    await hear(ERASED)
    assert await postman.run_due() == 1
    await forgetter.run_due()
    assert (await states(), mailbox.files, await open_jobs()) == (["superseded"], [], [])


# At the same moment.


async def test_a_kit_that_is_being_made_is_not_mailed_any_more(
    hear, postman, forgetter, printer, mailbox, labelled, states, traces, time_passes
):
    printer.may_go_on.clear()
    await hear(INES, labelled())
    making = asyncio.create_task(postman.run_due())
    await printer.begun.wait()
    await hear(ERASED)
    assert await forgetter.run_due() == 1  # and put off
    printer.may_go_on.set()
    await making
    assert (mailbox.asked.is_set(), mailbox.files) == (False, [])
    await time_passes()
    await postman.run_due()
    await forgetter.run_due()
    assert (mailbox.files, await states(), await traces()) == ([], ["superseded"], [])


async def test_a_kit_that_is_being_mailed_is_waited_for_and_its_mail_removed(
    hear, postman, forgetter, mailbox, labelled, states, traces, told, time_passes, open_jobs
):
    mailbox.may_go_on.clear()
    await hear(INES, labelled())
    mailing = asyncio.create_task(postman.run_due())
    await mailbox.asked.wait()
    await hear(ERASED)
    assert await forgetter.run_due() == 1
    assert await open_jobs() == ["forgetting", "kit"]
    mailbox.may_go_on.set()
    await mailing
    assert len(mailbox.files) == 1
    await time_passes()
    assert await forgetter.run_due() == 1
    assert (mailbox.files, await traces(), await open_jobs()) == ([], [], [])
    assert (await states(), [kind for kind, _ in await told()]) == (["accepted"], ["KitSent"])


async def test_a_kit_that_is_delayed_after_the_erasure_does_not_hold_it_up(
    hear, postman, forgetter, mailbox, labelled, states, open_jobs, engine
):
    mailbox.may_go_on.clear()
    mailbox.is_away = True
    await hear(INES, labelled())
    mailing = asyncio.create_task(postman.run_due())
    await mailbox.asked.wait()
    await hear(ERASED)
    mailbox.may_go_on.set()
    await mailing  # put off, for the mail server to come back
    assert (await postman.run_due(), await states()) == (0, ["pending"])
    await forgetter.run_due()
    assert await postman.run_due() == 1
    assert await states() == ["superseded"]


async def test_a_kit_whose_worker_died_while_mailing_is_not_mailed_again(
    hear, postman, forgetter, mailbox, labelled, states, time_passes, open_service, printer, traces
):
    class Dies(Mailbox):
        """Takes the mail, and the worker with it."""

        async def send(self, message):
            await super().send(message)
            raise asyncio.CancelledError

    await hear(INES, labelled())
    dying = open_service(mailer=Dies(mailbox.folder), renderers=printer)
    with pytest.raises(asyncio.CancelledError):
        await dying.workers[0].run_due()
    assert (await states(), len(mailbox.files)) == (["sending"], 1)
    await hear(ERASED)
    await postman.run_due()
    await forgetter.run_due()
    assert (await states(), mailbox.files, await traces()) == (["superseded"], [], [])


async def test_a_mailbox_that_cannot_be_written_is_tried_again(
    two_mails, hear, forgetter, mailbox, monkeypatch, time_passes, open_jobs
):
    async def away(_):
        raise MailDelayed("the mailbox cannot be written")

    await hear(ERASED)
    with monkeypatch.context() as patch:
        patch.setattr(mailbox, "forget", away)
        await forgetter.run_due()
    assert (len(mailbox.files), await open_jobs()) == (2, ["forgetting"])
    await time_passes()
    await forgetter.run_due()
    assert (mailbox.files, await open_jobs()) == ([], [])
