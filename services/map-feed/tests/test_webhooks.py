"""Webhooks: a receiver is sent the changes in order, signed, at least once; and what an operator sees of it."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager

import pytest
import uvicorn
from pydantic import SecretStr
from sqlalchemy import select, text, update
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from backbone.service.floor import open_floor
from map_feed.app import create_app
from map_feed.commands import run_webhooks_command
from map_feed.settings import Settings
from map_feed.store import webhooks
from map_feed.webhooks import delivery as delivery_module
from map_feed.webhooks.deliveries import Deliveries
from map_feed.webhooks.sealing import Seal, Unsealable

KEY = "0123456789abcdef0123456789abcdef"
TAKEN_AND_LOST = object()  # whoever sent it cannot know that it was taken


class Receiver:
    """A partner's server. `behave` says what it answers, one after another, and 204 from then on."""

    def __init__(self):
        self.taken, self.seen, self.behaviour, self.port = [], [], iter(()), 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/webhook"

    def behave(self, *answers):
        self.behaviour = iter(answers)

    async def receive(self, request):
        body = await request.body()
        answer = next(self.behaviour, 204)
        self.seen.append((answer, dict(request.headers), body))
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            answer = 204
        if answer is TAKEN_AND_LOST:
            self.taken.append(json.loads(body))
            return Response(status_code=502)
        if isinstance(answer, Response):
            return answer
        if answer < 300:
            self.taken.append(json.loads(body))
        return Response(status_code=answer)

    def said(self):
        return [
            (one["type"], (one["data"].get("feature") or {}).get("properties", {}).get("title")) for one in self.taken
        ]


@asynccontextmanager
async def open_receiver():
    receiver = Receiver()
    app = Starlette(routes=[Route("/webhook", receiver.receive, methods=["POST"])])
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    receiver.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def receiver():
    async with open_receiver() as receiver:
        yield receiver


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"webhooks_key": SecretStr(KEY), "webhooks_inside": "127.0.0.0/8"})


@pytest.fixture
def command(settings, capsys):
    """`map-feed webhooks …`: what it prints; SystemExit where it refuses."""

    async def command(*words):
        await run_webhooks_command(settings, [str(word) for word in words])
        return capsys.readouterr().out.strip()

    return command


@pytest.fixture
def add(command, receiver):
    """Adds a webhook; its id and its secret."""

    async def add(*words, url=None):
        webhook_id, secret = (await command("add", url or receiver.url, *words)).split()[:2]
        return webhook_id, secret

    return add


@pytest.fixture
async def work(settings, clock):
    """The half of the service that works, without a Kafka."""

    @asynccontextmanager
    async def work():
        service = create_app(settings, open_floor(settings, clock=clock))
        service.hearing = None
        service.take_role("work")
        async with service.running():
            yield service

    return work


@pytest.fixture
def row(engine):
    async def row(webhook_id):
        async with engine.connect() as connection:
            return (await connection.execute(select(webhooks).where(webhooks.c.id == webhook_id))).one()

    return row


@pytest.fixture
def has(eventually):
    """Waits until a receiver has taken so many."""

    async def has(receiver, number):
        async def enough():
            return len(receiver.taken) >= number

        await eventually(enough)

    return has


async def test_a_receiver_is_sent_what_is_there_and_then_each_change_signed(
    work, add, receiver, has, put, heard, withdrawn, an_event, client
):
    event = await put(an_event(title="Visite"))
    _, secret = await add()
    async with work():
        await has(receiver, 1)
        await heard(withdrawn(event))
        await has(receiver, 2)
    assert receiver.said() == [("event.listed", "Visite"), ("event.removed", None)]
    for _, headers, body in receiver.seen:
        assert Webhook(secret).verify(body, headers)["id"] == headers["webhook-id"]
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body.replace(b"event", b"Event"), headers)
    feed = (await client.get("/v1/changes")).json()
    assert feed["changes"] == []  # who begins now has nothing to forget
    assert receiver.taken[1]["data"]["reason"] == "withdrawn"


async def test_what_is_sent_is_the_change_of_the_feed_word_for_word(work, add, receiver, has, put, an_event, client):
    await put(an_event())
    await add()
    async with work():
        await has(receiver, 1)
    assert receiver.taken == (await client.get("/v1/changes")).json()["changes"]


