"""An organiser reads on a page where their event is, why, what comes next and by when, as they would in a browser."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from backbone.contracts import (
    AppealReceived,
    Correction,
    CorrectionRequested,
    EventLocated,
    EventNotLocated,
    KitSent,
    Location,
    NoticeFailed,
    NoticeSent,
    Reason,
    ReviewRequested,
    Verdict,
)
from registration import store
from registration.domain.known import Known
from registration.domain.story import State
from registration.domain.timeline import Step
from registration.domain.whereabouts import NOT_THERE, STATES, whereabouts
from registration.domain.word import Word

AT = datetime(2026, 6, 2, 9, tzinfo=UTC)
DUE = datetime(2026, 6, 8, 16, tzinfo=UTC)
PRICE = Verdict(
    condition="free",
    finding="not_met",
    code="free-price-stated",
    message="Votre texte indique « entrée : 8 € ».",
    hint="Si l'entrée est gratuite, corrigez-le ; sinon, rendez-la gratuite pour tous.",
)
GROUP = PRICE.model_copy(update={"condition": "public", "finding": "doubtful", "message": "Un groupe est désigné."})
PERSON = {"decided_by": "review", "automated": False}


@pytest.fixture
async def browser(service, mine):
    """The browser of the event's organiser, signed in."""
    transport = ASGITransport(service.http)
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", follow_redirects=True) as browser:
        yield browser


@pytest.fixture
def signs_in(browser):
    async def go(email="ines@fonderie.example"):
        form = {"adresse": email, "mot_de_passe": "douze lettres, ou plus", "retour": ""}
        answer = await browser.post("/connexion", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 200

    return go


@pytest.fixture
def page(browser, signs_in, mine):
    """The page's words, in one line each; and the page itself."""

    async def read():
        await signs_in()
        answer = await browser.get(f"/evenements/{mine[1]}")
        assert answer.status_code == 200
        body = answer.text.split("<main")[1].split("</main>")[0].partition(">")[2]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split()), body

    return read


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(browser, mine):
    answer = await browser.get(f"/evenements/{mine[1]}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/connexion?retour=/evenements/{mine[1]}")


async def test_somebody_elses_event_is_not_shown(browser, signs_in, a_person, mine):
    await a_person("paul@forge.example")
    await signs_in("paul@forge.example")
    for event_id in (mine[1], uuid4()):
        answer = await browser.get(f"/evenements/{event_id}")
        assert answer.status_code == 404
        assert "Cet événement n’est pas dans votre compte" in answer.text
        assert "métal en fusion" not in answer.text


async def test_a_label_that_is_looked_at_once_more_is_said_to_be_kept_and_not_to_be_of_another_version(
    page, hear, a_decision, mine
):
    rejudged = {"decided_by": "rejudgement", "had_label": True, "verdicts": (GROUP,)}
    await hear(a_decision(mine[1], 1, 1, "granted"), a_decision(mine[1], 1, 2, "under_review", **rejudged))
    words, _ = await page()
    assert "Est-il sur la carte ? Oui : il garde son label, tant que la personne n’a pas décidé." in words


async def test_an_event_that_is_refused_says_why_how_to_mend_it_and_offers_that_a_person_looks(
    page, hear, a_decision, mine
):
    await hear(a_decision(mine[1], 1, 1, "refused", verdicts=(PRICE, GROUP)))
    words, html = await page()
    assert "Où en est-il ? Il n’a pas le label, en l’état." in words
    assert "Est-il sur la carte ? Non : la carte montre les événements qui ont le label." in words
    assert "La gratuité. Votre texte indique « entrée : 8 € »." in words
    assert "→ Si l’entrée est gratuite, corrigez-le ; sinon, rendez-la gratuite pour tous." in words
    assert "Un groupe est désigné" not in words
    assert "Corrigez-le jusqu’au 6 novembre 2026 et déposez-le de nouveau : il est examiné aussitôt." in words
    assert "Cette décision a été prise par un traitement algorithmique, sans intervention humaine" in words
    assert "dans les deux mois qui suivent la réception" in words
    form = re.search(r'<form method="post" action="([^"]+)" id="recours">(.*?)</form>', html, re.DOTALL)
    assert form
    assert form[1] == f"/evenements/{mine[1]}/reexamen"
    assert '<input type="hidden" name="version" value="1">' in form[2]
    assert "Demander qu’une personne regarde" in form[2]
    assert "<script" not in html


