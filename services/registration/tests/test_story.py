"""Where an event stands, by what is told of it: each writer's newest word counts, whenever it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from backbone.campaign.clock import StoppedClock
from backbone.campaign.edition import load_edition
from backbone.contracts import AppealReceived, Correction, CorrectionRequested, EventNotLocated, Mark, Reason
from registration.domain.story import State, Story, state_of
from registration.handlers.timeline import note_step

EVENT = str(UUID(int=1))
SUBMITTED = Story(UUID(int=1), revision=1, state=State.SUBMITTED, sequence=1, edition="2026")
AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
EDITION = load_edition(Path(__file__).parents[3] / "editions" / "2026.toml")
DESK = SimpleNamespace(edition=EDITION, clock=StoppedClock(AT))


def after(story, *facts):
    for fact in facts:
        story = note_step(story, fact, DESK).state
    return story


def steps(story):
    return [(step.kind, step.revision, step.sequence) for step in story.steps]


@pytest.mark.parametrize(
    ("label", "state"),
    [
        ("granted", "labelled"),
        ("refused", "rejected"),
        ("under_review", "in_review"),
        ("suspended", "suspended"),
        ("honorary", "submitted"),
    ],
)
def test_an_event_stands_where_the_label_says(a_decision, label, state):
    assert after(SUBMITTED, a_decision(EVENT, 1, 1, label)).state == state


@pytest.mark.parametrize("label", ["under_review", "suspended"])
def test_an_event_that_is_to_be_corrected_waits_for_its_organiser(a_decision, label):
    correction = {"region": "52", "correction": Correction(kind="incomplete", message="Dites qui peut venir.")}
    asked = a_decision(EVENT, 1, 2, label, kind=CorrectionRequested, **correction)
    assert after(SUBMITTED, a_decision(EVENT, 1, 1, "under_review"), asked).state == State.CORRECTION_ASKED


@pytest.mark.parametrize(("outcome", "state"), [("granted", State.LABELLED), ("refused", State.REJECTED)])
def test_an_event_that_was_refused_is_in_appeal_until_another_person_has_decided(a_decision, outcome, state):
    received = {"kind": AppealReceived, "region": "52", "due_at": AT, "decided_by": "organiser"}
    story = after(SUBMITTED, a_decision(EVENT, 1, 1, "refused"), a_decision(EVENT, 1, 2, "refused", **received))
    assert story.state == State.IN_APPEAL
    assert after(story, a_decision(EVENT, 1, 3, outcome, decided_by="appeal")).state == state


def test_the_label_counts_and_not_the_name_of_the_fact(a_decision):
    appealed = a_decision(EVENT, 1, 1, "refused").model_copy(update={"label": "granted"})
    assert after(SUBMITTED, appealed).state == State.LABELLED


def test_a_label_that_nobody_here_knows_is_none(a_decision):
    labelled = after(SUBMITTED, a_decision(EVENT, 1, 1, "granted"))
    assert after(labelled, a_decision(EVENT, 1, 2, "honorary")).state == State.SUBMITTED


@pytest.mark.parametrize(
    ("first", "second", "state"), [("refused", "granted", "labelled"), ("granted", "refused", "rejected")]
)
def test_a_second_decision_on_a_revision_is_a_step_and_moves_the_event(a_decision, first, second, state):
    one, other = a_decision(EVENT, 1, 1, first), a_decision(EVENT, 1, 2, second, decided_by="appeal")
    story = after(SUBMITTED, one, other)
    assert (story.state, [sequence for _, _, sequence in steps(story)]) == (state, [1, 2])


@pytest.mark.parametrize("first", ["refused", "granted"])
def test_in_whatever_order_decisions_come_the_newest_counts_and_each_is_a_step(a_decision, first):
    second = {"refused": "granted", "granted": "refused"}[first]
    told = [a_decision(EVENT, 1, 1, "under_review"), a_decision(EVENT, 1, 2, first), a_decision(EVENT, 1, 3, second)]
    newest = after(SUBMITTED, told[2]).state
    for order in permutations(told):
        story = after(SUBMITTED, *order)
        assert (story.state, story.heard, len(story.steps)) == (newest, {"labelling": Mark(1, 3)}, 3)


def test_what_is_told_twice_changes_nothing(a_decision):
    labelled = a_decision(EVENT, 1, 1, "granted")
    story = after(SUBMITTED, labelled)
    assert after(story, labelled) is story


def test_each_writer_counts_its_own_words(a_decision):
    reason = Reason(code="address-unknown", message="Nous n’avons pas trouvé cette adresse.")
    about = {"event_id": UUID(int=1), "revision": 1, "edition": "2026"}
    nowhere = EventNotLocated(**about, sequence=7, reason=reason, looked_up_at=AT)
    story = after(SUBMITTED, nowhere, a_decision(EVENT, 1, 1, "granted"))
    assert (story.state, story.heard) == (State.LABELLED, {"geocoding": Mark(1, 7), "labelling": Mark(1, 1)})


def test_a_new_word_on_an_older_revision_is_a_step_and_moves_nothing(a_decision):
    amended = replace(
        after(SUBMITTED, a_decision(EVENT, 1, 1, "refused")), revision=2, state=State.SUBMITTED, sequence=2
    )
    story = after(amended, a_decision(EVENT, 1, 2, "granted", decided_by="appeal"))
    assert (story.state, story.revision, len(story.steps)) == (State.SUBMITTED, 2, 2)


def test_what_its_organiser_took_back_stays_so(a_decision):
    withdrawn = replace(SUBMITTED, revision=2, state=State.WITHDRAWN, sequence=2)
    late = a_decision(EVENT, 2, 4, "granted", decided_by="review")
    assert after(withdrawn, a_decision(EVENT, 2, 3, "withdrawn"), late).state == State.WITHDRAWN


def test_a_label_that_others_took_away_leaves_the_event_submitted_to_be_taken_back(a_decision):
    labelled = after(SUBMITTED, a_decision(EVENT, 1, 1, "granted"))
    story = after(labelled, a_decision(EVENT, 1, 2, "withdrawn", decided_by="rejudgement"))
    assert story.state == State.LABEL_WITHDRAWN


def test_of_an_event_that_is_nobodys_nothing_is_kept(a_decision):
    then = note_step(None, a_decision(EVENT, 1, 1, "granted"), DESK)
    assert (then.state, then.facts, then.jobs) == (None, (), ())


def test_a_state_of_another_version_is_read_as_that_of_a_submitted_event():
    assert (state_of("labelled"), state_of("archived")) == (State.LABELLED, State.SUBMITTED)
