"""Who gets in at the desk, what a page may load, and what of people is written down."""

from __future__ import annotations

import logging
from dataclasses import replace
from html import unescape

import pytest

from backbone.postgres.database import open_database


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(at_desk, in_review, a_doubtful_event):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    camille.client.cookies.clear()
    answer = await camille.sees(f"/{event.event_id}?doute=public")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/connexion?retour=/relecture/{event.event_id}%3Fdoute%3Dpublic"


async def test_whose_session_ends_while_they_write_loses_nothing(at_desk, in_review, a_doubtful_event, minute):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    camille.client.cookies.clear()
    answer = await camille.refuses(event, 'Ouvrez "la" visite <à tous>.')
    assert answer.status_code == 401
    assert "Votre connexion a expiré" in answer.text
    assert 'name="phrase_public" value="Ouvrez &#34;la&#34; visite &lt;à tous&gt;."' in answer.text
    assert f'action="/relecture/{event.event_id}/refus"' in answer.text
    assert await minute() == 0


@pytest.fixture
def database_away(service):
    """The database does not answer."""
    desk = service.http.state.desk
    service.http.state.desk = replace(desk, engine=open_database("postgresql+asyncpg://nobody@127.0.0.1:1/none"))


async def test_while_the_database_is_away_a_page_says_so_and_what_was_written_is_sent_again(
    at_desk, a_doubtful_event, database_away, caplog
):
    event, camille = a_doubtful_event(), at_desk("84")
    answer = await camille.refuses(event, 'Ouvrez "la" visite à tous.')
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"].startswith("text/html")
    assert "Rien n’a été fait, et rien de ce que vous avez écrit n’est perdu" in answer.text
    assert 'name="phrase_public" value="Ouvrez &#34;la&#34; visite à tous."' in answer.text
    assert f'<form method="post" action="/relecture/{event.event_id}/refus">' in answer.text
    page = await camille.sees("?doute=public")
    assert (page.status_code, 'href="/relecture?doute=public">Réessayer' in page.text) == (503, True)
    said = [record.getMessage() for record in caplog.records if record.name == "backbone.http.problems"]
    assert said == 2 * ["a request was answered 503, as something it needs is away"]


async def test_programs_are_told_of_a_database_that_is_away_as_programs(client, token_of, database_away):
    answer = await client.get("/v1/reviews", headers=token_of("reviewer", "84") | {"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


async def test_a_session_that_nobody_can_read_is_not_sent_round_for_ever(at_desk):
    camille = at_desk("84")
    camille.client.cookies.clear()
    answer = await camille.sees("", headers={"Cookie": "session=nonsense"})
    assert (answer.status_code, "Connectez-vous" in answer.text) == (401, True)


async def test_an_organiser_is_no_reviewer(at_desk, in_review, a_doubtful_event):
    event, someone = a_doubtful_event(), at_desk("84", role="organiser")
    await in_review(event)
    for answer in (await someone.sees(), await someone.sees(f"/{event.event_id}"), await someone.labels(event)):
        assert (answer.status_code, "Cette page n’est pas la vôtre" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://mechant.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}]
)
@pytest.mark.parametrize("path", ["label", "refus", "correction", "region", "note", "avis", "reservation"])
async def test_a_form_of_another_site_does_nothing(at_desk, in_review, a_doubtful_event, minute, engine, headers, path):
    event, camille = a_doubtful_event(), at_desk("84")
    await in_review(event)
    camille.headers = headers
    form = {"revision": 1, "refus_public": "1", "phrase_public": "Ouvrez la visite à tous.", "note": "x", "vers": "11"}
    answer = await camille.sends(f"/{event.event_id}/{path}", **form, collegue=str(event.event_id))
    assert (answer.status_code, "Ce formulaire ne vient pas de nos pages" in answer.text) == (403, True)
    assert await minute() == 0
    assert "Pris par" not in (await camille.sees()).text


async def test_a_page_runs_no_script_but_ours_and_stands_in_no_frame(at_desk, in_review, a_doubtful_event):
    bad = "<script>alert(1)</script>"
    event = a_doubtful_event(
        title=bad,
        organisation='"><img src=x onerror=alert(1)>',
        description=f"{bad} et {{{{ 7*7 }}}} ' onfocus='alert(1)",
    )
    await in_review(event)
    camille = at_desk("84", name=bad)
    for path in ("", f"/{event.event_id}", "/aide", "/00000000-0000-0000-0000-000000000000"):
        answer = await camille.sees(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert bad not in answer.text
        assert "<img src=x" not in answer.text
        assert "' onfocus='" not in answer.text
        assert "<script>" not in answer.text
        assert "style=" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
    assert "{{ 7*7 }}" in (await camille.sees(f"/{event.event_id}")).text


async def test_only_addresses_of_the_web_become_links(at_desk, in_review, an_event):
    event = an_event().model_copy(update={"website": "javascript:alert(1)", "online_url": "https://visio.example/a"})
    await in_review(event)
    page = (await at_desk("84").sees(f"/{event.event_id}")).text
    assert 'href="javascript:' not in page
    assert 'href="https://visio.example/a" rel="external nofollow noopener noreferrer ugc"' in page


async def test_the_evidence_is_marked_in_the_organisers_own_text(at_desk, in_review, a_doubtful_event):
    event = a_doubtful_event(description="Réservé aux <salariés>. Visite & goûter.")
    await in_review(event)
    page = unescape((await at_desk("84").sees(f"/{event.event_id}")).text)
    marked = '<mark class="against"><span class="sr">[L’ouverture au public\u00a0: </span>Réservé aux<span class="sr">]'
    assert f"{marked}</span></mark> <salariés>. Visite & goûter." in page


async def test_nothing_of_people_is_in_the_log(at_desk, in_review, a_doubtful_event, minute, caplog):
    event = a_doubtful_event(title="La forge secrète")
    camille, paul = at_desk("84", name="Camille Secrète"), at_desk("84", name="Paul Secret")
    await in_review(event)
    with caplog.at_level(logging.DEBUG):
        await paul.sees()
        await camille.sends(f"/{event.event_id}/note", note="Un secret.")
        asked = {"collegue": str(paul.caller.account_id), "question": "Un secret ?"}
        await camille.sends(f"/{event.event_id}/avis", **asked)
        await camille.refuses(event, "Une phrase secrète, mais correcte.")
        await minute()
    ours = [record for record in caplog.records if record.name.startswith(("labelling", "backbone"))]
    said = " ".join(f"{record.getMessage()} {record.__dict__}" for record in ours)
    assert ours
    assert "secr" not in said.lower()
