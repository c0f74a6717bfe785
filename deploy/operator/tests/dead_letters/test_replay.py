"""A replayed message is told as it was, and the newest word stays the last."""

from __future__ import annotations

from uuid import uuid4

import pytest
from aiokafka import TopicPartition

from backbone.contracts import (
    COMMSKIT_KITS,
    LABELLING_DECISIONS,
    REGISTRATION_EVENTS,
    REGISTRATION_ORGANISERS,
    OrganiserChanged,
    OrganiserErased,
)
from backbone.kafka.publisher import Outgoing
from sdi.kafka import reading
from sdi.letters import RecordPlace, read_letters
from sdi.replay import Story, replay_all

EVENTS, ORGANISERS = REGISTRATION_EVENTS.name, REGISTRATION_ORGANISERS.name


async def test_a_replayed_message_is_back_in_its_partition_as_it_was(sdi, poison, set_aside, listed, read_from):
    record = await poison(value=b"\xff{", ce_id="one", note="two")
    place = await set_aside("labelling", record)
    answer = await sdi("dead-letters", "replay", "labelling", *place, "--yes")
    again = (await read_from(EVENTS, record.partition, record.offset + 1))[-1]
    assert answer.exit_code == 0
    assert (again.key, again.value, again.headers) == (record.key, record.value, record.headers)
    assert place not in await listed("labelling")


async def test_a_message_that_two_services_set_aside_is_told_once(settings, poison, set_aside, read_from):
    record = await poison()
    places = [(s, *await set_aside(s, record)) for s in ("labelling", "geocoding")]
    letters = [
        one
        for one in await read_letters(settings)
        if one.source == RecordPlace(EVENTS, record.partition, record.offset)
    ]
    assert {(one.service, one.place.partition, one.place.offset) for one in letters} == set(places)
    assert await replay_all(settings, letters) == {}
    since = await read_from(EVENTS, record.partition, record.offset)
    assert len([one for one in since if one.key == record.key]) == 2
    settled = [one for one in await read_letters(settings) if one.place in [letter.place for letter in letters]]
    assert [one.outcome for one in settled] == ["replayed", "replayed"]


async def test_the_newest_revision_stays_the_last_under_its_key(
    sdi, an_event, labelled, tell, poison, set_aside, read_from
):
    event = an_event(revision=2)
    record = await poison(LABELLING_DECISIONS.name, key=str(event.event_id), ce_id="first")
    newer = await tell(labelled(event))
    place = await set_aside("commskit", record)
    assert (await sdi("dead-letters", "replay", "commskit", *place, "--yes")).exit_code == 0
    since = await read_from(record.topic, record.partition, record.offset)
    story = [(one.value, one.headers) for one in since if one.key == record.key]
    first, second = (record.value, record.headers), (newer.value, newer.headers)
    assert story == [first, second, first, second]


@pytest.mark.parametrize("anew", [False, True])
async def test_what_is_told_between_the_look_and_the_replay_stays_the_last_word(
    anew, settings, producer, write, read_from
):
    old = await write(EVENTS, str(uuid4()), b"old", {"ce_id": b"id of the old"})

    class Overtaken:
        """A producer that somebody else is a moment ahead of."""

        def __init__(self):
            self.others = [b"newer"]

        async def send_and_wait(self, topic, **record):
            if self.others:
                told = {**record, "value": self.others.pop(), "headers": [("ce_id", b"id of the newer")]}
                await producer.send_and_wait(topic, **told)
            return await producer.send_and_wait(topic, **record)

    async with reading(settings) as consumer:
        story = Story(consumer, Overtaken(), TopicPartition(EVENTS, old.partition), old.key)
        message = Outgoing(EVENTS, old.key, old.value, old.headers)
        await story.tell([message], old.offset + 1, anew=anew)
    told = [one for one in await read_from(EVENTS, old.partition, old.offset) if one.key == old.key]
    assert [one.value for one in told] == [b"old", b"newer", b"old", b"newer"]
    assert (told[3].headers == told[1].headers) is not anew


