"""The canary goes the way of all events, and nobody sees it: the whole journey with Kafka in memory.

Every page and every answer that can be got is got, by its route, so that one that is added later is looked at too.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, text
from starlette.routing import BaseRoute, Mount, Route

import registration.handlers.canary
from backbone.contracts import Admission, canary
from backbone.http.access import Caller
from backbone.postgres.upkeep import Upkeep
from backbone.testing.scraped import Scraped, scrape
from map_feed.chronicle import Chronicle
from registration.domain.draft import EventDraft
from registration.handlers.canary import Canary

from .test_journey_in_memory import VISIT, Organiser, Platform, organiser, platform

__all__ = ["organiser", "platform"]  # the fixtures of the journey

TRACES = re.compile("canari|ca9a5100|passage \\d{13}|sonde interne", re.IGNORECASE)
SERVICES = ("registration", "labelling", "geocoding", "commskit", "map-feed")


async def flies(platform: Platform) -> int:
    """A canary is submitted, and everything settles; the revision."""
    desk = platform.services["registration"].http.state.desk  # type: ignore[attr-defined]
    bird = Canary(desk, 60)
    async with desk.engine.begin() as tx:
        flight = await bird.submit(tx)
    await platform.settle()
    await bird.look([flight])
    await tell_changes(platform)
    return flight.revision


async def tell_changes(platform: Platform) -> None:
    [chronicle] = (part for part in platform.services["map-feed"].parts if isinstance(part, Chronicle))
    async with platform.services["map-feed"].engine.connect() as connection:
        await chronicle.catch_up(connection)


async def counts(platform: Platform) -> dict[str, Any]:
    answers = {name: await platform.health(name).get("/health/counts") for name in SERVICES}
    return {name: answer.json() for name, answer in answers.items()}


def paths(routes: list[BaseRoute], **meant: str) -> Iterator[str]:
    """What can be got, whatever it is."""
    for route in routes:
        if router := getattr(route, "original_router", None):  # FastAPI keeps those that it includes as they are
            yield from paths(router.routes, **meant)
        elif isinstance(route, Mount):
            yield from (f"{route.path}{path}" for path in paths(list(route.routes or []), **meant))
        elif isinstance(route, Route) and "GET" in (route.methods or ()):
            yield re.sub(r"\{(\w+)(:\w+)?\}", lambda name: meant.get(name[1], str(canary.EVENT)), route.path)


async def answers(
    platform: Platform, service: str, headers: dict[str, str] | None = None, cookies: dict[str, str] | None = None
) -> AsyncIterator[httpx.Response]:
    routes = platform.services[service].http.routes
    assert set(paths(routes)) >= KNOWN[service]
    for edition in ("2026", canary.EDITION):
        for path in dict.fromkeys(paths(routes, edition=edition)):
            for query in ("", "?q=guidee"):
                async with platform.client(service) as client:
                    client.headers.update(headers or {})
                    client.cookies.update(cookies or {})
                    yield await client.get(path + query)


async def leaks(platform: Platform, service: str, **how: Any) -> list[str]:
    """Where a trace of the canary was read that whoever asked did not bring along."""
    found = []
    async for answer in answers(platform, service, **how):
        asked = answer.request.url
        said = answer.text.replace(asked.path, "") if len(asked.path) > 1 else answer.text
        if hit := TRACES.search(said):
            found.append(f"{asked}: …{said[max(0, hit.start() - 60) : hit.end() + 60]}…")
    return found


KNOWN = {
    "registration": {"/v1/events", "/connexion"},
    "labelling": {"/v1/reviews", "/v1/statistics", "/relecture"},
    "map-feed": {"/", "/v1/changes", "/evenements.geojson"},
}
WHO = {"name": "Paul Durand", "organisation": "Forges"}


def of_stage(told: Scraped, stage: str) -> float | None:
    return told.of("sdi_canary_seconds_count", stage=stage)


async def test_a_canary_comes_to_every_stage_by_the_way_of_all_events(platform: Platform) -> None:
    first = await flies(platform)
    told = await scrape(platform.services["registration"])
    assert [of_stage(told, stage) for stage in ("decided", "located", "equipped")] == [1, 1, 1]
    shown = await scrape(platform.services["map-feed"])
    arrived = {stage: told.of("sdi_canary_arrived_timestamp_seconds", stage=stage) for stage in ("decided", "equipped")}
    arrived["on_map"] = shown.of("sdi_canary_arrived_timestamp_seconds", stage="on_map")
    # one moment, which the services write with more or fewer digits
    assert all(at == pytest.approx(arrived["on_map"], abs=0.01) for at in arrived.values()), arrived
    second = await flies(platform)
    assert second > first
    assert of_stage(await scrape(platform.services["map-feed"]), "on_map") in (1, 2)
    assert of_stage(await scrape(platform.services["registration"]), "equipped") == 2
    # each kit was drawn, and handed to no mail server
    told = await scrape(platform.services["commskit"])
    assert told.of("sdi_kits_total", outcome="made") == 2
    assert told.by("sdi_mails_total", "outcome", kind="kit") == {}
    assert platform.mailer.sent == []

    # and what is kept of them stays small
    for name in ("registration", "labelling", "commskit"):
        for upkeep in (part for part in platform.services[name].parts if isinstance(part, Upkeep)):
            await upkeep.purge_all()

    async def rows(service: str, table: str) -> int:
        async with platform.services[service].engine.connect() as tx:
            return int(await tx.scalar(select(func.count()).select_from(text(table))) or 0)

    kept = [("labelling", "decisions"), ("labelling", "tallies"), ("labelling", "cases"), ("commskit", "kits")]
    kept += [("commskit", "events"), ("geocoding", "venues"), ("map-feed", "events"), ("registration", "events")]
    assert {one: await rows(*one) for one in kept} == dict.fromkeys(kept, 1)
    await flies(platform)
    assert of_stage(await scrape(platform.services["registration"]), "equipped") == 3


async def test_whoever_looks_anywhere_sees_no_canary_and_no_count_has_it(
    platform: Platform, organiser: Organiser
) -> None:
    event_id = await organiser.submit(VISIT)
    await tell_changes(platform)
    before, mails = await counts(platform), len(platform.mailer.sent)
    statistics = (await platform.client("labelling").get("/v1/statistics")).json()
    changes = (await platform.client("map-feed").get("/v1/changes")).json()
    await flies(platform)

    assert await leaks(platform, "map-feed") == []
    assert await leaks(platform, "registration") == []
    assert await leaks(platform, "registration", headers=dict(organiser.api.headers)) == []
    desk = platform.services["labelling"].http.state.desk  # type: ignore[attr-defined]
    for role, regions in (("administrator", ()), ("reviewer", ("11", "00"))):
        token = desk.keys.sign(Caller(uuid4(), role, frozenset(regions), "DREETS", "Camille Martin"))
        by_program, by_page = {"Authorization": f"Bearer {token}"}, {"session": token}
        assert await leaks(platform, "labelling", headers=by_program) == []
        assert await leaks(platform, "labelling", cookies=by_page) == []
    assert len(platform.mailer.sent) == mails
    assert (await platform.client("map-feed").get("/v1/changes")).json() == changes
    assert [one["data"]["event_id"] for one in changes["changes"]] == [event_id]
    now = await counts(platform)
    for service in SERVICES:
        assert without_work(now[service]) == without_work(before[service]), service
    labelling = platform.client("labelling")
    assert (await labelling.get(f"/v1/statistics?edition={canary.EDITION}")).status_code == 404
    assert (await labelling.get("/v1/statistics")).json() == statistics
    told = await scrape(platform.services["labelling"])
    assert told.by("sdi_decisions_total", "label", "by") == {("granted", "rules"): 1}
    assert (await scrape(platform.services["map-feed"])).of("sdi_map_events") == 1


def without_work(counts: dict[str, Any]) -> dict[str, Any]:
    """Without what was worked on and passed over, whoever's it is."""
    return {name: number for name, number in counts.items() if name not in ("jobs", "passed_over")}