async def test_the_form_goes_to_labelling_where_that_is_at_another_origin_and_says_where_it_comes_from(
    service, page, hear, a_decision, mine
):
    desk = service.http.state.desk
    service.http.state.desk = type(desk)(**vars(desk) | {"public_desk_url": "http://127.0.0.1:8002"})
    await hear(a_decision(mine[1], 1, 1, "refused", verdicts=(PRICE,)))
    _, html = await page()
    assert f'action="http://127.0.0.1:8002/evenements/{mine[1]}/reexamen"' in html


async def test_an_event_under_review_says_by_when_it_is_answered_and_what_is_looked_at(page, hear, a_decision, mine):
    await hear(a_decision(mine[1], 1, 1, "under_review", verdicts=(GROUP,), due_at=DUE))
    words, html = await page()
    assert "Où en est-il ? Une personne le relit." in words
    assert "Vous aurez la réponse au plus tard le lundi 8 juin 2026 à 18 h. Vous n’avez rien à faire" in words
    assert "L’ouverture au public. Un groupe est désigné." in words
    assert "<form" not in html


async def test_a_decision_on_an_earlier_revision_explains_nothing_of_the_new_one(
    page, hear, a_decision, mine, a_draft, engine
):
    person, event_id = mine
    await hear(a_decision(event_id, 1, 1, "refused", verdicts=(PRICE,)))
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="La coulée, côté pont roulant"))
    await person.submits(event_id)
    words, html = await page()
    assert "Il est déposé, et son examen est en cours." in words
    assert "entrée : 8 €" not in words.split("Son histoire")[0]
    assert "<form" not in html
    async with engine.connect() as tx:  # whatever a page may come to show of it
        event = await store.event_by_id(tx, UUID(event_id))
        assert event is not None
        assert await store.word_on(tx, event) is None


async def test_what_left_for_the_mailbox_and_what_was_refused_there_is_told(page, hear, a_decision, mine):
    about = {"event_id": UUID(mine[1]), "revision": 1, "edition": "2026", "notice_id": uuid4()}
    refused = Reason(code="mail-refused", message="Nous n’avons pas pu vous écrire : votre messagerie a refusé.")
    await hear(a_decision(mine[1], 1, 1, "refused", verdicts=(PRICE,)))
    assert "Nos courriels Pas encore : le courriel est en préparation." in (await page())[0]
    await hear(
        NoticeFailed(**about, sequence=1, notice="not-labelled", reason=refused, failed_at=AT),
        NoticeSent(**about, sequence=2, notice="not-labelled", sent_at=AT + timedelta(hours=1)),
    )
    words, _ = await page()
    mails = words.split("Nos courriels")[1].split("Son histoire")[0]
    assert "mardi 2 juin 2026 à 11 h Nous n’avons pas pu vous écrire : votre messagerie a refusé." in mails
    assert "mardi 2 juin 2026 à 12 h Un courriel vous dit pourquoi votre événement n’a pas le label" in mails
    assert "Regardez aussi parmi les indésirables." in mails


async def test_what_people_wrote_is_shown_and_never_read_as_html(page, hear, a_decision, mine):
    evil = PRICE.model_copy(update={"message": "Votre texte indique « <b onclick=x>8 €</b> »."})
    await hear(a_decision(mine[1], 1, 1, "refused", verdicts=(evil,)))
    _, html = await page()
    assert "<b onclick" not in html
    assert "&lt;b onclick" in html


async def test_of_an_erased_organiser_no_word_of_a_decision_stays(service, hear, a_decision, mine, engine):
    person, event_id = mine
    await hear(a_decision(event_id, 1, 1, "refused", verdicts=(PRICE,)))
    credentials = {"email": person.email, "password": "douze lettres, ou plus"}
    assert (await person.client.post("/v1/accounts/erasure", json=credentials)).status_code == 200
    async with engine.connect() as tx:
        assert list(await tx.scalars(text("SELECT word FROM events"))) == [None]


