"""What visitors see of an event follows from all that is told of it, in whatever order it arrives."""

from __future__ import annotations

import json
from functools import reduce
from itertools import permutations
from uuid import UUID

import pytest

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    EventLabelled,
    EventRejected,
    LabelWithdrawn,
    ReviewRequested,
)
from map_feed.domain.standing import Standing
from map_feed.handlers import HEARS

EVENT = UUID(int=5)


@pytest.fixture
def event(an_event):
    return an_event(event_id=EVENT, title="première version")


@pytest.fixture
def amended(event):
    return event.model_copy(update={"revision": 2, "title": "seconde version"})


def after(*facts):
    """What is kept of the event after these facts."""
    return reduce(lambda state, fact: HEARS[type(fact)].handle(state, fact, None).state, facts, Standing(EVENT))


def seen(*facts):
    """What visitors see after these facts: a title and, if there is a pin, its commune; nothing: None."""
    standing = after(*facts)
    if standing.event is None:
        return None
    found = json.loads(standing.locations).get(str(standing.decided_revision))
    place = found and found["location"]
    return json.loads(standing.event)["title"], place and place["commune_name"]


def in_any_order(*facts):
    """What visitors see, which is the same however these facts arrive."""
    [outcome] = {seen(*order) for order in permutations(facts)}
    return outcome


def test_a_labelled_event_is_seen_with_its_pin(event, labelled, located, a_location):
    assert in_any_order(labelled(event), located(event, a_location())) == ("première version", "Villeurbanne")


def test_the_newest_labelled_revision_is_seen_with_its_own_pin(event, amended, labelled, located, a_location):
    facts = [
        labelled(event, sequence=1),
        located(event, a_location(commune_name="Avant"), sequence=1),
        labelled(amended, sequence=2),
        located(amended, a_location(commune_name="Après"), sequence=2),
    ]
    assert in_any_order(*facts) == ("seconde version", "Après")


def test_until_the_new_revision_is_labelled_the_old_event_is_seen_with_the_old_pin(
    event, amended, labelled, located, a_location
):
    old, new = a_location(commune_name="Avant"), a_location(commune_name="Après")
    facts = [labelled(event), located(event, old, sequence=1), located(amended, new, sequence=2)]
    assert in_any_order(*facts) == ("première version", "Avant")


def test_an_amendment_has_no_pin_before_it_is_located(event, amended, labelled, located, a_location):
    assert in_any_order(located(event, a_location()), labelled(amended)) == ("seconde version", None)


def test_an_address_that_nobody_knows_leaves_the_event_in_the_list(event, labelled, located):
    assert in_any_order(labelled(event), located(event, None)) == ("première version", None)


def test_a_better_place_of_the_same_revision_moves_the_pin_and_a_late_one_does_not(
    event, labelled, located, a_location
):
    rough, fine = a_location(commune_name="Lyon"), a_location(commune_name="Villeurbanne", precision="housenumber")
    facts = [labelled(event), located(event, rough, sequence=1), located(event, fine, sequence=2)]
    assert in_any_order(*facts) == ("première version", "Villeurbanne")


def test_an_address_that_was_found_after_all_has_its_pin(event, labelled, located, a_location):
    facts = [labelled(event), located(event, None, sequence=1), located(event, a_location(), sequence=2)]
    assert in_any_order(*facts) == ("première version", "Villeurbanne")


def test_a_refusal_that_is_taken_back_shows_the_event(event, decided, labelled):
    refused, granted = decided(event, "refused", sequence=1), labelled(event, sequence=2)
    assert in_any_order(refused, granted) == ("première version", None)


def test_a_label_that_is_taken_back_hides_the_event(event, decided, labelled):
    assert in_any_order(labelled(event, sequence=1), decided(event, "refused", sequence=2)) is None


def test_a_refused_amendment_hides_the_event_until_a_better_one_is_labelled(event, amended, decided, labelled):
    facts = [labelled(event, sequence=1), decided(amended, "refused", sequence=2)]
    assert in_any_order(*facts) is None
    better = amended.model_copy(update={"revision": 3, "title": "troisième version"})
    assert in_any_order(*facts, labelled(better, sequence=3)) == ("troisième version", None)


