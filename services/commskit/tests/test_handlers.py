"""From a label to a mailed kit, with the real renderer and a mail server in memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import permutations
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from icalendar import Calendar
from sqlalchemy import select

from backbone.contracts import (
    EventCancelled,
    EventLabelled,
    EventRejected,
    EventWithdrawn,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    OrganiserChanged,
    OrganiserErased,
    OrganiserRegistered,
)
from backbone.mail.mailers import MailDelayed, MailRefused, MailUncertain, MemoryMailer
from backbone.postgres.database import jobs
from backbone.service.dead_jobs import retry_jobs, run_jobs_command
from commskit.app import create_app
from commskit.domain.pieces import PIECES
from commskit.handlers import ask_again
from commskit.render import RenderPool
from commskit.store import kits

AT = datetime(2026, 8, 31, 8, tzinfo=UTC)
ORGANISER = UUID("7c1f0a51-90c2-4e59-8f3c-19f6d7a8b102")
INES = OrganiserRegistered(
    organiser_id=ORGANISER, name="Inès Payet", email="ines@fonderie.example", organisation="Fonderie de l’Erdre"
)


@pytest.fixture(scope="module")
async def renderers(tmp_path_factory) -> AsyncIterator[RenderPool]:
    """One process for all tests here: starting it takes longer than making a kit."""
    pool = RenderPool(deadline_seconds=120)
    yield pool
    await pool.close()


@pytest.fixture
async def open_worker(settings, renderers, clock):
    """Starts the service's worker over this mailer; each one stands for a process of its own."""
    services = []

    def make(mailer, renderers=renderers):
        services.append(create_app(settings, mailer=mailer, clock=clock, renderers=renderers))
        worker, _ = services[-1].parts
        return worker

    yield make
    for service in services:
        await service.engine.dispose()


@pytest.fixture
def worker(open_worker, mailer):
    return open_worker(mailer)


@pytest.fixture
def labelled(an_event):
    def make(revision=1, **changes):
        event = an_event(revision=revision, **changes)
        return EventLabelled(
            event_id=event.event_id,
            revision=revision,
            event=event,
            verdicts=(),
            decided_at=AT,
            decided_by="rules",
        )

    return make


@pytest.fixture
def states(engine):
    """The state of each kit, by revision."""

    async def read():
        async with engine.connect() as tx:
            rows = await tx.execute(select(kits.c.revision, kits.c.state).order_by(kits.c.revision))
            return [tuple(row) for row in rows]

    return read


def message_ids(mailer) -> list[str]:
    return [message["Message-ID"] for message in mailer.sent]


def calendar(message) -> list:
    """The entries of the calendar file in a mail's kit."""
    [attached] = message.iter_attachments()
    with ZipFile(BytesIO(attached.get_content())) as kit:
        return Calendar.from_ical(kit.read("evenement.ics")).events


class Server(MemoryMailer):
    """A mail server that ends its tries as told (None: accepted), and accepts once the list is used up."""

    def __init__(self, *ends) -> None:
        super().__init__()
        self._ends = list(ends)

    async def send(self, message):
        receipt = await super().send(message)
        if self._ends and (end := self._ends.pop(0)):
            raise end
        return receipt


async def test_a_labelled_event_is_sent_its_kit(hear, worker, mailer, told, states, labelled, clock):
    fact = labelled()
    await hear(INES, fact)
    assert await worker.run_due() == 1
    [message] = mailer.sent
    assert str(message["To"]) == "ines@fonderie.example"
    [attached] = message.iter_attachments()
    assert tuple(ZipFile(BytesIO(attached.get_content())).namelist()) == PIECES
    [(kind, sent)] = await told()
    assert kind == "KitSent"
    kit_id = UUID(message["Message-ID"].strip("<").split("@")[0])
    assert KitSent.model_validate(sent) == KitSent(
        event_id=fact.event_id, revision=1, kit_id=kit_id, pieces=PIECES, sent_at=clock.at
    )
    assert await states() == [(1, "accepted")]


