"""The whole journey on real Kafka and PostgreSQL, each service a process of its own, seen in a real browser."""

from __future__ import annotations

import asyncio
import io
import mailbox
import re
import socket
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import async_playwright, expect

from backbone.runtime.metrics import Book, FloorMetrics
from backbone.testing.scraped import Scraped, read
from local_stack.places import Places
from local_stack.play import Play, open_questions

UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}")
STATES = ("labelled", "rejected", "in_review", "suspended", "withdrawn")
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


def told_by(stack: Any) -> dict[str, Scraped]:
    """What each service tells Prometheus."""
    addresses = stack.places.health_addresses()
    return {service: read(httpx.get(f"{at}/metrics").raise_for_status().text) for service, at in addresses.items()}


def test_what_the_services_tell_prometheus_is_what_happened(stack: Any) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(stack.places.addresses()["registration"]).port)) as stranger:
        stranger.sendall(b"nothing of HTTP\r\n\r\n")
        assert stranger.recv(100).startswith(b"HTTP/1.1 400")
    told, counts, labelled = told_by(stack), stack.played.counts, stack.played.counts["labelling"]["labelled"]
    submission = {"method": "POST", "route": "/v1/events/{event_id}/submission"}
    registration = told["registration"]
    assert registration.of("sdi_http_requests_total", **submission, status="200") == EVENTS
    assert registration.of("sdi_http_request_seconds_count", **submission) == EVENTS
    assert registration.by("sdi_http_refused_total", "why") == {("no_request",): 1}
    submitted = {"topic": "registration.events", "type": "EventSubmitted"}
    assert registration.of("sdi_facts_told_total", **submitted) == EVENTS
    confirmed = registration.by("sdi_facts_told_total", "type", topic="registration.organisers")
    people = registration.of("sdi_mails_total", kind="confirmation", outcome="handed_over")
    assert confirmed == {("OrganiserRegistered",): people}
    for service in ("labelling", "geocoding"):
        assert told[service].of("sdi_messages_heard_total", **submitted, outcome="folded") == EVENTS
        assert told[service].of("sdi_message_delay_seconds_count", topic="registration.events") == EVENTS
    decided = told["labelling"].by("sdi_decisions_total", "label", "by")
    assert sum(number for (label, _), number in decided.items() if label == "granted") == labelled
    stands = {(name,): number for name, number in counts["labelling"].items() if number and name in STATES}
    assert told["labelling"].by("sdi_counts", "name") == stands
    located = sum(told["geocoding"].by("sdi_located_total", "precision").values())
    assert located == told["geocoding"].of("sdi_job_seconds_count", kind="look-up", outcome="done") > 0
    assert told["commskit"].of("sdi_mails_total", kind="kit", outcome="handed_over") == labelled
    assert told["commskit"].by("sdi_kits_total", "outcome") == {("made",): labelled}
    assert told["map-feed"].of("sdi_map_events") == len(features(stack))
    assert 0 <= (told["map-feed"].of("sdi_map_age_seconds") or 0) < 60
    for one in told.values():
        assert one.by("sdi_lag_messages", "topic") == one.by("sdi_lag_seconds", "topic") == {}
        assert len(one.every("sdi_lag_messages")) % 6 == 0 < len(one.every("sdi_lag_messages"))
        assert one.by("sdi_messages_heard_total", "type", outcome="set_aside") == {}
        assert one.by("sdi_jobs", "kind", state="dead") == {}
        assert (one.of("sdi_outbox_facts"), one.of("sdi_outbox_oldest_seconds"), one.of("sdi_broken")) == (0, 0, 0)
        assert set(one.every("sdi_up")) == {1}
        assert one.by("sdi_http_requests_total", "status", route="(none)").keys() <= {("404",)}


@pytest.mark.parametrize("service", ["registration", "labelling", "geocoding", "commskit", "map_feed"])
def test_no_service_tells_prometheus_what_it_has_not_declared(stack: Any, service: str) -> None:
    book = Book()
    FloorMetrics(book)
    import_module(f"{service}.metrics").Metrics(book)
    declared = {one.name: one.labels for one in book.declared}
    told = told_by(stack)[service.replace("_", "-")]
    assert len(told) > 100
    for name, labels in told:
        if not name.startswith(("process_", "python_")):
            about = declared[name if name in declared else re.sub("_(bucket|count|sum)$", "", name)]
            given = {label: value for label, value in labels if label != "le"}
            assert given.keys() == about.keys(), name
            closed = {label: values for label, values in about.items() if not isinstance(values, str)}
            assert all(given[label] in values for label, values in closed.items()), (name, given)
            assert not any("@" in value or UUID.search(value) for value in given.values()), (name, given)


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
