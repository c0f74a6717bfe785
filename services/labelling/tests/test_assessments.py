"""The dry run: an organiser learns what the rules would say, and nobody else learns anything."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from labelling import store
from labelling.http.manual import ASSESSMENTS

PATH = "/v1/assessments"
DRAFT = ASSESSMENTS["brouillon"]["value"]


async def test_an_organiser_is_told_what_the_rules_would_say_in_the_decisions_own_words(client, token_of, told, engine):
    answer = await client.post(PATH, json=DRAFT, headers=token_of("organiser"))
    assert answer.status_code == 200
    verdicts = {each["condition"]: each for each in answer.json()["verdicts"]}
    assert answer.json()["label"] == "refused"
    assert [(name, each["finding"]) for name, each in verdicts.items()] == [
        ("dates", "met"),
        ("public", "met"),
        ("industry", "met"),
        ("free", "not_met"),
    ]
    assert verdicts["free"]["message"] == "Votre texte indique «\u00a0Entrée : 8 €\u00a0»."
    assert verdicts["free"]["hint"] == (
        "Si l’entrée est gratuite, corrigez-le\u202f; sinon, rendez-la gratuite pour tous."
    )
    [evidence] = verdicts["free"]["evidence"]
    assert DRAFT["description"][evidence["start"] : evidence["end"]] == "Entrée : 8 €"
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(store.cases)) == 0
    assert await told() == []


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"description": "Visite de l’usine et rencontre avec les fondeurs. Gratuit."}, "granted"),
        ({"title": "Visite", "organisation": "Sté Gauthier", "description": "Visite de l’entreprise."}, "under_review"),
        ({"slots": [{"starts_at": "2026-12-17T09:00:00+01:00", "ends_at": "2026-12-17T12:00:00+01:00"}]}, "refused"),
    ],
)
async def test_a_draft_that_is_mended_is_judged_anew(client, token_of, changes, label):
    answer = await client.post(PATH, json=DRAFT | changes, headers=token_of("organiser"))
    assert (answer.status_code, answer.json()["label"]) == (200, label)


@pytest.mark.parametrize(
    "changes",
    [{"title": "x" * 121}, {"description": "x" * 1501}, {"slots": []}, {"kind": "party"}, {"event_id": "1"}],
)
async def test_what_no_event_may_be_is_refused_at_the_door(client, token_of, changes):
    assert (await client.post(PATH, json=DRAFT | changes, headers=token_of("organiser"))).status_code == 422


async def test_nobody_asks_without_a_token(client):
    assert (await client.post(PATH, json=DRAFT)).status_code == 401
