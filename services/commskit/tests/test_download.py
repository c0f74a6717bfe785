"""A kit that is downloaded: by whom, and what they get."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from icalendar import Calendar

from backbone.contracts import EventWithdrawn, OrganiserErased, OrganiserRegistered, Position
from backbone.http.access import Caller, Signer
from backbone.http.passes import KIT, PASS_LIFE, sign_pass
from backbone.mail.mailers import MailRefused, MemoryMailer
from commskit.counter import MOST_AT_ONCE
from commskit.domain import Kit, piece_of
from commskit.domain.pieces import PIECES
from commskit.render import RenderCrashed, RenderFailed, RenderPool

ORGANISER = UUID("7c1f0a51-90c2-4e59-8f3c-19f6d7a8b102")
INES = OrganiserRegistered(
    organiser_id=ORGANISER, name="Inès Payet", email="ines@fonderie.example", organisation="Fonderie de l’Erdre"
)
PAULE = INES.model_copy(update={"organiser_id": UUID(int=9), "email": "paule@fonderie.example"})
SIGNER = Signer(Ed25519PrivateKey.generate(), "one")


class Printer:
    """Makes kits of one byte, each as soon as it may."""

    def __init__(self) -> None:
        self.made, self.may, self.error = 0, asyncio.Event(), None
        self.may.set()

    async def kit(self, *_):
        self.made += 1
        await self.may.wait()
        if self.error:
            raise self.error
        return Kit("kit.zip", (piece_of("qr.svg", b"k"),), b"k")


@pytest.fixture
def printer():
    return Printer()


@pytest.fixture(scope="module")
async def renderers() -> AsyncIterator[RenderPool]:
    pool = RenderPool(deadline_seconds=120)
    yield pool
    await pool.close()


@pytest.fixture
def event_id(an_event):
    return an_event().event_id


@pytest.fixture
def door(open_service):
    """The door of a replica, whose kits are made by these renderers."""

    def make(renderers, **parts):
        service = open_service(renderers=renderers, keys=SIGNER, **parts)
        return service, httpx.AsyncClient(transport=httpx.ASGITransport(service.http), base_url="https://kits.example")

    return make


def way(event_id, signer=SIGNER, audience=KIT) -> str:
    return f"/kits/{event_id}?jeton={sign_pass(signer, audience, event_id)[0]}"


async def test_who_has_a_pass_downloads_the_very_kit_that_was_mailed_under_its_name(
    door, renderers, mailer, hear, labelled, event_id, read_pdf
):
    service, client = door(renderers)
    await hear(INES, labelled(title="Coulée d’été à l’œuvre"))
    await service.workers[0].run_due()
    [mailed] = mailer.sent[0].iter_attachments()
    for _ in range(2):
        answer = await client.get(way(event_id))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
        assert answer.content == mailed.get_content()
    name = "kit-semaine-industrie-coulee-d-ete-a-l-oeuvre.zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert mailed.get_filename() == name
    assert answer.headers["cache-control"] == "no-store"
    with ZipFile(BytesIO(answer.content)) as kit:
        assert set(kit.namelist()) == set(PIECES)
        assert "Coulée d’été à l’œuvre" in read_pdf(kit.read("affiche-a4.pdf")).text
    same = await client.get(way(event_id), headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_whatever_replica_is_asked_the_kit_is_of_the_newest_labelled_revision_and_cancels_what_was_taken_back(
    door, renderers, hear, labelled, event_id, a_slot, read_pdf
):
    first, second = door(renderers), door(renderers)
    await hear(INES, labelled())
    await first[0].workers[0].run_due()
    await hear(labelled(2, title="Une coulée de nuit", slots=(a_slot("2026-11-18", "20:00", "22:00"),)))
    found = [await client.get(way(event_id)) for _, client in (first, second)]
    assert found[0].content == found[1].content
    with ZipFile(BytesIO(found[0].content)) as kit:
        poster, calendar = read_pdf(kit.read("affiche-a4.pdf")).text, Calendar.from_ical(kit.read("evenement.ics"))
    assert "Une coulée de nuit" in poster
    assert "20 h" in poster
    assert [one.get("status") for one in calendar.events].count("CANCELLED") == 2


async def test_a_kit_whose_mail_is_refused_for_good_is_downloaded_all_the_same(door, printer, hear, labelled, event_id):
    class Refusing(MemoryMailer):
        async def send(self, _):
            raise MailRefused("550 no such mailbox")

    service, client = door(printer, mailer=Refusing())
    await hear(INES, labelled())
    await service.workers[0].run_due()
    assert (await client.get(way(event_id))).content == b"k"


async def test_without_a_pass_to_this_kit_it_is_nobodys(door, printer, hear, labelled, event_id, monkeypatch):
    _, client = door(printer)
    await hear(INES, labelled())
    other = Signer(Ed25519PrivateKey.generate(), "one")
    access = SIGNER.sign(Caller(ORGANISER, "organiser"))
    past = datetime.now(UTC) - PASS_LIFE - timedelta(seconds=15)
    claims = {"iss": "registration", "aud": KIT, "sub": str(event_id), "iat": past, "exp": past + PASS_LIFE}
    unsigned = jwt.encode(claims | {"exp": datetime.now(UTC) + PASS_LIFE}, "", algorithm="none", headers={"kid": "one"})
    wrong = {
        "none": f"/kits/{event_id}",
        "forged": way(event_id, other),
        "unsigned": f"/kits/{event_id}?jeton={unsigned}",
        "no token": f"/kits/{event_id}?jeton=é.è.à",
        "an access token": f"/kits/{event_id}?jeton={access}",
        "to something else": way(event_id, audience="attendance"),
        "of another event": f"/kits/{event_id}?jeton={sign_pass(SIGNER, KIT, uuid4())[0]}",
        "over": f"/kits/{event_id}?jeton={SIGNER.encode(claims)}",
    }
    for what, path in wrong.items():
        answer = await client.get(path)
        assert (what, answer.status_code, answer.json()["type"]) == (what, 410, "/problemes/plus-disponible")
    assert printer.made == 0
    page = await client.get(wrong["over"], headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert "ne vaut que quelques minutes" in page.text
    assert f'href="https://inscription.example/evenements/{event_id}"' in page.text


async def test_an_event_that_is_owed_no_kit_gives_none_and_one_that_is_again_does(
    door, printer, hear, labelled, decided, event_id
):
    _, client = door(printer)
    at = datetime(2026, 9, 1, tzinfo=UTC)

    async def status():
        answer = await client.get(way(event_id))
        assert answer.status_code == 200 or answer.json()["detail"].startswith("Il n’y a pas de kit à télécharger")
        return answer.status_code

    assert await status() == 404
    await hear(INES, decided("refused"))
    assert await status() == 404
    await hear(labelled(2))
    assert await status() == 200
    await hear(decided("under_review", 3))
    assert await status() == 200  # the labelled revision stays what visitors see
    await hear(decided("suspended", 3, 4))
    assert await status() == 404
    await hear(labelled(3, 5))
    assert await status() == 200
    await hear(labelled(4, status="cancelled"))
    assert await status() == 404
    await hear(labelled(5))
    assert await status() == 200
    await hear(EventWithdrawn(event_id=event_id, revision=6, sequence=6, withdrawn_at=at))
    assert await status() == 404
    await hear(labelled(7))
    assert await status() == 200
    await hear(OrganiserErased(organiser_id=ORGANISER, erased_at=at))
    assert await status() == 404


async def test_a_kit_that_cannot_be_made_is_not_tried_at_each_download_and_says_so(
    door, printer, hear, labelled, event_id
):
    service, client = door(printer)
    printer.error = RenderFailed("fit.py:88: no letter")
    await hear(INES, labelled())
    first = await client.get(way(event_id))
    await service.workers[0].run_due()
    made = printer.made
    for answer in (first, await client.get(way(event_id))):
        assert answer.status_code == 500
        assert answer.json()["detail"] == "Le kit n’a pas pu être fabriqué ; notre équipe en est informée."
    assert printer.made == made == 2


async def test_a_process_that_dies_under_a_kit_is_worth_coming_back(door, printer, hear, labelled, event_id):
    _, client = door(printer)
    printer.error = RenderCrashed("killed")
    await hear(INES, labelled())
    answer = await client.get(way(event_id))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    printer.error = None
    assert (await client.get(way(event_id))).status_code == 200


async def test_who_clicks_twice_has_one_kit_made_and_a_crowd_for_different_ones_is_asked_to_come_back(
    door, printer, hear, labelled
):
    _, client = door(printer)
    ids = [uuid4() for _ in range(MOST_AT_ONCE + 5)]
    await hear(INES, *(labelled(event_id=one) for one in ids))
    printer.may.clear()
    asked = [asyncio.create_task(client.get(way(one))) for one in [ids[0], *ids]]
    while sum(task.done() for task in asked) < 6 or printer.made < MOST_AT_ONCE - 1:
        await asyncio.sleep(0)
    printer.may.set()
    answers = await asyncio.gather(*asked)
    assert sorted({answer.status_code for answer in answers}) == [200, 503]
    assert [answer.status_code for answer in answers].count(503) == 6
    assert printer.made == MOST_AT_ONCE - 1  # the first one twice


PIN = {"longitude": -2.1453, "latitude": 47.3166, "is_confirmed": True}


async def test_a_pin_that_is_confirmed_sends_no_second_kit_and_a_word_that_is_changed_does(
    door, printer, mailer, hear, labelled, told, an_event
):
    service, _ = door(printer)
    there = an_event().venue
    pinned = [there.model_copy(update={"position": Position(**PIN | {"latitude": at})}) for at in (47.3166, 47.3170)]
    await hear(INES, labelled())
    await service.workers[0].run_due()
    for revision, venue in enumerate(pinned, start=2):
        await hear(labelled(revision, venue=venue))
        await service.workers[0].run_due()
    assert len(mailer.sent) == 1
    facts = [payload for name, payload in await told() if name == "KitSent"]
    assert [fact["revision"] for fact in facts] == [1, 2, 3]
    await hear(labelled(4, venue=pinned[1], title="Une coulée de nuit"))
    await service.workers[0].run_due()
    assert len(mailer.sent) == 2
    await hear(labelled(5, venue=pinned[1], title="Une coulée de nuit", organiser_id=PAULE.organiser_id), PAULE)
    await service.workers[0].run_due()
    assert [mail["To"] for mail in mailer.sent] == [INES.email, INES.email, PAULE.email]  # who keeps it now
