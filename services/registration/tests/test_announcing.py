"""An announced event is cancelled, postponed, moved online, or a slot of it is full: visitors are told, and it is
undone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from registration.store import events

TWO = [
    {"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"},
    {"starts_at": "2026-11-18T14:00", "ends_at": "2026-11-18T15:00"},
]
NOTE = "La machine est en panne."


@pytest.fixture
def says(mine):
    """Tells visitors something of the event; how it is shown then."""
    person, event_id = mine

    async def tell(what, body=None, method="POST"):
        answer = await person.ask(method, f"/v1/events/{event_id}/{what}", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return tell


@pytest.fixture
def told_last(told):
    async def read():
        kind, fact = (await told())[-1]
        assert kind == "EventSubmitted"
        return fact["event"]

    return read


def last_step(view):
    return view["timeline"][-1]["text"]


async def test_a_cancellation_is_a_revision_with_a_word_to_visitors_and_is_undone(says, told_last, told):
    view = await says("cancellation", {"status_note": NOTE})
    event = await told_last()
    assert (event["revision"], event["status"], event["status_note"]) == (2, "cancelled", NOTE)
    assert [slot["status"] for slot in event["slots"]] == ["cancelled"]
    assert last_step(view) == f"Votre événement est annoncé aux visiteurs comme annulé. {NOTE}"
    assert (view["draft"]["status"], view["is_changed"]) == ("cancelled", False)
    await says("cancellation", {"status_note": NOTE})  # asked twice, it is told once
    assert len(await told()) == 2
    view = await says("reinstatement")
    event = await told_last()
    assert (event["revision"], event["status"], event["status_note"]) == (3, "scheduled", None)
    assert [slot["status"] for slot in event["slots"]] == ["scheduled"]
    assert last_step(view) == "Votre événement est de nouveau annoncé aux visiteurs comme ayant lieu."
    await says("reinstatement")
    assert len(await told()) == 3


async def test_it_is_postponed_to_a_day_that_is_not_known_and_then_to_one_that_is(says, told_last):
    view = await says("postponement", {"status_note": "Reporté au printemps."})
    event = await told_last()
    assert (event["status"], event["slots"][0]["starts_at"][:10]) == ("postponed", "2026-11-17")
    assert last_step(view) == "Votre événement est annoncé aux visiteurs comme reporté. Reporté au printemps."
    view = await says("postponement", {"slots": [TWO[1]]})
    event = await told_last()
    assert (event["status"], event["status_note"]) == ("rescheduled", None)
    assert [slot["starts_at"] for slot in event["slots"]] == ["2026-11-18T14:00:00+01:00"]
    assert last_step(view) == "Votre événement est annoncé aux visiteurs à une nouvelle date, qui est examinée."


async def test_a_new_date_that_does_not_exist_is_refused_and_nothing_is_told(mine, told):
    person, event_id = mine
    night = [{"starts_at": "2026-03-29T02:30", "ends_at": "2026-03-29T04:00"}]
    answer = await person.ask("POST", f"/v1/events/{event_id}/postponement", {"slots": night})
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["slots.0.starts_at"])
    assert len(await told()) == 1


async def test_it_moves_online_by_a_link_that_is_told_to_who_registers_alone_and_back(says, told_last, told):
    view = await says("relocation", {"status_url": "https://visio.example/usine"})
    event = await told_last()
    assert (event["status"], event["online_url"], event["has_private_link"]) == ("moved_online", None, True)
    assert view["draft"]["status_url"] == "https://visio.example/usine"
    assert "visio.example" not in str(await told())
    assert event["venue"]["address"]["city"] == "Montoir-de-Bretagne"  # there its page is looked for
    await says("reinstatement")
    event = await told_last()
    assert (event["status"], event["has_private_link"]) == ("scheduled", False)


async def test_an_event_that_is_open_to_all_moves_online_by_a_link_that_all_are_told(a_person, a_draft, told_last):
    person = await a_person()
    event_id = await person.drafts(a_draft(admission="everyone"))
    await person.submits(event_id)
    answer = await person.ask("POST", f"/v1/events/{event_id}/relocation")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "status_url")
    url = "https://visio.example/usine"
    assert (await person.ask("POST", f"/v1/events/{event_id}/relocation", {"status_url": url})).status_code == 200
    assert (await told_last())["online_url"] == url


async def test_a_slot_is_full_or_cancelled_and_open_again(a_person, a_draft, told_last):
    person = await a_person()
    event_id = await person.drafts(a_draft(slots=TWO))
    first, second = (slot["id"] for slot in (await person.submits(event_id))["draft"]["slots"])
    for which, status in ((first, "full"), (second, "cancelled")):
        answer = await person.ask("PUT", f"/v1/events/{event_id}/slots/{which}/status", {"status": status})
        assert answer.status_code == 200
    event = await told_last()
    assert [(slot["id"], slot["status"]) for slot in event["slots"]] == [(first, "full"), (second, "cancelled")]
    said = "Votre événement est déposé ; certains de ses créneaux sont annoncés comme annulés et complets."
    assert last_step(answer.json()) == said
    await person.ask("PUT", f"/v1/events/{event_id}/slots/{first}/status", {"status": "scheduled"})
    assert [slot["status"] for slot in (await told_last())["slots"]] == ["scheduled", "cancelled"]
    answer = await person.ask("PUT", f"/v1/events/{event_id}/slots/none/status", {"status": "full"})
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "Aucun créneau de cet événement ne porte cet identifiant.",
    )


async def test_what_is_being_written_is_not_told_with_a_cancellation_and_stays(mine, says, a_draft, told_last):
    person, event_id = mine
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Pas encore prêt"))
    view = await says("cancellation")
    assert (await told_last())["title"] == "Du métal en fusion à la pièce finie"
    assert (view["draft"]["title"], view["draft"]["status"], view["is_changed"]) == (
        "Pas encore prêt",
        "cancelled",
        True,
    )


async def test_an_amendment_does_not_call_a_cancelled_event_on_again_unless_it_says_so(mine, says, a_draft, told_last):
    person, event_id = mine
    await says("cancellation", {"status_note": NOTE})
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Une autre visite"))
    await person.submits(event_id)
    event = await told_last()
    assert (event["title"], event["status"], event["status_note"]) == ("Une autre visite", "cancelled", NOTE)
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(status="scheduled"))
    await person.submits(event_id)
    assert ((await told_last())["status"], (await told_last())["status_note"]) == ("scheduled", None)


async def test_a_word_to_visitors_names_nobody_and_is_asked_about(mine, told):
    person, event_id = mine
    path = f"/v1/events/{event_id}/cancellation"
    answer = await person.ask("POST", path, {"status_note": "Inès Payet est malade."})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "status_note")
    asking = {"status_note": "Renseignements au 02 40 00 11 22."}
    answer = await person.ask("POST", path, asking)
    assert (answer.status_code, answer.json()["to_confirm"]) == (422, ["status_note"])
    assert len(await told()) == 1
    assert (await person.ask("POST", path, asking | {"confirmed": ["status_note"]})).status_code == 200


@pytest.mark.parametrize("what", ["cancellation", "postponement", "relocation", "reinstatement"])
async def test_of_what_is_not_announced_or_is_over_nothing_is_announced(a_person, a_draft, clock, told, what):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    path = f"/v1/events/{event_id}/{what}"
    not_announced = "Cet événement n’est pas déposé : il n’y a rien à annoncer aux visiteurs."
    answer = await person.ask("POST", path)
    assert (answer.status_code, answer.json()["detail"]) == (409, not_announced)
    await person.submits(event_id)
    clock.at = datetime(2026, 11, 17, 10, 29, tzinfo=UTC)
    assert (await person.ask("POST", path)).status_code == 200
    clock.at = datetime(2026, 11, 17, 10, 30, tzinfo=UTC)
    answer = await person.ask("POST", path)
    over = "Cet événement est terminé : il n’y a plus rien à annoncer."
    assert (answer.status_code, answer.json()["detail"]) == (409, over)
    await person.ask("POST", f"/v1/events/{event_id}/withdrawal")
    assert (await person.ask("POST", path)).json()["detail"] == not_announced


async def test_an_event_that_an_operator_has_cancelled_stays_so_when_its_organiser_reinstates_it(
    mine, says, engine, told_last
):
    off = [{"status": "cancelled", "note": "Crise sanitaire.", "first": None, "last": None}]
    await says("postponement", {"status_note": "Au printemps."})
    async with engine.begin() as tx:
        await tx.execute(update(events).values(measures=off))
    view = await says("reinstatement")
    event = await told_last()
    assert (event["status"], event["status_note"]) == ("cancelled", "Crise sanitaire.")
    assert last_step(view).startswith(
        "Vous avez rétabli votre événement, mais une mesure le concerne. Votre événement est"
    )
