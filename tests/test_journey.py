"""The whole journey on real Kafka and PostgreSQL, each service a process of its own, seen in a real browser."""

from __future__ import annotations

import asyncio
import html
import io
import json
import mailbox
import re
import socket
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psutil
import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import async_playwright, expect
from python_calamine import CalamineWorkbook

from backbone.runtime.metrics import Book, FloorMetrics
from backbone.runtime.spans import ATTRIBUTES
from backbone.testing.browser import BROWSER
from backbone.testing.collector import Collector, Received
from backbone.testing.scraped import Scraped, read
from backbone.testing.waiting import until
from local_stack.deeds import ACCESS, AGAIN, CANCELLED, MOVED_ONLINE, POSTPONED
from local_stack.federation import FAULTS, ROWS
from local_stack.organisers import PLAYS_FROM, Deed, Organiser
from local_stack.places import Places
from local_stack.play import Play, open_questions
from local_stack.program import Program, patient_client
from registration_client.models import EventDraft, EventView

LIKE_A_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}")
STATES = ("labelled", "rejected", "in_review", "suspended", "withdrawn")
pytestmark = pytest.mark.timeout(900)  # the first of them starts five services and waits for a whole edition

expect.set_options(timeout=60_000)  # a machine that is busy with other tests shows a page later, not another one
ROOT = Path(__file__).parents[1]
SCREENSHOTS = ROOT / ".local" / "screenshots"
EVENTS = 40


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def told(collector: Collector) -> Mapping[str, str]:
    """All that the services would rather not say: every trace, and a log of everything."""
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "500",
        "TRACES_SAMPLED": "1",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
    }


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


def test_an_organiser_downloads_from_another_process_the_very_kit_that_was_mailed_to_them(stack: Any) -> None:
    mail, registration = kits(stack.places)[0], stack.places.addresses()["registration"]
    who = next(one for one in stack.organisers() if one.email == str(mail["To"]))
    credentials = {"email": who.email, "password": who.password}
    token = httpx.post(f"{registration}/v1/tokens", json=credentials).raise_for_status().json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    kit = httpx.get(f"{registration}/v1/events/{event_of(mail)}/kit", headers=headers).raise_for_status().json()
    assert kit["state"] == "sent"
    assert httpx.get(kit["download_url"].rpartition("?")[0]).status_code == 410
    answer = httpx.get(kit["download_url"], timeout=120).raise_for_status()
    [mailed] = mail.iter_attachments()
    assert answer.content == mailed.get_content()
    assert answer.headers["content-disposition"] == f'attachment; filename="{mailed.get_filename()}"'


REGISTERED = ("registration", "POST /v1/events/{event_id}/submission")
ITS_WAY = [
    (("registration", "send registration.events"), REGISTERED),
    (("labelling", "process registration.events"), ("registration", "send registration.events")),
    (("labelling", "send labelling.decisions"), ("labelling", "process registration.events")),
    (("geocoding", "process registration.events"), ("registration", "send registration.events")),
    (("geocoding", "job look-up"), ("geocoding", "process registration.events")),
    (("geocoding", "geocode"), ("geocoding", "job look-up")),
    (("geocoding", "send geocoding.locations"), ("geocoding", "job look-up")),
    (("commskit", "process labelling.decisions"), ("labelling", "send labelling.decisions")),
    (("commskit", "job kit"), ("commskit", "process labelling.decisions")),
    (("commskit", "render kit"), ("commskit", "job kit")),
    (("commskit", "hand over mail"), ("commskit", "job kit")),
    (("commskit", "send commskit.kits"), ("commskit", "job kit")),
    (("registration", "process labelling.decisions"), ("labelling", "send labelling.decisions")),
    (("registration", "process geocoding.locations"), ("geocoding", "send geocoding.locations")),
    (("registration", "process commskit.kits"), ("commskit", "send commskit.kits")),
    (("map-feed", "process labelling.decisions"), ("labelling", "send labelling.decisions")),
    (("map-feed", "process geocoding.locations"), ("geocoding", "send geocoding.locations")),
]
"""What belongs to the trace of an event with a label, and what each part of it follows from."""
HEARD = {("map-feed", "process labelling.decisions"), ("map-feed", "process geocoding.locations")}


def ways(spans: list[Received]) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    """What follows from what, by service and name."""
    known = {span.span_id: (span.service, span.name) for span in spans}
    return {((span.service, span.name), known[span.parent_id]) for span in spans if span.parent_id in known}


def page_of(stack: Any, event: str) -> str:
    answer = httpx.get(f"{stack.places.addresses()['map-feed']}/evenements/{event}").raise_for_status()
    return html.unescape(answer.text)


