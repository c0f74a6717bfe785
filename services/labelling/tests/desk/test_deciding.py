"""A reviewer decides on a page: held for a minute, then told; and nothing that they may not."""

from __future__ import annotations

import asyncio
from html import unescape
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from backbone.postgres.jobs import Claimed
from labelling.workbench.holds import Settle
from labelling.workbench.settling import tell_held
from labelling.workbench.tables import held

SENTENCE = "Ouvrez la visite à d’autres que la classe invitée."


def batch_of(answer):
    [batch] = parse_qs(urlsplit(answer.headers["location"]).query)["fait"]
    return batch


async def test_a_label_given_on_a_page_is_held_for_a_minute_and_then_told(
    at_desk, in_review, a_doubtful_event, told, minute
):
    event, camille = a_doubtful_event(title="La coulée"), at_desk("84")
    await in_review(event)
    answer = await camille.labels(event)
    assert answer.status_code == 303
    page = unescape((await camille.sees(f"?fait={batch_of(answer)}")).text)
    assert "Label accordé à «\u00a0La coulée\u00a0»." in page
    assert await told() == []
    assert await minute() == 1
    [(kind, fact)] = await told()
    assert (kind, fact["event_id"], fact["decided_by"]) == ("EventLabelled", str(event.event_id), "review")
    assert await minute() == 0
    assert len(await told()) == 1


async def test_a_decision_is_taken_back_within_the_minute_and_the_event_waits_again(
    at_desk, in_review, a_doubtful_event, told, minute
):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    for _ in range(2):  # and a second time
        answer = await camille.refuses(event)
        assert "1 à relire" not in unescape((await camille.sees()).text)
        back = await camille.sends(f"/annulation/{batch_of(answer)}")
        assert back.headers["location"].startswith(f"/relecture/{event.event_id}")
        assert "La décision est annulée" in unescape((await camille.client.get(back.headers["location"])).text)
        assert await minute() == 0
    assert await told() == []
    assert "1\u00a0événement à relire" in unescape((await camille.sees()).text)


async def test_after_the_minute_it_is_too_late(at_desk, in_review, a_doubtful_event, told, minute):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    answer = await camille.labels(event)
    await minute()
    late = await camille.sends(f"/annulation/{batch_of(answer)}")
    assert (late.status_code, "Il est trop tard pour annuler" in unescape(late.text)) == (409, True)
    assert [kind for kind, _ in await told()] == ["EventLabelled"]


async def test_a_colleague_does_not_take_back_what_another_decided(at_desk, in_review, a_doubtful_event, told, minute):
    event, camille, paul = a_doubtful_event(), at_desk("84"), at_desk("84", name="Paul")
    await in_review(event)
    answer = await camille.labels(event)
    assert (await paul.sends(f"/annulation/{batch_of(answer)}")).status_code == 409
    assert event.title not in unescape((await paul.sees(f"/annulation/{batch_of(answer)}")).text)
    assert event.title in unescape((await camille.sees(f"/annulation/{batch_of(answer)}")).text)
    assert await minute() == 1


async def test_a_refusal_says_the_reviewers_sentence_or_the_one_they_chose(
    at_desk, in_review, a_doubtful_event, told, minute
):
    one, other, camille = a_doubtful_event(), a_doubtful_event(), at_desk("84")
    await in_review(one, other)
    await camille.refuses(one, SENTENCE)
    await camille.refuses(other, "", modele_public="1-groupe-ferme")
    await minute()
    said = {
        fact["event_id"]: [verdict["message"] for verdict in fact["verdicts"] if verdict["finding"] == "not_met"]
        for _, fact in await told()
    }
    chosen = (
        "L’événement s’adresse à un groupe fermé : ouvrez-le à d’autres visiteurs, par exemple sur inscription, "
        "et dites-le dans le texte."
    )
    assert said == {str(one.event_id): [SENTENCE], str(other.event_id): [chosen]}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"refus_public": ""}, "Cochez au moins une condition, et dites pour chacune quoi corriger."),
        ({"phrase_public": "Non."}, "Écrivez une phrase de 10 à 500 signes : l’organisateur la lira."),
        ({"phrase_public": "x" * 501}, "Écrivez une phrase de 10 à 500 signes : l’organisateur la lira."),
    ],
)
async def test_what_is_no_refusal_yet_is_shown_again_with_what_was_written(
    at_desk, in_review, a_doubtful_event, told, minute, form, words
):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    answer = await camille.refuses(event, **({"phrase_free": "Gardez cette phrase."} | form))
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert "Gardez cette phrase." in unescape(answer.text)
    assert await minute() == 0
    assert await told() == []


