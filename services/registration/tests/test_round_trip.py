"""A draft, what is told of it, and back: nothing that an organiser wrote is lost on the way."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from backbone.contracts import PublicEvent
from registration.domain.draft import EventDraft
from registration.domain.kept import as_draft, as_submitted, carried_on, kept_of
from registration.domain.slots import DraftSlot, named, recognised

EVENT, ORGANISER = UUID(int=1), UUID(int=2)
FIRST = datetime.fromisoformat("2026-11-16")

CODES = st.sampled_from
WORDS = st.text("abcdefghijklmnopqrstuvwxyzéàç’ ", min_size=12, max_size=60).map(lambda text: f"Visite {text}".strip())
HOURS = st.integers(0, 6 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
SLOTS = st.lists(
    st.fixed_dictionaries(
        {"starts_at": HOURS, "minutes": st.integers(1, 600), "status": CODES(["scheduled", "full", "cancelled"])}
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda slot: slot["starts_at"],
)
SITE = CODES(["https://fonderie.example/", "https://visites.example/a?b=1"])
MAY_BE = {
    "organisation_kind": CODES(["company", "school"]),
    "themes": st.lists(CODES(["skills", "ecology"]), min_size=1, unique=True),
    "status": CODES(["cancelled", "postponed", "rescheduled", "moved_online"]),
    "status_note": WORDS,
    "online_url": SITE,
    "is_online": st.just(True),
    "booking_url": SITE,
    "booking_telephone": CODES(["02 40 00 11 22", "+32 2 555 12 12"]),
    "website": SITE,
    "capacity": st.integers(1, 500),
    "access": WORDS,
    "accessibility": st.lists(CODES(["mi", "hi", "vi", "ii", "pi"]), min_size=1, unique=True),
    "accessibility_note": WORDS,
    "external_id": WORDS,
    "copied_from": st.uuids().map(str),
}
VENUE = st.fixed_dictionaries(
    {"postcode": CODES(["44550", "97410", "97110", "20200"]), "city": st.just("Montoir")},
    optional={
        "name": WORDS,
        "street": WORDS,
        "commune_code": CODES(["44103", "2A004"]),
        "position": st.fixed_dictionaries(
            {"longitude": st.floats(-180, 180), "latitude": st.floats(-90, 90)},
            optional={"is_confirmed": st.booleans()},
        ),
    },
)
WHOLE = st.fixed_dictionaries(
    {
        "organisation": WORDS,
        "title": WORDS,
        "description": WORDS,
        "kind": CODES(["company_visit", "webinar"]),
        "audiences": st.lists(CODES(["pupils", "families"]), min_size=1, unique=True),
        "admission": CODES(["everyone", "on_registration"]),
        "is_free": st.booleans(),
        "venue": VENUE,
        "slots": SLOTS,
        "booking_email": st.just("visites@erdre.example"),
    },
    optional=MAY_BE,
)


def written(told):
    hours = [
        {
            "starts_at": slot["starts_at"].isoformat(),
            "ends_at": (slot["starts_at"] + timedelta(minutes=slot["minutes"])).isoformat(),
            "status": slot["status"],
        }
        for slot in told["slots"]
    ]
    return EventDraft.model_validate(told | {"slots": hours})


@settings(max_examples=60, deadline=None)
@given(told=WHOLE)
def test_a_draft_kept_told_and_taken_back_is_the_same_event(told):
    draft = written(told)
    draft = draft.model_copy(update={"slots": named(draft.slots)})
    event = draft.as_event(EVENT, 3, "2026", ORGANISER)
    assert list(event.contradictions()) == []
    assert PublicEvent.model_validate_json(event.model_dump_json()) == event
    kept = json.loads(json.dumps(kept_of(draft)))
    assert EventDraft.model_validate(kept) == draft
    assert as_submitted(kept, EVENT, 3, "2026", ORGANISER) == event
    back = json.loads(json.dumps(as_draft(event)))
    assert as_submitted(back, EVENT, 3, "2026", ORGANISER) == event
    again = EventDraft.model_validate(back)
    assert again.as_event(EVENT, 3, "2026", ORGANISER) == event
    assert kept_of(again) == back
    assert carried_on(again, back) == again


def test_an_opening_keeps_its_name_through_revisions():
    def slots(*hours):
        return [
            DraftSlot(starts_at=f"2026-11-17T{first}:00", ends_at="2026-11-17T20:00", **more) for first, more in hours
        ]

    first = named(slots(("09", {}), ("14", {})))
    ids = [slot.id for slot in first]
    assert len(set(ids)) == 2
    assert named(slots(("09", {}), ("14", {}))) == first  # however often it is written
    assert recognised(slots(("14", {}), ("16", {})), first) == slots(("14", {"id": ids[1]}), ("16", {}))
    moved = recognised(slots(("11", {"id": ids[0]}), ("09", {})), first)
    assert [slot.id for slot in moved] == [ids[0], None]  # its name has gone with the other
    assert len({slot.id for slot in named(moved)} | {ids[1]}) == 3
