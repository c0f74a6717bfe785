"""What reviewers write to each other, what they ask of the organiser, and past decisions that help."""

from __future__ import annotations

import re
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy import select

from labelling.store import cases


async def test_a_note_is_read_by_the_other_reviewers_and_told_to_nobody(
    at_desk, in_review, a_doubtful_event, engine, told_by
):
    event, camille, paul = a_doubtful_event(), at_desk("84"), at_desk("84", name="Paul")
    await in_review(event)
    await camille.sends(f"/{event.event_id}/note", note="J’ai appelé l’accueil.\r\n<b>Rappeler</b> lundi.")
    page = (await paul.sees(f"/{event.event_id}")).text
    assert "J’ai appelé l’accueil.\n&lt;b&gt;Rappeler&lt;/b&gt; lundi." in page
    assert "appelé" not in str(await told_by(engine))
    stranger = at_desk("11", name="Autre")
    assert (await stranger.sends(f"/{event.event_id}/note", note="Je passais.")).status_code == 403
    assert "Je passais." not in (await paul.sees(f"/{event.event_id}")).text


@pytest.mark.parametrize("note", ["", "   ", "x" * 2001])
async def test_a_note_of_nothing_or_too_much_is_shown_again(at_desk, in_review, a_doubtful_event, note):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    answer = await camille.sends(f"/{event.event_id}/note", note=note)
    assert answer.status_code == 422
    assert "Écrivez quelques mots, 2 000 signes au plus." in unescape(answer.text)


async def test_a_named_colleague_is_asked_for_their_opinion_and_gives_it_once(at_desk, in_review, a_doubtful_event):
    event, camille, paul = a_doubtful_event(title="La forge"), at_desk("84"), at_desk("84", name="Paul Durand")
    stranger = at_desk("11", name="Autre")
    await in_review(event)
    for one in (paul, stranger):
        await one.sees()  # the desk knows who has been there
    page = (await camille.sees(f"/{event.event_id}")).text
    offered = re.findall(r'<option value="([0-9a-f-]{36})">([^<]*)</option>', page)
    assert offered == [(str(paul.caller.account_id), "Paul Durand, DREETS")]
    path = f"/{event.event_id}/avis"
    assert (await camille.sends(path, collegue=str(uuid4()), question="Ouvert ?")).status_code == 422
    await camille.sends(path, collegue=str(paul.caller.account_id), question="Est-ce ouvert à tous ?")
    assert "La forge" in (await paul.sees("?moi=1")).text
    [answering] = re.findall(rf'action="/relecture({path}/[0-9a-f-]+)\?', (await paul.sees(f"/{event.event_id}")).text)
    assert (await camille.sends(answering, avis="label", reponse="Oui.")).status_code == 404
    assert (await paul.sends(answering, avis="refuse", reponse="Non : une seule classe.")).status_code == 303
    assert (await paul.sends(answering, avis="label", reponse="Si.")).status_code == 404
    page = unescape((await camille.sees(f"/{event.event_id}")).text)
    assert "<strong>Plutôt un refus.</strong> Non\u00a0: une seule classe." in page
    assert "La forge" not in (await paul.sees("?moi=1")).text


async def test_nobody_is_asked_about_an_event_of_their_own_organisation(at_desk, in_review, a_doubtful_event):
    event, camille = a_doubtful_event(), at_desk("84")
    owner = at_desk("84", name="Patron", organisation=event.organisation)
    await in_review(event)
    await owner.sees()
    form = {"collegue": str(owner.caller.account_id), "question": "Qu’en dites-vous ?"}
    assert (await camille.sends(f"/{event.event_id}/avis", **form)).status_code == 403


