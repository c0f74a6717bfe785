"""The whole journey on real Kafka and PostgreSQL, each service a process of its own, seen in a real browser."""

from __future__ import annotations

import asyncio
import io
import mailbox
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx
import psutil
import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import async_playwright, expect

from backbone.edition import load_edition
from local_stack.places import Places
from local_stack.play import Play, cast_organisers, open_questions, post_all, watch

ROOT = Path(__file__).parents[1]
EDITION = ROOT / "editions" / "2026.toml"
SCREENSHOTS = ROOT / ".local" / "screenshots"
EVENTS, SEED = 40, 7


@dataclass
class Stack:
    """A local stack as a process, and the play that was played on it."""

    places: Places
    process: subprocess.Popen[bytes]
    play: Play

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


def start(places: Places) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local_stack.cli", "up", "--state", str(places.state), "--edition", str(EDITION)]
    (places.state / "addresses.json").unlink(missing_ok=True)  # so that the addresses waited for are this start's
    return subprocess.Popen([*command, "--log-file", str(places.log)], stdin=subprocess.PIPE, start_new_session=True)


async def is_up(places: Places) -> bool:
    try:
        places.addresses()  # of this start, and with them the others
        async with httpx.AsyncClient() as client:
            health = places.health_addresses().values()
            return all([(await client.get(f"{address}/health/ready")).is_success for address in health])
    except (FileNotFoundError, httpx.TransportError):
        return False


async def until_up(places: Places, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(60):
        while not await is_up(places):
            assert process.poll() is None, places.log.read_text()
            await asyncio.sleep(0.1)


async def play_on(places: Places, process: subprocess.Popen[bytes], play: Play, seed: int = SEED) -> None:
    await until_up(places, process)
    addresses = places.addresses()
    organisers = cast_organisers(play.events, seed, load_edition(EDITION), "no secret: these people do not exist")
    posting = asyncio.create_task(post_all(play, organisers, addresses["registration"], places.mailbox))
    await watch(play, places.health_addresses(), posting, lambda: None)


@pytest.fixture(scope="module")
def stack(make_state_dir: Callable[[], Path]) -> Iterator[Stack]:
    places = Places(make_state_dir())
    places.log.parent.mkdir()
    process = start(places)
    stack = Stack(places, process, Play(EVENTS))
    try:
        asyncio.run(play_on(places, process, stack.play))
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.stop()


def runs(process: psutil.Process) -> bool:
    # one that has ended stays in the table until the machine's first process has noticed
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def kits(places: Places) -> list[EmailMessage]:
    """The mails with a kit."""
    mails = [message_from_bytes(bytes(mail), policy=default) for mail in mailbox.Maildir(places.mailbox, create=False)]
    return [mail for mail in mails if "kit.semaine-industrie" in mail["Message-ID"]]


def event_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    page = re.search(r"/evenements/([0-9a-f-]{36})", body.get_content())
    assert page is not None
    return page[1]


def pieces_of(mail: EmailMessage) -> dict[str, bytes]:
    attachment = next(iter(mail.iter_attachments()))
    with zipfile.ZipFile(io.BytesIO(attachment.get_content())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def features(stack: Stack) -> list[dict[str, dict[str, str]]]:
    answer = httpx.get(f"{stack.places.addresses()['map-feed']}/evenements.geojson")
    found: list[dict[str, dict[str, str]]] = answer.json()["features"]
    return found


def test_every_event_reaches_a_final_state_and_the_services_agree(stack: Stack) -> None:
    assert open_questions(stack.play) == []
    assert stack.play.counts["registration"]["submitted"] == EVENTS
    assert stack.play.counts["labelling"]["labelled"] > 0
    assert stack.play.counts["labelling"]["rejected"] > 0


def test_a_kit_is_mailed_for_each_labelled_event_and_for_no_other(stack: Stack) -> None:
    mailed = [event_of(mail) for mail in kits(stack.places)]
    assert len(mailed) == stack.play.counts["labelling"]["labelled"]
    assert sorted(mailed) == sorted(feature["properties"]["id"] for feature in features(stack))


def test_a_poster_names_the_event_and_its_code_leads_to_the_events_page(stack: Stack) -> None:
    mail = kits(stack.places)[0]
    pieces = pieces_of(mail)
    assert set(pieces) == {"affiche-a4.pdf", "guide.pdf", "qr.svg", "qr.png", "evenement.ics"}

    page = pypdfium2.PdfDocument(pieces["affiche-a4.pdf"])[0]
    picture = page.render(scale=3).to_pil()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture.save(SCREENSHOTS / "poster.png")
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"{stack.places.addresses()['map-feed']}/evenements/{event_of(mail)}"
    assert httpx.get(code.text).status_code == 200


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_visitor_sees_a_pin_and_a_list_entry(stack: Stack, width: int) -> None:
    async with async_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        page = await browser.new_page(viewport={"width": width, "height": 900})
        await page.goto(stack.places.addresses()["map-feed"])
        await expect(page.locator("main a[href*='/evenements/']").first).to_be_visible()
        await expect(page.locator(".leaflet-marker-icon").first).to_be_attached()
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / f"map-{width}.png")
        await browser.close()


def test_stopped_and_started_again_the_platform_goes_on_where_it_was_and_mails_nothing_twice(stack: Stack) -> None:
    mailed = sorted(event_of(mail) for mail in kits(stack.places))
    children = psutil.Process(stack.process.pid).children(recursive=True)

    assert stack.stop() == 0
    assert [child for child in children if runs(child)] == []

    stack.process = start(stack.places)
    more = Play(EVENTS + 10)
    asyncio.run(play_on(stack.places, stack.process, more))
    assert more.counts["registration"]["submitted"] == EVENTS + 10
    mailed_now = [event_of(mail) for mail in kits(stack.places)]
    assert len(mailed_now) == len(set(mailed_now)) == more.counts["labelling"]["labelled"]
    assert set(mailed) <= set(mailed_now)


def test_killed_in_the_middle_it_loses_no_event_and_mails_none_twice(make_state_dir: Callable[[], Path]) -> None:
    places = Places(make_state_dir())
    places.log.parent.mkdir()
    process = start(places)

    async def until_some_are_labelled() -> None:
        await until_up(places, process)
        addresses = places.addresses()
        organisers = cast_organisers(30, SEED, load_edition(EDITION), "no secret: these people do not exist")
        posting = asyncio.create_task(post_all(Play(30), organisers, addresses["registration"], places.mailbox))
        async with asyncio.timeout(60), httpx.AsyncClient() as client:
            while (await client.get(f"{places.health_addresses()['commskit']}/health/counts")).json()["accepted"] < 3:
                await asyncio.sleep(0.05)
        posting.cancel()

    asyncio.run(until_some_are_labelled())
    family = psutil.Process(process.pid).children(recursive=True)
    for child in [*family, psutil.Process(process.pid)]:
        if child.is_running():
            child.kill()
    process.wait(10)

    process = start(places)
    try:
        again = Play(30)
        asyncio.run(play_on(places, process, again))
        assert again.counts["registration"]["submitted"] == 30
        mailed = [event_of(mail) for mail in kits(places)]
        assert len(mailed) == len(set(mailed)) == again.counts["labelling"]["labelled"]
    finally:
        process.terminate()
        process.wait(60)
