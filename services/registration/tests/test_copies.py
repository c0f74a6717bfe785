"""Last year's event is repeated: the same weekdays of the new week, and nothing that was said of that one alone."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from registration.domain.copying import copied
from registration.domain.kept import kept_of
from registration.store import events

LAST_YEAR = [  # a Tuesday and a Friday of the week of 2020, which began on 16 November
    {"starts_at": "2020-11-17T09:00:00", "ends_at": "2020-11-17T11:30:00", "id": "a", "status": "full"},
    {"starts_at": "2020-11-20T22:00:00", "ends_at": "2020-11-21T01:00:00", "id": "b"},
]


@pytest.fixture
def edition(service):
    return service.http.state.desk.edition


@pytest.fixture
def of_2020(mine, engine, a_draft):
    """Makes the person's event one of 2020, as it was kept then."""
    person, event_id = mine

    async def make(**changes):
        draft = a_draft(**{"slots": LAST_YEAR} | changes)
        async with engine.begin() as tx:
            values = {"draft": draft, "submitted_draft": draft, "edition": "2020", "state": "labelled"}
            await tx.execute(update(events).values(values))
        return person, event_id

    return make


async def test_an_event_of_an_earlier_edition_is_repeated_on_the_same_weekdays(of_2020, told):
    position = {"longitude": -2.15, "latitude": 47.33, "is_confirmed": True, "is_confirmed_twice": True}
    person, event_id = await of_2020(
        status="cancelled",
        status_note="Annulée.",
        external_id="FO-2020",
        themes=["skills", "of_old"],
        venue={"postcode": "44550", "city": "Montoir-de-Bretagne", "position": position},
    )
    answer = await person.ask("POST", f"/v1/events/{event_id}/copies")
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/events/{answer.json()['id']}")
    copy = answer.json()
    assert (copy["revision"], copy["state"], copy["missing"], copy["faults"]) == (0, "draft", [], [])
    draft = copy["draft"]
    assert [(slot["starts_at"], slot["ends_at"], slot["status"], slot["id"]) for slot in draft["slots"]] == [
        ("2026-11-17T09:00:00", "2026-11-17T11:30:00", "scheduled", None),
        ("2026-11-20T22:00:00", "2026-11-21T01:00:00", "scheduled", None),
    ]
    assert draft["venue"]["position"] == position
    assert (draft["copied_from"], draft["external_id"], draft["status"], draft["status_note"]) == (
        event_id,
        *[None] * 3,
    )
    assert draft["themes"] == ["skills"]
    view = await person.submits(copy["id"])
    assert (await told())[-1][1]["event"]["copied_from"] == event_id
    assert view["is_changed"] is False
    assert (await person.reads(event_id))["draft"]["status"] == "cancelled"  # as it was


async def test_what_todays_rules_refuse_is_left_out_and_named(of_2020):
    person, event_id = await of_2020(title="T" * 121, kind="hackathon")
    copy = (await person.ask("POST", f"/v1/events/{event_id}/copies")).json()
    assert [fault["field"] for fault in copy["faults"]] == ["title", "kind"]
    assert [one["field"] for one in copy["missing"]] == ["title", "kind"]
    assert copy["draft"]["description"]


async def test_an_event_is_repeated_once_under_one_key(of_2020, engine):
    person, event_id = await of_2020()
    headers = {**person.headers, "Idempotency-Key": "1"}
    calls = [await person.client.post(f"/v1/events/{event_id}/copies", headers=headers) for _ in range(2)]
    assert calls[0].content == calls[1].content
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(events)) == 2


def test_where_the_edition_is_not_known_its_first_day_tells_the_week(edition):
    kept = {"slots": [{"starts_at": "2019-11-21T09:00", "ends_at": "2019-11-21T10:00"}]}  # a Thursday
    draft, faults = copied(kept, UUID(int=1), None, edition)
    assert ([slot.starts_at.isoformat() for slot in draft.slots], faults) == (["2026-11-19T09:00:00"], [])


@pytest.mark.parametrize("kept", [{}, {"slots": None}, {"slots": "mardi"}, {"slots": [None, {"starts_at": 3}]}])
def test_whatever_was_kept_is_repeated_as_far_as_it_can_be(edition, kept):
    draft, _ = copied(kept | {"title": "Visite de la fonderie"}, UUID(int=1), None, edition)
    assert kept_of(draft)["title"] == "Visite de la fonderie"
    assert draft.slots is None
