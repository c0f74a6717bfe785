from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from backbone.campaign.edition import ReviewRules
from backbone.contracts import Condition, EventLabelled, EventRejected, Finding, ReviewRequested, Verdict
from labelling.domain.case import Case, entered, hash_of
from labelling.domain.decision import decide, due_at, reads_alike, region_of, repeat, settle

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


SLOT = {"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:30:00+01:00"}


def verdicts(**findings: Finding) -> tuple[Verdict, ...]:
    """One verdict for each condition, met unless told otherwise."""
    rule = {"code": "told", "message": "…", "rule_version": "1"}
    return tuple(Verdict(condition=c, finding=findings.get(c, Finding.MET), rule=c, **rule) for c in Condition)


def a_case(event) -> Case:
    return Case(event.event_id)


def a_review(event, **findings: Finding) -> ReviewRequested:
    review = decide(a_case(event), event, verdicts(**findings), NOW)
    assert isinstance(review, ReviewRequested)
    return review


def test_an_event_that_meets_all_conditions_is_labelled_by_the_rules(an_event) -> None:
    event = an_event()
    decision = decide(a_case(event), event, verdicts(), NOW)
    assert (type(decision), decision.label, decision.decided_by) == (EventLabelled, "granted", "rules")
    assert (decision.event, decision.verdicts, decision.decided_at) == (event, verdicts(), NOW)


def test_a_doubt_asks_a_person_of_the_region(an_event) -> None:
    decision = a_review(an_event(), industry=Finding.DOUBTFUL)
    assert (decision.label, decision.region) == ("under_review", "84")
    assert decision.due_at == datetime(2026, 3, 6, 17, tzinfo=UTC)


def test_one_condition_not_met_rejects_whatever_the_doubts(an_event) -> None:
    event, found = an_event(), verdicts(industry=Finding.DOUBTFUL, free=Finding.NOT_MET)
    decision = decide(a_case(event), event, found, NOW)
    assert (type(decision), decision.label) == (EventRejected, "refused")


def test_a_reviewer_who_labels_settles_the_doubts_and_leaves_the_rest(an_event) -> None:
    event = an_event()
    settled = settle(a_case(event), a_review(event, industry=Finding.DOUBTFUL), {}, NOW)
    assert isinstance(settled, EventLabelled)
    assert (settled.decided_by, settled.automated, settled.label) == ("review", False, "granted")
    assert [(v.condition, v.finding, v.rule) for v in settled.verdicts] == [
        ("dates", "met", "dates"),
        ("public", "met", "public"),
        ("industry", "met", "review"),
        ("free", "met", "free"),
    ]


def test_a_reviewer_who_refuses_gives_the_reason_that_the_organiser_reads(an_event) -> None:
    event = an_event()
    doubts = a_review(event, industry=Finding.DOUBTFUL, free=Finding.DOUBTFUL)
    settled = settle(a_case(event), doubts, {Condition.FREE: "Le repas doit être facultatif."}, NOW)
    assert isinstance(settled, EventRejected)
    assert [(v.condition, v.words, v.rule) for v in settled.verdicts if v.finding == "not_met"] == [
        ("free", "Le repas doit être facultatif.", "review")
    ]


def test_every_decision_replaces_the_one_before_and_its_hash_is_over_that_ones(an_event) -> None:
    event = an_event()
    first = decide(a_case(event), event, verdicts(), NOW)
    case, one = entered(a_case(event), first)
    second = decide(case, event, verdicts(free=Finding.NOT_MET), NOW)
    after, two = entered(case, second)
    assert (first.sequence, second.sequence, second.supersedes) == (1, 2, first.decision_id)
    first_hash, entry = one.entry.hash, two.entry
    assert (entry.previous, entry.hash) == (first_hash, hash_of(first_hash, second.model_dump_json(), None))
    assert (after.label, after.granted, after.hash) == ("refused", 0, entry.hash)


def test_the_same_decision_taken_again_has_the_same_number(an_event) -> None:
    event = an_event()
    assert decide(a_case(event), event, verdicts(), NOW) == decide(a_case(event), event, verdicts(), NOW)


@pytest.mark.parametrize(
    ("change", "is_alike"),
    [
        ({"website": "https://autre.example", "capacity": 12, "revision": 2}, True),
        ({"status": "cancelled", "status_note": "Panne du four."}, True),
        ({"slots": [SLOT | {"id": "matin", "status": "full", "note": "of a later release"}]}, True),
        ({"slots": [SLOT | {"starts_at": "2026-11-17T12:00:00+04:00"}]}, False),  # another hour, perhaps another day
        ({"audiences": ("hr_professionals",)}, False),
        ({"kind": "webinar"}, False),
        ({"online_url": "https://visio.example/usine"}, False),  # other people judge what is online only
        ({"description": "Visite payante."}, False),
        ({"admission": "invitation_only"}, False),
        ({"is_free": False}, False),
        ({"edition": "2020"}, False),
    ],
)
def test_only_what_rules_and_people_judge_by_is_judged_again(
    an_event, change: dict[str, object], is_alike: bool
) -> None:
    event = an_event(event_id=UUID(int=1))
    assert reads_alike(event, an_event(**{"event_id": UUID(int=1), **change})) is is_alike


def test_what_a_person_decided_is_said_again_of_a_revision_that_changes_nothing_of_it(an_event) -> None:
    event = an_event()
    settled = settle(a_case(event), a_review(event, industry=Finding.DOUBTFUL), {}, NOW)
    case, _ = entered(a_case(event), settled, uuid4())
    later = event.model_copy(update={"revision": 2, "status": "cancelled"})
    again = repeat(case, settled, later, NOW)
    assert (type(again), again.label, again.decided_by, again.automated) == (EventLabelled, "granted", "review", False)
    assert (again.revision, again.sequence, again.supersedes) == (2, 2, settled.decision_id)
    assert (again.event.status, again.verdicts) == ("cancelled", settled.verdicts)


def test_a_person_decides_within_four_working_days_at_the_place_of_the_event_unless_the_edition_says_otherwise(
    an_event,
) -> None:
    before_easter = datetime(2026, 4, 2, 9, tzinfo=UTC)
    there = {"address": {"postcode": "67000", "city": "Strasbourg"}}
    assert due_at(before_easter, an_event(), ReviewRules()).isoformat() == "2026-04-09T18:00:00+02:00"
    assert due_at(before_easter, an_event(venue=there), ReviewRules()).isoformat() == "2026-04-10T18:00:00+02:00"
    online = an_event(online_url="https://visio.example/usine")
    assert due_at(before_easter, online, ReviewRules(working_days=1)).isoformat() == "2026-04-03T18:00:00+02:00"


@pytest.mark.parametrize(
    ("postcode", "region"),
    [("69100", "84"), ("20000", "94"), ("20200", "94"), ("97400", "04"), ("97110", "01"), ("75001", "11")],
)
def test_an_event_is_reviewed_in_the_region_of_its_venue(an_event, postcode: str, region: str) -> None:
    assert region_of(an_event(venue={"address": {"postcode": postcode, "city": "…"}})) == region


def test_an_event_online_is_reviewed_by_whoever_has_the_region_of_none(an_event) -> None:
    assert region_of(an_event(online_url="https://visio.example/usine")) == "00"