async def test_a_correction_is_asked_for_the_clock_stands_still_and_the_next_text_waits_anew(
    at_desk, in_review, a_doubtful_event, told, minute, engine
):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    answer = await camille.sends(
        f"/{event.event_id}/correction", revision=1, correction="incomplete/2-inscription", message=""
    )
    assert answer.status_code == 303
    assert await minute() == 1
    [(kind, fact)] = await told()
    sentence = "Dites comment s’inscrire, et jusqu’à quand."
    assert (kind, fact["correction"]) == ("CorrectionRequested", {"kind": "incomplete", "message": sentence})
    async with engine.connect() as tx:
        assert await tx.scalar(select(cases.c.due_at)) is None
    assert "Rien à relire" in unescape((await camille.sees()).text)
    await in_review(event.model_copy(update={"revision": 2}))
    assert "1\u00a0événement à relire" in unescape((await camille.sees()).text)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"correction": "", "message": "Dites comment venir."}, "Choisissez ce qui est à corriger."),
        ({"correction": "outdated/x", "message": "Non."}, "Écrivez une phrase de 10 à 500 signes"),
    ],
)
async def test_what_is_no_correction_yet_is_shown_again(at_desk, in_review, a_doubtful_event, minute, form, words):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    answer = await camille.sends(f"/{event.event_id}/correction", revision=1, **form)
    assert (answer.status_code, words in unescape(answer.text), form["message"] in answer.text) == (422, True, True)
    assert await minute() == 0


async def test_another_region_is_asked_within_the_same_time_limit(at_desk, in_review, a_doubtful_event, minute, engine):
    event, camille, paris = a_doubtful_event(title="La forge"), at_desk("84"), at_desk("11", name="Paris")
    await in_review(event)
    async with engine.connect() as tx:
        due_at = await tx.scalar(select(cases.c.due_at))
    assert (await camille.sends(f"/{event.event_id}/region", revision=1, vers="99")).status_code == 422
    assert (await camille.sends(f"/{event.event_id}/region", revision=1, vers="11")).status_code == 303
    assert "La forge" not in (await paris.sees()).text
    assert await minute() == 1
    assert "La forge" in (await paris.sees()).text
    assert "La forge" not in (await camille.sees()).text
    async with engine.connect() as tx:
        assert await tx.scalar(select(cases.c.due_at)) == due_at


async def test_what_people_decided_of_the_likest_events_is_shown_and_of_another_doubt_is_not(
    at_desk, in_review, a_doubtful_event, minute
):
    camille = at_desk("84")
    near = a_doubtful_event(title="Visite de la verrerie", description="Le verre soufflé à la canne, pour un lycée.")
    far = a_doubtful_event(title="Conférence", description="Les ponts roulants et leurs palans.")
    other = a_doubtful_event(title="Verrerie payante", description="Le verre soufflé à la canne.")
    await in_review(far, near)
    await in_review(other, doubts=("free",))
    await camille.refuses(near, "Ouvrez la verrerie à d’autres que ce lycée.")
    await camille.labels(far)
    await camille.labels(other)
    await minute()
    event = a_doubtful_event(title="La verrerie du Marais", description="Le verre soufflé, à la canne.")
    await in_review(event)
    page = unescape((await camille.sees(f"/{event.event_id}")).text)
    shown = re.findall(r'<span class="tag \w+">(\w+)</span> <strong>([^<]*)</strong>', page)
    assert shown == [("Refus", "Visite de la verrerie"), ("Label", "Conférence")]
    assert "Ouvrez la verrerie à d’autres que ce lycée." in page


async def test_a_reviewer_sees_what_resembles_an_event_as_its_organiser_answered_and_may_open_it(
    at_desk, in_review, hear, submitted, a_doubtful_event, an_event
):
    twin, labelled, unheard = a_doubtful_event(title="La forge, le matin"), an_event(title="La forge à Lyon"), uuid4()
    event = a_doubtful_event(title="Visite de la forge")
    resembling = event.model_copy(update={"resembles": (twin.event_id, labelled.event_id, unheard)})
    await hear(submitted(labelled))
    await in_review(twin)
    await in_review(resembling)
    page = unescape((await at_desk("84").sees(f"/{event.event_id}")).text)
    [part] = re.findall(r'<section aria-labelledby="semblables">.*?</section>', page, re.DOTALL)
    assert "Même jour, même endroit, titre voisin\u00a0: un organisateur a répondu que c’est autre chose." in part
    links = dict(re.findall(r'<a href="([^"?]*)[^>]*><strong>([^<]*)</strong>', part))
    assert links == {
        f"/relecture/{twin.event_id}": "La forge, le matin",
        f"http://127.0.0.1:8000/evenements/{labelled.event_id}": "La forge à Lyon",
    }
    assert "semblables" not in (await at_desk("84").sees(f"/{twin.event_id}")).text
