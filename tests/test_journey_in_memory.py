"""The whole journey with Kafka in memory: five services, five real databases, no process and no port."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from faststream.kafka import KafkaBroker, TestKafkaBroker
from icalendar import Calendar
from pypdfium2 import PdfDocument
from sqlalchemy import text

import commskit.app
import geocoding.app
import labelling.app
import map_feed.app
import registration.app
from backbone.campaign.clock import StoppedClock
from backbone.contracts import EventStatus
from backbone.http.access import Signer
from backbone.http.session import COOKIE
from backbone.kafka.cluster import Cluster
from backbone.kafka.memory import MemoryPublisher
from backbone.mail.mailers import MemoryMailer
from backbone.postgres.outbox import Relay
from backbone.service.floor import Floor, open_floor
from backbone.service.listener import open_broker
from backbone.service.service import Service
from map_feed.board import Board
from registration.domain.measure import Measure
from registration.handlers.measures import Order, Outcome, carry_out
from registration.keys import key_id, read_private_keys

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
MAP = "https://carte.example"


@dataclass
class Platform:
    """Five services on one bus."""

    services: dict[str, Service]
    mailer: MemoryMailer
    publisher: MemoryPublisher

    def client(self, service: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.services[service].http)
        return httpx.AsyncClient(transport=transport, base_url="https://ici.example")

    def health(self, service: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.services[service].health)
        return httpx.AsyncClient(transport=transport, base_url="https://ici.example")

    async def settle(self) -> None:
        """Goes on until nothing is left to publish and no job is due, and the map shows what it was told."""
        moved = 1
        while moved:
            moved = 0
            for service in self.services.values():
                for relay in (part for part in service.telling if isinstance(part, Relay)):
                    async with service.engine.connect() as connection:
                        moved += await relay.publish_some(connection)
                for worker in service.workers:
                    moved += await worker.run_due()
        [board] = (part for part in self.services["map-feed"].doors.parts if isinstance(part, Board))
        await board.refresh()  # no part of a service runs here: nobody else reads what the map is to show


def private_key() -> str:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


@pytest.fixture
async def platform(make_database: Callable[[str], Awaitable[str]]) -> AsyncIterator[Platform]:
    names = ("registration", "labelling", "geocoding", "commskit", "map-feed")
    brokers = {name: open_broker(name, Cluster("memory:0")) for name in names}
    bus, mailer, clock, pem = KafkaBroker("memory:0"), MemoryMailer(), StoppedClock(NOW), private_key()
    publisher = MemoryPublisher(bus)
    [key] = read_private_keys(pem)
    keys = Signer(key, key_id(key))
    common: dict[str, Any] = {
        "kafka_bootstrap_servers": "memory:0",
        "edition": ROOT / "editions" / "2026.toml",
        "public_map_url": MAP,
    }

    async def stand(module: Any, name: str, **own: Any) -> tuple[Any, Floor]:
        """The settings of a service, and its floor on the bus in memory."""
        settings = module.app.Settings(database_url=await make_database(name), **common, **own)
        return settings, open_floor(settings, broker=brokers[name], publisher=publisher, clock=clock)

    mail = {"mail_url": "memory:"}
    services = {
        "registration": registration.app.create_app(
            *await stand(registration, "registration", signing_key=pem, **mail), mailer=mailer
        ),
        "labelling": labelling.app.create_app(
            *await stand(labelling, "labelling", jwks_url="https://unused.example"), keys=keys
        ),
        "geocoding": geocoding.app.create_app(*await stand(geocoding, "geocoding")),
        "commskit": commskit.app.create_app(
            *await stand(commskit, "commskit", jwks_url="https://unused.example", **mail), mailer=mailer, keys=keys
        ),
        "map-feed": map_feed.app.create_app(*await stand(map_feed, "map-feed")),
    }
    async with AsyncExitStack() as stack:
        for service in services.values():
            stack.push_async_callback(service.engine.dispose)
            if service.close:
                stack.push_async_callback(service.close)
        await stack.enter_async_context(TestKafkaBroker(bus, *brokers.values()))
        yield Platform(services, mailer, publisher)


VISIT = {
    "organisation": "Forges de l'Ondaine",
    "title": "Visite de la forge et de l'atelier d'usinage",
    "description": "Découvrez la fabrication de pièces pour l'aéronautique : forge, usinage, contrôle. Échange avec "
    "nos opérateurs et nos soudeuses sur leurs métiers de l'industrie.",
    "kind": "company_visit",
    "audiences": ["pupils", "families"],
    "admission": "on_registration",
    "website": "https://forges.example/visites",
    "is_free": True,
    "slots": [{"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"}],
    "venue": {"street": "14 rue des Forges", "postcode": "42100", "city": "Saint-Étienne"},
}
YOGA = {
    **VISIT,
    "title": "Yoga et méditation pour tous",
    "organisation": "Studio Zénith",
    "description": "Une heure de yoga doux suivie d'une méditation guidée. Venez avec votre tapis.",
}


class Organiser:
    """A person with an account, calling the API."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.api = platform, platform.client("registration")
        self.email, self.password = f"{uuid4().hex}@forges.example", "une phrase assez longue"

    async def sign_up(self) -> None:
        credentials = {"email": self.email, "password": self.password}
        account = {**credentials, "name": "Maëlle Ferrand", "organisation": "Forges de l'Ondaine"}
        assert (await self.api.post("/v1/accounts", json=account)).status_code == 202
        await self.platform.settle()
        body = self.platform.mailer.sent[-1].get_body(("plain",))
        assert body is not None
        link = re.search(r"jeton=(\S+)", body.get_content())
        assert link is not None
        assert (await self.api.post("/v1/accounts/confirmations", json={"token": link[1]})).status_code == 200
        token = (await self.api.post("/v1/tokens", json=credentials)).json()["access_token"]
        self.api.headers["Authorization"] = f"Bearer {token}"

    async def submit(self, draft: dict[str, Any]) -> str:
        event_id: str = (await self.api.post("/v1/events", json=draft)).json()["id"]
        await self.say_that_it_is_ready(event_id)
        await self.platform.settle()
        return event_id

    async def say_that_it_is_ready(self, event_id: str) -> None:
        """Submits the draft; of those that look like it, it is another."""
        path = f"/v1/events/{event_id}/submission"
        answer = await self.api.post(path)
        if answer.status_code == 409:
            others = [one["token"] for one in answer.json()["resembles"]]
            answer = await self.api.post(path, json={"not_the_same": others})
        assert answer.status_code == 200, answer.text

    async def read(self, event_id: str) -> dict[str, Any]:
        read: dict[str, Any] = (await self.api.get(f"/v1/events/{event_id}")).json()
        return read


