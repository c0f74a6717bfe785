"""A draft is written bit by bit, says what it still needs, and is tried before it is submitted."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from registration.domain.missing import NEEDED, NO_PLACE
from registration.store import events, timeline

NOT_SUBMITTED = "{} à compléter ou à corriger ; l’événement n’a pas été déposé."


def fields(said):
    return [one["field"] for one in said]


async def test_a_draft_that_has_only_a_title_is_kept_says_what_is_missing_and_is_not_submitted(a_person, told):
    person = await a_person()
    event_id = await person.drafts({"title": "Du métal en fusion à la pièce finie"})
    lacking = [field for field in NEEDED if field != "title"]
    for view in (await person.reads(event_id), (await person.ask("GET", "/v1/events")).json()["items"][0]):
        assert view["draft"]["title"] == "Du métal en fusion à la pièce finie"
        assert view["draft"]["description"] is None
        assert view["missing"] == [
            *({"field": field, "message": NEEDED[field]} for field in lacking),
            {"field": "venue", "message": NO_PLACE},
        ]
    for _ in range(2):
        answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (422, "/problemes/brouillon-incomplet")
        assert problem["detail"] == NOT_SUBMITTED.format("8 champs")
        assert problem["errors"] == (await person.reads(event_id))["missing"]
    assert await told() == []


async def test_a_draft_is_completed_step_by_step_and_submitted(a_person, a_draft, told):
    person = await a_person()
    event_id = await person.drafts({})
    written = {}
    for field, value in a_draft().items():
        written[field] = value
        answer = await person.ask("PUT", f"/v1/events/{event_id}", written)
        assert answer.status_code == 200
        assert field not in fields(answer.json()["missing"])
    assert answer.json()["missing"] == []
    view = await person.submits(event_id)
    assert (view["revision"], view["is_changed"], view["missing"]) == (1, False, [])
    assert [kind for kind, _ in await told()] == ["EventSubmitted"]


async def test_what_is_missing_and_what_names_its_author_is_said_in_one_answer(a_person, a_draft):
    person = await a_person()
    event_id = await person.drafts(a_draft(kind=..., description="Inès Payet vous accueille à l’atelier."))
    answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
    assert (answer.status_code, fields(answer.json()["errors"])) == (422, ["kind", "description"])


async def test_what_is_taken_out_of_a_submitted_event_is_missing_and_the_event_stays_as_it_was_submitted(
    mine, a_draft, told
):
    person, event_id = mine
    answer = await person.ask("PUT", f"/v1/events/{event_id}", a_draft(slots=...))
    assert (answer.json()["is_changed"], fields(answer.json()["missing"])) == (True, ["slots"])
    assert (await person.ask("POST", f"/v1/events/{event_id}/submission")).status_code == 422
    assert len(await told()) == 1


@pytest.mark.parametrize("again", [{}, {"website": None, "online_url": None}])
async def test_what_was_left_out_and_what_is_null_are_the_same_draft(mine, a_draft, again):
    person, event_id = mine
    assert (await person.ask("PUT", f"/v1/events/{event_id}", a_draft(**again))).json()["is_changed"] is False


# The dry run.


async def test_the_dry_run_of_a_whole_draft_finds_nothing_says_what_comes_next_and_keeps_nothing(
    a_person, a_draft, engine, told
):
    person = await a_person()
    answer = await person.ask("POST", "/v1/events/validate", a_draft())
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "is_submittable": True,
            "faults": [],
            "missing": [],
            "questions": [],
            "resembles": [],
            "next": [
                "Déposez l’événement avant la fin du 6\u00a0novembre 2026.",
                "Son examen commence aussitôt, et la réponse vient d’ordinaire en quelques secondes.",
                "Si une personne doit le relire, sa réponse vient en 4 jours ouvrés au plus.",
            ],
            "assessments_url": None,
        },
    )
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(events)) == 0
        assert await tx.scalar(select(func.count()).select_from(timeline)) == 0
    assert await told() == []


async def test_the_dry_run_says_at_once_all_that_a_submission_would(a_person, a_draft):
    person = await a_person()
    wrong = a_draft(
        title="V",
        kind=...,
        organisation="Fonderie, 02 40 00 11 22",
        description="Inès Payet vous accueille à l’atelier.",
        venue={"postcode": "00000"},
        tittle="Visite",
    )
    said = (await person.ask("POST", "/v1/events/validate", wrong)).json()
    assert said["is_submittable"] is False
    assert fields(said["faults"]) == ["title", "venue.postcode", "tittle", "description"]
    assert fields(said["missing"]) == ["kind"]
    assert fields(said["questions"]) == ["organisation"]
    assert said["next"][:3] == [
        "Corrigez ou complétez ce qui est indiqué.",
        "Déposez l’événement avant la fin du 6\u00a0novembre 2026.",
        "En le déposant, confirmez ce qui devient public (« organisation »).",
    ]


@pytest.mark.parametrize(
    ("at", "first"),
    [
        ("2026-02-01T12:00+01:00", "Déposez l’événement à partir du 2\u00a0février 2026."),
        ("2026-11-06T23:59:59+01:00", "Déposez l’événement avant la fin du 6\u00a0novembre 2026."),
        ("2026-11-07T00:00+01:00", "Les inscriptions sont closes depuis la fin du 6\u00a0novembre 2026."),
    ],
)
async def test_the_dry_run_says_the_days_between_which_one_submits(a_person, a_draft, clock, at, first):
    person = await a_person()
    clock.at = type(clock.at).fromisoformat(at)
    said = (await person.ask("POST", "/v1/events/validate", a_draft())).json()
    assert said["next"][0] == first
    assert said["is_submittable"] is first.startswith("Déposez l’événement avant")


@pytest.mark.parametrize("wrong", [{"slots": {"a": 1}}, {"venue": []}, {"audiences": "tous"}, {"x" * 99: [[]]}])
async def test_the_dry_run_answers_whatever_it_is_given(a_person, a_draft, wrong):
    person = await a_person()
    said = (await person.ask("POST", "/v1/events/validate", {**a_draft(), **wrong})).json()
    assert fields(said["faults"]) == list(wrong)
    assert said["missing"] == []


async def test_the_dry_run_names_where_the_rules_of_the_label_are_asked(settings, service, a_person, a_draft):
    desk = service.http.state.desk
    object.__setattr__(desk, "public_desk_url", "https://relecture.example")
    person = await a_person()
    said = (await person.ask("POST", "/v1/events/validate", a_draft())).json()
    assert said["assessments_url"] == "https://relecture.example/v1/assessments"
