"""Facts on the wire, and records that are no facts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from backbone.contracts import EventWithdrawn, OrganiserErased, OrganiserRegistered
from backbone.envelope import Letter, Unreadable, fact_headers, header, open_letter, wire_headers

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KNOWN = {fact.ce_type(): fact for fact in (EventWithdrawn, OrganiserErased, OrganiserRegistered)}
PERSON = OrganiserErased(organiser_id=UUID(int=7))


def test_a_fact_is_read_as_it_was_told(make_record, withdrawn):
    fact, message_id = withdrawn(3), UUID(int=9)
    told = fact_headers("registration", fact, TRACE)
    record = make_record(fact, headers=wire_headers(told, message_id, datetime(2026, 3, 1, tzinfo=UTC)))
    assert open_letter(record, KNOWN) == Letter(str(message_id), fact, TRACE, record)


def test_the_headers_are_those_of_cloudevents_in_binary_mode(make_record, withdrawn):
    fact = withdrawn(3)
    stored = fact_headers("registration", fact, TRACE)
    assert dict(wire_headers(stored, UUID(int=9), datetime(2026, 3, 1, tzinfo=UTC))) == {
        "ce_specversion": b"1.0",
        "ce_id": b"00000000-0000-0000-0000-000000000009",
        "ce_type": b"fr.semaine-industrie.EventWithdrawn",
        "ce_source": b"/services/registration",
        "ce_subject": str(fact.event_id).encode(),
        "ce_time": b"2026-03-01T00:00:00+00:00",
        "content-type": b"application/json",
        "traceparent": TRACE.encode(),
    }


def test_a_fact_of_a_newer_writer_is_read_without_the_fields_not_known(make_record, withdrawn):
    value = withdrawn(3).model_dump_json().encode()[:-1] + b', "added_in_2027": true}'
    letter = open_letter(make_record(withdrawn(3), value=value), KNOWN)
    assert letter is not None
    assert letter.fact == withdrawn(3)


def test_a_type_that_is_not_known_here_is_nothing_to_read(make_record, withdrawn):
    assert open_letter(make_record(withdrawn(3), value=b"whatever it is"), {}) is None


def test_a_null_value_is_read_where_it_tells_something(make_record):
    letter = open_letter(make_record(PERSON), KNOWN)
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
        open_letter(make_record(withdrawn(1), headers=headers), KNOWN)


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
        open_letter(make_record(withdrawn(1), value=value), KNOWN)
    assert str(refused.value) == reason


@pytest.mark.parametrize("key", [None, b"marie@exemple.fr", b"\xff"])
def test_a_tombstone_under_a_key_that_is_no_id_is_refused_without_quoting_the_key(make_record, key):
    with pytest.raises(Unreadable) as refused:
        open_letter(make_record(PERSON, key=key), KNOWN)
    assert str(refused.value) == "a null value where a OrganiserErased was expected"


def test_a_trace_that_cannot_be_read_does_not_matter(make_record, withdrawn):
    headers = [*make_record(withdrawn(1)).headers, ("traceparent", b"\xff"), ("x", None)]
    letter = open_letter(make_record(withdrawn(1), headers=headers), KNOWN)
    assert letter is not None
    assert letter.traceparent is None


def test_of_a_header_given_twice_the_first_counts(make_record, withdrawn):
    assert header(make_record(withdrawn(1), headers=[("a", b"1"), ("a", b"2")]), "a") == "1"
