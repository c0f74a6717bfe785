"""From a label to a mailed kit, with the real renderer and a mail server in memory."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from icalendar import Calendar
from sqlalchemy import select

from backbone.contracts import (
    EventWithdrawn,
    KitFailed,
    KitSent,
    OrganiserChanged,
    OrganiserErased,
    OrganiserRegistered,
    Reason,
)
from backbone.mail.mailers import MailDelayed, MailRefused, MailUncertain, MemoryMailer
from backbone.postgres.database import jobs
from backbone.service.dead_jobs import dead_jobs, retry_jobs, run_jobs_command
from backbone.testing.scraped import scrape
from commskit.domain.pieces import PIECES
from commskit.render import RenderPool, RenderTimedOut
from commskit.works import ask_again

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
def open_worker(open_service, renderers):
    """Starts the service's worker over this mailer; each one stands for a process of its own."""

    def make(mailer, renderers=renderers):
        worker, *_ = open_service(mailer=mailer, renderers=renderers).workers
        return worker

    return make


@pytest.fixture
def worker(open_worker, mailer):
    return open_worker(mailer)


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


async def test_a_labelled_event_is_sent_its_kit(hear, worker, mailer, told, states, labelled, clock, pieces_in):
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
    about = {"event_id": fact.event_id, "revision": 1, "sequence": 1, "edition": "2026"}
    assert KitSent.model_validate(sent) == KitSent(
        **about, kit_id=kit_id, pieces=pieces_in(attached.get_content()), sent_at=clock.at
    )
    assert await states() == [(1, "accepted")]


async def test_kits_and_mails_are_counted_by_what_became_of_them(open_service, hear, renderers, labelled, time_passes):
    service = open_service(mailer=Server(MailDelayed("later"), MailUncertain("cut off")), renderers=renderers)
    worker, *_ = service.workers
    told = await scrape(service)
    assert told.of("sdi_mails_total", kind="kit", outcome="refused") == 0  # before the first: an alert sees it come
    await hear(INES, labelled())
    for _ in range(3):
        assert await worker.run_due() == 1
        await time_passes()
    told = await scrape(service)
    assert told.by("sdi_mails_total", "kind", "outcome") == {("kit", "failed"): 2, ("kit", "handed_over"): 1}
    assert told.by("sdi_kits_total", "outcome") == {("made",): 3}
    assert told.of("sdi_kit_seconds_count") == 3
    assert told.of("sdi_kit_seconds_sum") > 0
    assert told.by("sdi_job_retries_total", "kind", "reason") == {
        ("kit", "MailDelayed"): 1,
        ("kit", "MailUncertain"): 1,
    }


async def test_a_kit_that_cannot_be_drawn_is_counted_as_such(open_service, hear, labelled):
    class NoRenderer:
        async def kit(self, *_):
            raise RenderTimedOut("more than 20 s of processor time")

        async def close(self):
            return None

    service = open_service(renderers=NoRenderer())
    await hear(INES, labelled())
    assert await service.workers[0].run_due() == 1
    told = await scrape(service)
    assert told.by("sdi_kits_total", "outcome") == {("timed_out",): 1}
    assert told.by("sdi_mails_total", "kind") == {}
    assert told.by("sdi_jobs", "kind", "state") == {("kit", "dead"): 1}


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


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_an_amended_event_is_sent_the_newest_kit_alone(hear, worker, mailer, told, states, labelled, order):
    await hear(INES, *map(labelled, order))
    while await worker.run_due():
        pass
    assert [kit for kit in await states() if kit != (1, "superseded")] == [(2, "accepted")]
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


@pytest.mark.parametrize("end", ["refused", "suspended", "withdrawn", "a word of the years to come", "taken back"])
@pytest.mark.parametrize("order", ["label first", "end first"])
async def test_an_event_without_its_label_is_sent_no_kit(
    hear, worker, mailer, told, states, labelled, decided, end, order
):
    label = labelled(1)
    taken_back = EventWithdrawn(event_id=label.event_id, revision=2, sequence=2, withdrawn_at=AT)
    facts = [label, taken_back if end == "taken back" else decided(end, 2)]
    await hear(INES, *(facts if order == "label first" else reversed(facts)))
    await worker.run_due()
    assert (mailer.sent, await told(), [kit for kit in await states() if kit != (1, "superseded")]) == ([], [], [])


async def test_an_event_that_is_refused_and_then_granted_the_label_is_sent_its_kit_once(
    hear, worker, mailer, told, states, decided
):
    await hear(INES, decided("refused", 1, 1), decided("granted", 1, 2, decided_by="appeal"))
    while await worker.run_due():
        pass
    await hear(decided("granted", 1, 3))  # by another person, who did not see that it was settled
    assert await worker.run_due() == 0
    assert ([kind for kind, _ in await told()], await states()) == (["KitSent"], [(1, "accepted")])
    assert len(mailer.sent) == 1


async def test_an_event_that_is_granted_the_label_and_then_refused_is_sent_none(
    hear, worker, mailer, told, states, decided
):
    await hear(INES, decided("granted", 1, 1), decided("refused", 1, 2))
    await worker.run_due()
    assert (mailer.sent, await told(), await states()) == ([], [], [(1, "superseded")])


