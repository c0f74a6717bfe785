"""What is planned, told and forgotten, as folds: nothing here needs a database."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import reduce
from itertools import permutations
from uuid import UUID

import pytest

from backbone.contracts import EventLocated, EventNotLocated, EventSubmitted
from backbone.postgres.jobs import Claimed
from backbone.service.outcomes import Dead, Done
from geocoding.desk import Desk
from geocoding.domain import Whereabouts
from geocoding.handlers import HEARS, LOOK_UPS, RECALL, UNANSWERED, UNKNOWN
from geocoding.pipeline import Pipeline

EVENT = UUID(int=5)


@pytest.fixture
def desk(gazetteer, clock):
    return Desk(Pipeline({"gazetteer": gazetteer}, gazetteer), clock)


class Story:
    """One event as geocoding knows it: what it hears, the look-ups that are due, and what it tells."""

    def __init__(self, desk):
        self.desk, self.known = desk, Whereabouts(EVENT)
        self.due, self.told = [], []

    def hears(self, *facts):
        return reduce(
            lambda story, fact: story._then(HEARS[type(fact)].handle(story.known, fact, self.desk)), facts, self
        )

    def looks_up(self):
        """All that is due, the oldest first."""
        while self.due:
            claimed = _claimed(self.due.pop(0))
            outcome = asyncio.run(LOOK_UPS.do(claimed, self.desk))
            self._then(LOOK_UPS.then.handle(self.known, Done(claimed, outcome), self.desk))
        return self

    def gives_up(self):
        """All that is due was tried for the last time."""
        while self.due:
            dead = Dead(_claimed(self.due.pop(0)), "GeocoderUnavailable")
            self._then(LOOK_UPS.dead.handle(self.known, dead, self.desk))
        return self

    @property
    def said(self):
        """What it told: of which revision, as its how-manieth word on the event, and what."""
        return [
            (
                fact.revision,
                fact.sequence,
                fact.location.commune_name if isinstance(fact, EventLocated) else fact.reason,
            )
            for fact in self.told
        ]

    def _then(self, then):
        self.known = then.state
        self.due += then.jobs
        self.told += then.facts
        return self


def _claimed(job):
    return Claimed(UUID(int=1), job.key, job, 1, UUID(int=2), "")


@pytest.fixture
def story(desk):
    return Story(desk)


def test_a_venue_that_is_found_is_told_with_its_edition(story, submitted, gazetteer, clock):
    story.hears(submitted()).looks_up()
    location = gazetteer.find(submitted().event.venue.address)
    [fact] = story.told
    assert isinstance(fact, EventLocated)
    assert (fact.event_id, fact.revision, fact.sequence, fact.edition) == (EVENT, 1, 1, "2026")
    assert (fact.location.commune_code, fact.located_at) == (location.commune.code, clock.at)
    assert (fact.location.provider, fact.location.vintage) == ("gazetteer", "2026")
    assert (story.known.state, json.loads(story.known.location)["commune_code"]) == ("located", "59512")


def test_a_venue_that_nobody_knows_is_told_with_what_to_mend(story, submitted, nowhere, clock):
    story.hears(submitted(nowhere)).looks_up()
    about = {"event_id": EVENT, "revision": 1, "sequence": 1, "edition": "2026"}
    assert story.told == [EventNotLocated(**about, reason=UNKNOWN, looked_up_at=clock.at)]
    assert UNKNOWN.message.startswith("Nous n’avons pas trouvé cette adresse : vérifiez la commune et le code postal")
    assert (story.known.state, story.known.location) == ("not_located", None)


def test_an_event_that_is_online_alone_is_not_looked_up(story, submitted):
    story.hears(submitted(None))
    assert (story.due, story.known.state) == ([], "online")


def test_an_event_on_site_and_online_at_once_has_its_point(story, submitted):
    hybrid = submitted(online_url="https://visio.example/filature")
    assert story.hears(hybrid).looks_up().said == [(1, 1, "Roubaix")]


@pytest.mark.parametrize("status", ["cancelled", "postponed", "a status of a later year"])
def test_an_event_that_does_not_take_place_as_announced_keeps_its_point(story, submitted, status):
    called_off = submitted(revision=2, status=status, status_note="Reporté au printemps")
    assert story.hears(submitted(), called_off).looks_up().said == [(2, 1, "Roubaix")]


def test_what_a_later_release_may_say_of_an_event_does_not_keep_it_from_its_point(story, submitted):
    later = submitted().model_dump(mode="json")
    later["event"] |= {
        "title": "É" * 121,
        "kind": "hackathon",
        "audiences": ["robots"],
        "themes": ["x"],
        "mood": "good",
    }
    later["decided"] = {"by": "nobody"}
    assert story.hears(EventSubmitted.model_validate(later)).looks_up().said == [(1, 1, "Roubaix")]


def test_what_was_told_before_facts_had_a_sequence_is_looked_up_too(story, submitted):
    early = submitted().model_dump(mode="json", exclude={"sequence", "edition"})
    [told] = story.hears(EventSubmitted.model_validate(early)).looks_up().told
    assert (told.sequence, told.edition) == (1, "2026")


def test_an_event_of_an_earlier_edition_is_told_in_that_edition(story, submitted):
    [told] = story.hears(submitted(edition="2020")).looks_up().told
    assert told.edition == "2020"


def test_a_fact_that_is_heard_twice_does_nothing_the_second_time(story, submitted):
    story.hears(submitted(), submitted()).looks_up().hears(submitted()).looks_up()
    assert story.said == [(1, 1, "Roubaix")]


def test_an_amendment_is_looked_up_anew_and_is_the_second_word_on_the_event(story, submitted, lyon):
    story.hears(submitted()).looks_up().hears(submitted(lyon, revision=2))
    assert (story.known.state, story.known.location) == ("waiting", None)
    assert story.looks_up().said == [(1, 1, "Roubaix"), (2, 2, "Lyon")]


def test_a_second_word_on_the_same_revision_is_looked_up_anew(story, submitted, lyon):
    story.hears(submitted(sequence=1)).looks_up().hears(submitted(lyon, sequence=2)).looks_up()
    assert story.said == [(1, 1, "Roubaix"), (1, 2, "Lyon")]


def test_in_whatever_order_two_words_on_one_revision_are_heard_the_later_one_is_told_last(desk, submitted, lyon):
    for order in permutations([submitted(sequence=1), submitted(lyon, sequence=2)]):
        assert Story(desk).hears(*order).looks_up().said == [(1, 1, "Lyon")]


def test_an_overtaken_revision_tells_nothing_in_whatever_order_it_is_heard(desk, submitted, lyon):
    for order in permutations([submitted(), submitted(lyon, revision=2, sequence=2)]):
        assert Story(desk).hears(*order).looks_up().said == [(2, 1, "Lyon")]


def test_an_event_that_moves_online_loses_its_point(story, submitted):
    story.hears(submitted(), submitted(None, revision=2, sequence=2)).looks_up()
    assert (story.said, story.known.state) == ([], "online")


def test_an_event_that_is_gone_tells_nothing_in_whatever_order_it_is_heard(desk, submitted, withdrawn):
    for order in permutations([submitted(), withdrawn(2)]):
        story = Story(desk).hears(*order).looks_up()
        assert (story.said, story.known.state) == ([], "withdrawn")


def test_an_event_that_comes_back_after_it_was_gone_is_looked_up_anew(story, submitted, withdrawn):
    story.hears(submitted()).looks_up().hears(withdrawn(2), submitted(revision=3, sequence=3)).looks_up()
    assert story.said == [(1, 1, "Roubaix"), (3, 2, "Roubaix")]


def test_a_withdrawal_that_is_heard_late_takes_no_point_from_what_came_after_it(story, submitted, withdrawn):
    story.hears(submitted(revision=3, sequence=3)).looks_up().hears(withdrawn(2))
    assert (story.said, story.known.state) == ([(3, 1, "Roubaix")], "located")


def test_after_the_last_try_the_event_stays_without_a_pin(story, submitted):
    story.hears(submitted()).gives_up()
    assert (story.said, story.known.state) == ([(1, 1, UNANSWERED)], "not_located")
    assert UNANSWERED.message == "L’adresse n’a pas pu être vérifiée ; notre équipe en est informée."


def test_an_address_that_is_found_after_all_is_a_second_word_on_the_same_revision(story, submitted):
    [look_up] = story.hears(submitted()).due
    story.gives_up()
    story.due.append(look_up)  # an operator queues the dead job again
    assert story.looks_up().said == [(1, 1, UNANSWERED), (1, 2, "Roubaix")]


def test_a_revision_overtaken_during_its_last_try_tells_nothing(story, submitted):
    assert story.hears(submitted(), submitted(None, revision=2, sequence=2)).gives_up().said == []


def test_what_was_told_in_hours_that_the_database_has_lost_is_neither_looked_up_nor_told_again(desk, submitted):
    first = submitted()
    lived = Story(desk).hears(first).looks_up()
    [told] = lived.told
    restored = Story(desk)
    for _ in range(2):  # begun anew after it was killed
        restored.known = RECALL.before[0][type(told)].handle(restored.known, told, desk).state
    restored.hears(first)
    assert (restored.due, restored.told) == ([], [])
    assert restored.known == replace(lived.known, whys=None)  # why it was found is told to nobody, so it is lost
    # the next revision is, under a number that nobody has heard
    restored.hears(submitted(revision=2, sequence=2)).looks_up()
    assert [(fact.revision, fact.sequence) for fact in restored.told] == [(2, 2)]


def test_a_look_up_that_was_waiting_in_the_backup_tells_nothing_again(desk, submitted):
    lived = Story(desk).hears(submitted()).looks_up()
    restored = Story(desk).hears(submitted())
    [told] = lived.told
    restored.known = RECALL.before[0][type(told)].handle(restored.known, told, desk).state
    assert restored.looks_up().told == []