async def test_a_canary_that_the_rules_doubt_is_asked_of_nobody(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = registration.handlers.canary.draft_at

    def doubtful(now: Any) -> EventDraft:
        return written(now).model_copy(update={"admission": Admission.NAMED_GROUP, "title": "Canari, pour une classe"})

    monkeypatch.setattr(registration.handlers.canary, "draft_at", doubtful)
    await platform.settle()
    before = await counts(platform)
    await flies(platform)
    async with platform.services["labelling"].engine.connect() as tx:
        asks = (await tx.execute(text("SELECT asks, region FROM cases"))).one()
    assert tuple(asks) == ("review", "11")
    desk = platform.services["labelling"].http.state.desk  # type: ignore[attr-defined]
    token = desk.keys.sign(Caller(uuid4(), "administrator", frozenset(), "DREETS", "Camille Martin"))
    assert await leaks(platform, "labelling", headers={"Authorization": f"Bearer {token}"}) == []
    assert await leaks(platform, "labelling", cookies={"session": token}) == []
    assert await leaks(platform, "map-feed") == []
    assert platform.mailer.sent == []
    now = await counts(platform)
    assert [without_work(now[one]) for one in SERVICES] == [without_work(before[one]) for one in SERVICES]
    told = await scrape(platform.services["labelling"])
    assert told.by("sdi_reviews_waiting", "region") == {}
    told = await scrape(platform.services["registration"])
    assert (of_stage(told, "decided"), of_stage(told, "located")) == (0, 1)


async def test_nobody_enters_as_the_canary_or_takes_its_place(platform: Platform, organiser: Organiser) -> None:
    taken = await organiser.api.put(f"/v1/events/{canary.EVENT}", json=VISIT)
    assert taken.status_code == 404
    desk = platform.services["registration"].http.state.desk  # type: ignore[attr-defined]
    async with desk.engine.begin() as tx:
        await Canary(desk, 60).submit(tx)
    assert (await organiser.api.put(f"/v1/events/{canary.EVENT}", json=VISIT)).status_code == 404
    mails = len(platform.mailer.sent)
    registration = platform.client("registration")
    for body in ({"email": "canari@canari.invalid"}, {"email": "CANARI@canari.invalid"}):
        asked = [
            await registration.post("/v1/tokens", json={**body, "password": "une phrase assez longue"}),
            await registration.post("/v1/accounts/password-links", json=body),
            await registration.post("/v1/accounts", json={**body, "password": "une phrase assez longue"} | WHO),
        ]
        assert not any(answer.status_code in (200, 500) for answer in asked), asked
    for worker in platform.services["registration"].workers:
        await worker.run_due()
    assert len(platform.mailer.sent) == mails


async def test_where_a_database_was_made_anew_the_canary_goes_on_from_where_the_others_are(platform: Platform) -> None:
    first = await flies(platform)
    async with platform.services["registration"].engine.begin() as tx:
        await tx.execute(text("DELETE FROM timeline"))
        await tx.execute(text("DELETE FROM events"))
        await tx.execute(text("DELETE FROM accounts"))
    assert await flies(platform) > first
    assert of_stage(await scrape(platform.services["map-feed"]), "on_map") in (1, 2)
    assert of_stage(await scrape(platform.services["registration"]), "equipped") == 2
