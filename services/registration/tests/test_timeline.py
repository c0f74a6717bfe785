from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from backbone.contracts import (
    Condition,
    EventCancelled,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    Finding,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    Location,
    ReviewRequested,
    Verdict,
)
from registration.app import HEARD
from registration.domain.draft import EventDraft
from registration.domain.timeline import STATE_AFTER, State, Step

AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
ABOUT = {"event_id": UUID(int=1), "revision": 2}


@pytest.fixture
def event(a_draft):
    return EventDraft.model_validate(a_draft()).as_event(UUID(int=1), 2, "2026", UUID(int=7))


@pytest.fixture
def verdicts():
    findings = [Finding.MET, Finding.NOT_MET, Finding.DOUBTFUL, Finding.NOT_MET]
    return tuple(
        Verdict(condition=condition, finding=finding, reason=f"Ce qu’il en est de {condition}.", rule=f"{condition}/1")
        for condition, finding in zip(Condition, findings, strict=True)
    )


def test_a_submission_is_a_step(event):
    assert Step.of(EventSubmitted(**ABOUT, event=event, submitted_at=AT)) == Step(
        kind="EventSubmitted", revision=2, at=AT, text="Votre événement est déposé ; l’examen commence."
    )


def test_a_withdrawal_is_a_step():
    assert Step.of(EventWithdrawn(**ABOUT, withdrawn_at=AT)) == Step(
        kind="EventWithdrawn", revision=2, at=AT, text="Vous avez retiré votre événement."
    )


def test_a_label_says_that_the_kit_follows(event, verdicts):
    fact = EventLabelled(**ABOUT, event=event, verdicts=verdicts, decided_at=AT, decided_by="rules")
    assert Step.of(fact).text == "Votre événement est labellisé. Le kit de communication arrive par courriel."


def test_a_refusal_tells_every_reason_to_mend_and_no_other(event, verdicts):
    fact = EventRejected(**ABOUT, event=event, verdicts=verdicts, decided_at=AT, decided_by="rules")
    assert Step.of(fact).text == (
        "Votre événement n’est pas labellisé en l’état. Ce qu’il en est de public. Ce qu’il en est de free."
    )


def test_a_review_tells_until_when_and_what_is_in_doubt(event, verdicts):
    due = datetime.fromisoformat("2026-06-08T18:00+02:00")
    fact = ReviewRequested(**ABOUT, event=event, verdicts=verdicts, decided_at=AT, region="52", due_at=due)
    assert Step.of(fact).text == (
        "Une personne de votre région relit votre événement, au plus tard le 08/06/2026. Ce qu’il en est de industry."
    )


def test_what_becomes_of_the_place_the_kit_and_the_label_is_told_in_french():
    location = Location(
        longitude=-2.1,
        latitude=47.3,
        precision="street",
        commune="44103",
        commune_name="Montoir-de-Bretagne",
        department="44",
        region="52",
        timezone="Europe/Paris",
        source="gazetteer/2026",
    )
    assert [
        Step.of(fact).text
        for fact in (
            EventLocated(**ABOUT, location=location, located_at=AT),
            EventNotLocated(**ABOUT, reason="Nous n’avons pas trouvé cette adresse.", looked_up_at=AT),
            KitSent(**ABOUT, kit_id=UUID(int=3), pieces=("affiche-a4.pdf",), sent_at=AT),
            KitFailed(**ABOUT, reason="the mail server answered 550", failed_at=AT),
            LabelWithdrawn(**ABOUT, reason="L’organisateur a retiré l’événement.", withdrawn_at=AT),
        )
    ] == [
        "Votre lieu est placé sur la carte (Montoir-de-Bretagne).",
        "Nous n’avons pas trouvé cette adresse.",
        "Le kit de communication est parti par courriel.",
        "Le kit de communication n’a pas pu partir ; notre équipe en est informée.",
        "Le label est retiré. L’organisateur a retiré l’événement.",
    ]


def test_every_fact_that_registration_hears_has_a_sentence():
    from registration.domain.timeline import SENTENCES

    assert set(HEARD) <= set(SENTENCES)


def test_a_fact_that_is_not_told_to_organisers_is_no_step():
    with pytest.raises(KeyError):
        Step.of(EventCancelled(**ABOUT, cancelled_at=AT))


def test_only_decisions_submissions_withdrawals_and_the_label_that_goes_with_one_move_an_event():
    assert {
        EventSubmitted: State.SUBMITTED,
        EventWithdrawn: State.WITHDRAWN,
        EventLabelled: State.LABELLED,
        EventRejected: State.REJECTED,
        ReviewRequested: State.IN_REVIEW,
        LabelWithdrawn: State.WITHDRAWN,
    } == STATE_AFTER