async def test_nothing_about_the_receiver_is_told(hear, worker, told, labelled):
    await hear(INES, labelled())
    await worker.run_due()
    assert [word for word in ("ines", "Inès", "Payet") if word in str(await told())] == []


async def test_a_label_delivered_twice_is_one_kit_and_one_mail(hear, worker, mailer, told, labelled, time_passes):
    await hear(INES, labelled(), labelled())
    assert await worker.run_due() == 1
    await hear(labelled())
    await time_passes()
    assert await worker.run_due() == 0
    assert (len(mailer.sent), len(await told())) == (1, 1)


async def test_a_kit_whose_worker_died_before_the_mail_is_sent_once(
    hear, open_worker, mailer, told, labelled, time_passes
):
    await hear(INES, labelled())
    [_] = await open_worker(mailer).claim(1)  # and nothing more is heard of it
    assert await open_worker(mailer).run_due() == 0  # its lease still holds
    await time_passes()
    assert await open_worker(mailer).run_due() == 1
    assert ([kind for kind, _ in await told()], len(mailer.sent)) == (["KitSent"], 1)


async def test_two_workers_that_hold_one_kit_send_one_mail_between_them(
    hear, open_worker, renderers, mailer, told, labelled, time_passes
):
    class BothAtOnce:
        """Renders, and waits until both workers have their kit in hand."""

        def __init__(self):
            self.begun, self._met = asyncio.Event(), asyncio.Barrier(2)

        async def kit(self, *about):
            self.begun.set()
            made = await renderers.kit(*about)
            await self._met.wait()
            return made

        async def close(self):
            return None

    together = BothAtOnce()
    first, second = (open_worker(mailer, renderers=together) for _ in range(2))
    await hear(INES, labelled())
    late = asyncio.create_task(first.run_due())
    await together.begun.wait()
    await time_passes()  # the first one's lease runs out while it renders
    await asyncio.gather(late, second.run_due())
    assert len(mailer.sent) == 1

    await time_passes()
    await open_worker(mailer).run_due()  # whoever was put back looks again
    assert len(mailer.sent) <= 2
    assert len(set(message_ids(mailer))) == 1
    assert [kind for kind, _ in await told()] == ["KitSent"]


async def test_a_kit_waits_for_its_organiser_to_become_known(hear, worker, mailer, told, states, labelled, time_passes):
    await hear(labelled())  # the label travels on another topic than the address
    assert await worker.run_due() == 1
    assert (mailer.sent, await told(), await states()) == ([], [], [(1, "pending")])
    await hear(INES)
    await time_passes()
    assert await worker.run_due() == 1
    assert ([kind for kind, _ in await told()], len(mailer.sent)) == (["KitSent"], 1)


async def test_a_kit_goes_to_the_newest_address(hear, worker, mailer, labelled):
    moved = OrganiserChanged(**INES.model_dump() | {"email": "ines@forge.example"})
    await hear(INES, labelled(), moved)
    await worker.run_due()
    assert [message["To"].addresses[0].addr_spec for message in mailer.sent] == ["ines@forge.example"]


async def test_an_organiser_who_was_erased_is_written_no_more(hear, worker, mailer, labelled):
    await hear(INES, labelled(), OrganiserErased(organiser_id=ORGANISER))
    await worker.run_due()
    assert mailer.sent == []


async def test_an_amended_event_is_sent_the_newest_kit_alone(hear, worker, mailer, told, states, labelled):
    for order in permutations([labelled(1), labelled(2)]):
        await hear(INES, *order)
    while await worker.run_due():
        pass
    assert await states() == [(1, "superseded"), (2, "accepted")]
    assert [(kind, fact["revision"]) for kind, fact in await told()] == [("KitSent", 2)]
    assert len(mailer.sent) == 1