async def test_one_trace_leads_from_the_organisers_request_to_the_pin_on_the_map_and_the_mail(
    stack: Any, collector: Collector, eventually: Callable[..., Any]
) -> None:
    feature = next(one for one in features(stack) if one["geometry"])
    event = feature["properties"]["id"]
    assert [event_of(mail) for mail in kits(stack.places)].count(event) == 1
    assert feature["properties"]["title"] in page_of(stack, event)

    def trace() -> list[Received]:
        named = [span for span in collector.spans if span.attributes.get("sdi.event.id") == event]
        requests = [span for span in named if (span.service, span.name) == REGISTERED]
        return collector.of(requests[0].trace_id) if requests else []

    async def is_whole() -> bool:
        shown = [span for span in trace() if span.name == "show on the map" and span.attributes["sdi.shown.pin"]]
        return bool(shown) and ways(trace()) >= set(ITS_WAY)

    await eventually(is_whole)
    spans = trace()
    by_id = {span.span_id: span for span in spans}
    roots = [(span.service, span.name) for span in spans if not span.parent_id]
    assert roots == [REGISTERED]
    assert [span for span in spans if span.parent_id and span.parent_id not in by_id] == []
    assert [span for span in spans if span.parent_id and span.began < by_id[span.parent_id].began] == []
    shown = [span for span in spans if span.name == "show on the map"]
    assert {(by_id[span.parent_id].service, by_id[span.parent_id].name) for span in shown} <= HEARD
    assert {span.attributes["sdi.event.id"] for span in spans if "sdi.event.id" in span.attributes} == {event}
    (handed_over,) = [span for span in spans if span.name == "hand over mail"]
    assert handed_over.attributes == {"sdi.mail.kind": "kit"}


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_visitor_sees_a_pin_and_a_list_entry(stack: Any, width: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**BROWSER)
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
            assert not any("@" in value or LIKE_A_UUID.search(value) for value in given.values()), (name, given)


def words_of_people(organisers: list[Organiser]) -> set[str]:
    """What they are called, how they are reached, and what they wrote."""
    found = {text for who in organisers for text in (who.name, who.email, who.password, who.organisation)}
    for who in organisers:
        for _, draft in who.events:
            venue = draft.get("venue", {})
            wrote = [draft["title"], draft["description"], draft["organisation"], draft.get("booking_email")]
            found |= {text for text in [*wrote, draft.get("website"), venue.get("street"), venue.get("name")] if text}
    return found


HERS = (
    "Marie Curie-Sklodowska",
    "marie.curie@exemple.example",
    "06 12 34 56 78",
    "+33612345678",
    "un mot de passe à elle",
)


def test_no_line_of_a_log_and_no_span_says_who_somebody_is_or_what_they_wrote(stack: Any, collector: Collector) -> None:
    name, address, phone, number, password = HERS
    with httpx.Client(
        base_url=stack.places.addresses()["registration"], transport=httpx.HTTPTransport(local_address=PLAYS_FROM)
    ) as client:
        account = {"email": address, "password": password, "name": f"{name} {phone}", "organisation": name}
        asked = [
            client.post("/v1/accounts", json=account),
            client.post("/v1/accounts", json={**account, "email": f"{address} {phone}"}),
            client.post("/v1/tokens", json={"email": address, "password": password}),
            client.post("/v1/tokens", content=f'{{"email": "{address}", "name": "{name}'.encode()),
            client.post("/v1/accounts/confirmations", json={"token": f"{address}.{number}"}),
            client.get(f"/confirmer?jeton={address}"),
            client.get(f"/v1/events/{address}", headers={"Authorization": f"Bearer {number}"}),
            client.get(f"/{number}/{address}", headers={"traceparent": number, "User-Agent": name, "baggage": name}),
        ]
    assert {answer.status_code for answer in asked} >= {401, 404, 422}, asked
    assert max(answer.status_code for answer in asked) < 500

    words = words_of_people(stack.organisers()) | set(HERS)
    assert len(words) > 200
    log = stack.places.log.read_text()
    lines = [line.split("| ", 1)[1] for line in log.splitlines() if '{"' in line]
    said = [json.loads(line) for line in lines if line.startswith("{")]
    assert {line["level"] for line in said} >= {"INFO", "WARNING"}
    assert [word for word in words if word in log or json.dumps(word)[1:-1] in log] == []
    told = json.dumps([[span.name, span.attributes] for span in collector.spans], ensure_ascii=False)
    assert len(collector.spans) > 20 * EVENTS
    assert [word for word in words if word in told] == []
    assert {key for span in collector.spans for key in span.attributes} <= set(ATTRIBUTES)
    assert not any(span.has_words for span in collector.spans)


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