async def test_a_receiver_that_errs_is_tried_again_with_the_same_message_and_in_order(
    work, add, receiver, has, put, an_event, row, monkeypatch
):
    monkeypatch.setattr(delivery_module, "FIRST_WAIT", 0.05)
    receiver.behave(500, Response(status_code=503, headers={"Retry-After": "1"}), 204, 302)
    titles = [f"Visite {number}" for number in range(4)]
    for title in titles:
        await put(an_event(title=title))
    webhook_id, _ = await add()
    async with work():
        await has(receiver, 4)
    assert [title for _, title in receiver.said()] == titles
    ids = [headers["webhook-id"] for _, headers, _ in receiver.seen]
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids)) == 4
    now = await row(webhook_id)
    assert (now.state, now.tries, now.last_error, now.delivered) == ("active", 0, None, 4)


@pytest.fixture
def meanwhile(command, row, client, eventually):
    """Something happens to the map after a request has failed, and before it is tried again."""

    @asynccontextmanager
    async def meanwhile(webhook_id):
        async def has_failed():
            return (await row(webhook_id)).tries

        async def is_told():
            return (await client.get("/v1/changes")).json()["next"] != before

        await eventually(has_failed)
        await command("pause", webhook_id)
        before = (await client.get("/v1/changes")).json()["next"]
        yield
        await eventually(is_told)
        await command("resume", webhook_id)

    return meanwhile


async def test_what_was_taken_though_nobody_heard_so_is_taken_back_when_it_goes(
    work, add, receiver, has, put, heard, withdrawn, an_event, meanwhile
):
    receiver.behave(TAKEN_AND_LOST)
    event = await put(an_event(title="Visite"))
    webhook_id, _ = await add()
    async with work():
        async with meanwhile(webhook_id):
            await heard(withdrawn(event))
        await has(receiver, 2)
    assert receiver.said() == [("event.listed", "Visite"), ("event.removed", None)]
    assert receiver.taken[1]["data"]["reason"] == "withdrawn"


async def test_what_was_taken_back_though_nobody_heard_so_is_listed_when_it_returns(
    work, add, receiver, has, put, heard, labelled, decided, an_event, meanwhile
):
    event = await put(an_event(title="Visite"))
    webhook_id, _ = await add()
    async with work():
        await has(receiver, 1)
        receiver.behave(TAKEN_AND_LOST)
        await heard(decided(event, "suspended", sequence=2))
        async with meanwhile(webhook_id):
            await heard(labelled(event, sequence=3))
        await has(receiver, 3)
    assert receiver.said() == [("event.listed", "Visite"), ("event.removed", None), ("event.listed", "Visite")]


async def test_what_fails_is_seen_by_the_operator_and_given_up_after_days(
    work, add, receiver, command, put, an_event, row, engine, eventually, has, health
):
    receiver.behave(*[Response("panne", status_code=500)] * 2)
    await put(an_event())
    webhook_id, _ = await add()

    async def is_failing():
        return (await row(webhook_id)).tries

    async def is_given_up():
        return (await row(webhook_id)).state == "given up"

    async with work():
        await eventually(is_failing)
        assert "1 tries" in (told := await command("list"))
        assert "answered 500 panne" in told
        assert (await health.get("/health/counts")).json()["webhooks_failing"] == 1
        async with engine.begin() as tx:
            await tx.execute(text("UPDATE webhooks SET failing_since = now() - interval '6 days', due_at = now()"))
        await eventually(is_given_up)
        assert (await health.get("/health/counts")).json()["webhooks_ended"] == 1
        assert receiver.taken == []
        await command("resume", webhook_id)
        await has(receiver, 1)


async def test_a_receiver_that_says_it_is_gone_is_sent_nothing_more(
    work, add, receiver, put, an_event, row, eventually, command
):
    receiver.behave(410)
    await put(an_event())
    webhook_id, _ = await add()

    async def is_gone():
        return (await row(webhook_id)).state == "gone"

    async with work():
        await eventually(is_gone)
    assert "gone" in await command("list")
    assert len(receiver.seen) == 1


async def test_a_slow_receiver_holds_nobody_else(work, add, receiver, has, put, an_event):
    stuck = asyncio.Event()
    receiver.behave(stuck)
    await put(an_event())
    await add()
    async with open_receiver() as other:
        await add(url=other.url)
        async with work():
            await has(other, 1)
            await put(an_event())
            await has(other, 2)
            assert receiver.taken == []
            stuck.set()
            await has(receiver, 1)


async def test_what_a_process_that_died_had_in_hand_another_delivers(work, add, receiver, has, put, an_event, engine):
    await put(an_event())
    webhook_id, _ = await add()
    async with engine.begin() as tx:  # claimed by somebody who is no more
        lease = {"lease": text("gen_random_uuid()"), "lease_until": text("now() + interval '0.3 seconds'")}
        await tx.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(lease))
    async with work():
        await has(receiver, 1)


