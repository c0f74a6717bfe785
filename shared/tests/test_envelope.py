"""Facts on the wire, and records that are no facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import field_validator

from backbone.contracts import (
    EventLocated,
    EventSubmitted,
    EventWithdrawn,
    Location,
    OrganiserErased,
    OrganiserRegistered,
    PublicEvent,
    Slot,
)
from backbone.kafka.envelope import (
    Heard,
    Unreadable,
    Untellable,
    fact_headers,
    header,
    read_fact,
    wire_headers,
    written,
)

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KNOWN = {fact.ce_type: fact for fact in (EventWithdrawn, OrganiserErased, OrganiserRegistered)}
PERSON = OrganiserErased(organiser_id=UUID(int=7))


def test_a_fact_is_read_as_it_was_told(make_record, withdrawn):
    fact, message_id = withdrawn(3), UUID(int=9)
    told = fact_headers(fact, TRACE)
    record = make_record(fact, headers=wire_headers(told, message_id, datetime(2026, 3, 1, tzinfo=UTC)))
    assert read_fact(record, KNOWN) == Heard(str(message_id), fact, TRACE, record)


def test_the_headers_are_those_of_cloudevents_in_binary_mode(make_record, withdrawn):
    fact = withdrawn(3)
    stored = fact_headers(fact, TRACE)
    assert dict(wire_headers(stored, UUID(int=9), datetime(2026, 3, 1, tzinfo=UTC))) == {
        "ce_specversion": b"1.0",
        "ce_id": b"00000000-0000-0000-0000-000000000009",
        "ce_type": b"fr.semaine-industrie.EventWithdrawn",
        "ce_source": b"/services/registration",
        "ce_dataschema": b"https://semaine-industrie.example/contracts/EventWithdrawn.1.json",
        "ce_subject": str(fact.event_id).encode(),
        "ce_time": b"2026-03-01T00:00:00+00:00",
        "content-type": b"application/json",
        "traceparent": TRACE.encode(),
    }


def test_a_fact_of_a_newer_writer_is_read_without_the_fields_not_known(make_record, withdrawn):
    value = withdrawn(3).model_dump_json().encode()[:-1] + b', "added_in_2027": true}'
    letter = read_fact(make_record(withdrawn(3), value=value), KNOWN)
    assert letter is not None
    assert letter.fact == withdrawn(3)


def test_a_type_that_is_not_known_here_is_nothing_to_read(make_record, withdrawn):
    assert read_fact(make_record(withdrawn(3), value=b"whatever it is"), {}) is None


def test_a_null_value_is_read_where_it_tells_something(make_record):
    letter = read_fact(make_record(PERSON), KNOWN)
    assert letter is not None
    assert letter.fact == PERSON


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("ce_id", b"1")],
        [("ce_type", b"fr.semaine-industrie.EventWithdrawn")],
        [("ce_id", None), ("ce_type", b"fr.semaine-industrie.EventWithdrawn")],
        [("ce_id", b"1"), ("ce_type", b"\xff\xfe")],
        [("ce_id", b"\xff"), ("ce_type", b"fr.semaine-industrie.EventWithdrawn")],
    ],
)
def test_a_record_without_a_readable_type_and_id_cannot_be_read(make_record, withdrawn, headers):
    with pytest.raises(Unreadable, match=r"^the header ce_type or ce_id is missing or is not UTF-8$"):
        read_fact(make_record(withdrawn(1), headers=headers), KNOWN)


@pytest.mark.parametrize("message_id", [b"", b" ", b"a\x00b", b"1\n"])
def test_an_id_that_no_inbox_could_tell_from_others_is_none(make_record, withdrawn, message_id):
    headers = [("ce_id", message_id), ("ce_type", withdrawn(1).ce_type.encode())]
    with pytest.raises(Unreadable, match=r"^the header ce_id names no message$"):
        read_fact(make_record(withdrawn(1), headers=headers), KNOWN)
    assert read_fact(make_record(withdrawn(1), headers=[("ce_id", message_id), ("ce_type", b"another")]), KNOWN) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "not a EventWithdrawn: value: json_invalid"),
        (b"{", "not a EventWithdrawn: value: json_invalid"),
        (b"\xff\xfe", "not a EventWithdrawn: value: json_invalid"),
        (b"null", "not a EventWithdrawn: value: model_type"),
        (b"[]", "not a EventWithdrawn: value: model_type"),
        (
            b'{"event_id": "marie@exemple.fr", "revision": 1}',
            "not a EventWithdrawn: event_id: uuid_parsing; withdrawn_at: missing",
        ),
        (None, "a null value where a EventWithdrawn was expected"),
    ],
)
def test_a_value_that_is_no_fact_is_refused_without_being_quoted(make_record, withdrawn, value, reason):
    with pytest.raises(Unreadable) as refused:
        read_fact(make_record(withdrawn(1), value=value), KNOWN)
    assert str(refused.value) == reason


@pytest.mark.parametrize("topic", ["geocoding.locations", "registration.organisers", "labelling.dead-letters"])
def test_a_fact_on_a_topic_of_another_writers_is_nobodys_word(make_record, withdrawn, topic):
    with pytest.raises(Unreadable) as refused:
        read_fact(make_record(withdrawn(1), topic=topic), KNOWN)
    assert str(refused.value) == "a EventWithdrawn on a topic that is not its own, registration.events"


@pytest.mark.parametrize("value", [None, b"", b"{"])
def test_of_a_fact_on_the_wrong_topic_the_value_does_not_matter(make_record, value):
    with pytest.raises(Unreadable, match=r"^a OrganiserErased on a topic that is not its own"):
        read_fact(make_record(PERSON, topic="registration.events", value=value), KNOWN)


@pytest.mark.parametrize(
    "key", [None, b"", b"\xff", str(UUID(int=2)).encode(), str(UUID(int=1)).upper().encode() + b" ", UUID(int=1).bytes]
)
def test_a_fact_under_a_key_that_is_not_its_own_belongs_to_no_story(make_record, withdrawn, key):
    with pytest.raises(Unreadable) as refused:
        read_fact(make_record(withdrawn(1), key=key), KNOWN)
    assert str(refused.value) == "a EventWithdrawn under a key that is not its own"


@pytest.mark.parametrize("key", ["0000000000000000000000000000000a", "{0000000A-0000-0000-0000-00000000000A}"])
def test_a_tombstone_forgets_nobody_whose_key_is_written_otherwise(make_record, key):
    # compaction knows keys by their bytes: what was told of the person would stay in the log
    with pytest.raises(Unreadable, match=r"^a OrganiserErased under a key that is not its own$"):
        read_fact(make_record(PERSON, key=key.encode()), KNOWN)


def test_a_slot_from_the_first_year_to_the_last_is_read(make_record, submitted):
    slot = {"starts_at": "0001-01-01T00:00:00+23:59", "ends_at": "9999-12-31T23:59:00-23:59"}
    fact = submitted(slot)
    letter = read_fact(make_record(fact), {EventSubmitted.ce_type: EventSubmitted})
    assert letter is not None
    assert letter.fact == fact


def test_a_value_on_which_the_reader_itself_stumbles_is_unreadable(make_record, withdrawn):
    class Reckoned(EventWithdrawn):
        """A fact whose times are reckoned with as it is read."""

        @field_validator("withdrawn_at")
        @classmethod
        def _reckon(cls, at):
            return at + timedelta.max

    value = withdrawn(1).model_dump_json().encode()
    record = make_record(withdrawn(1), value=value, headers=[("ce_id", b"1"), ("ce_type", b"reckoned")])
    with pytest.raises(Unreadable, match=r"^not a Reckoned: OverflowError$"):
        read_fact(record, {"reckoned": Reckoned})


@pytest.fixture
def submitted():
    """Makes the fact that an event online was submitted, with other slots or words where told."""

    def make(*slots, **changes):
        known = {"event_id": UUID(int=1), "revision": 1}
        event = PublicEvent.model_validate(
            {
                **known,
                "edition": "2026",
                "organiser_id": UUID(int=2),
                "organisation": "Fonderie",
                "title": "Visite",
                "description": "Visite de la fonderie.",
                "kind": "webinar",
                "audiences": ("everyone",),
                "admission": "everyone",
                "is_free": True,
                "slots": slots or ({"starts_at": "2026-11-17T09:00+01:00", "ends_at": "2026-11-17T12:00+01:00"},),
                "timezone": "Europe/Paris",
                "online_url": "https://visio.example",
                **changes,
            }
        )
        return EventSubmitted(
            **known, sequence=1, edition="2026", event=event, submitted_at=datetime(2026, 3, 1, tzinfo=UTC)
        )

    return make


def with_changed_event(fact, **changes):
    """The fact with a part of its event replaced, unchecked."""
    return fact.model_copy(update={"event": fact.event.model_copy(update=changes)})


PARIS = ZoneInfo("Europe/Paris")
BROKEN = "a EventSubmitted that is not what its schema promises:"


def test_what_is_told_reads_as_what_was_meant(submitted, withdrawn):
    for fact in (submitted(), submitted(title="« \\u0000 », écrit-il 🏭"), withdrawn(3), PERSON):
        told = written(fact)
        again = OrganiserErased.from_tombstone(fact.key) if told is None else type(fact).model_validate_json(told)
        assert again == fact


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        # in the spring change of clocks: there is no such hour, and the reader sees a slot that ends as it starts
        (datetime(2026, 3, 29, 2, 30, tzinfo=PARIS), datetime(2026, 3, 29, 3, 0, tzinfo=PARIS)),
        (datetime(2026, 3, 29, 1, 30, tzinfo=PARIS), datetime(2026, 3, 29, 2, 45, tzinfo=PARIS)),
        # in the autumn change: which of the two?
        (datetime(2026, 10, 25, 2, 30, tzinfo=PARIS), datetime(2026, 10, 25, 4, 0, tzinfo=PARIS)),
        # an offset of nine minutes and twenty-one seconds is not told to the second
        (datetime(1890, 11, 17, 9, tzinfo=PARIS), datetime(1890, 11, 17, 12, tzinfo=PARIS)),
    ],
)
def test_a_time_that_would_read_as_another_is_not_told(submitted, starts_at, ends_at):
    slot = Slot(starts_at=starts_at, ends_at=ends_at)
    refused = (
        r"^a EventSubmitted that (its readers would take for|is not what its schema promises: a slot does not end)"
    )
    with pytest.raises(Untellable, match=refused):
        written(with_changed_event(submitted(), slots=(slot,)))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"is_free": "yes"}, "a EventSubmitted that cannot be written: PydanticSerializationError"),
        ({"revision": 2}, f"{BROKEN} the event that it carries is another than it speaks of"),
        ({"edition": "2027"}, f"{BROKEN} the event that it carries is another than it speaks of"),
        ({"slots": ()}, f"{BROKEN} event.slots: minItems"),
        ({"title": "V" * 121, "kind": "party"}, f"{BROKEN} event.title: maxLength; event.kind: enum"),
        ({"timezone": None}, "a EventSubmitted that its readers would refuse: event.timezone: string_type"),
        ({"online_url": None}, f"{BROKEN} an event has neither a venue nor an online address"),
        ({"title": "Visite\ud800"}, "a EventSubmitted that cannot be written: PydanticSerializationError"),
        ({"title": "Visite\x00"}, "a EventSubmitted with a NUL in one of its texts, which no database keeps"),
    ],
)
def test_a_fact_that_its_readers_would_refuse_is_not_told_and_not_quoted(submitted, changed, why):
    with pytest.raises(Untellable) as refused:
        written(with_changed_event(submitted(), **changed))
    assert str(refused.value) == why


def test_a_number_that_is_none_is_not_told():
    point = {"longitude": 4.8, "latitude": 45.7, "precision": "street", "commune_code": "69266", "commune_name": "…"}
    codes = {"department_code": "69", "region_code": "84", "timezone": "Europe/Paris", "provider": "ban"}
    nowhere = Location(**point, **codes).model_copy(update={"longitude": float("nan")})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(Untellable):
        written(
            EventLocated(event_id=UUID(int=1), revision=1, sequence=1, edition="2026", location=nowhere, located_at=at)
        )


def test_a_slot_is_as_long_as_it_is_and_not_as_the_clocks_show(submitted):
    no_time = Slot(
        starts_at=datetime(2026, 3, 29, 2, 30, tzinfo=PARIS), ends_at=datetime(2026, 3, 29, 3, 0, tzinfo=PARIS)
    )
    assert list(no_time.contradictions()) == ["a slot does not end after it starts"]
    over_the_change = Slot(starts_at="2026-10-25T02:30:00+02:00", ends_at="2026-10-25T02:15:00+01:00")
    assert list(over_the_change.contradictions()) == []
    assert over_the_change.ends_at - over_the_change.starts_at == timedelta(minutes=45)
    first, last = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), datetime.max.replace(tzinfo=UTC)
    assert list(Slot(starts_at=first, ends_at=last).contradictions()) == []


@pytest.mark.parametrize("key", [None, b"marie@exemple.fr", b"\xff"])
def test_a_tombstone_under_a_key_that_is_no_id_is_refused_without_quoting_the_key(make_record, key):
    with pytest.raises(Unreadable) as refused:
        read_fact(make_record(PERSON, key=key), KNOWN)
    assert str(refused.value) == "a null value where a OrganiserErased was expected"


def test_a_trace_that_cannot_be_read_does_not_matter(make_record, withdrawn):
    headers = [*make_record(withdrawn(1)).headers, ("traceparent", b"\xff"), ("x", None)]
    letter = read_fact(make_record(withdrawn(1), headers=headers), KNOWN)
    assert letter is not None
    assert letter.traceparent is None


def test_of_a_header_given_twice_the_first_counts(make_record, withdrawn):
    assert header(make_record(withdrawn(1), headers=[("a", b"1"), ("a", b"2")]), "a") == "1"


def test_a_field_that_is_not_in_the_schema_is_told_by_nobody(submitted):
    with pytest.raises(Untellable) as refused:
        written(submitted(mail_of_marie="marie@exemple.fr"))
    assert str(refused.value) == f"{BROKEN} event: additionalProperties"
