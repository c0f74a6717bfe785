"""The whole journey on real Kafka and PostgreSQL, each service a process of its own, seen in a real browser."""

from __future__ import annotations

import asyncio
import io
import mailbox
import re
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import psutil
import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import async_playwright, expect

from local_stack.places import Places
from local_stack.play import Play, open_questions

pytestmark = pytest.mark.timeout(900)  # the first of them starts five services and waits for a whole edition

expect.set_options(timeout=60_000)  # a machine that is busy with other tests shows a page later, not another one
ROOT = Path(__file__).parents[1]
SCREENSHOTS = ROOT / ".local" / "screenshots"
EVENTS = 40


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


def features(stack: Any) -> list[dict[str, dict[str, str]]]:
    answer = httpx.get(f"{stack.places.addresses()['map-feed']}/evenements.geojson")
    found: list[dict[str, dict[str, str]]] = answer.json()["features"]
    return found


def test_every_event_reaches_a_final_state_and_the_services_agree(stack: Any) -> None:
    assert open_questions(stack.played) == []
    assert stack.played.counts["registration"]["submitted"] == EVENTS
    assert stack.played.counts["labelling"]["labelled"] > 0
    assert stack.played.counts["labelling"]["rejected"] > 0


def test_a_kit_is_mailed_for_each_labelled_event_and_for_no_other(stack: Any) -> None:
    mailed = [event_of(mail) for mail in kits(stack.places)]
    assert len(mailed) == stack.played.counts["labelling"]["labelled"]
    assert sorted(mailed) == sorted(feature["properties"]["id"] for feature in features(stack))


def test_a_poster_names_the_event_and_its_code_leads_to_the_events_page(stack: Any) -> None:
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
async def test_a_visitor_sees_a_pin_and_a_list_entry(stack: Any, width: int) -> None:
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


def test_stopped_and_started_again_the_platform_goes_on_where_it_was_and_mails_nothing_twice(stack: Any) -> None:
    mailed = sorted(event_of(mail) for mail in kits(stack.places))
    children = psutil.Process(stack.process.pid).children(recursive=True)

    assert stack.stop() == 0
    assert [child for child in children if runs(child)] == []

    stack.start()
    more = Play(EVENTS + 10)
    asyncio.run(stack.play(more))
    assert more.counts["registration"]["submitted"] == EVENTS + 10
    mailed_now = [event_of(mail) for mail in kits(stack.places)]
    assert len(mailed_now) == len(set(mailed_now)) == more.counts["labelling"]["labelled"]
    assert set(mailed) <= set(mailed_now)


def test_a_play_waits_for_a_service_that_was_killed_names_it_and_comes_to_its_end(stack: Any) -> None:
    play, waited_for, killed = Play(EVENTS + 20), set(), []

    def kill_as_soon_as_something_is_new() -> None:
        if play.posted > EVENTS + 10 and not killed:
            killed.extend(process_of(stack, service) for service in ("registration", "labelling"))
            for process in killed:
                process.kill()
        waited_for.update(play.away)

    asyncio.run(stack.play(play, kill_as_soon_as_something_is_new))
    assert waited_for >= {"registration", "labelling"}
    assert play.counts["registration"]["submitted"] == EVENTS + 20
    again = [line.split("| ")[1] for line in stack.places.log.read_text().splitlines() if "has ended" in line]
    assert sorted(again) == [
        "labelling has ended (killed by SIGKILL): starting it again in 1 s (try 1 of 5)",
        "registration has ended (killed by SIGKILL): starting it again in 1 s (try 1 of 5)",
    ]


def process_of(stack: Any, service: str) -> psutil.Process:
    children = psutil.Process(stack.process.pid).children()
    (found,) = [child for child in children if any(word.endswith(f"/{service}") for word in child.cmdline())]
    return found


def test_killed_in_the_middle_it_loses_no_event_and_mails_none_twice(make_stack: Callable[[], Any]) -> None:
    stack = make_stack()

    async def until_some_are_labelled() -> None:
        await stack.until_up()
        commskit = stack.places.health_addresses()["commskit"]
        posting = asyncio.create_task(stack.post(Play(30)))
        async with asyncio.timeout(180), httpx.AsyncClient() as client:
            while (await client.get(f"{commskit}/health/counts")).json()["accepted"] < 3:
                await asyncio.sleep(0.05)
        posting.cancel()

    asyncio.run(until_some_are_labelled())
    stack.kill()

    stack.start()
    again = Play(30)
    asyncio.run(stack.play(again))
    assert again.counts["registration"]["submitted"] == 30
    mailed = [event_of(mail) for mail in kits(stack.places)]
    assert len(mailed) == len(set(mailed)) == again.counts["labelling"]["labelled"]
    assert stack.stop() == 0
