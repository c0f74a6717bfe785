"""What is refused is told on a page of the house: what happened, whether anything is lost, and what to do."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy import func, update

from backbone.http.session import COOKIE
from backbone.postgres.switches import NO_NEW_ACCOUNTS, READ_ONLY, turn
from registration.store import limits

BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def reads(client, mine):
    """Somebody with an event asks with a browser; the status, the heading, and the words under it."""
    person, event_id = mine
    client.cookies.set(COOKIE, person.headers["Authorization"].removeprefix("Bearer "))

    async def go(path, form=None, **headers):
        path = path.format(event_id=event_id, nobody=uuid4())
        method = "GET" if form is None else "POST"
        answer = await client.request(method, path, data=form, headers=BROWSER | headers)
        assert 'class="wordmark"' in answer.text, "not a page of the house"
        assert '<nav aria-label="Pied de page">' in answer.text
        [heading] = re.findall(r"<h1>(.*?)</h1>", answer.text)
        main = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2].partition("</main>")[0])
        go.answer = answer
        return answer.status_code, unescape(heading), " ".join(unescape(main).split())

    return go


@pytest.fixture
def turns(engine, service):
    async def on(name, note=""):
        async with engine.begin() as tx:
            await turn(tx, name, None, note)
        await service.switches.look()

    return on


@pytest.mark.parametrize(
    ("path", "form", "status", "heading", "words"),
    [
        ("/nulle-part", None, 404, "Cette page n’existe pas", "Rien de ce que vous avez enregistré n’est perdu."),
        ("/evenements/{nobody}", None, 404, "Cet événement n’est pas dans votre compte", "un autre compte"),
        ("/evenements/pas-un-numero", None, 422, "Nous n’avons pas compris cette demande", "Rien n’a été fait."),
        ("/organisation/{nobody}", None, 404, "Cette organisation n’est pas la vôtre", "incomplète"),
        ("/import/{nobody}", None, 404, "Ce fichier n’est plus là", "ses événements restent"),
        ("/compte/nom", None, 405, "Cette page ne s’ouvre pas ainsi", "recommencez"),
        ("/evenements/{event_id}/proposer", None, 403, "Cela ne se fait pas avec votre compte", "Rien n’a été fait."),
        ("/evenements/{event_id}/deposer", {"x": "é" * 70_000}, 413, "Envoi trop volumineux", "moins lourd"),
        ("/nouvelle-adresse?jeton=x", {"jeton": "x"}, 410, "Ce lien n’est plus valable", "depuis votre compte"),
        ("/invitation?jeton=x", None, 410, "Ce lien n’est plus valable", "demandez-en une autre"),
        ("/participation?jeton=x", None, 410, "Ce lien n’est plus valable", "Le courriel le plus récent a le bon."),
        ("/mot-de-passe/nouveau", {"jeton": "x", "mot_de_passe": "quatre mots sans lien"}, 410, "", "Demandez-en un"),
    ],
)
async def test_what_is_refused_says_what_to_do(reads, path, form, status, heading, words):
    told = await reads(path, form)
    assert told[0] == status
    assert heading in told[1]
    assert words in told[2].replace("\u00a0", " ").replace("\u202f", " ")


async def test_a_form_of_another_site_is_not_taken(reads):
    form, foreign = {"nom": "Paul"}, {"Sec-Fetch-Site": "cross-site", "Origin": "https://mechant.example"}
    status, heading, words = await reads("/compte/nom", form, **foreign)
    assert (status, heading) == (403, "Ce formulaire ne vient pas de nos pages")
    assert "Rien n’a été fait." in words


async def test_while_it_is_read_only_what_was_typed_is_kept_and_sent_again(reads, turns):
    await turns(READ_ONLY, note="Retour à midi.")
    status, heading, words = await reads("/compte/nom", {"nom": "Inès <Payet>", "x-mot-de-passe": "secret"})
    assert (status, heading) == (503, "Suspendu un moment")
    assert "Retour à midi." in words
    assert "rien de ce que vous avez écrit n’est perdu" in words
    assert reads.answer.headers["retry-after"] == "300"
    assert 'action="/compte/nom"' in reads.answer.text
    assert 'name="nom" value="Inès &lt;Payet&gt;"' in reads.answer.text
    assert "secret" not in reads.answer.text


async def test_while_no_accounts_are_opened_whoever_has_one_is_sent_on(reads, turns):
    await turns(NO_NEW_ACCOUNTS)
    status, heading, words = await reads("/inscription", {"nom": "Paul", "adresse": "paul@forge.example"})
    assert (status, heading) == (503, "Suspendu un moment")
    assert "Qui a déjà un compte peut continuer." in words
    assert 'name="adresse" value="paul@forge.example"' in reads.answer.text


async def test_who_has_done_enough_for_a_day_reads_when_to_come_back_and_loses_nothing(reads, engine):
    await reads("/nulle-part")
    async with engine.begin() as tx:
        await tx.execute(update(limits).values(empty_at=func.now() + timedelta(days=1)))
    form = {"nouveau": "1", "version": "", "title": "La coulée, de nuit"}
    status, heading, words = await reads("/evenements/{nobody}/modifier/quoi", form)
    assert (status, heading) == (429, "Encore un peu de patience")
    assert "Votre organisation a créé beaucoup de brouillons aujourd’hui. Réessayez dans" in words
    assert 'name="title" value="La coulée, de nuit"' in reads.answer.text
    assert int(reads.answer.headers["retry-after"]) >= 1