async def test_an_amended_event_is_sent_a_kit_that_takes_the_place_of_the_first(
    hear, worker, mailer, labelled, a_slot, an_event
):
    days = tuple(a_slot(f"2026-11-{day}", "09:00", "12:00") for day in (16, 17, 18))
    for revision, slots in ((1, days), (2, days[1:]), (3, days[2:])):
        await hear(INES, labelled(revision=revision, slots=slots))
        await worker.run_due()
    subjects = [str(message["Subject"]) for message in mailer.sent]
    assert subjects == [
        "Votre événement est labellisé : voici votre kit de communication",
        *["Votre événement a changé : voici votre nouveau kit de communication"] * 2,
    ]
    told = [{str(entry["uid"]): entry for entry in calendar(message)} for message in mailer.sent]
    assert told[0].keys() == told[1].keys() == told[2].keys()
    cancelled = [[entry.start.day for entry in entries.values() if entry.get("status")] for entries in told]
    assert cancelled == [[], [16], [16, 17]]
    assert [{int(entry["sequence"]) for entry in entries.values()} for entries in told] == [{0}, {1}, {2}]


async def test_a_label_that_comes_late_is_no_amendment_of_a_kit_that_never_left(hear, worker, mailer, labelled):
    await hear(INES, labelled(revision=1), labelled(revision=2))  # the first is superseded before it is made
    await worker.run_due()
    await worker.run_due()
    assert [str(message["Subject"]) for message in mailer.sent] == [
        "Votre événement est labellisé : voici votre kit de communication"
    ]


@pytest.mark.parametrize("end", [EventRejected, LabelWithdrawn, EventWithdrawn, EventCancelled])
@pytest.mark.parametrize("order", ["label first", "end first"])
async def test_an_event_without_its_label_is_sent_no_kit(hear, worker, mailer, told, states, labelled, end, order):
    label = labelled(1)
    known = {"event_id": label.event_id, "revision": 2, "event": label.event, "verdicts": (), "reason": "…"}
    times = {"decided_at": AT, "withdrawn_at": AT, "cancelled_at": AT, "decided_by": "rules"}
    facts = [label, end.model_validate({**known, **times})]
    await hear(INES, *(facts if order == "label first" else reversed(facts)))
    await worker.run_due()
    assert (mailer.sent, await told(), await states()) == ([], [], [(1, "superseded")])


async def test_an_event_labelled_again_after_its_withdrawal_is_sent_its_kit(hear, worker, mailer, states, labelled):
    label = labelled(1)
    gone = EventWithdrawn(event_id=label.event_id, revision=2, withdrawn_at=AT)
    await hear(INES, label, gone, labelled(3))
    while await worker.run_due():
        pass
    assert await states() == [(1, "superseded"), (3, "accepted")]
    assert len(mailer.sent) == 1


async def test_a_refused_mail_is_given_up_and_the_failure_told(hear, open_worker, told, states, labelled, clock):
    server = Server(MailRefused("the mail server answered 550"))
    worker, fact = open_worker(server), labelled()
    await hear(INES, fact)
    await worker.run_due()
    [(kind, failed)] = await told()
    assert kind == "KitFailed"
    assert KitFailed.model_validate(failed) == KitFailed(
        event_id=fact.event_id, revision=1, reason="the mail server answered 550", failed_at=clock.at
    )
    assert await states() == [(1, "failed")]
    assert await worker.run_due() == 0


@pytest.fixture
def job_reasons(engine):
    """What an operator reads of each job that is not done."""

    async def read():
        async with engine.connect() as tx:
            rows = await tx.execute(select(jobs.c.state, jobs.c.last_error).where(jobs.c.state != "done"))
            return [tuple(row) for row in rows]

    return read