@pytest.fixture
async def organiser(platform: Platform) -> Organiser:
    someone = Organiser(platform)
    await someone.sign_up()
    return someone


async def test_an_industrial_visit_is_labelled_located_mailed_and_on_the_map(
    platform: Platform, organiser: Organiser
) -> None:
    event_id = await organiser.submit(VISIT)

    event = await organiser.read(event_id)
    assert event["state"] == "labelled"
    assert event["timeline"][0]["kind"] == "EventSubmitted"
    assert {step["kind"] for step in event["timeline"]} == {
        "EventSubmitted",
        "EventLabelled",
        "EventLocated",
        "KitSent",
    }
    kit = platform.mailer.sent[-1]
    assert [part.get_content_type() for part in kit.iter_attachments()] == ["application/zip"]
    features = (await platform.client("map-feed").get("/evenements.geojson")).json()["features"]
    assert [feature["properties"]["title"] for feature in features] == ["Visite de la forge et de l'atelier d'usinage"]
    longitude, latitude = features[0]["geometry"]["coordinates"]
    assert (round(longitude, 1), round(latitude, 1)) == (4.4, 45.4)
    assert (await platform.client("map-feed").get(f"/evenements/{event_id}")).status_code == 200


async def test_who_shares_an_event_downloads_its_kit_from_its_page_with_their_own_title_and_hours_and_nobody_else(
    platform: Platform, organiser: Organiser
) -> None:
    event_id = await organiser.submit({**VISIT, "title": "La forge à l’enclume"})
    browser, kits = platform.client("registration"), platform.client("commskit")
    browser.cookies.set(COOKIE, organiser.api.headers["Authorization"].removeprefix("Bearer "))
    for title, hours in (("La forge à l’enclume", "9 h – 11 h 30"), ("La forge, le soir", "20 h – 22 h")):
        page = (await browser.get(f"/evenements/{event_id}")).text
        assert "Il est parti par courriel le" in unescape(page).replace("\u00a0", " ")
        [door] = re.findall(r'href="([^"]+)">Télécharger le kit', page)
        lead = await browser.get(door)
        answer = await kits.get(httpx.URL(lead.headers["location"]).raw_path.decode())
        assert answer.headers["content-disposition"].startswith('attachment; filename="kit-semaine-industrie-la-forge')
        with ZipFile(BytesIO(answer.content)) as kit:
            poster = PdfDocument(kit.read("affiche-a4.pdf"))[0].get_textpage().get_text_bounded()
        words = " ".join(poster.replace("\u00a0", " ").replace("\u202f", " ").split())
        assert title in words
        assert hours in words
        evening = {**VISIT, "title": "La forge, le soir"}
        evening["slots"] = [{"starts_at": "2026-11-17T20:00", "ends_at": "2026-11-17T22:00"}]
        await organiser.api.put(f"/v1/events/{event_id}", json=evening)
        await organiser.say_that_it_is_ready(event_id)
        await platform.settle()

    stranger = Organiser(platform)
    await stranger.sign_up()
    assert (await stranger.api.get(f"/v1/events/{event_id}/kit")).status_code == 404
    assert (await kits.get(f"/kits/{event_id}", headers=dict(organiser.api.headers))).status_code == 410


