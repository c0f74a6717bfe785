"""What was set aside is listed, shown and discarded."""

from __future__ import annotations

import pytest

from backbone.contracts import (
    REGISTRATION_EVENTS,
    REGISTRATION_ORGANISERS,
    Topic,
)
from sdi.errors import Refusal
from sdi.kafka import partitions_of

EVENTS, ORGANISERS = REGISTRATION_EVENTS.name, REGISTRATION_ORGANISERS.name


async def test_a_letter_is_listed_with_where_it_came_from_and_why(sdi, poison, set_aside):
    record = await poison()
    partition, offset = await set_aside("labelling", record)
    answer = await sdi("dead-letters", "list", "--json")
    of_labelling = [one for one in answer.json if one["service"] == "labelling"]
    [letter] = [one for one in of_labelling if (one["partition"], one["offset"]) == (partition, offset)]
    assert answer.exit_code == 1
    assert letter | {"set_aside_at": "…"} == {
        "service": "labelling",
        "topic": "labelling.dead-letters",
        "partition": partition,
        "offset": offset,
        "set_aside_at": "…",
        "source": {"topic": EVENTS, "partition": record.partition, "offset": record.offset},
        "reason": "the header ce_type or ce_id is missing or is not UTF-8",
        "personal": False,
        "outcome": None,
    }


async def test_a_person_reads_the_same_in_a_table(sdi, poison, set_aside):
    record = await poison()
    await set_aside("labelling", record)
    answer = await sdi("dead-letters", "list", "--service", "labelling")
    assert f"{EVENTS} {record.partition} {record.offset}" in " ".join(answer.text.split())


async def test_a_letter_is_shown_with_headers_key_and_value(sdi, poison, set_aside):
    record = await poison(value="« où ? »".encode(), ce_type="nonsense")
    shown = (await sdi("dead-letters", "show", "labelling", *await set_aside("labelling", record), "--json")).json
    assert (shown["key"], shown["value"], shown["value_bytes"]) == (record.key.decode(), "« où ? »", 11)
    assert (shown["headers"]["ce_type"], shown["headers"]["dlq.group"]) == ("nonsense", "labelling")


async def test_a_value_that_may_be_personal_is_shown_only_when_asked_for(sdi, poison, set_aside):
    place = await set_aside("commskit", await poison(ORGANISERS, value=b"Camille Martin", note="camille@example.org"))
    for words in ([], ["--json"]):
        answer = await sdi("dead-letters", "show", "commskit", *place, *words)
        assert ("Camille" in answer.text, "camille@" in answer.text) == (False, False)
    shown = (await sdi("dead-letters", "show", "commskit", *place, "--personal", "--json")).json
    assert (shown["value"], shown["headers"]["note"]) == ("Camille Martin", "camille@example.org")


async def test_bytes_that_would_move_the_cursor_are_made_visible(sdi, poison, set_aside):
    place = await set_aside("labelling", await poison(value=b"\x1b[2J[bold]"))
    answer = await sdi("dead-letters", "show", "labelling", *place)
    assert ("\x1b" in answer.text, "\\x1b[2J[bold]" in answer.text) == (False, True)


async def test_a_long_value_is_cut(sdi, poison, set_aside):
    place = await set_aside("labelling", await poison(value=b"x" * 5000))
    shown = (await sdi("dead-letters", "show", "labelling", *place, "--json")).json
    assert shown["value"] == "x" * 4000 + "… (5,000 bytes in all)"


async def test_a_letter_that_is_not_there_is_said_so(sdi):
    answer = await sdi("dead-letters", "show", "labelling", 0, 10**9)
    assert (answer.exit_code, answer.errors) == (
        1,
        "sdi: labelling has no dead letter 0 1000000000: `sdi dead-letters list` shows all\n",
    )


async def test_a_discarded_letter_is_not_listed_again_and_says_so(sdi, poison, set_aside, listed):
    place = await set_aside("labelling", await poison())
    assert place in await listed("labelling")
    answer = await sdi("dead-letters", "discard", "labelling", *place, "--yes")
    assert (answer.exit_code, answer.text) == (0, "1 dead letter discarded.\n")
    assert place not in await listed("labelling")
    shown = await sdi("dead-letters", "show", "labelling", *place, "--json")
    assert shown.json["outcome"] == "discarded"
    assert (await sdi("dead-letters", "replay", "labelling", *place, "--yes")).exit_code == 1


async def test_nothing_is_done_without_a_yes(sdi, poison, set_aside, listed):
    place = await set_aside("labelling", await poison())
    answer = await sdi("dead-letters", "discard", "labelling", *place, typed="n\n")
    assert (answer.exit_code, "Discard 1 dead letter?" in answer.errors) == (1, True)
    assert place in await listed("labelling")


async def test_a_message_that_looks_like_a_mark_settles_nothing(poison, set_aside, listed):
    place = await set_aside("labelling", await poison())
    fake = await poison(key=f"{place[0]}:{place[1]}", **{"dlq.settled": "discarded"})
    fake_place = await set_aside("labelling", fake)
    assert {place, fake_place} <= set(await listed("labelling"))


async def test_no_letters_is_all_well(sdi):
    await sdi("dead-letters", "discard", "registration", "--all", "--yes")
    answer = await sdi("dead-letters", "list", "--service", "registration")
    assert (answer.exit_code, answer.text) == (0, "There are no dead letters.\n")


async def test_a_topic_that_is_not_shown_to_us_is_not_passed_over(settings):
    with pytest.raises(Refusal) as refused:
        await partitions_of(settings, [Topic("nobody.dead-letters", writer="nobody")])
    assert "no nobody.dead-letters" in str(refused.value)