async def test_what_was_told_of_a_person_is_not_replayed_once_they_are_forgotten(
    sdi, tell, poison, set_aside, read_from
):
    person = uuid4()
    record = await poison(ORGANISERS, key=str(person), value=b"Camille Martin")
    erased = await tell(OrganiserErased(organiser_id=person))
    place = await set_aside("commskit", record)
    answer = await sdi("dead-letters", "replay", "commskit", *place, "--yes", "--json")
    [refused] = answer.json["refused"]
    assert (answer.exit_code, answer.json["replayed"], "forgotten" in refused["refused"]) == (1, [], True)
    since = await read_from(ORGANISERS, record.partition, record.offset)
    assert [one.offset for one in since if one.key == record.key] == [record.offset, erased.offset]


async def test_what_was_last_told_of_a_person_is_replayed(sdi, write, set_aside, read_from):
    person = OrganiserChanged(organiser_id=uuid4(), name="Camille", email="c@example.org", organisation="Fonderie")
    without_id = {"ce_type": person.ce_type.encode()}  # no listener takes it so
    record = await write(ORGANISERS, person.key, person.model_dump_json().encode(), without_id)
    place = await set_aside("commskit", record)
    assert (await sdi("dead-letters", "replay", "commskit", *place, "--yes")).exit_code == 0
    since = await read_from(ORGANISERS, record.partition, record.offset)
    assert [one.value for one in since if one.key == record.key] == [record.value, record.value]


async def test_a_message_that_had_no_room_in_its_letter_is_taken_from_its_topic(sdi, write, poison, read_from):
    record = await poison(value=b"too large")
    why = {"topic": EVENTS, "partition": record.partition, "offset": record.offset, "reason": "…", "left_out": "value"}
    told = {f"dlq.{name}": str(value).encode() for name, value in why.items()}
    letter = await write("labelling.dead-letters", record.key.decode(), b"", told)
    words = ("labelling", letter.partition, letter.offset, "--yes")
    assert (await sdi("dead-letters", "replay", *words)).exit_code == 0
    since = await read_from(EVENTS, record.partition, record.offset)
    assert [one.value for one in since if one.key == record.key] == [b"too large", b"too large"]


async def test_a_letter_that_came_from_nowhere_known_is_withheld_and_not_replayed(sdi, write):
    letter = await write("commskit.dead-letters", str(uuid4()), b"Camille", {"dlq.reason": b"?"})
    place = ("commskit", letter.partition, letter.offset)
    shown = await sdi("dead-letters", "show", *place)
    replayed = await sdi("dead-letters", "replay", *place, "--yes", "--json")
    assert ("Camille" in shown.text, replayed.exit_code) == (False, 1)
    assert [one["refused"] for one in replayed.json["refused"]] == [
        "it does not say which topic it came from: discard it"
    ]
    assert (await sdi("dead-letters", "discard", *place, "--yes")).exit_code == 0


# A letter is its service's word, and whoever may write to its dead letters may make it say anything.

DECISIONS = LABELLING_DECISIONS.name
MAP_FEED = "map-feed"


@pytest.fixture
def forge(write):
    """Writes a letter of map-feed's that says it came from there; its place."""

    async def forge(
        fact, *, topic=DECISIONS, partition=0, offset=0, value=None, key=None, service=MAP_FEED, headers=None
    ):
        theirs = headers or {"ce_id": str(uuid4()), "ce_type": fact.ce_type}
        source = {"topic": topic, "partition": partition, "offset": offset, "reason": "a bad day", "group": service}
        told = {**theirs, **{f"dlq.{name}": value for name, value in source.items()}}
        told = {name: str(text).encode() for name, text in told.items()}
        letter = await write(f"{service}.dead-letters", key or fact.key, value or fact.model_dump_json().encode(), told)
        return service, letter.partition, letter.offset

    return forge


@pytest.fixture
def told_under(read_from):
    """All that is told under a key on a topic."""

    async def read(topic, key):
        found = [one for number in range(6) for one in await read_from(topic, number, 0)]
        return [one for one in found if one.key == key.encode()]

    return read


