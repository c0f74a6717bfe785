"""One label from the refusal on: appealed, given by another person, amended, doubted, suspended, lost. What its
organiser, visitors and the mailbox see at each step. The bus is in memory, the five databases are real."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backbone.campaign.edition import Editions, LabellingWindow, ReviewRules
from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    EventLabelled,
    EventRejected,
    EventSubmitted,
    KitSent,
)
from backbone.http.access import Caller
from labelling.rejudgement import rejudge

from .test_contracts_across_services import Wire, wire
from .test_journey_in_memory import VISIT, Organiser, organiser, platform

__all__ = ["organiser", "platform", "wire"]  # the fixtures of the journey

PAID = {**VISIT, "is_free": False}
FOR_A_CLASS = {**VISIT, "title": "La forge, pour une classe", "admission": "named_group"}


DECISIONS = ("EventLabelled", "EventRejected", "ReviewRequested", "CorrectionRequested", "AppealReceived")


class Reviewer:
    """A person of a region's committee, calling labelling's API."""

    def __init__(self, wire: Wire, region: str = "84") -> None:
        self.wire, self.api = wire, wire.platform.client("labelling")
        keys = wire.platform.services["labelling"].http.state.desk.keys  # type: ignore[attr-defined]
        caller = Caller(uuid4(), "reviewer", frozenset({region}), "DREETS")
        self.api.headers["Authorization"] = f"Bearer {keys.sign(caller)}"

    async def says(self, event_id: str, door: str, **word: Any) -> httpx.Response:
        answer = await self.api.post(f"/v1/reviews/{event_id}/{door}", json=word)
        await self.wire.platform.settle()
        return answer


async def amends(organiser: Organiser, event_id: str, draft: dict[str, Any]) -> None:
    assert (await organiser.api.put(f"/v1/events/{event_id}", json=draft)).status_code == 200
    assert (await organiser.api.post(f"/v1/events/{event_id}/submission")).status_code == 200
    await organiser.platform.settle()


async def appeals(organiser: Organiser, event_id: str, revision: int) -> httpx.Response:
    labelling = organiser.platform.client("labelling")
    labelling.headers["Authorization"] = organiser.api.headers["Authorization"]
    answer = await labelling.post(
        f"/v1/events/{event_id}/appeal", json={"revision": revision, "words": "C’est gratuit."}
    )
    await organiser.platform.settle()
    return answer


async def seen(wire: Wire) -> Sequence[str]:
    """The titles that visitors see."""
    return [event["title"] for event in await wire.on_the_map()]


async def last_word(organiser: Organiser, event_id: str) -> tuple[str, str]:
    """Where the event stands for its organiser, and the newest decision as they read it."""
    event = await organiser.read(event_id)
    steps = [step for step in event["timeline"] if step["kind"] in DECISIONS]
    return event["state"], steps[-1]["text"].replace("\u00a0", " ")


def doubt_suspends(wire: Wire) -> None:
    """From now on the edition suspends a label while a person looks at an amendment."""
    desk = wire.platform.services["labelling"].http.state.desk  # type: ignore[attr-defined]
    ruled = desk.editions.current.model_copy(update={"review": ReviewRules(doubtful_amendment="suspended")})
    object.__setattr__(desk, "editions", Editions(ruled, {**desk.editions.by_name, ruled.name: ruled}))


@pytest.fixture
async def labelled_on_appeal(wire: Wire, organiser: Organiser) -> str:
    """An event that the rules refused, and that a person labelled at its organiser's request."""
    event_id = await organiser.submit(PAID)
    assert (await organiser.read(event_id))["state"] == "rejected"
    assert (await appeals(organiser, event_id, 1)).status_code == 202
    assert (await Reviewer(wire).says(event_id, "decision", revision=1, label=True)).status_code == 200
    return event_id


