"""What everybody outside must see, computed from nothing but what organisers and reviewers were told is done."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from backbone.campaign.geography import department_of
from backbone.testing.waiting import until
from geocoding.gazetteer import Gazetteer
from local_stack.health import TRUSTS_NOBODY

from .drafts import IN_REVIEW, LABELLED, REJECTED, Draft, Step, outcomes
from .organiser import Client
from .platform import Platform

FAR_KM = 40.0  # a commune and its neighbours of the same postcode
DECIDED = {LABELLED: "EventLabelled", REJECTED: "EventRejected", IN_REVIEW: "ReviewRequested"}


@dataclass(frozen=True)
class Due:
    """What is due of one event. `is_certain`: whether it can be known from outside at all."""

    shown: Draft | None = None
    is_certain: bool = True


def due(event: str, story: list[Step], words: Mapping[tuple[str, int], str]) -> Due:
    """What the public must see at the end of a story. `words`: what reviewers said of which revision."""
    now = Due()
    expected = outcomes(event, story, words)
    for (revision, step), at_first in zip(enumerate(story, start=1), expected, strict=True):
        outcome = words.get((event, revision), at_first)
        if step is None or outcome == REJECTED:
            now = Due()
        elif outcome == LABELLED:
            now = Due(step)
        elif outcome != IN_REVIEW:  # under review, what had its label keeps it
            now = Due(is_certain=False)
    return now


async def what_is_wrong_outside(platform: Platform) -> AsyncIterator[str]:
    """What visitors and organisers see otherwise than it is due."""
    left: list[str] = []

    async def all_is_seen() -> bool:
        left[:] = [
            f"{replica.url}: {what}"
            for replica in platform.replicas["map-feed"]
            for what in _wrong_on_the_map(await features(replica.url), platform)
        ]
        return not left

    try:
        await until("the map shows what it must", all_is_seen, 20.0, pace=0.3)
    except AssertionError:
        for what in left:
            yield what
    for client in platform.clients:
        async for what in _wrong_for_the_organiser(client, platform.words):
            yield what


async def features(url: str) -> dict[str, dict[str, Any]]:
    """What the map shows, by event."""
    async with httpx.AsyncClient(timeout=20.0, verify=TRUSTS_NOBODY) as visitor:
        answer = (await visitor.get(f"{url}/evenements.geojson")).raise_for_status()
    return {feature["id"]: feature for feature in answer.json()["features"]}


def _wrong_on_the_map(features: Mapping[str, dict[str, Any]], platform: Platform) -> Iterator[str]:
    stories = platform.stories
    for event in features.keys() - stories.keys():
        yield f"the map shows {event}, which nobody posted"
    for event, story in stories.items():
        at_last, feature = due(event, story, platform.words), features.get(event)
        if not at_last.is_certain:
            continue
        if at_last.shown is None and feature is not None:
            yield f"the map shows {event}, which has no label"
        elif at_last.shown is not None and feature is None:
            yield f"the map does not show {event}, which has its label"
        elif at_last.shown is not None and feature is not None:
            yield from (f"the map shows {event} with {what}" for what in _differs(feature, at_last.shown.body))


def _differs(feature: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    shown, slots = feature["properties"], sorted(body["slots"], key=lambda slot: str(slot["starts_at"]))
    due_ = {
        "title": body["title"],
        "organisation": body["organisation"],
        "starts_at": slots[0]["starts_at"][:16],
        "ends_at": max(slot["ends_at"] for slot in slots)[:16],
    }
    # hours are those of the place: what was typed is what is shown, whatever the zone
    shown = {**shown, "starts_at": shown["starts_at"][:16], "ends_at": shown["ends_at"][:16]}
    for name, value in due_.items():
        if shown[name] != value:
            yield f"{name} {shown[name]!r} instead of {value!r}"
    if venue := body.get("venue"):
        if shown["postcode"] != venue["postcode"] or shown["department"] != department_of(venue["postcode"]):
            yield f"the place {shown['postcode']} ({shown['department']}) instead of {venue['postcode']}"
        if feature["geometry"] and not _is_near(feature["geometry"]["coordinates"], venue["postcode"]):
            yield f"a pin at {feature['geometry']['coordinates']}, far from {venue['postcode']}"
    elif feature["geometry"] or not shown["online"]:
        yield "a place, though it is online"


@cache
def _towns() -> dict[str, list[tuple[float, float]]]:
    towns: dict[str, list[tuple[float, float]]] = {}
    for commune in Gazetteer.load().communes():
        for postcode in commune.postcodes:
            towns.setdefault(postcode, []).append((commune.longitude, commune.latitude))
    return towns


def _is_near(point: tuple[float, float], postcode: str) -> bool:
    longitude, latitude = point
    return any(
        math.hypot((longitude - x) * math.cos(math.radians(y)), latitude - y) * 111.2 < FAR_KM
        for x, y in _towns().get(postcode) or _towns_of_department(postcode)
    )


def _towns_of_department(postcode: str) -> list[tuple[float, float]]:
    """Where a postcode of a single addressee (CEDEX) may lie: it is no commune's."""
    here = department_of(postcode)
    return [place for known, places in _towns().items() if department_of(known) == here for place in places]


async def _wrong_for_the_organiser(client: Client, words: Mapping[tuple[str, int], str]) -> AsyncIterator[str]:
    shown = {event["id"]: event for event in await client.events()}
    for event in shown.keys() ^ client.story.keys():
        yield f"the organiser's list and what was acknowledged differ about {event}"
    for event in shown.keys() & client.story.keys():
        for what in _wrong_in_the_list(shown[event], client.story[event], words):
            yield f"{event} is {what} in its organiser's list"
    for event, story in client.story.items():
        if client.looked_at.get(event) != len(story):  # what was looked at and went on as it was is right
            for what in _wrong_history((await client.event(event))["timeline"], event, story, words):
                yield f"the history of {event} {what}"
            client.looked_at[event] = len(story)


def _wrong_in_the_list(seen: dict[str, Any], story: list[Step], words: Mapping[tuple[str, int], str]) -> Iterator[str]:
    last, newest = story[-1], next(step for step in reversed(story) if step is not None)
    *_, at_first = outcomes(seen["id"], story, words)
    outcome = "withdrawn" if last is None else words.get((seen["id"], len(story)), at_first)
    if outcome and (seen["revision"], seen["state"]) != (len(story), outcome):
        yield f"{seen['state']} at {seen['revision']} instead of {outcome} at {len(story)}"
    if seen["draft"]["title"] != newest.body["title"]:
        yield f"called {seen['draft']['title']!r}"


def _wrong_history(
    timeline: list[dict[str, Any]], event: str, story: list[Step], words: Mapping[tuple[str, int], str]
) -> Iterator[str]:
    told = {(step["revision"], step["kind"]) for step in timeline}
    for (revision, step), at_first in zip(enumerate(story, start=1), outcomes(event, story, words), strict=True):
        expected = {"EventWithdrawn"} if step is None else {"EventSubmitted", DECIDED.get(at_first or "")}
        for kind in expected - {None}:
            if (revision, kind) not in told:
                yield f"does not tell {kind} of revision {revision}"
    if any(not step["text"].strip() for step in timeline):
        yield "has a step without a word"
