"""What people paste into a draft, over HTTP: kept as it is meant, or refused with the field and a sentence."""

from __future__ import annotations

import json
from uuid import uuid4

KEPT = [
    ("description", "Visite.\r\nOuvert à tous.\r\n\r\nGratuit.", "Visite.\nOuvert à tous.\n\nGratuit."),
    ("title", "Visite de la fon\u00adderie", "Visite de la fonderie"),
    ("title", "Visite de la fonderie\u200b", "Visite de la fonderie"),
    ("title", "\ufeffVisite\vde la fonderie", "Visite de la fonderie"),
    ("title", "Visite de l&#39;usine &amp; ateliers", "Visite de l'usine & ateliers"),
    ("title", "Tubes ⌀ 20 mm, 5 < 10", "Tubes ⌀ 20 mm, 5 < 10"),
    ("organisation", "Fonderie\u00a0de l\u2019Erdre\u200b", "Fonderie de l\u2019Erdre"),
]  # fmt: skip
REFUSED = [
    ("title", "🏭🏭🏭", "ni lettre ni chiffre"),
    ("title", "\u3164\u3164\u3164\u3164", "au moins 3 caractères"),
    ("title", "V\u0336\u0321\u0353isite", "empilés"),
    ("title", "Visite \u202e eiredno", "contrôle"),
    ("title", "Visite\x00 de la fonderie", "contrôle"),
    ("title", "Visite \ud800 de la fonderie", "contrôle"),
    ("description", "<p>Visite de la <b>fonderie</b></p>", "« <p> »"),
    ("description", "&lt;script&gt;alert(1)&lt;/script&gt; et la suite", "« <script> »"),
]


async def submit_as_another(person, path):
    """Of those that look like it, it is another."""
    answer = await person.ask("POST", f"{path}/submission")
    alike = [one["token"] for one in answer.json().get("resembles", ())]
    return await person.ask("POST", f"{path}/submission", {"not_the_same": alike}) if alike else answer


async def test_what_is_pasted_is_kept_as_it_is_meant_and_pasted_again_it_is_the_same(a_person, a_draft):
    person = await a_person()
    for field, pasted, kept in KEPT:
        path = f"/v1/events/{uuid4()}"
        for status in (201, 200):
            answer = await person.ask("PUT", path, a_draft(**{field: pasted}))
            assert (answer.status_code, answer.json()["draft"][field]) == (status, kept)
        for text in (pasted, kept):  # the mended text is no other text: what was submitted has not changed
            await person.ask("PUT", path, a_draft(**{field: text}))
            assert (await submit_as_another(person, path)).json()["revision"] == 1


async def test_what_cannot_be_printed_as_it_was_meant_is_told_with_its_field(a_person, a_draft):
    person = await a_person()
    for field, pasted, words in REFUSED:
        answer = await person.client.put(
            f"/v1/events/{uuid4()}",
            content=_ascii(a_draft(**{field: pasted})),
            headers={**person.headers, "Content-Type": "application/json"},
        )
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["field"], words in error["message"]) == (422, field, True), pasted


async def test_a_street_with_the_accounts_name_is_submitted(a_person, a_draft):
    person = await a_person()
    text = "Le service des visites de notre usine vous accueille à l’atelier de production. Ouvert à tous."
    venue = {"street": "12 avenue Inès Payet", "postcode": "69003", "city": "Lyon"}
    event = await person.drafts(a_draft(description=text, venue=venue))
    assert (await person.submits(event))["state"] == "submitted"


def _ascii(draft) -> bytes:
    """JSON as programs write it that escape all but ASCII: a lone surrogate can stand in it."""
    return json.dumps(draft).encode()
