"""The rules measured against the hand-written events, of which a person said what is to become of them.

The two wrongs that a rule may never do are held at zero: to reject what people would label or review, and to
label what people would reject. The floors stand a little below what is reached.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backbone.campaign.geography import department_of, timezone_of
from backbone.contracts import EventLabelled, EventRejected, ReviewRequested

SAMPLES = Path(__file__).parents[3] / "deploy" / "local" / "samples"
DECISIONS = {EventLabelled: "labelled", EventRejected: "rejected", ReviewRequested: "review"}


def read_samples() -> list[dict[str, Any]]:
    files = sorted(SAMPLES.glob("*.toml"))
    return [event for file in files for event in tomllib.loads(file.read_text(encoding="utf-8"))["event"]]


def placed(sample: dict[str, Any], monday: date) -> dict[str, Any]:
    """What a sample says, as the fields of the public event."""
    venue = sample.get("venue")
    department = department_of(venue["postcode"]) if venue else None
    zone = timezone_of(department) if department else "Europe/Paris"

    def at(slot: dict[str, Any], hour: str) -> datetime:
        day = monday + timedelta(days=slot["day"])
        return datetime.fromisoformat(f"{day}T{slot[hour]}").replace(tzinfo=ZoneInfo(zone))

    fields = {name: value for name, value in sample.items() if name not in ("expected", "venue")}
    place = {"venue": {"address": venue}} if venue else {}
    slots = [{"starts_at": at(slot, "from"), "ends_at": at(slot, "to")} for slot in sample["slots"]]
    return {**fields, **place, "slots": slots, "timezone": zone}


@pytest.fixture(scope="module")
def samples() -> list[dict[str, Any]]:
    return read_samples()


@pytest.fixture
def outcomes(samples, an_event, judged, edition) -> list[tuple[str, str, str]]:
    """What a person expects of each sample, what the rules decide, and its title."""
    decided = [DECISIONS[type(judged(an_event(**placed(sample, edition.week.first))))] for sample in samples]
    return [(s["expected"]["decision"], got, s["title"]) for s, got in zip(samples, decided, strict=True)]


@pytest.fixture
def confusion(outcomes) -> Counter[tuple[str, str]]:
    return Counter((expected, got) for expected, got, _ in outcomes)


def test_nothing_that_people_would_label_or_review_is_rejected_by_rule(outcomes) -> None:
    assert [title for expected, got, title in outcomes if got == "rejected" != expected] == []


def test_nothing_that_people_would_reject_is_labelled_by_rule(outcomes) -> None:
    assert [title for expected, got, title in outcomes if (expected, got) == ("rejected", "labelled")] == []


def test_next_to_nothing_that_people_would_review_is_labelled_by_rule(outcomes) -> None:
    assert len([title for expected, got, title in outcomes if (expected, got) == ("review", "labelled")]) <= 2


def test_nine_in_ten_of_the_plainly_labelled_are_labelled_by_rule(confusion) -> None:
    labelled = sum(number for (expected, _), number in confusion.items() if expected == "labelled")
    assert confusion["labelled", "labelled"] / labelled >= 0.9


def test_most_of_the_rejected_are_rejected_by_rule(confusion) -> None:
    rejected = sum(number for (expected, _), number in confusion.items() if expected == "rejected")
    assert confusion["rejected", "rejected"] / rejected >= 0.85


def test_less_than_a_quarter_of_all_goes_to_a_person(confusion) -> None:
    reviewed = sum(number for (_, got), number in confusion.items() if got == "review")
    assert reviewed / confusion.total() <= 0.24


def test_each_rule_finds_what_a_person_finds_or_doubts(samples, an_event, judged, edition) -> None:
    contradicted = []
    for sample in samples:
        expected = sample["expected"]
        for verdict in judged(an_event(**placed(sample, edition.week.first))).verdicts:
            name = verdict.condition
            truth = "not_met" if name in expected["not_met"] else "doubtful" if name in expected["doubtful"] else "met"
            if {truth, verdict.finding} == {"met", "not_met"}:
                contradicted.append((sample["title"], name, truth))
    assert contradicted == []