async def test_a_kit_that_takes_too_long_is_given_up_at_once_and_says_so(
    hear, worker, renderers, told, job_reasons, labelled, monkeypatch
):
    monkeypatch.setattr(renderers, "deadline_seconds", 0.01)
    await hear(INES, labelled())
    await worker.run_due()
    assert await job_reasons() == [("dead", "render-timed-out: more than 0.01 s of processor time")]
    assert [fact["reason"] for _, fact in await told()] == ["render-timed-out"]


async def test_a_renderer_that_died_costs_no_kit_and_an_operator_reads_of_what(
    hear, open_worker, mailer, told, job_reasons, labelled, monkeypatch, time_passes
):
    renderers = RenderPool(deadline_seconds=120)
    worker = open_worker(mailer, renderers=renderers)
    monkeypatch.setenv("SDI_FAILPOINT", "rendering:1")
    await hear(INES, labelled())
    await worker.run_due()
    assert await job_reasons() == [("waiting", "RenderCrashed: the rendering process ended with 137")]
    monkeypatch.delenv("SDI_FAILPOINT")
    await time_passes()
    await worker.run_due()
    assert [kind for kind, _ in await told()] == ["KitSent"]
    await renderers.close()


async def test_an_address_that_is_none_is_given_up_at_once_and_not_repeated(hear, worker, mailer, told, labelled):
    await hear(OrganiserChanged(**INES.model_dump() | {"email": "pas une adresse"}), labelled())
    await worker.run_due()
    assert [(kind, fact["reason"]) for kind, fact in await told()] == [("KitFailed", "address-malformed")]
    assert mailer.sent == []


async def test_a_hostile_name_reaches_nobody_else(hear, worker, mailer, labelled):
    await hear(OrganiserChanged(**INES.model_dump() | {"name": "Inès\r\nBcc: tous@x.example"}), labelled())
    await worker.run_due()
    [message] = mailer.sent
    assert (message["Bcc"], message["To"].addresses[0].addr_spec) == (None, "ines@fonderie.example")


async def test_a_delayed_mail_is_tried_until_it_is_accepted(hear, open_worker, told, states, labelled, time_passes):
    server = Server(MailDelayed("later"), MailDelayed("later"), None)
    worker = open_worker(server)
    await hear(INES, labelled())
    for _ in range(3):
        assert await worker.run_due() == 1
        await time_passes()
    assert await worker.run_due() == 0
    assert ([kind for kind, _ in await told()], await states()) == (["KitSent"], [(1, "accepted")])
    assert len(set(message_ids(server))) == 1


async def test_an_uncertain_mail_is_sent_once_more_as_the_same_mail(
    hear, open_worker, told, states, labelled, time_passes
):
    server = Server(MailUncertain("broke off"), None)
    worker = open_worker(server)
    await hear(INES, labelled())
    await worker.run_due()
    assert await states() == [(1, "uncertain")]
    await time_passes()
    await worker.run_due()
    first, second = message_ids(server)
    assert first == second
    assert ([kind for kind, _ in await told()], await states()) == (["KitSent"], [(1, "accepted")])


async def test_a_mail_that_is_uncertain_twice_is_never_sent_a_third_time(
    hear, open_worker, told, states, labelled, time_passes
):
    server = Server(MailUncertain("broke off"), MailDelayed("later"), MailUncertain("broke off"))
    worker = open_worker(server)
    await hear(INES, labelled())
    for _ in range(6):
        await worker.run_due()
        await time_passes()
    assert len(server.sent) == 3  # one of them was delayed: not accepted, for sure
    assert [(kind, fact["reason"]) for kind, fact in await told()] == [("KitFailed", "uncertain-twice")]
    assert await states() == [(1, "failed")]


async def retry(engine):
    async with engine.begin() as tx:
        return await retry_jobs(tx, on_retry=ask_again)