# Every state, without a database.


def known(a_decision, label="granted", steps=(), today=date(2026, 6, 1), state=None, **changes):
    word = Word.of(a_decision(str(UUID(int=1)), 1, 1, label, **changes))
    states = {"granted": State.LABELLED, "refused": State.REJECTED, "under_review": State.IN_REVIEW}
    there = {"amendable_until": date(2026, 11, 6), "map_opens": date(2026, 2, 2)}
    return Known(state or states[label], word, tuple(steps), today, **there)


def test_every_state_has_its_sentences():
    assert set(STATES) == set(State)
    assert set(NOT_THERE) == set(State) - {State.LABELLED}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("today", [date(2026, 6, 1), date(2026, 11, 20)])
def test_in_every_state_it_is_said_where_it_is_whether_it_is_on_the_map_what_comes_next_and_why_no_mail(
    a_decision, state, today
):
    for word in (None, known(a_decision, "refused", verdicts=(PRICE,)).word):
        there = Known(state, word, (), today, amendable_until=date(2026, 11, 6), map_opens=date(2026, 2, 2))
        told = whereabouts(there)
        for said in (told.state, told.on_the_map, told.no_mail):
            assert said.endswith(".")


def located(kind, **said):
    return Step.of(kind(event_id=UUID(int=1), revision=1, sequence=1, **said))


def test_a_labelled_event_is_on_the_map_from_the_day_it_opens(a_decision):
    before = whereabouts(known(a_decision, today=date(2026, 1, 31)))
    assert (before.is_on_the_map, before.on_the_map) == (
        False,
        "Pas encore : la carte ouvre le 2\u00a0février 2026, et il y sera.",
    )
    assert whereabouts(known(a_decision)).is_on_the_map


def test_an_address_that_is_not_found_keeps_it_in_the_list_without_a_pin_and_says_what_to_do(a_decision):
    reason = Reason(code="address-unknown", message="Nous n’avons pas trouvé cette adresse.")
    nowhere = located(EventNotLocated, reason=reason, looked_up_at=AT)
    told = whereabouts(known(a_decision, steps=[nowhere]))
    assert told.on_the_map == "Oui, dans la liste, mais sans repère. Nous n’avons pas trouvé cette adresse."
    then = "son repère paraîtra sur la carte."
    words = f"Corrigez son adresse jusqu’au 6\u00a0novembre 2026 et déposez-le de nouveau : {then}"
    assert (told.then.words, told.then.also) == (words, ())
    closed = whereabouts(known(a_decision, steps=[nowhere], today=date(2026, 11, 10)))
    assert closed.then.words == "Si son adresse est à corriger, écrivez-nous."
    place = {"longitude": -2.1, "latitude": 47.3, "precision": "street", "provider": "gazetteer"}
    codes = {"commune_code": "44103", "commune_name": "Montoir", "department_code": "44", "region_code": "52"}
    found = Location(**place, **codes, timezone="Europe/Paris")
    assert whereabouts(known(a_decision, steps=[located(EventLocated, location=found, located_at=AT)])).on_the_map == (
        "Oui."
    )


def test_while_an_amendment_is_judged_the_labelled_version_is_on_the_map(a_decision):
    told = whereabouts(known(a_decision, "under_review", had_label=True, verdicts=(GROUP,)))
    assert told.is_on_the_map
    assert "la version qui a le label" in told.on_the_map


def test_an_event_that_is_called_off_is_sent_no_kit_and_that_is_said(a_decision):
    event = a_decision(str(UUID(int=1)), 1, 1, "granted").event.model_copy(update={"status": "cancelled"})
    told = whereabouts(known(a_decision, event=event))
    assert told.no_mail == "Aucun : d’un événement qui n’a pas lieu comme prévu, aucun kit n’est envoyé."
    assert told.on_the_map == "Oui, et la carte dit qu’il n’a pas lieu comme prévu."
    assert told.state.endswith("et il est annoncé comme n’ayant pas lieu.")
    assert told.then.words.startswith("S’il a lieu finalement, modifiez-le jusqu’au 6\u00a0novembre 2026")


