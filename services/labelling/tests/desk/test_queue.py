"""The queue of a reviewer: their regions, what they look for, and regions that nobody looks after."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import literal, update
from sqlalchemy.dialects.postgresql import JSONB

from labelling.store import cases
from labelling.workbench.tables import colleagues

CORRECTION = literal({"correction": {"kind": "incomplete", "message": "Dites comment s’inscrire."}}, JSONB)


def in_reunion():
    return {"address": {"postcode": "97400", "city": "Saint-Denis"}}


def titles(answer):
    return re.findall(r'<h2><a href="[^"]*">([^<]*)</a></h2>', unescape(answer.text))


@pytest.fixture
async def several(in_review, a_doubtful_event):
    """Five events of one region, each unlike the others."""
    await in_review(a_doubtful_event(title="Visite"), doubts=("public",))
    await in_review(a_doubtful_event(title="Conférence", kind="conference"), doubts=("industry",))
    await in_review(a_doubtful_event(title="Jeu", kind="game"), doubts=("public", "free"))


async def test_the_most_urgent_comes_first_page_by_page(at_desk, in_review, a_doubtful_event, clock):
    for number in range(53):
        await in_review(a_doubtful_event(title=f"Visite {number:02}"), due_at=clock.now() + timedelta(hours=number + 1))
    camille = at_desk("84")
    first = await camille.sees()
    assert "53\u00a0événements à relire" in unescape(first.text)
    [more] = re.findall(r'rel="next" href="/relecture\?([^"]*)"', first.text)
    second = await camille.sees(f"?{unescape(more)}")
    assert titles(first) + titles(second) == [f"Visite {number:02}" for number in range(53)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("doute=public", ["Jeu", "Visite"]),
        ("doute=free", ["Jeu"]),
        ("genre=conference", ["Conférence"]),
        ("genre=conference&doute=public", []),
        ("region=84", ["Conférence", "Jeu", "Visite"]),
        ("region=11", []),
        ("moi=1", []),
        ("urgence=retard", []),
        ("doute=autre&genre=x&region=zz&urgence=y", ["Conférence", "Jeu", "Visite"]),
    ],
)
async def test_a_reviewer_looks_for_what_they_want(at_desk, several, query, found):
    assert sorted(titles(await at_desk("84").sees(f"?{query}"))) == found


@pytest.fixture
def asks_correction(minute):
    """Has a reviewer ask for a correction, and lets the minute pass."""

    async def ask(reviewer, event, revision=1):
        form = {"revision": revision, "correction": "incomplete/2-inscription", "message": ""}
        answer = await reviewer.sends(f"/{event.event_id}/correction", **form)
        assert (answer.status_code, await minute()) == (303, 1)

    return ask


async def test_what_is_being_corrected_is_found_apart_and_may_still_be_decided_on(
    at_desk, in_review, a_doubtful_event, asks_correction, minute, told
):
    event, other, camille = a_doubtful_event(title="La forge"), a_doubtful_event(title="La scierie"), at_desk("84")
    elsewhere = a_doubtful_event(title="La sucrerie", venue=in_reunion())
    await in_review(event, other, elsewhere)
    await asks_correction(camille, event)
    await asks_correction(at_desk("04", name="Réunion"), elsewhere)
    assert titles(await camille.sees()) == ["La scierie"]
    page = await camille.sees("?correction=1")
    assert titles(page) == ["La forge"]
    assert "1\u00a0événement en cours de correction" in unescape(page.text)
    assert "«\u00a0Dites comment s’inscrire, et jusqu’à quand.\u00a0»" in unescape(page.text)
    assert "correction demandée le 2\u00a0mars" in unescape(page.text)
    page = unescape((await camille.sees(f"/{event.event_id}?correction=1")).text)
    assert "Correction demandée à l’organisateur" in page
    assert "Demander cette correction" not in page
    # neither a second correction nor another region, but a decision
    for path, form in (("correction", {"correction": "outdated/2-lien"}), ("region", {"vers": "11"})):
        answer = await camille.sends(f"/{event.event_id}/{path}", revision=1, **form)
        assert (answer.status_code, "Une correction est déjà demandée" in unescape(answer.text)) == (409, True)
    assert (await camille.refuses(event)).status_code == 303
    assert await minute() == 1
    assert [kind for kind, _ in await told()][-1] == "EventRejected"
    assert titles(await camille.sees("?correction=1")) == []


async def test_what_is_being_corrected_comes_page_by_page_the_oldest_first(
    at_desk, in_review, a_doubtful_event, service
):
    events = [a_doubtful_event(title=f"Visite {number:02}") for number in range(53)]
    await in_review(*events)
    async with service.engine.begin() as tx:  # as it is once a correction is asked for
        await tx.execute(update(cases).values(asks="correction", due_at=None, fact=cases.c.fact + CORRECTION))
    camille = at_desk("84")
    first = await camille.sees("?correction=1")
    [more] = re.findall(r'rel="next" href="/relecture\?([^"]*)"', first.text)
    second = await camille.sees(f"?{unescape(more)}")
    assert titles(first) + titles(second) == [event.title for event in events]


async def test_what_is_late_is_counted_and_found(at_desk, in_review, a_doubtful_event, clock):
    for title, hours in (("Hier", -20), ("Ce soir", 5), ("Dans trois jours", 72)):
        await in_review(a_doubtful_event(title=title), due_at=clock.now() + timedelta(hours=hours))
    camille = at_desk("84")
    page = unescape((await camille.sees()).text)
    assert "<strong>1</strong> en retard" in page
    assert "<strong>1</strong> à décider avant demain" in page
    assert titles(await camille.sees("?urgence=retard")) == ["Hier"]
    assert titles(await camille.sees("?urgence=bientot")) == ["Hier", "Ce soir"]


async def test_totals_are_told_by_region(at_desk, in_review, a_doubtful_event):
    await in_review(a_doubtful_event(), a_doubtful_event(), a_doubtful_event(venue=in_reunion()))
    page = unescape((await at_desk(role="administrator").sees()).text)
    assert "Auvergne-Rhône-Alpes (2)" in page
    assert "La Réunion (1)" in page


async def test_a_region_without_a_reviewer_falls_to_the_national_desk_until_one_comes(
    at_desk, in_review, a_doubtful_event, service
):
    event = a_doubtful_event(title="La sucrerie", venue=in_reunion())
    await in_review(event)
    national, local, other = at_desk("00", name="Bureau"), at_desk("04", name="Réunion"), at_desk("84")
    assert titles(await other.sees()) == []
    assert titles(await national.sees()) == ["La sucrerie"]
    assert (await national.sees(f"/{event.event_id}")).status_code == 200
    assert titles(await local.sees()) == ["La sucrerie"]
    assert titles(await national.sees()) == []
    assert (await national.labels(event)).status_code == 403
    async with service.engine.begin() as tx:  # nobody of the region comes for a month
        mine = colleagues.c.account_id == local.caller.account_id
        await tx.execute(update(colleagues).where(mine).values(seen_at=colleagues.c.seen_at - timedelta(days=30)))
    assert (await national.labels(event)).status_code == 303


async def test_an_event_is_kept_for_one_reviewer_for_a_while(at_desk, in_review, a_doubtful_event, claims_end):
    event, camille, paul = a_doubtful_event(title="La forge"), at_desk("84"), at_desk("84", name="Paul Durand")
    await in_review(event)
    assert (await camille.sends(f"/{event.event_id}/reservation")).status_code == 303
    assert titles(await camille.sees("?moi=1")) == ["La forge"]
    assert titles(await paul.sees("?moi=1")) == []
    assert "Pris par Camille Martin" in unescape((await paul.sees()).text)
    for answer in (await paul.labels(event), await paul.sends(f"/{event.event_id}/reservation")):
        assert (answer.status_code, "Camille Martin se l’est réservé." in unescape(answer.text)) == (409, True)
    await claims_end()
    assert (await paul.sends(f"/{event.event_id}/reservation")).status_code == 303
    assert "Paul Durand" in unescape((await camille.labels(event)).text)
    await paul.sends(f"/{event.event_id}/liberation")
    assert (await camille.labels(event)).status_code == 303


async def test_whoever_decides_is_led_on_to_an_event_that_nobody_is_at(at_desk, in_review, a_doubtful_event, clock):
    first, second, third = (a_doubtful_event(title=title) for title in ("Un", "Deux", "Trois"))
    own = a_doubtful_event(organisation="Aciérie du Nord")
    for hours, event in enumerate((first, second, own, third), start=1):
        await in_review(event, due_at=clock.now() + timedelta(hours=hours))
    camille, paul = at_desk("84", organisation="Aciérie du Nord"), at_desk("84", name="Paul")
    await paul.sends(f"/{second.event_id}/reservation")
    answer = await camille.labels(first)
    assert answer.headers["location"].startswith(f"/relecture/{third.event_id}?")
    assert str(third.event_id) in (await camille.sees("?moi=1")).text
    assert (await paul.labels(second)).headers["location"].startswith(f"/relecture/{own.event_id}?")