async def test_a_letter_of_a_message_that_nobody_told_is_not_told_by_us(sdi, an_event, labelled, forge, told_under):
    fact = labelled(an_event())
    for offset in (10**9, 2**62):
        place = await forge(fact, offset=offset)
        answer = await sdi("dead-letters", "replay", *place, "--yes", "--json")
        [refused] = answer.json["refused"]
        assert (answer.exit_code, answer.json["replayed"]) == (1, [])
        assert refused["refused"] == (
            "its topic no longer has it: discard it, or it is told again only on your own word (--as-fact-of labelling)"
        )
        await sdi("dead-letters", "discard", *place, "--yes")
    assert await told_under(DECISIONS, fact.key) == []


async def test_a_letter_that_says_it_came_from_anothers_place_is_not_told_by_us(
    sdi, an_event, labelled, tell, forge, told_under
):
    lies_there = await tell(labelled(an_event()))
    fact = labelled(an_event())
    place = await forge(fact, partition=lies_there.partition, offset=lies_there.offset)
    answer = await sdi("dead-letters", "replay", *place, "--yes", "--json")
    assert answer.json["refused"][0]["refused"].startswith("another message lies where it says it came from")
    assert await told_under(DECISIONS, fact.key) == []
    await sdi("dead-letters", "discard", *place, "--yes")


@pytest.mark.parametrize("changed", ["value", "header", "key"])
async def test_a_letter_that_differs_from_its_source_in_one_byte_is_not_told_by_us(
    sdi, an_event, labelled, tell, forge, told_under, changed
):
    fact = labelled(an_event())
    there = await tell(fact)
    theirs = {name: value.decode() for name, value in there.headers}
    differs = {
        "value": {"value": there.value.replace(b"La coul", b"la coul")},
        "header": {"headers": {**theirs, "traceparent": theirs["traceparent"][:-1] + "0"}},
        "key": {"key": str(uuid4())},
    }[changed]
    true = {"headers": theirs, "partition": there.partition, "offset": there.offset}
    place = await forge(fact, **true | differs)
    answer = await sdi("dead-letters", "replay", *place, "--yes", "--json")
    assert answer.json["refused"][0]["refused"].startswith("another message lies where it says it came from")
    assert len(await told_under(DECISIONS, fact.key)) == 1
    same = await forge(fact, **true)
    assert (await sdi("dead-letters", "replay", *same, "--yes")).exit_code == 0
    assert [one.value for one in await told_under(DECISIONS, fact.key)] == [there.value, there.value]
    await sdi("dead-letters", "discard", *place, "--yes")


async def test_of_two_letters_of_one_message_the_true_one_is_replayed_and_the_forged_one_stays_open(
    sdi, settings, an_event, labelled, tell, forge, told_under
):
    fact = labelled(an_event())
    there = await tell(fact)
    theirs = {name: value.decode() for name, value in there.headers}
    at = {"partition": there.partition, "offset": there.offset}
    forged = await forge(fact, headers=theirs, **at, value=there.value + b" ")
    true = await forge(fact, headers=theirs, **at, service="registration")
    letters = [one for one in await read_letters(settings) if one.source == RecordPlace(DECISIONS, *at.values())]
    refused = await replay_all(settings, letters)
    assert {(place.topic, place.partition, place.offset) for place in refused} == {
        ("map-feed.dead-letters", *forged[1:])
    }
    assert [one.value for one in await told_under(DECISIONS, fact.key)] == [there.value, there.value]
    after = {
        one.service: one.outcome for one in await read_letters(settings) if one.place in [x.place for x in letters]
    }
    assert after == {"map-feed": None, true[0]: "replayed"}
    await sdi("dead-letters", "discard", *forged, "--yes")