def test_an_event_that_loses_its_label_reads_so_as_in_the_mail(a_decision):
    told = whereabouts(known(a_decision, "refused", had_label=True, verdicts=(PRICE,)))
    assert (told.state, told.about_whys) == ("Son label est retiré.", "Pourquoi")


def test_a_correction_shows_the_persons_sentence_and_that_nothing_is_refused(a_decision):
    correction = Correction(kind="incomplete", message="Dites à quelle heure la visite commence.")
    asked = {"kind": CorrectionRequested, "region": "52", "correction": correction, "due_at": None, **PERSON}
    told = whereabouts(known(a_decision, "under_review", state=State.CORRECTION_ASKED, **asked))
    assert [why.message for why in told.whys] == ["Dites à quelle heure la visite commence."]
    assert told.about_whys == "Ce qui est à corriger"
    assert told.then.also[0] == "Rien n’est refusé : le délai de réponse est arrêté, et reprend avec votre correction."


def test_an_open_appeal_says_by_when_and_offers_no_second_one(a_decision):
    asked = {"kind": AppealReceived, "region": "52", "due_at": DUE, "decided_by": "organiser", "verdicts": (PRICE,)}
    told = whereabouts(known(a_decision, "refused", state=State.IN_APPEAL, **asked))
    assert told.then.words.startswith("Vous aurez la réponse au plus tard le lundi\u00a08\u00a0juin 2026 à 18\u00a0h.")
    assert told.then.also[0].endswith("c’est le nouveau texte qui est examiné, et cette demande prend fin.")
    assert (told.may_appeal, told.on_the_map) == (False, "Non : le refus demeure jusqu’à la réponse.")


def test_after_an_appeal_is_refused_the_court_is_what_is_left(a_decision):
    told = whereabouts(known(a_decision, "refused", decided_by="appeal", automated=False, verdicts=(PRICE,)))
    assert told.may_appeal is False
    assert [remedy for remedy in told.remedies if "tribunal administratif" in remedy] == list(told.remedies)


def test_a_suspended_label_says_why_and_by_when(a_decision):
    asked = {"kind": ReviewRequested, "region": "52", "due_at": DUE, "verdicts": (GROUP,), "had_label": True}
    told = whereabouts(known(a_decision, "suspended", state=State.SUSPENDED, **asked))
    assert (told.on_the_map, told.is_on_the_map) == ("Non : il y revient si le label est rendu.", False)
    assert [why.message for why in told.whys] == ["Un groupe est désigné."]
    assert told.about_whys == "Ce qu’elle regarde"


def test_a_kit_that_left_is_among_the_mails(a_decision):
    sent = Step.of(KitSent(event_id=UUID(int=1), revision=1, sequence=1, kit_id=uuid4(), pieces=(), sent_at=AT))
    told = whereabouts(known(a_decision, steps=[sent]))
    assert ([step.text for step in told.mails], told.no_mail) == (
        ["Le kit de communication est parti par courriel."],
        "",
    )


# Where its pin is.


def placed(event_id, revision, sequence, **changes):
    place = {"longitude": -2.1, "latitude": 47.3, "precision": "municipality", "provider": "gazetteer"}
    codes = {"commune_code": "44103", "commune_name": "Montoir", "department_code": "44", "region_code": "52"}
    about = {"event_id": UUID(event_id), "revision": revision, "sequence": sequence, "edition": "2026"}
    at = Location.model_validate({**place, **codes, "timezone": "Europe/Paris", "radius_m": 6000, **changes})
    return EventLocated(**about, location=at, located_at=AT)


NOWHERE = Reason(code="address-unknown", message="Nous n’avons pas trouvé cette adresse.")