async def test_a_refusal_that_is_appealed_stands_until_another_person_gives_the_label(
    wire: Wire, organiser: Organiser
) -> None:
    event_id = await organiser.submit(PAID)
    assert (await last_word(organiser, event_id))[0] == "rejected"

    assert (await appeals(organiser, event_id, 1)).status_code == 202
    state, text = await last_word(organiser, event_id)
    assert (state, text) == (
        "in_appeal",
        "Votre demande est reçue : une personne, qui n’a pas pris part au refus, regarde de nouveau votre événement, "
        "au plus tard le vendredi 19 juin 2026. D’ici là, le refus demeure.",
    )
    assert (await seen(wire), wire.told(KitSent.ce_type)) == ([], [])
    assert (await appeals(organiser, event_id, 1)).status_code == 409

    assert (await Reviewer(wire).says(event_id, "decision", revision=1, label=True)).status_code == 200
    state, text = await last_word(organiser, event_id)
    assert (state, text.partition(".")[0]) == ("labelled", "Après recours, votre événement est labellisé")
    assert await seen(wire) == [VISIT["title"]]
    assert len(wire.told(KitSent.ce_type)) == 1
    assert len(wire.told(AppealReceived.ce_type)) == 1
    assert "C’est gratuit." not in b"".join(r.value or b"" for r in wire.platform.publisher.written).decode()
    assert wire.set_aside() == {}


async def test_a_doubtful_amendment_leaves_visitors_what_was_labelled_until_a_person_has_decided(
    wire: Wire, organiser: Organiser, labelled_on_appeal: str
) -> None:
    event_id, reviewer = labelled_on_appeal, Reviewer(wire)
    await amends(organiser, event_id, FOR_A_CLASS)
    state, text = await last_word(organiser, event_id)
    assert state == "in_review"
    assert text.endswith("D’ici là, il garde son label, et le public lit la version labellisée.")
    assert await seen(wire) == [VISIT["title"]]

    asked = {"kind": "incomplete", "message": "Dites qui peut venir, en dehors de la classe."}
    assert (await reviewer.says(event_id, "correction", revision=2, **asked)).status_code == 200
    state, text = await last_word(organiser, event_id)
    assert state == "correction_asked"
    assert text.startswith("La personne qui relit votre événement vous demande une correction : Dites qui peut venir,")
    assert await seen(wire) == [VISIT["title"]]
    assert len(wire.told(CorrectionRequested.ce_type)) == 1

    await amends(organiser, event_id, {**FOR_A_CLASS, "title": "La forge, pour une classe et ses familles"})
    assert (await organiser.read(event_id))["state"] == "in_review"
    assert (await reviewer.says(event_id, "decision", revision=3, label=True)).status_code == 200
    assert (await organiser.read(event_id))["state"] == "labelled"
    assert await seen(wire) == ["La forge, pour une classe et ses familles"]
    assert len(wire.told(KitSent.ce_type)) == 2
    assert wire.set_aside() == {}


async def test_where_doubt_suspends_visitors_see_nothing_and_a_person_gives_the_label_back(
    wire: Wire, organiser: Organiser, labelled_on_appeal: str
) -> None:
    event_id = labelled_on_appeal
    doubt_suspends(wire)
    await amends(organiser, event_id, FOR_A_CLASS)
    state, text = await last_word(organiser, event_id)
    assert state == "suspended"
    assert text.startswith(
        "Le label de votre événement est suspendu. Une personne de votre région relit votre événement"
    )
    assert await seen(wire) == []
    assert (await wire.platform.client("map-feed").get(f"/evenements/{event_id}")).status_code == 404

    assert (await Reviewer(wire).says(event_id, "decision", revision=2, label=True)).status_code == 200
    assert await seen(wire) == [FOR_A_CLASS["title"]]
    assert len(wire.told(KitSent.ce_type)) == 2
    assert wire.set_aside() == {}


async def test_an_amendment_that_is_not_met_costs_the_label_and_what_is_cancelled_keeps_it(
    wire: Wire, organiser: Organiser, labelled_on_appeal: str
) -> None:
    event_id = labelled_on_appeal

    def cancelled(value: dict[str, Any]) -> dict[str, Any]:
        news = {"revision": 2, "status": "cancelled", "status_note": "Panne du four."}
        return value | {"revision": 2, "sequence": 2, "event": value["event"] | news}

    await wire.tell(wire.told(EventSubmitted.ce_type)[-1], cancelled, EventSubmitted.ce_type)
    assert (await organiser.read(event_id))["state"] == "labelled"
    page = (await wire.platform.client("map-feed").get(f"/evenements/{event_id}")).text
    assert "Panne du four." in page

    await amends(organiser, event_id, {**PAID, "title": "La forge, entrée payante"})
    state, text = await last_word(organiser, event_id)
    assert state == "rejected"
    assert text.startswith("Votre événement perd le label : il n’en remplit plus les conditions.")
    assert await seen(wire) == []
    assert json.loads(wire.told(EventRejected.ce_type)[-1].value or b"{}")["had_label"] is True
    assert wire.set_aside() == {}

    # the text is another than the one that was judged on appeal: its refusal may be appealed, and wins its label back
    revision = (await organiser.read(event_id))["revision"]
    assert (await appeals(organiser, event_id, revision)).status_code == 202
    assert (await Reviewer(wire).says(event_id, "decision", revision=revision, label=True)).status_code == 200
    assert await seen(wire) == ["La forge, entrée payante"]
    assert UUID(event_id) in {UUID(record.key.decode()) for record in wire.told(EventLabelled.ce_type)}