async def test_a_label_that_comes_back_before_its_kit_was_made_is_one_mail(
    hear, worker, mailer, told, states, decided, time_passes
):
    await hear(INES, decided("granted", 1, 1), decided("refused", 1, 2), decided("granted", 1, 3))
    for _ in range(3):
        await worker.run_due()
        await time_passes()
    assert ([kind for kind, _ in await told()], await states()) == (["KitSent"], [(1, "accepted")])
    assert len(mailer.sent) == 1


async def test_a_label_that_goes_while_its_kit_is_rendered_stops_the_mail(
    hear, open_worker, mailer, told, states, decided, renderers, time_passes
):
    class Meanwhile:
        """Renders, while labelling thinks better of it."""

        async def kit(self, *about):
            await hear(decided("refused", 1, 2))
            return await renderers.kit(*about)

    worker = open_worker(mailer, renderers=Meanwhile())
    await hear(INES, decided("granted", 1, 1))
    for _ in range(2):
        await worker.run_due()
        await time_passes()
    assert (mailer.sent, await told(), await states()) == ([], [], [(1, "superseded")])


async def test_a_label_that_goes_and_comes_back_while_its_kit_is_rendered_is_one_mail(
    hear, open_worker, mailer, told, states, decided, renderers, time_passes
):
    class Meanwhile:
        """Renders, while labelling thinks better of it, and better again."""

        async def kit(self, *about):
            await hear(decided("refused", 1, 2), decided("granted", 1, 3))
            return await renderers.kit(*about)

    worker = open_worker(mailer, renderers=Meanwhile())
    await hear(INES, decided("granted", 1, 1))
    for _ in range(4):
        await worker.run_due()
        await time_passes()
    assert ([kind for kind, _ in await told()], await states()) == (["KitSent"], [(1, "accepted")])
    assert len(mailer.sent) == 1


async def test_a_label_as_a_later_labelling_may_tell_it_makes_the_kit(hear, worker, mailer, told, labelled):
    """With a fifth condition, an appeal, a longer title, codes and fields that nobody here has heard of."""
    known = labelled(1).model_dump(mode="json")
    verdict = {"condition": "accessibility", "finding": "met", "code": "step-free", "message": "Sans marche."}
    event = {
        **known["event"],
        "title": "Découvrir la fonderie, du four à l’emballage, et tout ce qui se passe entre les deux : "
        + "ah ! " * 10,
        "kind": "escape_game",
        "audiences": ["astronauts", "pupils"],
        "admission": "by_lot",
        "status": "hoped_for",
        "organisation_kind": "guild",
        "capacity": 0,
        "mascot": {"name": "Vulcain"},
    }
    said = {"decided_by": "appeal", "verdicts": [verdict], "confidence": 0.9, "event": event}
    assert len(event["title"]) > 120
    await hear(INES, type(labelled(1)).model_validate_json(json.dumps(known | said)))
    await worker.run_due()
    assert ([kind for kind, _ in await told()], len(mailer.sent)) == (["KitSent"], 1)


async def test_a_kit_that_failed_is_made_again_when_its_event_is_granted_the_label_a_second_time(
    hear, open_worker, told, states, decided
):
    server = Server(MailRefused("the mail server answered 550"), None)
    worker = open_worker(server)
    await hear(INES, decided("granted", 1, 1))
    await worker.run_due()
    await hear(decided("granted", 1, 2))
    await worker.run_due()
    facts = [(kind, fact["sequence"]) for kind, fact in await told()]
    assert (facts, await states()) == ([("KitFailed", 1), ("KitSent", 2)], [(1, "accepted")])
    assert len(set(message_ids(server))) == 1


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
async def test_an_event_that_is_called_off_before_its_kit_has_left_is_sent_none_and_counts_as_equipped(
    hear, worker, mailer, told, states, labelled, open_service, renderers, status
):
    await hear(INES, labelled(1), labelled(2, status=status))
    await worker.run_due()
    assert (mailer.sent, await told(), await states()) == ([], [], [(1, "superseded")])
    service = open_service(renderers=renderers)
    async with service.engine.connect() as tx:
        assert (await service.counts(tx))["equipped"] == 1


async def test_a_kit_looks_like_its_own_edition(hear, worker, mailer, told, labelled, read_pdf):
    week = "10e édition · du 16 au 22 novembre 2020"
    await hear(INES, labelled(1, edition="2020"))
    await worker.run_due()
    [message] = mailer.sent
    [attached] = message.iter_attachments()
    with ZipFile(BytesIO(attached.get_content())) as kit:
        poster, guide = (read_pdf(kit.read(name)).text for name in ("affiche-a4.pdf", "guide.pdf"))
    assert week in poster
    assert week in guide
    assert "Semaine de l’industrie 2020" in message.get_body(("plain",)).get_content()
    assert [fact["edition"] for _, fact in await told()] == ["2020"]