async def test_the_place_is_told_as_precisely_as_it_was_found_whatever_comes_late_or_twice(
    page, hear, a_decision, mine
):
    door = placed(mine[1], 1, 2, precision="housenumber", matched_label="12 Rue de l’Industrie 44550 Montoir")
    rough = placed(mine[1], 1, 1)
    await hear(a_decision(mine[1], 1, 1, "granted"), rough)
    words, _ = await page()
    assert "Son lieu Seule la commune est reconnue : le repère est au milieu de Montoir" in words
    assert "Et ensuite ? Placez son repère sur la carte, jusqu’au 15 novembre 2026" in words
    await hear(door, rough, door)
    for told in ((), (rough,), (door,)):
        await hear(*told)
        words, html = await page()
        assert "Le repère est placé au numéro de la rue, à Montoir. L’adresse est comprise ainsi : « 12 Rue" in words
        assert f'action="/evenements/{mine[1]}/repere"' in html
    lost = {"event_id": UUID(mine[1]), "revision": 1, "sequence": 3, "edition": "2026"}
    await hear(EventNotLocated(**lost, reason=NOWHERE, looked_up_at=AT))
    words, html = await page()
    assert "Son lieu Nous n’avons pas trouvé cette adresse." in words
    assert "/repere" not in html


async def test_the_list_says_what_comes_next_as_the_page_of_the_event_does(
    page, browser, hear, a_decision, mine, clock
):
    _, event_id = mine

    async def next_steps():
        words, _ = await page()
        listed = unescape(re.sub(r"<[^>]+>", " ", (await browser.get("/mes-evenements")).text))
        return words.split("Et ensuite ? ")[1].split(" :")[0], " ".join(listed.split())

    moments = {
        "Placez son repère sur la carte, jusqu’au 15 novembre 2026": [
            a_decision(event_id, 1, 1, "granted"),
            placed(event_id, 1, 1),
        ],
        "Vous n’avez rien à faire avant qu’il ait lieu, le 17 novembre 2026": [
            placed(event_id, 1, 2, precision="street"),
            KitSent(
                event_id=UUID(event_id), revision=1, sequence=1, edition="2026", kit_id=uuid4(), pieces=(), sent_at=AT
            ),
        ],
    }
    for sentence, told in moments.items():
        await hear(*told)
        said, listed = await next_steps()
        assert said == sentence
        assert sentence in listed
    clock.at = datetime(2026, 11, 25, 9, tzinfo=UTC)
    said, listed = await next_steps()
    assert said.startswith("Dites combien de personnes sont venues")
    assert said in listed


async def test_of_what_is_submitted_as_it_is_written_the_form_asks_for_nothing(browser, signs_in, mine, a_draft):
    person, event_id = mine
    await signs_in()
    form = f"/evenements/{event_id}/modifier/quoi"
    assert "il n’y a rien à déposer de nouveau" in unescape((await browser.get(form)).text)
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Un titre à venir"))
    words = unescape((await browser.get(form)).text)
    assert "rien à déposer de nouveau" not in words
    assert "vérifiez-le et déposez-le" in words


ELSEWHERE = Reason(
    code="pin-elsewhere",
    message="Le repère que vous avez posé, à 12 km de l’adresse, est hors de la commune (Montoir).",
)


async def test_a_pin_outside_the_commune_is_asked_about_and_told_a_second_time_as_it_was_put(
    page, browser, hear, a_decision, mine, told, a_draft
):
    person, event_id = mine
    headers = {"Sec-Fetch-Site": "same-origin"}
    again = f"/evenements/{event_id}/repere"
    await hear(a_decision(event_id, 1, 1, "granted"), placed(event_id, 1, 1))
    assert "Oui, c’est bien là" not in (await page())[0]
    await browser.post(again, data={"latitude": "47,4", "longitude": "-2,0"}, headers=headers)
    await hear(a_decision(event_id, 2, 2, "granted"), placed(event_id, 2, 2, doubts=(ELSEWHERE,)))
    written = a_draft()["venue"] | {"position": {"latitude": 45.1, "longitude": 3.2, "is_confirmed": True}}
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(venue=written))  # and submitted by nobody
    for _ in range(2):
        words, source = await page()
        assert "est hors de la commune (Montoir)." in words
        assert "Oui, c’est bien là que je l’ai posé" in words
        assert "Et ensuite ? Dites si le repère est bien là où vous l’avez posé, ou corrigez l’adresse" in words
    put = dict(re.findall(r'type="hidden" name="(latitude|longitude)" value="([^"]+)"', source))
    assert put == {"latitude": "47.4", "longitude": "-2.0"}
    for _ in range(2):  # twice is once
        said = await browser.post(again, data=put | {"encore": "oui"}, headers=headers)
        assert "Le repère est confirmé" in unescape(said.text)
    submitted = [fact for kind, fact in await told() if kind == "EventSubmitted"]
    there = {"latitude": 47.4, "longitude": -2.0, "is_confirmed": True}
    assert [fact["event"]["venue"].get("position") for fact in submitted] == [
        None,
        there | {"is_confirmed_twice": False},
        there | {"is_confirmed_twice": True},
    ]
    kept = placed(event_id, 3, 3, precision="housenumber", provider="organiser", is_confirmed=True)
    await hear(a_decision(event_id, 3, 3, "granted"), kept)
    words, _ = await page()
    assert "Le repère a été placé à la main, à Montoir." in words
    assert "Oui, c’est bien là" not in words