async def test_an_event_that_is_not_about_industry_is_rejected_told_why_by_mail_and_not_shown(
    platform: Platform, organiser: Organiser
) -> None:
    mails_before = len(platform.mailer.sent)
    event_id = await organiser.submit(YOGA)

    event = await organiser.read(event_id)
    assert event["state"] == "rejected"
    assert "industrie" in next(step["text"] for step in event["timeline"] if step["kind"] == "EventRejected")
    assert [str(mail["Subject"]) for mail in platform.mailer.sent[mails_before:]] == [
        "Votre événement n’est pas labellisé en l’état : voici pourquoi, et comment y remédier"
    ]
    assert event["timeline"][-1]["text"].startswith("Un courriel vous dit pourquoi")
    assert (await platform.client("map-feed").get("/evenements.geojson")).json()["features"] == []
    assert (await platform.client("map-feed").get(f"/evenements/{event_id}")).status_code == 404


async def test_an_amended_event_is_judged_again_and_sent_a_new_kit(platform: Platform, organiser: Organiser) -> None:
    event_id = await organiser.submit(YOGA)
    mended = {**VISIT, "title": "La forge, atelier par atelier"}
    await organiser.api.put(f"/v1/events/{event_id}", json=mended)
    await organiser.api.post(f"/v1/events/{event_id}/submission")
    await platform.settle()

    event = await organiser.read(event_id)
    assert (event["state"], event["revision"]) == ("labelled", 2)
    features = (await platform.client("map-feed").get("/evenements.geojson")).json()["features"]
    assert [feature["properties"]["title"] for feature in features] == ["La forge, atelier par atelier"]


async def test_an_event_that_is_called_off_in_a_crisis_keeps_its_label_and_visitors_read_why(
    platform: Platform, organiser: Organiser
) -> None:
    event_id = await organiser.submit(VISIT)
    measure = Measure(status=EventStatus.CANCELLED, note="La préfecture ferme les sites.")
    order, service = Order("2026", {"84"}, measure), platform.services["registration"]
    for expected in ({event_id}, set()):
        lots = [lot async for lot in carry_out(service.engine, StoppedClock(NOW), order, apply=True)]
        told = {str(one.stored.id) for lot in lots for one in lot.found if one.outcome is Outcome.TOLD}
        assert told == expected
        await platform.settle()

    event = await organiser.read(event_id)
    assert (event["state"], event["revision"]) == ("labelled", 2)
    [feature] = (await platform.client("map-feed").get("/evenements.geojson")).json()["features"]
    assert (feature["properties"]["id"], feature["properties"]["status"]) == (event_id, "cancelled")
    page = (await platform.client("map-feed").get(f"/evenements/{event_id}")).text
    assert "La préfecture ferme les sites." in page


async def test_who_was_refused_has_no_second_mail_since_a_crisis_calls_their_event_off_and_on_again(
    platform: Platform, organiser: Organiser
) -> None:
    event_id, service = await organiser.submit({**VISIT, "is_free": False}), platform.services["registration"]
    sent = [str(mail["Subject"]) for mail in platform.mailer.sent]
    assert sent[-1].startswith("Votre événement n’est pas labellisé en l’état")
    for measure in (Measure(status=EventStatus.CANCELLED, note="Alerte neige."), Measure(status=EventStatus.SCHEDULED)):
        order = Order("2026", {"84"}, measure, lifts=measure.status == EventStatus.SCHEDULED)
        assert [lot.read async for lot in carry_out(service.engine, StoppedClock(NOW), order, apply=True)] == [1]
        await platform.settle()
    event = await organiser.read(event_id)
    assert (event["state"], event["revision"]) == ("rejected", 3)
    assert [str(mail["Subject"]) for mail in platform.mailer.sent] == sent

    await organiser.api.put(
        f"/v1/events/{event_id}", json={**VISIT, "is_free": False, "website": "https://forges.example/autre"}
    )
    await organiser.api.post(f"/v1/events/{event_id}/submission")
    await platform.settle()
    assert [str(mail["Subject"]) for mail in platform.mailer.sent] == [*sent, sent[-1]]  # it asked once more


