from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backbone.contracts import Condition, EventLabelled, EventRejected, Finding, ReviewRequested, Verdict
from labelling.domain.decision import decide, due_at, region_of, settle

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def verdicts(**findings: Finding) -> tuple[Verdict, ...]:
    """One verdict for each condition, met unless told otherwise."""
    return tuple(
        Verdict(condition=c, finding=findings.get(c, Finding.MET), reason="…", rule=f"{c}/1") for c in Condition
    )


def test_an_event_that_meets_all_conditions_is_labelled_by_the_rules(an_event) -> None:
    event = an_event()
    assert decide(event, verdicts(), NOW) == EventLabelled(
        event_id=event.event_id, revision=1, event=event, verdicts=verdicts(), decided_at=NOW, decided_by="rules"
    )


def test_a_doubt_asks_a_person_of_the_region(an_event) -> None:
    event = an_event()
    doubt = verdicts(industry=Finding.DOUBTFUL)
    assert decide(event, doubt, NOW) == ReviewRequested(
        event_id=event.event_id,
        revision=1,
        event=event,
        verdicts=doubt,
        decided_at=NOW,
        region="84",
        due_at=datetime(2026, 3, 6, 17, tzinfo=UTC),
    )


def test_one_condition_not_met_rejects_whatever_the_doubts(an_event) -> None:
    event = an_event()
    found = verdicts(industry=Finding.DOUBTFUL, free=Finding.NOT_MET)
    assert decide(event, found, NOW) == EventRejected(
        event_id=event.event_id, revision=1, event=event, verdicts=found, decided_at=NOW, decided_by="rules"
    )


def test_a_reviewer_who_labels_settles_the_doubts_and_leaves_the_rest(an_event) -> None:
    settled = settle(an_event(), verdicts(industry=Finding.DOUBTFUL), {}, NOW)
    assert isinstance(settled, EventLabelled)
    assert settled.decided_by == "review"
    assert [(v.condition, v.finding, v.rule) for v in settled.verdicts] == [
        ("dates", "met", "dates/1"),
        ("public", "met", "public/1"),
        ("industry", "met", "review/1"),
        ("free", "met", "free/1"),
    ]


def test_a_reviewer_who_refuses_gives_the_reason_that_the_organiser_reads(an_event) -> None:
    doubts = verdicts(industry=Finding.DOUBTFUL, free=Finding.DOUBTFUL)
    settled = settle(an_event(), doubts, {Condition.FREE: "Le repas doit être facultatif."}, NOW)
    assert isinstance(settled, EventRejected)
    assert [(v.condition, v.finding, v.reason, v.rule) for v in settled.verdicts if v.finding == "not_met"] == [
        ("free", "not_met", "Le repas doit être facultatif.", "review/1")
    ]


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-03-02T09:00+00:00", "2026-03-06T18:00+01:00"),  # Monday → Friday
        ("2026-03-05T09:00+00:00", "2026-03-11T18:00+01:00"),  # Thursday → Wednesday, over a week-end
        ("2026-03-07T09:00+00:00", "2026-03-12T18:00+01:00"),  # Saturday → Thursday
        ("2026-03-26T09:00+00:00", "2026-04-01T18:00+02:00"),  # over the change to summer time
        ("2026-03-01T23:30+00:00", "2026-03-06T18:00+01:00"),  # Sunday in London is Monday in Paris
    ],
)
def test_a_review_is_due_at_six_in_the_evening_of_the_fourth_working_day(asked: str, due: str) -> None:
    assert due_at(datetime.fromisoformat(asked)) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("postcode", "region"),
    [("69100", "84"), ("20000", "94"), ("20200", "94"), ("97400", "04"), ("97110", "01"), ("75001", "11")],
)
def test_an_event_is_reviewed_in_the_region_of_its_venue(an_event, postcode: str, region: str) -> None:
    assert region_of(an_event(venue={"address": {"postcode": postcode, "city": "…"}})) == region


def test_an_event_online_is_reviewed_by_whoever_has_the_region_of_none(an_event) -> None:
    assert region_of(an_event(online_url="https://visio.example/usine")) == "00"