async def test_what_keeps_itself_takes_no_session_away_though_the_button_was_just_pressed(
    browser, signs_in, mine, a_draft
):
    person, event_id = mine
    slots = [{"starts_at": f"2026-11-{day}T09:00", "ends_at": f"2026-11-{day}T11:30"} for day in (17, 18)]
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(slots=slots))
    await signs_in()
    way = f"/evenements/{event_id}/modifier/quand"
    source = (await browser.get(way)).text
    form = dict(re.findall(r'name="(slots-[^"]+|version)"[^>]* value="([^"]*)"', source))
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    for pressed in ("retirer-creneau-0", "ajouter-creneau"):
        said = await browser.post(way, data=form | {"faire": pressed}, headers=headers)
        assert "Enregistré à" in said.text
        assert "slots-2-faute" not in said.text
        kept = (await person.reads(event_id))["draft"]["slots"]
        assert [slot["starts_at"] for slot in kept] == ["2026-11-17T09:00:00", "2026-11-18T09:00:00"]


async def test_where_the_organiser_confirms_the_pin_is_told_with_the_text_that_was_submitted_and_no_other(
    page, browser, hear, a_decision, mine, a_draft, engine
):
    person, event_id = mine
    await hear(a_decision(event_id, 1, 1, "granted"), placed(event_id, 1, 1))
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Un titre à venir"))
    await page()

    async def confirms(latitude):
        form = {"latitude": latitude, "longitude": "-2,0991"}
        headers = {"Sec-Fetch-Site": "same-origin"}
        return (await browser.post(f"/evenements/{event_id}/repere", data=form, headers=headers)).text

    assert "Indiquez la latitude et la longitude" in await confirms("au nord")
    for _ in range(2):  # twice is once
        assert "Le repère est confirmé" in await confirms("47,3012")
    async with engine.connect() as tx:
        [row] = await tx.execute(text("SELECT revision, submitted_draft, draft FROM events"))
    assert (row.revision, row.submitted_draft["title"], row.draft["title"]) == (
        2,
        a_draft()["title"],
        "Un titre à venir",
    )
    pin = {"latitude": 47.3012, "longitude": -2.0991, "is_confirmed": True}
    assert row.submitted_draft["venue"]["position"] == row.draft["venue"]["position"] == pin
    await hear(
        a_decision(event_id, 2, 2, "granted"), placed(event_id, 2, 2, precision="housenumber", is_confirmed=True)
    )
    words, _ = await page()
    assert "Son lieu Le repère a été placé à la main, à Montoir." in words


async def test_what_is_doubted_of_an_address_is_asked_where_its_place_is_told(page, hear, a_decision, mine):
    _, event_id = mine
    doubts = [
        {"code": "commune-guessed", "message": "Nous avons compris « Montoir » : vérifiez."},
        {"code": "street-unknown", "message": "La rue n’a été trouvée nulle part."},
    ]
    await hear(a_decision(event_id, 1, 1, "granted"), placed(event_id, 1, 1, doubts=doubts))
    words, _ = await page()
    assert (
        "Son lieu Seule la commune est reconnue : le repère est au milieu de Montoir, et la carte le dit."
        " Nous avons compris « Montoir » : vérifiez. La rue n’a été trouvée nulle part."
    ) in words