def calendar_of(mail: Any) -> dict[int, tuple[str, str, str]]:
    """The entries of the calendar file in a kit's mail: UID, status and description by the day in November."""
    [attached] = mail.iter_attachments()
    with ZipFile(BytesIO(attached.get_content())) as kit:
        entries = Calendar.from_ical(kit.read("evenement.ics")).events
    return {e.start.day: (str(e["uid"]), str(e.get("status", "")), str(e["description"])) for e in entries}


async def test_a_kit_keeps_what_was_written_and_the_next_one_takes_its_place(
    platform: Platform, organiser: Organiser
) -> None:
    slots = [{"starts_at": f"2026-11-{day}T09:00", "ends_at": f"2026-11-{day}T12:00"} for day in (16, 17, 18)]
    forge = {**VISIT, "title": "Forge\u00ad de tubes ⌀ 20 mm", "slots": slots}
    forge["description"] = f"{VISIT['description']}\r\n\r\nOuvert à tous."
    event_id = await organiser.submit(forge)
    await organiser.api.put(f"/v1/events/{event_id}", json={**forge, "slots": slots[1:]})
    await organiser.api.post(f"/v1/events/{event_id}/submission")
    await platform.settle()

    first, second = platform.mailer.sent[-2:]
    before, after = calendar_of(first), calendar_of(second)
    assert {day: uid for day, (uid, _, _) in after.items()} == {day: uid for day, (uid, _, _) in before.items()}
    assert [day for day, (_, status, _) in after.items() if status == "CANCELLED"] == [16]
    assert "métiers de l'industrie.\n\nOuvert à tous.\n\n" in after[17][2]
    words = [mail.get_body(("plain",)).get_content() for mail in (first, second)]
    assert ["retirez les affiches déjà posées" in text for text in words] == [False, True]
    assert ["« Forge de tubes ⌀ 20 mm »" in text for text in words] == [True, True]
    assert ["« ⌀ » s’écrit « Ø »" in text for text in words] == [True, True]


async def test_every_fact_delivered_a_second_time_changes_nothing(platform: Platform, organiser: Organiser) -> None:
    event_id = await organiser.submit(VISIT)
    before = await organiser.read(event_id)
    mails, facts = len(platform.mailer.sent), list(platform.publisher.written)

    await platform.publisher.publish(facts)
    await platform.settle()

    assert await organiser.read(event_id) == before
    assert len(platform.mailer.sent) == mails
    assert len(platform.publisher.written) == 2 * len(facts)


async def test_an_erased_organiser_leaves_no_trace_in_any_service_though_all_is_delivered_again(
    platform: Platform, organiser: Organiser
) -> None:
    event_id = await organiser.submit(VISIT)
    await organiser.submit(YOGA)
    assert await traces(platform, "Maëlle Ferrand", organiser.email) == ["commskit", "registration"]

    credentials = {"email": organiser.email, "password": organiser.password}
    assert (await organiser.api.post("/v1/accounts/erasure", json=credentials)).status_code == 200
    await platform.settle()
    await platform.publisher.publish(list(platform.publisher.written))
    await platform.settle()

    assert await traces(platform, "Maëlle Ferrand", organiser.email) == []
    assert platform.mailer.sent == []
    assert (await platform.client("map-feed").get(f"/evenements/{event_id}")).status_code == 404
    assert (await platform.client("map-feed").get("/evenements.geojson")).json()["features"] == []
    counts = {
        name: (await platform.health(name).get("/health/counts")).json() for name in ("registration", "labelling")
    }
    assert [counts[name]["withdrawn"] for name in counts] == [2, 2]


async def traces(platform: Platform, *words: str) -> list[str]:
    """The services of whose tables one holds one of these words."""
    found = set()
    for name, service in platform.services.items():
        async with service.engine.connect() as connection:
            tables = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            for table in tables.all():
                rows = (await connection.scalars(text(f'SELECT t::text FROM "{table}" t'))).all()
                found |= {name for row in rows for word in words if word in row}
    return sorted(found)


async def test_no_public_topic_ever_carries_the_organisers_name_or_address(
    platform: Platform, organiser: Organiser
) -> None:
    await organiser.submit(VISIT)
    told = [record for record in platform.publisher.written if record.topic != "registration.organisers"]
    assert {record.topic for record in told} == {
        "registration.events",
        "labelling.decisions",
        "geocoding.locations",
        "commskit.kits",
    }
    assert [r for r in told if b"Ferrand" in (r.value or b"") or b"@forges.example" in (r.value or b"")] == []