async def the_window_moves(wire: Wire) -> None:
    """The campaign takes place a month later than everybody thought, and all decisions are judged again by it."""
    service = wire.platform.services["labelling"]
    desk = service.http.state.desk  # type: ignore[attr-defined]
    later = LabellingWindow(first=date(2026, 12, 14), last=date(2026, 12, 20))
    edition = desk.editions.current.model_copy(update={"labelling_window": later})
    object.__setattr__(desk, "editions", Editions(edition, {**desk.editions.by_name, edition.name: edition}))
    for _ in range(2):  # begun again after a stop: each event is told once
        async for _lot in rejudge(service.engine, desk.clock, edition, apply=True):
            pass
    await wire.platform.settle()


def mails_since(wire: Wire, number: int) -> list[str]:
    """The subjects of the mails, up to their colon; two that a single decision has sent come in any order."""
    return sorted(str(mail["Subject"]).partition(" : ")[0] for mail in wire.platform.mailer.sent[number:])


async def test_a_refusal_an_appeal_a_label_by_a_person_and_a_new_window_that_ends_it_are_right_at_each_step(
    wire: Wire, organiser: Organiser
) -> None:
    sent = len(wire.platform.mailer.sent)
    event_id = await organiser.submit(PAID)
    assert ((await last_word(organiser, event_id))[0], await seen(wire)) == ("rejected", [])
    assert mails_since(wire, sent) == ["Votre événement n’est pas labellisé en l’état"]

    await appeals(organiser, event_id, 1)
    assert ((await last_word(organiser, event_id))[0], await seen(wire)) == ("in_appeal", [])
    await Reviewer(wire).says(event_id, "decision", revision=1, label=True)
    assert ((await last_word(organiser, event_id))[0], await seen(wire)) == ("labelled", [VISIT["title"]])
    assert mails_since(wire, sent + 1) == [
        "Votre demande a abouti",
        "Votre demande est reçue",
        "Votre événement est labellisé",
    ]

    told = len(wire.platform.mailer.sent)
    await the_window_moves(wire)  # what a person decided, a person ends: until then the label is kept
    assert ((await last_word(organiser, event_id))[0], await seen(wire)) == ("in_review", [VISIT["title"]])
    assert mails_since(wire, told) == ["Une personne relit votre événement"]

    refused = {"dates": "La semaine a lieu en décembre : changez les dates de la visite."}
    await Reviewer(wire).says(event_id, "decision", revision=1, label=False, refused=refused)
    state, text = await last_word(organiser, event_id)
    assert (state, await seen(wire)) == ("rejected", [])
    assert text == (
        "Après relecture, votre événement perd le label : il n’en remplit plus les conditions. "
        "La semaine a lieu en décembre : changez les dates de la visite."
    )
    assert mails_since(wire, told + 1) == ["Le label de votre événement est retiré"]
    assert len(wire.told(KitSent.ce_type)) == 1
    assert wire.set_aside() == {}


async def test_a_new_window_ends_a_label_of_the_rules_at_once_and_its_organiser_is_written(
    wire: Wire, organiser: Organiser
) -> None:
    event_id = await organiser.submit(VISIT)
    assert await seen(wire) == [VISIT["title"]]
    sent = len(wire.platform.mailer.sent)
    await the_window_moves(wire)
    state, text = await last_word(organiser, event_id)
    assert (state, await seen(wire)) == ("rejected", [])
    assert text == (
        "Après un nouvel examen, votre événement perd le label : il n’en remplit plus les conditions. "
        "L’événement doit avoir lieu dans la période, du 14 au 20 décembre 2026. Modifiez ses dates."
    )
    assert mails_since(wire, sent) == ["Le label de votre événement est retiré"]
    assert wire.set_aside() == {}