async def test_of_two_processes_one_at_a_time_delivers_to_a_receiver(work, add, receiver, has, put, an_event):
    await add()
    async with work(), work():
        for number in range(20):
            await put(an_event(title=f"Visite {number}"))
        await has(receiver, 20)
    titles = [title for _, title in receiver.said()]
    assert [*dict.fromkeys(titles)] == [f"Visite {number}" for number in range(20)]
    assert len(titles) < 30  # were both at it, each would come twice; once more is what « at least once » allows


async def test_what_is_told_between_two_looks_is_not_sent_twice(
    work, add, receiver, has, put, an_event, row, monkeypatch, eventually
):
    """The journal is read, a change is told, the changes are read: the end is behind what was found."""
    read_journal = delivery_module.read_journal

    async def an_old_one(connection):
        return (await read_journal(connection))._replace(newest=0)

    monkeypatch.setattr(delivery_module, "read_journal", an_old_one)
    webhook_id, _ = await add()
    await put(an_event(title="Visite"))
    async with work():
        await has(receiver, 1)

        async def is_kept():
            return (await row(webhook_id)).delivered == 1

        await eventually(is_kept)
        await put(an_event(title="Autre"))
        await has(receiver, 2)
    assert receiver.said() == [("event.listed", "Visite"), ("event.listed", "Autre")]


async def test_a_receiver_that_was_away_is_sent_what_leads_to_what_is_there_now(
    work, add, receiver, has, put, heard, labelled, withdrawn, an_event, command, eventually
):
    changed, gone = await put(an_event(title="Visite")), await put(an_event(title="Retirée"))
    webhook_id, _ = await add()

    async def has_what_is_there():
        titles = {
            one["data"]["event_id"]: title for one, (_, title) in zip(receiver.taken, receiver.said(), strict=True)
        }
        return {title for title in titles.values() if title} == {"Visite à deux", "Nouvelle"}

    async with work():
        await has(receiver, 2)
        await command("pause", webhook_id)
        await heard(labelled(changed.model_copy(update={"revision": 2, "title": "Visite guidée"}), sequence=2))
        await heard(withdrawn(gone))
        await heard(labelled(changed.model_copy(update={"revision": 3, "title": "Visite à deux"}), sequence=3))
        await put(an_event(title="Nouvelle"))
        await command("resume", webhook_id)
        await eventually(has_what_is_there)
    assert ("event.removed", None) in receiver.said()


async def test_a_filter_is_that_of_the_map_and_what_leaves_it_is_taken_back(
    work, add, receiver, has, put, heard, located, labelled, an_event, a_location
):
    paris = {"department_code": "75", "region_code": "11", "commune_code": "75113", "commune_name": "Paris"}
    there = {"address": {"street": "1 rue Neuve", "postcode": "75013", "city": "Paris"}}
    event = await put(an_event(title="À Villeurbanne"), a_location())
    elsewhere = await put(an_event(title="À Paris", venue=there), a_location(**paris))
    await add("--filter", "region=Auvergne-Rhône-Alpes")
    async with work():
        await has(receiver, 1)
        moved = an_event(event_id=event.event_id, revision=2, title="Partie à Paris", venue=there)
        await heard(located(moved, a_location(**paris)), labelled(moved, sequence=2))
        await has(receiver, 2)
        back = an_event(event_id=elsewhere.event_id, revision=2, title="Venue à Villeurbanne")
        await heard(located(back, a_location()), labelled(back, sequence=2))
        await has(receiver, 3)
    assert receiver.said() == [
        ("event.listed", "À Villeurbanne"),
        ("event.removed", None),
        ("event.listed", "Venue à Villeurbanne"),
    ]
    assert receiver.taken[1]["data"]["reason"] == "filtered_out"


async def test_who_begins_now_is_not_sent_what_is_there_and_learns_what_goes(
    work, add, receiver, has, put, heard, withdrawn, an_event, service, engine
):
    event = await put(an_event(title="Déjà là"))
    async with work(), open_receiver() as other:
        await add(url=other.url)
        await has(other, 1)
        await add("--from-now")
        await put(an_event(title="Nouvelle"))
        await heard(withdrawn(event))
        await has(receiver, 2)
    assert sorted(receiver.said(), key=str) == [("event.listed", "Nouvelle"), ("event.removed", None)]


@pytest.mark.parametrize("by_hand", [False, True])
async def test_a_receiver_of_a_database_that_was_put_back_is_told_to_begin_anew(
    work, add, receiver, has, put, an_event, engine, command, by_hand
):
    await put(an_event(title="Visite"))
    await add()
    async with work():
        await has(receiver, 1)
    if by_hand:
        assert "410" in await command("begin-anew")
    else:
        async with engine.begin() as tx:
            await tx.execute(text("UPDATE journal SET kept_in = 'another/1'"))
    async with work():
        await has(receiver, 3)
    assert receiver.said() == [("event.listed", "Visite"), ("feed.reset", None), ("event.listed", "Visite")]