async def test_a_kit_of_an_edition_that_nobody_knows_here_is_not_mailed_with_another_week_but_waits(
    hear, worker, mailer, told, labelled, job_reasons
):
    await hear(INES, labelled(1, edition="2031"))
    await worker.run_due()
    assert (mailer.sent, await told(), await job_reasons()) == ([], [], [("waiting", "EditionUnknown")])


async def test_an_edition_of_a_name_that_is_no_year_costs_no_second_mail(hear, worker, mailer, told, labelled):
    await hear(INES, labelled(1, edition="printemps 2031"))
    await worker.run_due()
    assert ([(kind, fact["edition"]) for kind, fact in await told()], len(mailer.sent)) == ([("KitSent", "2026")], 1)


async def test_an_event_labelled_again_after_its_withdrawal_is_sent_its_kit(hear, worker, mailer, states, labelled):
    label = labelled(1)
    gone = EventWithdrawn(event_id=label.event_id, revision=2, sequence=2, withdrawn_at=AT)
    await hear(INES, label, gone, labelled(3))
    while await worker.run_due():
        pass
    assert await states() == [(1, "superseded"), (3, "accepted")]
    assert len(mailer.sent) == 1


async def test_a_refused_mail_is_given_up_and_the_failure_told(
    hear, open_worker, told, states, labelled, clock, job_reasons
):
    server = Server(MailRefused("the mail server answered 550"))
    worker, fact = open_worker(server), labelled()
    await hear(INES, fact)
    await worker.run_due()
    [(kind, failed)] = await told()
    assert kind == "KitFailed"
    said = "Le kit de communication n’a pas pu partir\u00a0: le courriel a été refusé. Notre équipe en est informée."
    reason, about = Reason(code="mail-refused", message=said), {"event_id": fact.event_id, "revision": 1}
    assert KitFailed.model_validate(failed) == KitFailed(
        **about, sequence=1, edition="2026", reason=reason, failed_at=clock.at
    )
    assert await job_reasons() == [("dead", "mail-refused: the mail server answered 550")]
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
    assert [fact["reason"]["code"] for _, fact in await told()] == ["render-timed-out"]


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
    assert [(kind, fact["reason"]["code"]) for kind, fact in await told()] == [("KitFailed", "address-malformed")]
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
    assert [(kind, fact["reason"]["code"]) for kind, fact in await told()] == [("KitFailed", "uncertain-twice")]
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


async def test_the_job_of_an_order_that_another_has_replaced_changes_nothing_when_it_is_tried_again(
    hear, open_worker, engine, told, states, decided
):
    server = Server(MailRefused("mailbox full"), MailRefused("mailbox full"))
    worker = open_worker(server)
    for sequence in (1, 2):
        await hear(INES, decided("granted", 1, sequence))
        await worker.run_due()
    async with engine.begin() as tx:
        [first] = [job for job in await dead_jobs(tx) if ":" not in job.key]
        await retry_jobs(tx, first.id, on_retry=ask_again)
    assert await worker.run_due() == 1
    assert ([kind for kind, _ in await told()], await states()) == (["KitFailed"] * 2, [(1, "failed")])
    assert len(server.sent) == 2


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
    assert [(kind, fact["reason"]["code"]) for kind, fact in await told()] == [("KitFailed", "uncertain-twice")]


async def test_a_kit_that_cannot_be_rendered_says_why_to_the_operator_and_no_more_than_that_to_the_world(
    hear, settings, open_service, renderers, told, labelled, capsys
):
    wrong = settings.model_copy(update={"public_map_url": "javascript:alert(1)"})
    worker, *_ = open_service(wrong, renderers=renderers).workers
    await hear(INES, labelled())
    await worker.run_due()
    await run_jobs_command(settings, [])
    [line] = capsys.readouterr().out.splitlines()
    why = r"  1 tries  render-failed: ValueError: a poster leads to a web page \(kit\.py:\d+ in \w+\)$"
    assert re.search(why, line)
    assert [(kind, fact["reason"]["code"]) for kind, fact in await told()] == [("KitFailed", "render-failed")]


async def test_kits_are_counted_by_state(hear, open_worker, open_service, mailer, labelled, renderers):
    await hear(INES, labelled(), labelled(event_id=uuid4()), labelled(event_id=uuid4(), organiser_id=uuid4()))
    await open_worker(mailer).run_due()
    await open_worker(mailer).run_due()
    service = open_service(renderers=renderers)
    async with service.engine.connect() as tx:
        counts = await service.counts(tx)
    assert {state: number for state, number in counts.items() if number} == {"accepted": 2, "pending": 1, "equipped": 2}


async def test_of_an_amended_event_two_kits_are_accepted_and_one_event_is_equipped_while_it_has_its_label(
    hear, open_worker, open_service, mailer, labelled, renderers
):
    service = open_service(renderers=renderers)

    async def counted() -> tuple[int, int]:
        async with service.engine.connect() as tx:
            counts = await service.counts(tx)
        return counts["accepted"], counts["equipped"]

    for label in (labelled(1), labelled(2)):
        await hear(INES, label)
        await open_worker(mailer).run_due()
    assert await counted() == (2, 1)
    await hear(EventWithdrawn(event_id=label.event_id, revision=3, sequence=2, withdrawn_at=AT))
    assert await counted() == (2, 0)