@pytest.mark.parametrize("words", [[], ["--as-fact-of", "commskit"], ["--as-fact-of", "map-feed"]])
async def test_a_topic_that_the_service_does_not_hear_is_never_written_to(
    sdi, an_event, labelled, forge, told_under, words
):
    fact = labelled(an_event())
    place = await forge(fact, topic=COMMSKIT_KITS.name)
    answer = await sdi("dead-letters", "replay", *place, *words, "--yes", "--json")
    [refused] = answer.json["refused"]
    assert (answer.exit_code, refused["refused"]) == (
        1,
        "map-feed does not hear commskit.kits, where it says it came from: see who wrote it, discard it",
    )
    assert await told_under(COMMSKIT_KITS.name, fact.key) == []
    assert fact.event.title not in (await sdi("dead-letters", "show", *place)).text  # it may be anybody's
    await sdi("dead-letters", "discard", *place, "--yes")


async def test_what_its_topic_no_longer_has_is_told_on_the_operators_word_and_the_newest_stays_the_last(
    sdi, an_event, labelled, tell, forge, told_under
):
    event = an_event(description="On visite l’atelier. " * 60)
    newer = await tell(labelled(event.model_copy(update={"revision": 2})))
    lost = labelled(event)
    place = await forge(lost, partition=(newer.partition + 1) % 6, offset=10**9)

    answer = await sdi("dead-letters", "replay", *place, "--as-fact-of", "labelling", typed="n\n")
    assert (answer.exit_code, len(await told_under(DECISIONS, lost.key))) == (1, 1)
    assert "Tell this on labelling.decisions, as a fact of labelling?" in answer.errors
    assert f"value: {lost.model_dump_json()}\n" in answer.errors  # whole, however long
    assert f"reads as: EventLabelled of event {event.event_id}, revision 1; label granted by rules" in answer.errors

    answer = await sdi("dead-letters", "replay", *place, "--as-fact-of", "labelling", "--yes")
    assert (answer.exit_code, answer.text) == (0, "1 dead letter replayed.\n")
    assert f"value: {lost.model_dump_json()}\n" in answer.errors
    told = await told_under(DECISIONS, lost.key)
    assert [one.value for one in told] == [newer.value, lost.model_dump_json().encode(), newer.value]
    assert {one.partition for one in told} == {newer.partition}
    assert not [name for one in told for name, _ in one.headers if name.startswith("dlq.")]


async def test_a_writer_who_is_not_the_topics_is_a_wrong_use(sdi, an_event, labelled, forge, told_under):
    fact = labelled(an_event())
    place = await forge(fact, offset=10**9)
    for writer in ("map-feed", "geocoding", "operator"):
        answer = await sdi("dead-letters", "replay", *place, "--as-fact-of", writer, "--yes")
        assert answer.exit_code == 2
    assert (await sdi("dead-letters", "replay", "--all", "--as-fact-of", "labelling", "--yes")).exit_code == 2
    assert await told_under(DECISIONS, fact.key) == []
    await sdi("dead-letters", "discard", *place, "--yes")


async def test_nobody_is_told_of_on_anybodys_word(sdi, forge, told_under):
    person = OrganiserChanged(organiser_id=uuid4(), name="Camille", email="c@example.org", organisation="Fonderie")
    place = await forge(person, topic=ORGANISERS, offset=10**9, service="commskit")
    answer = await sdi("dead-letters", "replay", *place, "--as-fact-of", "registration", "--yes", "--json")
    assert (answer.exit_code, "Camille" in answer.errors + answer.text) == (1, False)
    assert await told_under(ORGANISERS, person.key) == []
    await sdi("dead-letters", "discard", *place, "--yes")


async def test_all_letters_of_a_service_are_replayed_at_once(sdi, poison, set_aside, listed, read_from):
    records = [await poison(COMMSKIT_KITS.name) for _ in range(3)]
    for record in records:
        await set_aside("registration", record)
    answer = await sdi("dead-letters", "replay", "registration", "--all", "--yes", "--json")
    assert (answer.exit_code, len(answer.json["replayed"]), await listed("registration")) == (0, 3, [])
    for record in records:
        since = await read_from(record.topic, record.partition, record.offset)
        assert [one.value for one in since if one.key == record.key] == [b"{", b"{"]


async def test_no_letter_named_is_a_wrong_use(sdi):
    assert (await sdi("dead-letters", "replay", "labelling", "--yes")).exit_code == 2