async def test_while_secrets_change_both_sign_and_then_the_new_one_alone(
    work, add, receiver, has, put, an_event, command, engine
):
    webhook_id, old = await add()
    async with work():
        new = (await command("rotate", webhook_id)).split()[0]
        await put(an_event())
        await has(receiver, 1)
        async with engine.begin() as tx:
            await tx.execute(text("UPDATE webhooks SET old_until = now() - interval '1 second'"))
    async with work():
        await put(an_event())
        await has(receiver, 2)
    (_, during, body), (_, after, body_after) = receiver.seen
    assert Webhook(old).verify(body, during)
    assert Webhook(new).verify(body, during)
    assert Webhook(new).verify(body_after, after)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body_after, after)


async def test_a_secret_is_not_in_the_database_as_it_is(add, engine):
    _, secret = await add()
    async with engine.connect() as connection:
        kept = await connection.scalar(text("SELECT webhooks::text FROM webhooks"))
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(raw) == 32
    assert secret.removeprefix("whsec_") not in kept
    assert raw.hex() not in kept


def test_a_key_is_changed_by_telling_both_for_a_while():
    sealed = Seal(KEY).sealed("whsec_x")
    assert Seal(f"{'n' * 32},{KEY}").opened(sealed) == "whsec_x"
    with pytest.raises(Unsealable, match="MAP_FEED_WEBHOOKS_KEY"):
        Seal("n" * 32).opened(sealed)


async def test_a_test_says_whether_the_receiver_takes_it(add, command, receiver):
    webhook_id, secret = await add()
    assert await command("test", webhook_id) == f"{receiver.url} took it: 204"
    assert Webhook(secret).verify(receiver.seen[0][2], receiver.seen[0][1])["type"] == "webhook.test"
    receiver.behave(Response("non", status_code=403))
    with pytest.raises(SystemExit, match="answered 403 non"):
        await command("test", webhook_id)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["https://localhost/x"], None),
        (["http://10.0.0.1/x"], "10.0.0.1, which is a private network"),
        (["https://169.254.169.254/latest/meta-data"], "169.254.169.254, which is the link"),
        (["https://user:pass@partenaire.example/"], "holds no name and no password"),
        (["ftp://partenaire.example/"], "begins with https://"),
        (["https://nulle-part.invalid/"], "nobody knows the name"),
        (["http://127.0.0.1/x", "--filter", "region=99"], "Cette région n’existe pas"),
        (["http://127.0.0.1/x", "--filter", "pays=FR"], "there is no filter 'pays'"),
        (["http://127.0.0.1/x", "--filter", "rayon=10"], "rayon is no filter without autour"),
    ],
)
async def test_what_cannot_be_is_refused_when_it_is_added(command, settings, words, said):
    if said is None:
        settings = settings.model_copy(update={"webhooks_inside": ""})
        with pytest.raises(SystemExit, match=r"this machine|no address of the internet"):
            await run_webhooks_command(settings, ["add", *words])
    else:
        with pytest.raises(SystemExit, match=said):
            await command("add", *words)
    assert await command("list") == "there are no webhooks"


async def test_without_a_key_nothing_is_added_and_the_service_works_all_the_same(settings, clock, receiver):
    settings = settings.model_copy(update={"webhooks_key": None})
    with pytest.raises(SystemExit, match="set MAP_FEED_WEBHOOKS_KEY first"):
        await run_webhooks_command(settings, ["add", receiver.url])
    service = create_app(settings, open_floor(settings, clock=clock))
    assert not any(isinstance(part, Deliveries) for part in service.parts)
    await service.engine.dispose()


@pytest.mark.parametrize("verb", ["rotate", "pause", "resume", "remove", "test"])
async def test_a_webhook_that_is_not_there_is_said_so(command, verb):
    with pytest.raises(SystemExit, match="there is no webhook 00000000-0000-0000-0000-000000000001"):
        await command(verb, "00000000-0000-0000-0000-000000000001")


async def test_what_is_removed_is_forgotten(add, command, engine):
    webhook_id, _ = await add()
    await command("remove", webhook_id)
    assert await command("list") == "there are no webhooks"


def test_a_key_that_is_short_is_refused(settings):
    with pytest.raises(ValueError, match="32 characters or more"):
        Settings(**{**settings.model_dump(), "webhooks_key": "short"})
