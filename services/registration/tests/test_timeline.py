"""What an organiser reads of each step."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from backbone.contracts import (
    AppealReceived,
    Condition,
    Correction,
    CorrectionRequested,
    EventLocated,
    EventNotLocated,
    EventSubmitted,
    EventWithdrawn,
    Finding,
    KitFailed,
    KitPiece,
    KitSent,
    Location,
    NoticeFailed,
    NoticeName,
    NoticeSent,
    OrganiserErased,
    Reason,
    ReviewRequested,
    Verdict,
)
from registration.domain.draft import EventDraft
from registration.domain.timeline import SENTENCES, Step
from registration.handlers import HEARS

AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
EVENT = str(UUID(int=1))
ABOUT = {"event_id": UUID(int=1), "revision": 2, "sequence": 3, "edition": "2026"}


@pytest.fixture
def verdicts():
    findings = [Finding.MET, Finding.NOT_MET, Finding.DOUBTFUL, Finding.NOT_MET]
    return tuple(
        Verdict(
            code=f"{condition}-so",
            condition=condition,
            finding=finding,
            message=f"Ce qu’il en est de {condition}.",
            hint=f"Que faire de {condition}.",
        )
        for condition, finding in zip(Condition, findings, strict=True)
    )


@pytest.fixture
def text(a_decision, verdicts):
    """What is told of a decision."""

    def read(label, **changes):
        return Step.of(
            a_decision(EVENT, 2, 3, label, **({} if label == "withdrawn" else {"verdicts": verdicts}) | changes)
        ).text

    return read


def test_a_submission_is_a_step(a_draft):
    event = EventDraft.model_validate(a_draft()).as_event(UUID(int=1), 2, "2026", UUID(int=7))
    assert Step.of(EventSubmitted(**ABOUT, event=event, submitted_at=AT)) == Step(
        kind="EventSubmitted", revision=2, sequence=3, at=AT, text="Votre événement est déposé ; l’examen commence."
    )


def test_a_withdrawal_is_a_step():
    assert Step.of(EventWithdrawn(**ABOUT, withdrawn_at=AT)) == Step(
        kind="EventWithdrawn", revision=2, sequence=3, at=AT, text="Vous avez retiré votre événement."
    )


def test_a_label_says_that_the_kit_follows(text):
    assert text("granted") == "Votre événement est labellisé. Le kit de communication arrive par courriel."


def test_a_refusal_tells_every_reason_to_mend_and_what_to_do_and_no_other(text):
    assert text("refused") == (
        "Votre événement n’est pas labellisé en l’état. Ce qu’il en est de public. Que faire de public. "
        "Ce qu’il en est de free. Que faire de free."
    )


def test_a_review_tells_until_when_and_what_is_in_doubt(text):
    due_at = datetime.fromisoformat("2026-06-08T18:00+02:00")
    assert text("under_review", due_at=due_at) == (
        "Une personne de votre région relit votre événement, au plus tard le lundi\u00a08\u00a0juin 2026. "
        "Ce qu’il en est de industry. Que faire de industry."
    )
    assert text("under_review", due_at=due_at, region="00").startswith("Une personne de l’équipe nationale relit")


def test_under_review_a_label_is_said_to_be_kept_and_suspended_it_is_not(text):
    kept = "D’ici là, il garde son label, et le public lit la version labellisée."
    assert text("under_review", had_label=True).endswith(f"Que faire de industry. {kept}")
    suspended = text("suspended", had_label=True, kind=ReviewRequested, region="52", due_at=AT)
    assert suspended.startswith("Le label de votre événement est suspendu. Une personne de votre région relit")
    assert kept not in suspended


def test_a_label_that_an_amendment_costs_is_told_as_its_loss(text):
    assert text("refused", had_label=True).startswith(
        "Votre événement perd le label : il n’en remplit plus les conditions. Ce qu’il en est de public."
    )


def test_a_correction_tells_what_to_mend_and_that_it_is_judged_anew(text):
    correction = Correction(kind="incomplete", message="Dites qui peut venir.")
    asked = {"kind": CorrectionRequested, "region": "52", "correction": correction, "decided_by": "review"}
    assert text("under_review", **asked) == (
        "La personne qui relit votre événement vous demande une correction : Dites qui peut venir. "
        "Modifiez-le et déposez-le de nouveau : il est alors examiné à neuf."
    )
    assert text("under_review", **asked, had_label=True).endswith("le public lit la version labellisée.")


def test_an_appeal_tells_by_when_another_person_has_looked_and_that_the_refusal_stands(text):
    due_at = datetime.fromisoformat("2026-06-08T18:00+02:00")
    received = {"kind": AppealReceived, "region": "52", "due_at": due_at, "decided_by": "organiser"}
    assert text("refused", **received) == (
        "Votre demande est reçue : une personne, qui n’a pas pris part au refus, regarde de nouveau votre événement, "
        "au plus tard le lundi\u00a08\u00a0juin 2026. D’ici là, le refus demeure."
    )


def test_an_end_by_silence_says_that_nobody_answered(text):
    assert text("granted", decided_by="silence").startswith(
        "Personne n’ayant répondu à temps, votre événement est labellisé."
    )


@pytest.mark.parametrize(
    ("decided_by", "begins"),
    [
        ("review", "Après relecture, votre événement"),
        ("appeal", "Après recours, votre événement"),
        ("rejudgement", "Après un nouvel examen, votre événement"),
        ("oracle", "Votre événement"),
    ],
)
def test_a_second_word_says_whose_it_is(text, decided_by, begins):
    assert text("granted", decided_by=decided_by).startswith(f"{begins} est labellisé.")
    assert text("refused", decided_by=decided_by).startswith(f"{begins} n’est pas labellisé en l’état.")


def test_a_label_that_is_suspended_or_gone_is_told_with_its_reason(text):
    assert text("suspended").startswith("Le label de votre événement est suspendu. Ce qu’il en est de public.")
    assert text("withdrawn") == "Le label est retiré. L’organisateur a retiré l’événement."


def test_the_label_is_told_that_a_decision_says_whatever_its_type_is_called(a_decision):
    appealed = a_decision(EVENT, 2, 3, "refused").model_copy(update={"label": "granted"})
    assert Step.of(appealed).text.startswith("Votre événement est labellisé.")


def test_of_a_label_of_a_later_version_no_more_is_said_than_that_it_was_decided(text):
    assert text("honorary") == (
        "Une décision a été prise sur votre événement ; notre équipe vous dira ce qu’elle change."
    )


def test_a_fifth_condition_is_told_as_the_others_are(text, verdicts):
    fifth = verdicts[1].model_copy(update={"condition": "safety", "message": "Le lieu n’est pas sûr.", "hint": None})
    assert text("refused", verdicts=(fifth,)) == (
        "Votre événement n’est pas labellisé en l’état. Le lieu n’est pas sûr."
    )


def test_what_becomes_of_the_place_and_the_kit_is_told_in_french():
    location = Location(
        longitude=-2.1,
        latitude=47.3,
        precision="street",
        commune_code="44103",
        commune_name="Montoir-de-Bretagne",
        department_code="44",
        region_code="52",
        timezone="Europe/Paris",
        provider="gazetteer",
    )
    nowhere = Reason(code="address-unknown", message="Nous n’avons pas trouvé cette adresse.")
    refused = Reason(code="mail-refused", message="Le serveur de courriel a refusé l’envoi.")
    assert [
        Step.of(fact).text
        for fact in (
            EventLocated(**ABOUT, location=location, located_at=AT),
            EventNotLocated(**ABOUT, reason=nowhere, looked_up_at=AT),
            KitSent(**ABOUT, kit_id=UUID(int=3), pieces=(KitPiece(name="affiche-a4.pdf"),), sent_at=AT),
            KitFailed(**ABOUT, reason=refused, failed_at=AT),
        )
    ] == [
        "Votre lieu est placé sur la carte (Montoir-de-Bretagne).",
        "Nous n’avons pas trouvé cette adresse.",
        "Le kit de communication est parti par courriel.",
        "Le serveur de courriel a refusé l’envoi.",
    ]


@pytest.mark.parametrize("notice", NoticeName)
def test_each_mail_about_the_label_is_told_once_it_has_left(notice):
    told = Step.of(NoticeSent(**ABOUT, notice_id=UUID(int=3), notice=notice, sent_at=AT)).text
    assert told.startswith("Un courriel vous")


def test_a_mail_that_a_later_release_knows_is_told_too_and_one_that_was_refused_says_why():
    sent = NoticeSent(**ABOUT, notice_id=UUID(int=3), notice="label-of-honour", sent_at=AT)
    why = Reason(code="mail-refused", message="Nous n’avons pas pu vous écrire : votre messagerie a refusé.")
    failed = NoticeFailed(**ABOUT, notice_id=UUID(int=3), notice="not-labelled", reason=why, failed_at=AT)
    assert [Step.of(fact).text for fact in (sent, failed)] == [
        "Un courriel sur votre événement est parti à votre adresse.",
        "Nous n’avons pas pu vous écrire : votre messagerie a refusé.",
    ]


def test_every_fact_that_registration_hears_has_a_sentence():
    assert set(HEARS) <= set(SENTENCES)


def test_a_fact_that_is_not_told_to_organisers_is_no_step():
    with pytest.raises(KeyError):
        Step.of(OrganiserErased(organiser_id=UUID(int=1)))