def test_while_a_person_decides_visitors_see_what_was_labelled(event, amended, decided, labelled):
    facts = [labelled(event, sequence=1), decided(amended, "under_review", sequence=2)]
    assert in_any_order(*facts) == ("première version", None)
    assert in_any_order(*facts, labelled(amended, sequence=3)) == ("seconde version", None)


def test_an_amendment_that_its_organiser_is_asked_to_correct_leaves_what_was_labelled(
    event, amended, decided, labelled
):
    asked = decided(amended, "under_review", sequence=3, kind=CorrectionRequested)
    facts = [labelled(event, sequence=1), decided(amended, "under_review", sequence=2), asked]
    assert in_any_order(*facts) == ("première version", None)


def test_a_refused_event_is_seen_once_its_appeal_is_granted_and_not_before(event, decided, labelled):
    appeal = decided(event, "refused", sequence=2, kind=AppealReceived, decided_by="organiser")
    facts = [decided(event, "refused", sequence=1), appeal]
    assert in_any_order(*facts) is None
    assert in_any_order(*facts, labelled(event, sequence=3, decided_by="appeal")) == ("première version", None)


def test_a_label_that_was_suspended_is_seen_again_with_the_text_that_it_is_given_to(event, amended, decided, labelled):
    facts = [labelled(event, sequence=1), decided(amended, "suspended", sequence=2, kind=ReviewRequested)]
    assert in_any_order(*facts) is None
    assert in_any_order(*facts, labelled(amended, sequence=3)) == ("seconde version", None)


def test_an_event_that_was_never_labelled_is_not_seen_while_a_person_decides(event, decided):
    assert seen(decided(event, "under_review")) is None


@pytest.mark.parametrize("label", ["refused", "suspended", "withdrawn", "a label of a later year"])
def test_every_label_but_the_granted_one_hides_the_event(event, decided, labelled, label):
    assert in_any_order(labelled(event, sequence=1), decided(event, label, sequence=2)) is None


DECISIONS = (EventLabelled, EventRejected, ReviewRequested, CorrectionRequested, AppealReceived, LabelWithdrawn)


@pytest.mark.parametrize("kind", DECISIONS)
def test_the_label_of_a_decision_counts_and_not_its_type(event, decided, labelled, kind):
    first = labelled(event, sequence=1)
    assert seen(first, decided(event, "suspended", sequence=2, kind=kind)) is None
    assert seen(first, decided(event, "under_review", sequence=2, kind=kind)) == ("première version", None)


def test_a_withdrawal_hides_the_event_whenever_it_arrives(event, labelled, located, withdrawn, a_location):
    assert in_any_order(labelled(event), located(event, a_location()), withdrawn(event)) is None


def test_an_event_that_is_submitted_again_after_its_withdrawal_is_seen_again(event, labelled, withdrawn):
    again = event.model_copy(update={"revision": 3, "title": "de retour"})
    facts = [labelled(event, sequence=1), withdrawn(event), labelled(again, sequence=2)]
    assert in_any_order(*facts) == ("de retour", None)


def test_of_an_event_that_is_not_to_be_seen_nothing_is_kept_but_how_it_stands(
    event, labelled, decided, located, withdrawn, a_location
):
    shown = [labelled(event, sequence=1), located(event, a_location())]
    for end in (withdrawn(event), decided(event, "refused", sequence=2)):
        standing = after(*shown, end)
        assert (standing.event, standing.labelled_at) == (None, None)
    assert after(*shown, withdrawn(event)).locations == "{}"


def test_places_of_revisions_that_will_never_be_seen_are_not_kept(event, amended, labelled, located, a_location):
    facts = [located(event, a_location(), sequence=1), located(amended, a_location(), sequence=2), labelled(amended)]
    for order in permutations(facts):
        assert json.loads(after(*order).locations).keys() == {"2"}


def test_what_is_told_twice_or_late_changes_nothing_at_all(event, amended, decided, labelled, located, withdrawn):
    facts = [
        decided(event, "refused", sequence=1),
        labelled(event, sequence=2),
        located(event, None),
        labelled(amended, sequence=3),
        withdrawn(amended),
    ]
    standing = after(*facts)
    for fact in facts:
        assert HEARS[type(fact)].handle(standing, fact, None).state is standing  # nothing is saved
