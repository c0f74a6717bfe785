"""What the law has people told of a decision: the words, and that no refusal goes without them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from backbone.campaign.remedies import A_PERSON_AGAIN, IN_COURT, how_decided, remedies_of, what_next
from backbone.contracts import AppealReceived, EventLabelled, EventRejected, LabelWithdrawn, ReviewRequested

EVENT = {
    "event_id": UUID(int=1),
    "revision": 1,
    "edition": "2026",
    "organiser_id": UUID(int=7),
    "organisation": "Forges",
    "title": "Visite",
    "description": "Visite de la forge.",
    "kind": "company_visit",
    "audiences": ("everyone",),
    "admission": "everyone",
    "is_free": True,
    "slots": (),
    "timezone": "Europe/Paris",
}
KNOWN = {
    "event_id": UUID(int=1),
    "revision": 1,
    "edition": "2026",
    "decision_id": UUID(int=2),
    "decided_at": datetime(2026, 3, 2, tzinfo=UTC),
    "event": EVENT,
    "verdicts": (),
    "region": "84",
    "due_at": datetime.fromisoformat("2026-03-06T18:00+01:00"),
    "reason": {"code": "x", "message": "x"},
}


def a_decision(kind=EventRejected, label="refused", decided_by="rules", **told):
    return kind.model_validate({**KNOWN, "label": label, "decided_by": decided_by, **told})


def test_a_decision_that_a_machine_took_says_so_names_the_law_and_the_way_to_its_rules():
    said = how_decided(a_decision())
    assert said.startswith("Cette décision a été prise par un traitement algorithmique, sans intervention humaine")
    for words in ("L. 311-3-1", "R. 311-3-1-1", "R. 311-3-1-2", "communication de ses règles", "cada.fr"):
        assert words.replace(" ", "\u00a0") in said.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("told", "begins"),
    [
        ({"decided_by": "review", "automated": False}, "Cette décision a été prise par une personne."),
        ({"decided_by": "appeal", "automated": False}, "Cette décision a été prise par une personne, qui n’avait pas"),
        ({"decided_by": "silence"}, "Personne n’ayant répondu dans le délai"),
        ({"automated": False}, "Cette décision a été prise par un traitement algorithmique, d’après ce qu’une"),
        ({"decided_by": "rejudgement"}, "Cette décision a été prise par un traitement algorithmique, sans"),
        ({"decided_by": "oracle"}, "Cette décision a été prise par un traitement algorithmique, sans"),
        ({"kind": ReviewRequested, "label": "under_review"}, "Un traitement algorithmique a examiné votre événement"),
        ({"kind": EventLabelled, "label": "granted"}, "Cette décision a été prise par un traitement algorithmique"),
    ],
)
def test_every_decision_says_who_or_what_took_it(told, begins):
    assert how_decided(a_decision(**told)).startswith(begins)


@pytest.mark.parametrize("decided_by", ["rules", "review", "rejudgement", "silence"])
def test_a_refusal_carries_its_remedies_and_their_time_limits_whoever_decided(decided_by):
    assert remedies_of(a_decision(decided_by=decided_by)) == (A_PERSON_AGAIN, IN_COURT)
    assert "deux mois" in A_PERSON_AGAIN
    assert "deux mois" in IN_COURT
    assert "R. 421-5" in IN_COURT.replace("\u00a0", " ")


def test_after_an_appeal_the_court_is_left():
    assert remedies_of(a_decision(decided_by="appeal", automated=False)) == (IN_COURT,)


def test_a_label_that_others_took_away_may_be_brought_before_the_court_and_one_given_back_not():
    gone = {"kind": LabelWithdrawn, "label": "withdrawn"}
    assert remedies_of(a_decision(**gone, decided_by="rejudgement")) == (IN_COURT,)
    assert remedies_of(a_decision(**gone, decided_by="organiser")) == ()


def test_who_has_what_they_asked_for_or_waits_for_an_answer_is_told_of_no_court():
    for told in (
        {"kind": EventLabelled, "label": "granted"},
        {"kind": ReviewRequested, "label": "under_review"},
        {"kind": AppealReceived, "label": "refused", "decided_by": "organiser"},
    ):
        assert remedies_of(a_decision(**told)) == ()


def test_who_waits_is_told_by_when_at_the_place_of_the_event():
    assert what_next(a_decision(kind=AppealReceived, decided_by="organiser")).replace("\u00a0", " ") == (
        "Une personne qui n’a pas pris part au refus décide au plus tard le vendredi 6 mars 2026 "
        "à 18 h (heure du lieu)."
    )
    assert what_next(a_decision()) == ""
