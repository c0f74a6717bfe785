"""What is told on a topic, for a person and for a machine."""

from __future__ import annotations

import asyncio
import json
import signal

import pytest

from sdi.errors import Refusal
from sdi.filtering import picks, read_filter

AROUND = {
    "type": "EventLabelled",
    "key": "k",
    "topic": "labelling.decisions",
    "partition": 1,
    "offset": 9,
    "at": "2026-03",
}
VALUE = {
    "revision": 2,
    "automated": True,
    "region": "84",
    "event": {
        "title": "Visite de la forge et de l’Énergie",
        "venue": {"address": {"city": "Firminy"}},
        "audiences": ["pupils", "families"],
    },
    "location": {"department_code": "42"},
    "supersedes": None,
}


@pytest.mark.parametrize(
    "said",
    [
        "",
        "type=EventLabelled",
        "type=EventRejected,EventLabelled region=84",
        "type!=EventRejected",
        "title~energie",
        'title~"l\'énergie"',
        "event.venue.address.city=Firminy",
        "city=Firminy",
        "department=42",
        "audiences=families",
        "revision>1 revision<=2 revision>=2",
        "revision<10",
        "automated=true",
        "offset=9 partition=1",
        "at<2026-04",
        "nothing!=x",
        "title!~usine",
    ],
)
def test_a_filter_picks(said):
    assert picks(read_filter(said), AROUND, VALUE)


@pytest.mark.parametrize(
    "said",
    [
        "type=EventRejected",
        "region!=84",
        "title~usine",
        "city=firminy",
        "nothing=x",
        "supersedes=None",
        "revision>2",
        "venue.city=x",
    ],
)
def test_a_filter_passes_over(said):
    assert not picks(read_filter(said), AROUND, VALUE)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("region", "« region » compares nothing: type=EventLabelled, region=84, title~forge, revision>1"),
        ("title~'open", "opens a quotation mark and does not close it"),
        ("__import__('os')=1", "compares nothing"),
        ("a=1 " * 21, "more than 20 terms"),
    ],
)
def test_a_filter_that_is_none_is_refused_with_what_one_looks_like(said, why):
    with pytest.raises(Refusal, match=why.replace("(", r"\(")):
        read_filter(said)


async def test_a_person_reads_a_line_a_record_the_newest_last(as_analyst, tell_all, a_sample):
    facts = [a_sample("EventLabelled.2"), a_sample("EventRejected.2")]
    for fact in facts:
        await tell_all([fact.as_told()])
    answer = await as_analyst("tail", "labelling.decisions", "-n", "2")
    lines = answer.text.splitlines()
    assert [line.split()[2:4] for line in lines] == [[fact.name, fact.key] for fact in facts]
    assert "label granted by rules" in lines[0]


async def test_a_machine_reads_all_of_it(as_analyst, tell_all, a_sample):
    fact = a_sample("KitSent.1")
    await tell_all([fact.as_told()])
    answer = await as_analyst("tail", "commskit.kits", "--json", "--from", "beginning", "--filter", f"key={fact.key}")
    told = json.loads(answer.text)
    assert (told["value"], told["headers"], told["type"]) == (fact.value, fact.headers, "KitSent")


async def test_a_filter_by_what_the_topic_does_not_tell_says_so(started, tell_all, a_sample):
    await tell_all([a_sample("EventSubmitted.2").as_told()])
    looking = started("tail", "registration.events", "--filter", "region=84 city!=Paris title~nowhere")
    told, words = await asyncio.to_thread(looking.communicate, timeout=180)
    assert (told, words) == ("", "sdi: no record that is there has a field region\n")


async def test_what_nobody_can_read_and_what_is_taken_back_are_shown_as_such(as_analyst, tell_all, a_sample):
    broken, gone = a_sample("KitSent.1"), a_sample("KitFailed.1")
    await tell_all([broken.as_told(b'{"event_id": 5}')])
    record = gone.as_told()
    await tell_all([type(record)(record.topic, record.key, None, record.headers)])
    answer = await as_analyst("tail", "commskit.kits", "--filter", f"key={broken.key},{gone.key}")
    assert "cannot be read: not a KitSent" in answer.text
    assert "takes back what its key said before" in answer.text


async def test_what_is_told_from_now_on_is_shown_as_it_comes(started, tell_all, a_sample, guarded):
    following = started("tail", "geocoding.locations", "--follow", "--json", "--filter", "type=EventNotLocated")
    facts = []
    lines: list[str] = []
    reading = asyncio.create_task(asyncio.to_thread(lambda: lines.append(following.stdout.readline())))
    while not reading.done():
        facts += [a_sample("EventNotLocated.1"), a_sample("EventLocated.1")]
        await tell_all([fact.as_told() for fact in facts[-2:]])
        await asyncio.wait([reading], timeout=0.5)
    assert json.loads(lines[0])["key"] in {fact.key for fact in facts[::2]}
    following.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(following.wait) == 0


async def test_what_was_told_about_people_is_not_shown(as_analyst):
    answer = await as_analyst("tail", "registration.organisers")
    assert (answer.exit_code, "never taken out" in answer.errors) == (2, True)
