"""The story of an event is what the topics tell of it, in order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from backbone.contracts import (
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    KitSent,
    LabelWithdrawn,
    ReviewRequested,
    Verdict,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FREE = Verdict(
    condition="free",
    finding="not_met",
    code="has-a-price",
    message="L’entrée est payante.",
    hint="Ouvrez-la gratuitement.",
    rule="free",
    rule_version="1",
)
DATES = Verdict(
    condition="dates", finding="met", code="in-the-week", message="Pendant la semaine.", rule="dates", rule_version="1"
)
FIRST, SECOND = UUID(int=1), UUID(int=2)
DECIDED = {"decision_id": FIRST, "label": "under_review", "decided_by": "rules", "ruleset": "5d1f00d", "sequence": 1}


@pytest.fixture
def minute():
    return lambda number: NOON + timedelta(minutes=number)


async def test_the_story_is_told_in_order_of_time(sdi, an_event, tell, minute, labelled, located):
    event = an_event()
    about = {"event_id": event.event_id, "revision": 1, "sequence": 1}
    gone = {"label": "withdrawn", "decided_by": "organiser", "decided_at": NOON}
    reason = {"code": "withdrawn-by-organiser", "message": "L’événement a été retiré."}
    told = [
        KitSent(**about, kit_id=uuid4(), pieces=({"name": "affiche-a4.pdf"},), sent_at=NOON),
        labelled(event),
        located(event),
        EventSubmitted(**about, event=event, submitted_at=NOON),
        LabelWithdrawn(**DECIDED | about | gone, reason=reason),
        EventWithdrawn(**about | {"revision": 2}, withdrawn_at=NOON),
    ]
    order = [3, 2, 1, 0, 5, 4]
    for place, fact in enumerate(told):
        await tell(fact, at=minute(order.index(place)))
    answer = await sdi("events", "show", event.event_id, "--json")
    assert answer.exit_code == 0
    assert [one["headers"]["ce_type"] for one in answer.json] == [told[place].ce_type for place in order]
    assert answer.json[0]["value"]["event"]["title"] == "La coulée, côté pont roulant"
    assert [one["at"] for one in answer.json] == [minute(number).isoformat() for number in range(6)]


async def test_a_person_reads_the_essential(sdi, an_event, tell, minute, located):
    event = an_event(revision=3)
    decided = {**DECIDED, "event_id": event.event_id, "revision": 3, "event": event, "decided_at": NOON}
    refused = {"decision_id": SECOND, "label": "refused", "decided_by": "review", "automated": False, "sequence": 2}
    review = ReviewRequested(**decided, verdicts=[DATES], region="84", due_at=minute(1))
    record = await tell(review, at=minute(1))
    await tell(EventRejected(**decided | refused, verdicts=[DATES, FREE], supersedes=FIRST), at=minute(2))
    await tell(located(event), at=minute(3))
    lines = [" ".join(line.split()) for line in (await sdi("events", "show", event.event_id)).text.splitlines()]
    trace = dict(record.headers)["traceparent"].decode().split("-")[1]
    assert [line.split(" ", 2)[2] if line.startswith("2026-") else line for line in lines[1:]] == [
        "3.1 ReviewRequested label under review by rules (ruleset 5d1f00d)",
        "a person of region 84 decides until 2026-03-02 12:01",
        "dates: met (dates/1)",
        f"trace {trace}",
        "3.2 EventRejected label refused by review, a person (ruleset 5d1f00d)",
        f"in place of decision {FIRST}",
        "dates: met (dates/1)",
        "free: not met (free/1) L’entrée est payante. Ouvrez-la gratuitement.",
        lines[9],
        "3.1 EventLocated 45.77190, 4.88690 (street)",
        "Villeurbanne (69266), by gazetteer 2026",
        lines[12],
    ]


async def test_the_hours_are_the_campaigns_as_in_the_organisers_timeline_whenever_it_was_told(sdi, an_event, tell):
    event = an_event()
    fact = EventSubmitted(event_id=event.event_id, revision=1, event=event, submitted_at=NOON)
    await tell(fact, at=NOON + timedelta(days=190))
    shown = (await sdi("events", "show", event.event_id)).text.splitlines()[1]
    assert shown.startswith(NOON.astimezone().strftime("%Y-%m-%d %H:%M:%S"))


async def test_a_fact_that_was_delivered_twice_is_shown_once(sdi, an_event, tell, labelled):
    event = an_event()
    for _ in range(2):
        await tell(labelled(event), at=NOON, ce_id=f"id of {event.event_id}")
    shown = (await sdi("events", "show", event.event_id)).text
    assert (shown.count("EventLabelled"), "1 record left out" in shown) == (1, True)
    assert len((await sdi("events", "show", event.event_id, "--json")).json) == 2


async def test_a_record_that_cannot_be_read_is_part_of_the_story(sdi, write):
    key = str(uuid4())
    await write("registration.events", key, b"\xff")
    answer = await sdi("events", "show", key, "--json")
    assert [one["value"] for one in answer.json] == [{"base64": "/w=="}]
    said = "no reader takes it: the header ce_type or ce_id is missing or is not UTF-8"
    assert said in (await sdi("events", "show", key)).text


async def test_another_writers_word_in_the_story_is_said_to_be_nobodys(sdi, an_event, labelled, write):
    event = an_event()
    fact = labelled(event)
    headers = {"ce_type": fact.ce_type.encode(), "ce_id": str(uuid4()).encode()}
    await write("geocoding.locations", fact.key, fact.model_dump_json().encode(), headers)
    shown = " ".join((await sdi("events", "show", event.event_id)).text.split())
    assert "label granted" not in shown
    assert "no reader takes it: a EventLabelled on a topic that is not its own, labelling.decisions" in shown


async def test_an_event_that_nobody_told_of_is_said_so(sdi):
    event_id = uuid4()
    answer = await sdi("events", "show", event_id)
    said = f"sdi: no topic knows an event {event_id}: is the number right, was it ever submitted?\n"
    assert (answer.exit_code, answer.text, answer.errors) == (1, "", said)


async def test_what_is_no_number_of_an_event_is_a_wrong_use(sdi):
    assert (await sdi("events", "show", "La coulée")).exit_code == 2


async def test_what_becomes_of_an_event_and_where_one_may_take_part_is_in_its_story(sdi, an_event, tell):
    event = an_event(status="postponed", status_note="Reporté au printemps.", online_url="https://visio.example")
    await tell(EventSubmitted(event_id=event.event_id, revision=1, sequence=4, event=event, submitted_at=NOON))
    shown = " ".join((await sdi("events", "show", event.event_id)).text.split())
    assert "1.4 EventSubmitted La coulée, côté pont roulant" in shown
    assert "2026-11-17 09:00 · 69100 Villeurbanne · https://visio.example" in shown
    assert "postponed: Reporté au printemps." in shown
