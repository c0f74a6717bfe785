"""A replayed message is told as it was, and the newest word stays the last."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backbone.contracts import (
    COMMSKIT_KITS,
    LABELLING_DECISIONS,
    REGISTRATION_EVENTS,
    REGISTRATION_ORGANISERS,
    OrganiserChanged,
    OrganiserErased,
)
from backbone.publisher import Outgoing
from sdi.kafka import reading
from sdi.letters import Place, read_letters
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
        one for one in await read_letters(settings) if one.source == Place(EVENTS, record.partition, record.offset)
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
        story = Story(consumer, Overtaken(), Place(EVENTS, old.partition, old.offset), old.key)
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


async def test_what_was_last_told_of_a_person_is_replayed(sdi, tell, set_aside, read_from):
    person = OrganiserChanged(organiser_id=uuid4(), name="Camille", email="c@example.org", organisation="Fonderie")
    record = await tell(person)
    record.headers = [(name, value) for name, value in record.headers if name != "ce_id"]  # no listener takes it so
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
