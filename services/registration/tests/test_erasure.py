"""A person who asks to be forgotten is: in every table, in the mailbox, and in the log."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update

from backbone.contracts import KitFailed, Reason
from backbone.mail.mailers import MailDelayed, MaildirMailer
from backbone.postgres.database import jobs, outbox
from backbone.postgres.jobs import queue_jobs
from backbone.postgres.upkeep import Upkeep
from registration.app import create_app
from registration.commands import erase_by_letter
from registration.handlers import erasure
from registration.handlers.mails import Mailing
from registration.settings import TOMBSTONE_AGAIN_AFTER, Settings
from registration.store import accounts, events, limits, timeline

PASSWORD = "douze lettres, ou plus"
AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
INES = {"email": "ines@fonderie.example", "password": PASSWORD}
TRACES = ("inès", "payet", "ines@", "fonderie.example", "argon2")


class Mailbox(MaildirMailer):
    """A mailbox in place of a mail server, and the mails that nobody has read yet, the newest last."""

    @property
    def sent(self):
        files = sorted(self.folder.glob("new/*"), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def files(self):
        return [file for file in self.folder.rglob("*") if file.is_file()]


@pytest.fixture
def mailer(tmp_path):
    return Mailbox(tmp_path / "courrier")


@pytest.fixture
def eraser(service):
    """Whoever completes erasures."""
    return service.workers[1]


@pytest.fixture
def erase(client):
    async def ask(**changes):
        return await client.post("/v1/accounts/erasure", json=INES | changes)

    return ask


@pytest.fixture
def traces(engine):
    """What is left of Inès in all tables of the database."""

    async def look():
        async with engine.connect() as tx:
            tables = list(await tx.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
            assert {"accounts", "events", "timeline", "outbox", "inbox", "jobs"} <= set(tables)
            rows = [await tx.scalars(text(f'SELECT lower(t::text) FROM "{table}" t')) for table in tables]
        kept = [(table, row) for table, read in zip(tables, rows, strict=True) for row in read]
        return [(table, trace) for table, row in kept for trace in TRACES if trace in row]

    return look


@pytest.fixture
def time_passes(engine):
    async def pass_by():
        async with engine.begin() as tx:
            await tx.execute(update(jobs).where(jobs.c.state == "waiting").values(due_at=func.now()))

    return pass_by


@pytest.fixture
async def ines(a_person, a_draft):
    """Inès, with an event that is submitted, one taken back, and one never submitted; two drafts name her."""
    ines = await a_person()
    ines.submitted, ines.withdrawn = [await ines.drafts(a_draft(title=title)) for title in ("Première", "Seconde")]
    for event_id in (ines.submitted, ines.withdrawn):
        await ines.submits(event_id)
    await ines.ask("POST", f"/v1/events/{ines.withdrawn}/withdrawal")
    named = a_draft(description="Inès Payet vous accueille : ines@fonderie.example")
    await ines.ask("PUT", f"/v1/events/{ines.submitted}", named)  # not submitted anew
    await ines.drafts(named)
    return ines


async def test_an_erased_person_is_in_no_table_and_in_no_mailbox(ines, erase, eraser, traces, mailer):
    assert {trace for _, trace in await traces()} == set(TRACES)
    assert len(mailer.files()) == 1
    answer = await erase()
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "detail": "Votre compte est effacé et vos événements sont retirés. Les dernières copies techniques de vos "
            "coordonnées disparaîtront d’ici un mois. "
            "Merci d’avoir fait un bout de chemin avec la Semaine de l’industrie."
        },
    )
    assert await traces() == []
    assert await eraser.run_due() == 1
    assert (await traces(), mailer.files()) == ([], [])


async def test_what_is_told_takes_back_the_events_and_the_person(ines, erase, told, engine):
    await erase()
    facts = [(kind, fact["event_id"], fact["revision"]) for kind, fact in await told()]
    assert Counter(facts) == Counter(
        [
            ("EventSubmitted", ines.submitted, 1),
            ("EventWithdrawn", ines.submitted, 2),
            ("EventSubmitted", ines.withdrawn, 1),
            ("EventWithdrawn", ines.withdrawn, 2),
        ]
    )
    assert await told("registration.organisers") == [("OrganiserErased", None)]
    async with engine.connect() as tx:
        last = (await tx.execute(select(outbox.c.aggregatetype).order_by(outbox.c.seq.desc()).limit(1))).scalar_one()
    assert last == "registration.organisers"


async def test_what_was_published_about_the_person_is_in_the_outbox_no_more_either(ines, erase, engine, told):
    async with engine.begin() as tx:
        await tx.execute(update(outbox).values(published_at=func.now()))
    await erase()
    assert await told("registration.organisers") == [("OrganiserErased", None)]


async def test_the_operators_counts_keep_the_events(health, ines, erase):
    await erase()
    counts = (await health.get("/health/counts")).json()
    assert [counts[name] for name in ("organisers", "submitted", "withdrawn", "draft")] == [0, 2, 2, 0]


async def test_nobody_elses_things_are_touched(client, a_person, a_draft, ines, erase, mailer, eraser, told):
    paul = await a_person("paul@forge.example")
    event_id = await paul.drafts(a_draft(organisation="Forge"))
    await paul.submits(event_id)
    before = await paul.reads(event_id)
    await erase()
    await eraser.run_due()
    assert await paul.reads(event_id) == before
    assert [kind for kind, _ in await told("registration.organisers")] == ["OrganiserRegistered", "OrganiserErased"]
    assert [str(mail["To"]) for mail in mailer.sent] == ["paul@forge.example"]


@pytest.mark.parametrize("wrong", [{"password": "un autre mot de passe"}, {"email": "paul@fonderie.example"}])
async def test_who_does_not_know_the_password_erases_nobody(ines, erase, told, wrong):
    before = await told()
    answer = await erase(**wrong)
    assert (answer.status_code, answer.json()["detail"][:34]) == (401, "Mot de passe ou adresse inconnus. ")
    assert (await ines.ask("GET", "/v1/events")).status_code == 200
    assert await told() == before


async def test_a_token_alone_erases_nobody(client, ines):
    answer = await client.post("/v1/accounts/erasure", headers=ines.headers)
    assert answer.status_code == 422
    assert (await ines.ask("GET", "/v1/events")).status_code == 200


async def test_who_is_erased_twice_is_erased_once(ines, erase, told):
    await erase()
    before = (await told(), await told("registration.organisers"))
    assert (await erase()).status_code == 401  # there is no such account
    assert (await told(), await told("registration.organisers")) == before


async def test_two_requests_at_once_erase_once(ines, erase, told):
    answers = await asyncio.gather(*(erase() for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 401}
    assert await told("registration.organisers") == [("OrganiserErased", None)]
    assert Counter(kind for kind, _ in await told()) == {"EventSubmitted": 2, "EventWithdrawn": 2}


async def test_an_erasure_that_begins_before_another_is_committed_does_nothing(ines, engine, told):
    async def erase_too(account_id):
        async with engine.begin() as tx:
            return await erasure.erase(tx, account_id, now=AT, again_after=[])

    async with engine.begin() as tx:
        [account_id] = await tx.scalars(select(accounts.c.id))
        assert await erasure.erase(tx, account_id, now=AT, again_after=[])
        second = asyncio.create_task(erase_too(account_id))
        await asyncio.wait([second], timeout=0.3)
    assert not await second
    assert await told("registration.organisers") == [("OrganiserErased", None)]


async def test_the_same_address_may_begin_anew(ines, erase, a_person, told, pass_by):
    await erase()
    await pass_by(timedelta(minutes=5))  # the pause between two mails to one address
    again = await a_person()
    assert (await again.ask("GET", "/v1/events")).json()["items"] == []
    kinds = [kind for kind, _ in await told("registration.organisers")]
    assert kinds == ["OrganiserErased", "OrganiserRegistered"]


# The log forgets slowly.


@pytest.fixture
def waits(engine):
    """How many days each erasure waits, from now."""

    async def read():
        async with engine.connect() as tx:
            due_in = jobs.c.due_at - jobs.c.created_at
            return list(await tx.scalars(select(due_in).where(jobs.c.kind == "erasure").order_by(due_in)))

    return read


async def test_the_tombstone_is_told_again_on_the_second_day_and_weekly_past_the_thirty_fifth(ines, erase, waits):
    await erase()
    assert await waits() == [timedelta(days=days) for days in (0, 2, 9, 16, 23, 30, 37)]


async def test_a_tombstone_is_told_again_in_its_time_and_not_before(ines, erase, eraser, told, time_passes):
    await erase()
    while await eraser.run_due():
        pass
    assert len(await told("registration.organisers")) == 1
    await time_passes()
    while await eraser.run_due():
        pass
    again = len(TOMBSTONE_AGAIN_AFTER)
    assert await told("registration.organisers") == [("OrganiserErased", None)] * (1 + again)
    await time_passes()
    assert await eraser.run_due() == 0


async def test_the_schedule_is_a_setting(settings, service, mailer, clock, ines, waits, time_passes, told):
    short = settings.model_copy(update={"tombstone_again_after": (timedelta(seconds=2), timedelta(seconds=4))})
    quick = create_app(short, mailer=mailer)
    service.http.state.desk = quick.http.state.desk
    assert (await ines.client.post("/v1/accounts/erasure", json=INES)).status_code == 200
    assert await waits() == [timedelta(seconds=seconds) for seconds in (0, 2, 4)]
    await quick.engine.dispose()


@pytest.mark.parametrize("written", ["[2, 4.5]", '["PT2S", "PT4.5S"]'])
def test_the_schedule_is_read_from_the_environment(monkeypatch, settings, written):
    monkeypatch.setenv("REGISTRATION_TOMBSTONE_AGAIN_AFTER", written)
    given = settings.model_dump(exclude={"tombstone_again_after"})
    assert Settings(**given).tombstone_again_after == (timedelta(seconds=2), timedelta(seconds=4.5))


async def test_two_replicas_tell_a_tombstone_again_once(settings, mailer, clock, ines, erase, told, time_passes):
    replicas = [create_app(settings, mailer=mailer) for _ in range(2)]
    await erase()
    await time_passes()
    for _ in range(4):
        await asyncio.gather(*(replica.workers[1].run_due() for replica in replicas))
    assert len(await told("registration.organisers")) == 1 + len(TOMBSTONE_AGAIN_AFTER)
    for replica in replicas:
        await replica.engine.dispose()


async def test_a_mail_that_is_written_late_goes_with_the_next_tombstone(ines, erase, eraser, mailer, time_passes):
    [mail] = mailer.files()
    content = mail.read_bytes()
    await erase()
    await eraser.run_due()
    mail.write_bytes(content)  # by a process that was frozen all the while
    await time_passes()
    await eraser.run_due()
    assert mailer.files() == []


async def test_a_mailbox_that_cannot_be_written_is_tried_again(
    ines, erase, eraser, mailer, monkeypatch, time_passes, engine
):
    async def away(_):
        raise MailDelayed("the mailbox cannot be written")

    await erase()
    with monkeypatch.context() as patch:
        patch.setattr(mailer, "forget", away)
        await eraser.run_due()
    assert len(mailer.files()) == 1
    await time_passes()
    while await eraser.run_due():
        pass
    assert mailer.files() == []


# At the same moment.


async def test_a_confirmation_that_is_being_mailed_is_waited_for_and_removed(
    client, an_account, worker, eraser, mailer, traces, time_passes, settings, monkeypatch
):
    handed_over, goes_on, send = asyncio.Event(), asyncio.Event(), mailer.send

    async def slowly(message):
        handed_over.set()
        await goes_on.wait()
        return await send(message)

    monkeypatch.setattr(mailer, "send", slowly)
    await client.post("/v1/accounts", json=an_account())
    mailing = asyncio.create_task(worker.run_due())
    await handed_over.wait()
    await erase_by_letter(settings, ["ines@fonderie.example"])
    assert await eraser.run_due() == 1  # and put off
    goes_on.set()
    await mailing
    assert len(mailer.files()) == 1
    await time_passes()
    assert await eraser.run_due() == 1
    assert (mailer.files(), await traces()) == ([], [])


async def test_a_confirmation_that_waits_is_not_mailed_any_more(
    client, an_account, worker, mailer, settings, engine, time_passes
):
    await client.post("/v1/accounts", json=an_account())
    await erase_by_letter(settings, ["ines@fonderie.example"])
    assert (await worker.run_due(), mailer.files()) == (0, [])
    async with engine.connect() as tx:
        assert list(await tx.scalars(select(jobs.c.kind))) == ["erasure"]


async def test_drafts_written_at_the_same_moment_are_erased_or_refused(ines, erase, a_draft, engine, traces):
    drafts = [ines.ask("PUT", f"/v1/events/{uuid4()}", a_draft(title="Inès Payet")) for _ in range(6)]
    answer, *written = await asyncio.gather(erase(), *drafts)
    assert answer.status_code == 200
    assert {answer.status_code for answer in written} <= {200, 201, 401}
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).where(events.c.account_id.is_not(None))) == 0
    assert await traces() == []


async def test_who_writes_while_the_erasure_is_not_committed_yet_waits_and_is_refused(ines, a_draft, engine):
    async with engine.begin() as tx:
        [account_id] = await tx.scalars(select(accounts.c.id))
        assert await erasure.erase(tx, account_id, now=AT, again_after=[])
        writing = asyncio.create_task(ines.ask("POST", "/v1/events", a_draft()))
        done, _ = await asyncio.wait([writing], timeout=0.3)
        assert not done
    assert (await writing).status_code == 401


async def test_an_event_submitted_at_the_same_moment_is_withdrawn_or_refused(ines, erase, a_draft, told):
    ids = [await ines.drafts(a_draft(title=f"Visite {number}")) for number in range(4)]
    submissions = [ines.ask("POST", f"/v1/events/{event_id}/submission") for event_id in ids]
    *answers, answer = await asyncio.gather(*submissions, erase())
    assert answer.status_code == 200
    assert {answer.status_code for answer in answers} <= {200, 401}
    last = {fact["event_id"]: kind for kind, fact in await told()}
    assert set(last.values()) == {"EventWithdrawn"}
    assert {event_id for event_id, done in zip(ids, answers, strict=True) if done.status_code == 200} <= last.keys()


# Afterwards.


async def test_a_token_of_an_erased_account_is_nobodys(ines, erase, a_draft, told):
    await erase()
    before = await told()
    for method, path, body in [
        ("POST", "/v1/events", a_draft()),
        ("PUT", f"/v1/events/{uuid4()}", a_draft()),
        ("PUT", f"/v1/events/{ines.submitted}", a_draft()),
        ("GET", "/v1/events", None),
        ("GET", f"/v1/events/{ines.submitted}", None),
        ("POST", f"/v1/events/{ines.submitted}/submission", None),
        ("POST", f"/v1/events/{ines.submitted}/withdrawal", None),
    ]:
        answer = await ines.ask(method, path, body)
        assert (answer.status_code, answer.json()["detail"]) == (401, "Connectez-vous pour continuer.")
    assert (await ines.client.post("/v1/tokens", json=INES)).status_code == 401
    assert await told() == before


async def test_an_erased_persons_event_is_nobody_elses_to_take(ines, erase, a_person, a_draft):
    await erase()
    paul = await a_person("paul@forge.example")
    answer = await paul.ask("PUT", f"/v1/events/{ines.submitted}", a_draft())
    assert answer.status_code == 404


def kit_failed(event_id, sequence):
    reason = Reason(code="mail-refused", message="Le serveur de courriel a refusé l’envoi.")
    about = {"event_id": UUID(event_id), "revision": 1, "sequence": sequence, "edition": "2026"}
    return KitFailed(**about, reason=reason, failed_at=AT)


async def test_what_is_told_of_the_event_afterwards_leaves_no_step_and_moves_nothing(
    ines, erase, engine, hear, a_decision
):
    failed = [kit_failed(ines.submitted, sequence) for sequence in (1, 2)]
    await hear(failed[0])
    await erase()
    reason = Reason(code="organiser", message="À la demande d’Inès Payet.")
    await hear(a_decision(ines.submitted, 2, 1, "withdrawn", reason=reason), failed[1])
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(timeline)) == 0
        states = set(await tx.scalars(select(events.c.state)))
    assert states == {"withdrawn"}


async def test_a_confirmation_link_of_an_erased_account_has_expired(
    client, an_account, worker, token_in_mail, settings
):
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    token = token_in_mail()
    await erase_by_letter(settings, ["ines@fonderie.example"])
    assert (await client.post("/v1/accounts/confirmations", json={"token": token})).status_code == 410


# By letter.


async def test_an_operator_erases_for_who_wrote_a_letter(ines, settings, eraser, traces, mailer, told):
    await erase_by_letter(settings, [" Ines@Fonderie.example"])
    await eraser.run_due()
    assert (await traces(), mailer.files()) == ([], [])
    assert await told("registration.organisers") == [("OrganiserErased", None)]
    assert [kind for kind, _ in await told()].count("EventWithdrawn") == 2


async def test_of_an_unconfirmed_person_nothing_was_told_and_nothing_is(
    client, an_account, worker, settings, eraser, traces, mailer, told, waits
):
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    await client.post("/v1/accounts", json=an_account(name="Inès Payet-Roux"))  # another mail, which waits
    await erase_by_letter(settings, ["ines@fonderie.example"])
    assert await waits() == [timedelta(0)]
    await eraser.run_due()
    assert (await traces(), mailer.files(), await told("registration.organisers")) == ([], [], [])


async def test_an_unconfirmed_person_erases_themselves_too(client, an_account, erase, engine):
    await client.post("/v1/accounts", json=an_account())
    assert (await erase()).status_code == 200
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(accounts)) == 0


async def test_an_address_without_an_account_is_said_to_the_operator(settings, service):
    for address in ("personne@fonderie.example", "pas une adresse"):
        with pytest.raises(SystemExit, match="registration: no account has this address"):
            await erase_by_letter(settings, [address])


async def test_other_work_is_left_alone(ines, erase, engine):
    async with engine.begin() as tx:
        another = Mailing(mail_id=uuid4(), account_id=uuid4(), mail="confirmation")
        await queue_jobs(tx, [(another, timedelta(0), "")])
    await erase()
    async with engine.connect() as tx:
        assert list(await tx.scalars(select(jobs.c.key).where(jobs.c.kind == "mailing"))) == [another.key]


@pytest.fixture
def tidy(service):
    """Purges what was kept for its time."""

    async def up():
        for part in service.parts:
            if isinstance(part, Upkeep):
                await part.purge_all()

    return up


@pytest.fixture
def let_days_pass(engine):
    """Lets all that was written so far be so many days older."""

    async def ago(days):
        async with engine.begin() as tx:
            older = timedelta(days=days)
            await tx.execute(update(accounts).values(created_at=accounts.c.created_at - older))
            await tx.execute(update(limits).values(empty_at=limits.c.empty_at - older))
            await tx.execute(update(jobs).values(created_at=jobs.c.created_at - older))
            await tx.execute(update(jobs).values(finished_at=jobs.c.finished_at - older))

    return ago


async def test_an_account_that_nobody_confirmed_goes_with_its_mail_and_its_link_and_nothing_is_told(
    client, worker, eraser, an_account, tidy, let_days_pass, traces, mailer, told, token_in_mail
):
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    link = token_in_mail()
    await let_days_pass(6)
    await tidy()
    assert {table for table, _ in await traces()} == {"accounts"}
    await let_days_pass(2)
    await tidy()
    assert await traces() == []
    assert await eraser.run_due() == 1
    assert (mailer.files(), await told()) == ([], [])
    assert (await client.post("/v1/accounts/confirmations", json={"token": link})).status_code == 410
    assert (await client.post("/v1/accounts", json=an_account())).status_code == 202  # the address is free again


async def test_who_asked_for_another_mail_since_keeps_the_account(
    client, worker, an_account, tidy, let_days_pass, told
):
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    await let_days_pass(8)
    await client.post("/v1/accounts", json=an_account())
    await tidy()
    assert await worker.run_due() == 1


async def test_a_confirmed_account_is_never_purged_and_is_erased_with_its_first_mail_years_later(
    ines, tidy, let_days_pass, erase, eraser, mailer
):
    await let_days_pass(800)
    await tidy()
    assert (await erase()).status_code == 200
    await eraser.run_due()
    assert mailer.files() == []
