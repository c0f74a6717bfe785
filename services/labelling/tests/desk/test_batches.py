"""The same word on many events: seen before it is said, and taken back in one go."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select, text

from labelling.workbench.tables import held


def chosen(events):
    return [f"{event.event_id}:{event.revision}" for event in events]


async def how_many(engine):
    async with engine.connect() as tx:
        return await tx.scalar(select(func.count()).select_from(held))


async def how_many_wait(engine):
    """How many transactions wait for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with engine.connect() as tx:
        return await tx.scalar(text(asked))


async def test_a_batch_is_seen_before_it_is_decided_and_leaves_what_it_may_not_decide(
    at_desk, in_review, a_doubtful_event, engine, minute, claims_end, told
):
    camille = at_desk("84", organisation="Aciérie du Nord")
    paul = at_desk("84", name="Paul")
    good = [a_doubtful_event(title=f"Visite {number}") for number in range(3)]
    own, changed = a_doubtful_event(organisation="Aciérie du Nord"), a_doubtful_event(title="Changé")
    kept, gone = a_doubtful_event(title="Réservé"), a_doubtful_event(title="Parti")
    await in_review(*good, own, changed, kept, gone)
    choice = chosen([*good, own, changed, kept, gone])
    await in_review(changed.model_copy(update={"revision": 2}))
    await paul.labels(gone)
    await minute()
    await claims_end()  # of the next one, which he was led on to
    await paul.sends(f"/{kept.event_id}/reservation")
    before = len(await told())
    page = unescape((await camille.sends("/lot", choix=choice, mot="label")).text)
    assert "3 recevront le label, 4 resteront en l’état" in page
    for words in ("Changé\u00a0: a changé depuis votre lecture", "Réservé\u00a0: est réservé par un collègue"):
        assert words in page
    assert "est de votre propre organisation" in page
    assert "n’attend plus de décision" in page
    assert (await how_many(engine), len(await told())) == (0, before)
    answer = await camille.sends("/lot/decision", choix=choice, mot="label")
    assert await how_many(engine) == 3
    [batch] = parse_qs(urlsplit(answer.headers["location"]).query)["fait"]
    assert "3 décisions prises." in unescape((await camille.client.get(answer.headers["location"])).text)
    await camille.sends(f"/annulation/{batch}")
    assert (await minute(), await how_many(engine), len(await told())) == (0, 0, before)
    await camille.sends("/lot/decision", choix=choice, mot="label")
    assert await minute() == 3
    assert len(await told()) == before + 3


async def test_two_who_decide_on_the_same_many_at_once_decide_each_once(
    at_desk, in_review, a_doubtful_event, engine, minute, told
):
    events = [a_doubtful_event() for _ in range(12)]
    await in_review(*events)
    camille, paul = at_desk("84"), at_desk("84", name="Paul")
    choice = chosen(events)
    async with engine.connect() as gate:  # both have looked at all of them before either of them may write
        await gate.execute(text("LOCK TABLE held IN SHARE ROW EXCLUSIVE MODE"))
        both = [
            asyncio.create_task(camille.sends("/lot/decision", choix=choice, mot="label")),
            asyncio.create_task(paul.sends("/lot/decision", choix=[*reversed(choice)], mot="label")),
        ]
        async with asyncio.timeout(60):
            while await how_many_wait(engine) < 2:
                await asyncio.sleep(0.01)
        await gate.rollback()
    assert [answer.status_code for answer in await asyncio.gather(*both)] == [303, 303]
    assert await how_many(engine) == 12
    assert (await minute(), len(await told())) == (12, 12)


async def test_many_are_refused_for_what_is_in_doubt_of_each_alone(at_desk, in_review, a_doubtful_event, minute, told):
    doubted, other, camille = a_doubtful_event(), a_doubtful_event(title="Gratuité seule"), at_desk("84")
    await in_review(doubted)
    await in_review(other, doubts=("free",))
    form = {"choix": chosen([doubted, other]), "mot": "refus", "condition": "public"}
    short = await camille.sends("/lot", **form, phrase="Non.")
    assert (short.status_code, "Écrivez une phrase de 10 à 500 signes" in unescape(short.text)) == (422, True)
    page = unescape((await camille.sends("/lot", **form, modele_public="1-groupe-ferme")).text)
    assert "1 sera refusé, 1 restera en l’état" in page
    assert "Gratuité seule\u00a0: n’a pas de doute sur cette condition" in page
    await camille.sends("/lot/decision", **form, phrase="Ouvrez la visite à tous, même sur inscription.")
    assert await minute() == 1
    [(kind, fact)] = await told()
    assert (kind, fact["event_id"]) == ("EventRejected", str(doubted.event_id))


async def test_all_that_is_looked_for_is_decided_on_up_to_five_hundred(at_desk, in_review, a_doubtful_event, engine):
    await in_review(*(a_doubtful_event(kind="game") for _ in range(503)), a_doubtful_event())
    camille = at_desk("84")
    answer = await camille.sends("/lot?genre=game", tout="1", mot="label")
    assert "500 recevront le label" in unescape(answer.text)
    choice = re.findall(r'name="choix" value="([^"]+)"', answer.text)
    assert len(choice) == 500
    assert (await camille.sends("/lot/decision?genre=game", choix=choice, mot="label")).status_code == 303
    assert await how_many(engine) == 500
    assert "4\u00a0événements à relire" in unescape((await camille.sees()).text)


async def test_a_batch_of_nothing_says_what_to_do(at_desk, in_review, a_doubtful_event):
    camille = at_desk("84")
    for form in ({}, {"choix": ["", "x:y", "1"]}):
        page = unescape((await camille.sends("/lot", **form)).text)
        assert "Cochez au moins un événement de la liste." in page
