"""Which kit an event is owed, by what labelling and registration said last; folded, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    EventLabelled,
    EventWithdrawn,
    OrganiserRegistered,
    ReviewRequested,
)
from backbone.postgres.jobs import Claimed
from backbone.service.outcomes import Done
from commskit.domain.mailing import MailState
from commskit.domain.organiser import Organiser
from commskit.domain.standing import EventKits, RevisionKit
from commskit.handlers import note_organiser, order_mails, stop_mails
from commskit.jobs import MakeKit
from commskit.works import NotOwed, note_kit

EVENT_ID = UUID("0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e")
PENDING, SUPERSEDED = "pending", "superseded"


class Folded:
    """A story so far: the state, and the jobs for kits that were queued."""

    def __init__(self) -> None:
        self.state, self.jobs = EventKits(EVENT_ID), []

    def hear(self, *facts):
        for fact in facts:
            handle = stop_mails if isinstance(fact, EventWithdrawn) else order_mails
            then = handle(self.state, fact, None)
            self.state = then.state
            self.jobs += [job for job in then.jobs if isinstance(job, MakeKit)]  # notices: test_notices.py
        return self

    def becomes(self, state: MailState, revision: int = 1, copies: int = 0):
        """What the small transactions around the mail server note meanwhile."""
        kit = self.state.kit(revision)
        self.state = self.state.keeping(RevisionKit(**{**vars(kit), "state": state, "copies": copies or kit.copies}))
        return self

    @property
    def kits(self):
        return [(kit.revision, str(kit.state)) for kit in self.state.kits]

    @property
    def keys(self):
        return [job.key.partition(":")[2] or "1" for job in self.jobs]


@pytest.fixture
def story():
    return Folded()


def withdrawn(revision, sequence=9):
    at = datetime(2026, 9, 1, tzinfo=UTC)
    return EventWithdrawn(event_id=EVENT_ID, revision=revision, sequence=sequence, withdrawn_at=at)


# A second decision on one revision.


def test_what_was_refused_and_is_granted_on_appeal_is_owed_its_kit(story, decided):
    story.hear(decided("refused", 1, 1))
    assert (story.kits, story.jobs) == ([], [])
    story.hear(decided("granted", 1, 2, decided_by="appeal"))
    assert (story.kits, story.state.owed, story.keys) == ([(1, PENDING)], 1, ["1"])


def test_what_was_granted_and_is_refused_is_not_sent(story, decided):
    story.hear(decided("granted", 1, 1), decided("refused", 1, 2))
    assert (story.kits, story.state.owed) == ([(1, SUPERSEDED)], 0)
    assert story.state.kits[0].event is None


def test_what_is_granted_refused_and_granted_again_is_made_by_a_job_of_its_own(story, decided):
    story.hear(decided("granted", 1, 1), decided("refused", 1, 2), decided("granted", 1, 3))
    assert (story.kits, story.keys) == ([(1, PENDING)], ["1", "2"])
    assert len({job.kit_id for job in story.jobs}) == 1
    assert story.state.kits[0].event is not None


@pytest.mark.parametrize("state", [MailState.SENDING, MailState.RESENDING, MailState.ACCEPTED])
def test_a_second_grant_sends_no_second_kit_where_the_first_has_left_or_is_leaving(story, decided, state):
    story.hear(decided("granted", 1, 1)).becomes(state)
    story.hear(decided("refused", 1, 2), decided("granted", 1, 3))
    assert (story.kits, story.keys) == ([(1, str(state))], ["1"])


def test_a_second_grant_makes_a_kit_that_had_failed_without_having_left(story, decided):
    story.hear(decided("granted", 1, 1)).becomes(MailState.FAILED)
    story.hear(decided("granted", 1, 2))
    assert (story.kits, story.keys) == ([(1, PENDING)], ["1", "2"])


def test_a_mail_that_may_have_been_taken_once_is_sent_once_more_and_one_that_may_have_been_taken_twice_never(
    story, decided
):
    story.hear(decided("granted", 1, 1)).becomes(MailState.UNCERTAIN)
    story.hear(decided("refused", 1, 2))
    assert story.state.kits[0].event is not None  # it may hang on a door: its openings may have to be taken back
    story.hear(decided("granted", 1, 3))
    assert (story.kits, story.keys) == ([(1, "uncertain")], ["1", "2"])
    story.becomes(MailState.FAILED, copies=2).hear(decided("refused", 1, 4), decided("granted", 1, 5))
    assert (story.kits, story.keys) == ([(1, "failed")], ["1", "2"])


# What is late, doubled, or not known here.


def test_in_whatever_order_decisions_arrive_the_newest_holds(decided):
    told = [decided("granted", 1, 1), decided("refused", 1, 2), decided("granted", 2, 3), decided("refused", 2, 4)]
    for order in permutations(told):
        assert Folded().hear(*order).state.owed == 0
    for order in permutations(told[:3]):
        story = Folded().hear(*order)
        assert (story.state.owed, [kit for kit in story.kits if kit[1] == PENDING]) == (2, [(2, PENDING)])


def test_a_decision_that_is_late_or_told_twice_gives_back_the_state_as_it_was(story, decided):
    story.hear(decided("granted", 2, 3))
    for late in (decided("granted", 2, 3), decided("refused", 2, 2), decided("refused", 1, 9)):
        assert order_mails(story.state, late, None).state is story.state


@pytest.mark.parametrize("label", ["refused", "suspended", "withdrawn", "provisional", ""])
def test_a_label_that_is_none_or_is_not_known_here_is_no_label(story, decided, label):
    story.hear(decided("granted", 1, 1), decided(label, 2, 2))
    assert (story.kits, story.state.owed) == ([(1, SUPERSEDED)], 0)


def test_a_label_that_is_not_known_here_makes_no_kit_though_its_type_is_known(story, decided):
    story.hear(decided("provisional", 1, 1, kind=EventLabelled))
    assert (story.kits, story.jobs) == ([], [])


def test_while_an_amendment_is_under_review_the_revision_that_has_the_label_keeps_its_kit(story, decided):
    story.hear(decided("granted", 1, 1), decided("under_review", 2, 2))
    assert (story.kits, story.state.owed) == ([(1, PENDING)], 1)
    story.hear(decided("granted", 2, 3))
    assert story.kits == [(1, SUPERSEDED), (2, PENDING)]


def test_a_kit_is_kept_while_an_amendment_is_to_be_corrected_and_taken_back_where_doubt_suspends(story, decided):
    story.hear(decided("granted", 1, 1), decided("under_review", 2, 2, kind=CorrectionRequested))
    assert (story.kits, story.state.owed) == ([(1, PENDING)], 1)
    story.hear(decided("suspended", 3, 3, kind=ReviewRequested))
    assert (story.kits, story.state.owed) == ([(1, SUPERSEDED)], 0)
    story.hear(decided("granted", 3, 4))
    assert story.kits == [(1, SUPERSEDED), (3, PENDING)]


def test_a_refused_event_is_owed_a_kit_once_its_appeal_is_granted_and_not_before(story, decided):
    story.hear(decided("refused", 1, 1), decided("refused", 1, 2, kind=AppealReceived))
    assert (story.kits, story.jobs) == ([], [])
    story.hear(decided("granted", 1, 3))
    assert story.kits == [(1, PENDING)]


def test_a_revision_that_is_itself_under_review_again_is_not_sent_its_kit(story, decided):
    story.hear(decided("granted", 1, 1), decided("under_review", 1, 2))
    assert (story.kits, story.state.owed) == ([(1, SUPERSEDED)], 0)


# What is taken back, and what is called off.


def test_what_its_organiser_took_back_is_owed_nothing_until_a_later_revision_is_labelled(story, decided):
    story.hear(decided("granted", 1, 1), withdrawn(2))
    assert (story.kits, story.state.owed) == ([(1, SUPERSEDED)], 0)
    assert stop_mails(story.state, withdrawn(1), None).state is story.state
    story.hear(decided("granted", 2, 2))  # judged before labelling heard of it
    assert (story.kits, story.state.owed) == ([(1, SUPERSEDED)], 0)
    story.hear(decided("granted", 3, 3))
    assert (story.kits, story.state.owed) == ([(1, SUPERSEDED), (3, PENDING)], 3)


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
def test_an_event_that_is_called_off_is_owed_no_kit_and_one_not_sent_is_stopped(story, decided, status):
    story.hear(decided("granted", 1, 1), decided("granted", 2, 2, status=status))
    assert (story.kits, story.state.owed) == ([(1, SUPERSEDED)], 0)
    story.hear(decided("granted", 3, 3))
    assert story.kits == [(1, SUPERSEDED), (3, PENDING)]


@pytest.mark.parametrize("status", ["rescheduled", "moved_online", "a status of the years to come"])
def test_an_event_that_takes_place_otherwise_is_owed_the_kit_that_says_so(story, decided, status):
    assert story.hear(decided("granted", 1, 1, status=status)).kits == [(1, PENDING)]


def test_an_event_none_of_whose_openings_is_left_is_owed_no_kit(story, decided, a_slot):
    gone = a_slot("2026-11-17", "09:00", "11:30").model_copy(update={"status": "cancelled"})
    assert story.hear(decided("granted", 1, 1, slots=(gone,))).kits == []


# What a job found.


def done(job, outcome):
    return Done(Claimed(UUID(int=1), job.key, job, 1, UUID(int=2), ""), outcome)


def test_a_label_that_came_back_while_the_job_looked_is_owed_the_kit_by_another_job(story, decided):
    story.hear(decided("granted", 1, 1)).becomes(MailState.SENDING)  # and its worker died
    then = note_kit(story.state, done(story.jobs[0], NotOwed(is_erased=False)), None)
    assert [(job.key.partition(":")[2], job.kit_id) for job in then.jobs] == [("2", story.jobs[0].kit_id)]
    assert then.state.kit(1).state is MailState.SENDING
    assert note_kit(then.state, done(story.jobs[0], NotOwed(is_erased=False)), None).state is then.state


def test_a_kit_that_is_owed_no_more_when_its_job_looks_ends_and_may_still_be_known_to_have_left(story, decided):
    story.hear(decided("granted", 1, 1)).becomes(MailState.SENDING).hear(decided("refused", 1, 2))
    assert story.kits == [(1, "sending")]  # a worker may have it in its hands
    then = note_kit(story.state, done(story.jobs[0], NotOwed(is_erased=False)), None)
    kit = then.state.kit(1)
    assert (kit.state, kit.copies, kit.event is None, then.facts, then.jobs) == ("superseded", 1, False, (), ())


def test_of_the_erased_nothing_is_kept_and_nothing_is_sent(story, decided):
    story.hear(decided("granted", 1, 1)).becomes(MailState.UNCERTAIN)
    then = note_kit(story.state, done(story.jobs[0], NotOwed(is_erased=True)), None)
    kit = then.state.kit(1)
    assert (kit.state, kit.event, kit.receipt, then.facts, then.jobs) == ("superseded", None, None, (), ())


# Whom to write to.


def test_what_is_told_of_the_erased_is_not_taken():
    person = UUID(int=7)
    told = OrganiserRegistered(organiser_id=person, name="Inès", email="i@f.example", organisation="Fonderie")
    assert note_organiser(Organiser(person), told, None).state == Organiser(person, "Inès", "i@f.example")
    erased = Organiser(person, is_erased=True)
    assert note_organiser(erased, told, None).state is erased