async def test_a_text_that_was_changed_meanwhile_is_not_decided_on_and_the_page_says_what_changed(
    at_desk, in_review, a_doubtful_event, told, minute
):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    new = event.model_copy(update={"revision": 2, "description": "Visite des ateliers et rencontre avec les fondeurs."})
    await in_review(new)
    answer = await camille.refuses(event, SENTENCE)
    assert answer.status_code == 409
    assert "l’organisateur a changé l’événement depuis votre lecture" in unescape(answer.text)
    assert "<dd>Visite <del>de l’usine</del><ins>des ateliers</ins> et rencontre avec les fondeurs." in answer.text
    assert SENTENCE in unescape(answer.text)
    assert await minute() == 0
    assert await told() == []
    assert (await camille.refuses(new, SENTENCE)).status_code == 303


async def test_a_text_that_is_changed_within_the_minute_is_not_decided_on_and_whoever_decided_reads_so(
    at_desk, in_review, a_doubtful_event, told, minute, engine
):
    event, camille = a_doubtful_event(title="La forge"), at_desk("84")
    await in_review(event)
    answer = await camille.labels(event)
    await in_review(event.model_copy(update={"revision": 2, "description": "Réservé aux salariés."}))
    assert await minute() == 1
    assert await told() == []
    page = unescape((await camille.sees()).text)
    assert "Votre décision sur «\u00a0La forge\u00a0» n’a pas été prise" in page
    for here in ("/annulation/{}", "?fait={}"):  # where the minute was counted, nothing says that it was told
        page = unescape((await camille.sees(here.format(batch_of(answer)))).text)
        assert "n’a pas été prise\u00a0: l’événement a changé depuis votre lecture." in page
        assert "est transmise" not in page
    async with engine.connect() as tx:
        hold = await tx.scalar(select(held.c.id))
    assert (await camille.sends(f"/echecs/{hold}")).status_code == 303
    assert "n’a pas été prise" not in unescape((await camille.sees()).text)


async def test_what_was_said_before_the_process_ended_is_not_said_to_have_failed(
    at_desk, in_review, a_doubtful_event, told, minute, service, engine
):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    await camille.labels(event)
    async with engine.connect() as tx:
        hold = await tx.scalar(select(held.c.id))
    job = Claimed(uuid4(), str(hold), Settle(hold=hold), 1, uuid4(), "")
    assert await tell_held(job, service.http.state.desk) is None  # and the process ends here
    assert await minute() == 1
    assert [kind for kind, _ in await told()] == ["EventLabelled"]
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(held)) == 0


async def test_nobody_decides_on_an_event_of_their_own_organisation(at_desk, in_review, a_doubtful_event, told, minute):
    event = a_doubtful_event(organisation="Fonderie de l’Est lyonnais")
    camille = at_desk("84", organisation="FONDERIE DE L'EST LYONNAIS SA")
    await in_review(event)
    page = await camille.sees(f"/{event.event_id}")
    assert "Cet événement est celui de votre organisation" in unescape(page.text)
    assert "Accorder le label" not in unescape(page.text)
    answer = await camille.labels(event)
    assert (answer.status_code, "votre organisation" in unescape(answer.text)) == (403, True)
    assert "Transmettre à une autre région" in unescape(page.text)
    batch = await camille.sends("/lot/decision", choix=f"{event.event_id}:1", mot="label")
    assert "fait=" not in batch.headers["location"]
    assert await minute() == 0
    assert await told() == []
    # but whoever may not decide may hand over
    assert (await camille.sends(f"/{event.event_id}/region", revision=1, vers="11")).status_code == 303
    assert await minute() == 1
    assert "La coulée" in (await at_desk("11", name="Paris").sees()).text


async def test_a_reviewer_of_another_region_neither_reads_nor_decides(at_desk, in_review, a_doubtful_event, minute):
    event, paul = a_doubtful_event(), at_desk("11")
    await in_review(event)
    for answer in (await paul.sees(f"/{event.event_id}"), await paul.labels(event)):
        assert (answer.status_code, "Cette page n’est pas la vôtre" in unescape(answer.text)) == (403, True)
        assert event.title not in unescape(answer.text)
    assert await minute() == 0


async def test_of_an_appeal_no_correction_is_asked(at_desk, hear, submitted, an_event, client, token_of, minute):
    event = an_event(is_free=False)
    await hear(submitted(event))
    organiser = token_of("organiser", account_id=event.organiser_id)
    appeal = await client.post(f"/v1/events/{event.event_id}/appeal", json={"revision": 1}, headers=organiser)
    assert appeal.status_code == 202
    camille = at_desk("84")
    page = unescape((await camille.sees(f"/{event.event_id}")).text)
    assert ("Accorder le label" in page, "Demander une correction" in page) == (True, False)
    answer = await camille.sends(f"/{event.event_id}/correction", revision=1, correction="outdated/2-lien")
    assert (answer.status_code, "Cet événement est un recours" in unescape(answer.text)) == (409, True)
    assert await minute() == 0


async def test_two_who_decide_on_the_same_event_at_once_decide_once(at_desk, in_review, a_doubtful_event, told, minute):
    event, camille, paul = a_doubtful_event(), at_desk("84"), at_desk("84", name="Paul")
    await in_review(event)
    answers = await asyncio.gather(camille.labels(event), paul.refuses(event))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert await minute() == 1
    assert len(await told()) == 1