async def as_their_organisers_see_them(stack: Any, organisers: list[Organiser]) -> dict[UUID, EventView]:
    found: dict[UUID, EventView] = {}
    async with patient_client(stack.places.addresses()["registration"]) as http:
        for who in organisers:
            found |= {event.id: event for event in await Program(http, who).events()}
    return found


WHAT_VISITORS_READ = {
    Deed.AMENDED: [ACCESS],
    Deed.CANCELLED: ["Annulé", CANCELLED],
    Deed.POSTPONED: ["Reporté", POSTPONED],
    Deed.MOVED_ONLINE: ["en ligne", MOVED_ONLINE],
}


def what_visitors_read_otherwise(stack: Any, done: dict[UUID, Deed], seen: dict[UUID, EventView]) -> list[object]:
    """What is not on the map as its organiser said it, or is there and should not be."""
    on_map = {UUID(feature["properties"]["id"]) for feature in features(stack)}
    labelled = {event.id for event in seen.values() if event.state == "labelled"}
    wrong: list[object] = list(labelled ^ on_map)
    for event, deed in done.items():
        page = without_narrow_spaces(page_of(stack, str(event))) if event in on_map else ""
        wrong += [(event, deed, words) for words in WHAT_VISITORS_READ.get(deed, ()) if page and words not in page]
    return wrong


def without_narrow_spaces(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


async def test_what_organisers_do_afterwards_is_on_the_map_as_they_said_it_and_played_again_it_is_the_same(
    stack: Any, eventually: Callable[..., Any]
) -> None:
    play = Play(EVENTS + 20)
    await stack.play_whole(play)
    organisers, federation = stack.organisers(play.events), stack.federation()
    done = {event: deed for who in organisers for event, deed in who.deeds.items()}
    assert play.deeds == Counter(done.values())
    assert set(play.deeds) == set(Deed)
    assert play.handed is not None
    assert (play.handed.rows, play.handed.submitted, len(play.handed.wrong)) == (ROWS, ROWS - len(FAULTS), len(FAULTS))
    assert play.counts["registration"]["submitted"] == play.expected

    everybody = [*organisers, federation.who]
    seen = await as_their_organisers_see_them(stack, everybody)

    async def is_as_they_said() -> bool:
        return not what_visitors_read_otherwise(stack, done, seen)

    await eventually(is_as_they_said)
    drafts = [event.draft for event in seen.values() if isinstance(event.draft, EventDraft)]
    repeated = {draft.copied_from for draft in drafts if draft.copied_from and AGAIN in (draft.title or "")}
    assert repeated == {event for event, deed in done.items() if deed == Deed.COPIED}
    right = {row["Titre"] for number, row in enumerate(federation.rows, 1) if number not in FAULTS}
    assert {draft.title for draft in drafts} >= right
    assert {seen[event].state for event, deed in done.items() if deed == Deed.WITHDRAWN} == {"withdrawn"}
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(play.handed.report)).get_sheet_by_index(0).to_python()
    said = {row[0]: row[-1] for row in sheet[1:]}
    assert {row for row, words in said.items() if "Laissé de côté" in str(words)} == {"FED-004", "FED-013", "FED-022"}

    colleagues = [who.colleague for who in organisers if who.colleague]
    theirs = {event for who in organisers if who.colleague for event, _ in who.events}
    assert theirs <= (await as_their_organisers_see_them(stack, colleagues)).keys()

    again = Play(EVENTS + 20)
    await stack.play_whole(again)
    after = await as_their_organisers_see_them(stack, everybody)
    assert {event.id: event.version for event in after.values()} == {one.id: one.version for one in seen.values()}
    assert (again.deeds, again.colleagues, again.expected) == (play.deeds, play.colleagues, play.expected)


def test_killed_in_the_middle_it_loses_no_event_and_mails_none_twice(make_stack: Callable[[], Any]) -> None:
    stack = make_stack()

    async def until_some_are_labelled() -> None:
        await stack.until_up()
        commskit = stack.places.health_addresses()["commskit"]
        posting = asyncio.create_task(stack.post(Play(30)))
        async with httpx.AsyncClient() as client:

            async def are_mailed() -> bool:
                return bool((await client.get(f"{commskit}/health/counts")).json()["accepted"] >= 3)

            await until("some kits are mailed", are_mailed, 180.0, pace=0.05)
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