async def test_a_kit_that_failed_is_sent_when_an_operator_has_it_tried_again(
    hear, open_worker, engine, told, states, labelled
):
    server = Server(MailRefused("mailbox full"), None)
    worker = open_worker(server)
    await hear(INES, labelled())
    await worker.run_due()
    assert await states() == [(1, "failed")]
    assert len(await retry(engine)) == 1
    await worker.run_due()
    assert ([kind for kind, _ in await told()], await states()) == (["KitFailed", "KitSent"], [(1, "accepted")])
    assert await retry(engine) == []


async def test_an_operators_retry_allows_one_more_mail_and_not_as_many_as_there_are_tries(
    hear, open_worker, engine, states, labelled, time_passes
):
    server = Server(*(MailUncertain("broke off") for _ in range(9)))
    worker = open_worker(server)
    await hear(INES, labelled())
    for asked, mails in ((False, 2), (True, 3), (True, 4)):
        if asked:
            await retry(engine)
        for _ in range(4):
            await worker.run_due()
            await time_passes()
        assert (len(server.sent), await states()) == (mails, [(1, "failed")])


async def test_a_worker_that_dies_in_the_middle_of_sending_costs_one_more_mail_and_no_third(
    hear, open_worker, engine, told, states, labelled, time_passes
):
    class Dies(MemoryMailer):
        """Takes the mail, and the worker with it."""

        async def send(self, message):
            await super().send(message)
            raise asyncio.CancelledError

    server = Dies()
    await hear(INES, labelled())
    for _ in range(4):
        with pytest.raises(asyncio.CancelledError):
            await open_worker(server).run_due()
        await time_passes()
        if len(server.sent) == 2:
            break
    assert await states() == [(1, "resending")]
    await open_worker(server).run_due()
    assert len(server.sent) == 2
    assert len(set(message_ids(server))) == 1
    assert [(kind, fact["reason"]) for kind, fact in await told()] == [("KitFailed", "uncertain-twice")]


async def test_a_kit_that_cannot_be_rendered_says_why_to_the_operator_and_no_more_than_that_to_the_world(
    hear, settings, mailer, renderers, told, labelled, capsys
):
    wrong = settings.model_copy(update={"public_map_url": "javascript:alert(1)"})
    service = create_app(wrong, mailer=mailer, renderers=renderers)
    await hear(INES, labelled())
    await service.parts[0].run_due()
    await service.engine.dispose()
    await run_jobs_command(settings, [])
    [line] = capsys.readouterr().out.splitlines()
    why = r"  1 tries  render-failed: ValueError: a poster leads to a web page \(kit\.py:\d+ in \w+\)$"
    assert re.search(why, line)
    assert [(kind, fact["reason"]) for kind, fact in await told()] == [("KitFailed", "render-failed")]


async def test_kits_are_counted_by_state(hear, open_worker, settings, mailer, labelled, renderers):
    await hear(INES, labelled(), labelled(event_id=uuid4()), labelled(event_id=uuid4(), organiser_id=uuid4()))
    await open_worker(mailer).run_due()
    await open_worker(mailer).run_due()
    service = create_app(settings, mailer=mailer, renderers=renderers)
    async with service.engine.connect() as tx:
        counts = await service.counts(tx)
    await service.engine.dispose()
    assert {state: number for state, number in counts.items() if number} == {"accepted": 2, "pending": 1, "equipped": 2}


async def test_of_an_amended_event_two_kits_are_accepted_and_one_event_is_equipped_while_it_has_its_label(
    hear, open_worker, settings, mailer, labelled, renderers
):
    async def counted() -> tuple[int, int]:
        service = create_app(settings, mailer=mailer, renderers=renderers)
        async with service.engine.connect() as tx:
            counts = await service.counts(tx)
        await service.engine.dispose()
        return counts["accepted"], counts["equipped"]

    for label in (labelled(1), labelled(2)):
        await hear(INES, label)
        await open_worker(mailer).run_due()
    assert await counted() == (2, 1)
    await hear(EventWithdrawn(event_id=label.event_id, revision=3, withdrawn_at=AT))
    assert await counted() == (2, 0)
