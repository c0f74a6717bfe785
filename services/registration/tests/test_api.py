"""The doors of registration, as organisers and their programs meet them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import jwt
import pytest
from sqlalchemy import func, select, update

from backbone.campaign.typography import in_french
from backbone.contracts import (
    EventSubmitted,
    KitSent,
)
from backbone.http.access import NotSignedIn, read_token
from backbone.mail.mailers import MailDelayed, MailRefused
from backbone.postgres.database import jobs, outbox
from backbone.testing.authenticator import Authenticator
from registration.app import create_app
from registration.commands import grant
from registration.confirmation import PURPOSE
from registration.store import accounts, events

PASSWORD = "douze lettres, ou plus"
AT = datetime(2026, 6, 2, 8, tzinfo=UTC)


def assert_problem(answer, status, detail):
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"], answer.json()["detail"]) == (status, status, detail)


# Accounts.


async def test_from_sign_up_to_a_submitted_event(client, worker, mailer, token_in_mail, an_account, a_draft, told):
    answer = await client.post("/v1/accounts", json=an_account())
    assert (answer.status_code, answer.json()) == (
        202,
        {
            "detail": "Un courriel part à cette adresse, s’il n’y en a pas eu un dans les dernières minutes : "
            "il dit comment ouvrir votre compte ou, si vous en avez déjà un, comment y entrer."
        },
    )
    credentials = {"email": "ines@fonderie.example", "password": PASSWORD}
    assert (await client.post("/v1/tokens", json=credentials)).status_code == 401  # not before the address is confirmed

    assert await worker.run_due() == 1
    answer = await client.post("/v1/accounts/confirmations", json={"token": token_in_mail()})
    assert answer.json() == {"detail": "Votre adresse est confirmée. Vous pouvez vous connecter."}

    token = (await client.post("/v1/tokens", json=credentials)).json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 900)
    headers = {"Authorization": f"Bearer {token['access_token']}"}

    answer = await client.post("/v1/events", json=a_draft(), headers=headers)
    assert answer.status_code == 201
    path = answer.headers["Location"]
    draft = answer.json()
    assert path == f"/v1/events/{draft['id']}"
    assert (draft["revision"], draft["state"], draft["is_changed"], draft["timeline"]) == (0, "draft", True, [])

    answer = await client.post(f"{path}/submission", headers=headers)
    assert answer.status_code == 200
    event = (await client.get(path, headers=headers)).json()
    assert event == answer.json()
    assert (event["revision"], event["state"], event["is_changed"]) == (1, "submitted", False)
    assert event["timeline"] == [
        {
            "kind": "EventSubmitted",
            "revision": 1,
            "sequence": 1,
            "at": "2026-06-01T09:00:00Z",
            "text": "Votre événement est déposé ; l’examen commence.",
        }
    ]
    [(kind, fact)] = await told()
    assert (kind, fact["event_id"], fact["revision"]) == ("EventSubmitted", draft["id"], 1)
    assert fact["event"]["title"] == "Du métal en fusion à la pièce finie"


async def test_a_confirmed_organiser_is_told_on_the_restricted_topic_once(client, a_person, token_in_mail, told):
    await a_person()
    [(kind, fact)] = await told("registration.organisers")
    assert kind == "OrganiserRegistered"
    assert {name: fact[name] for name in ("name", "email", "organisation")} == {
        "name": "Inès Payet",
        "email": "ines@fonderie.example",
        "organisation": "Fonderie de l’Erdre",
    }
    answer = await client.post("/v1/accounts/confirmations", json={"token": token_in_mail()})  # a second click
    assert answer.status_code == 200
    assert len(await told("registration.organisers")) == 1


async def test_nobody_is_told_of_before_they_confirm(client, an_account, worker, told):
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    assert await told("registration.organisers") == []


async def test_sign_up_answers_alike_for_a_known_and_an_unknown_address(client, a_person, an_account, worker, mailer):
    await a_person("ines@fonderie.example")
    sent = len(mailer.sent)
    known = await client.post(
        "/v1/accounts", json=an_account(email="ines@fonderie.example", password="volé, peut-être")
    )
    unknown = await client.post("/v1/accounts", json=an_account(email="paul@fonderie.example"))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    await worker.run_due()
    assert [(message["To"], message["Subject"]) for message in mailer.sent[sent:]] == [
        ("ines@fonderie.example", "Vous avez déjà un compte pour la Semaine de l’industrie"),
        ("paul@fonderie.example", "Confirmez votre adresse pour la Semaine de l’industrie"),
    ]


async def test_a_second_sign_up_does_not_change_the_password_of_a_confirmed_account(client, a_person, an_account):
    await a_person("ines@fonderie.example")
    await client.post("/v1/accounts", json=an_account(password="un autre mot de passe"))
    for password, status in ((PASSWORD, 200), ("un autre mot de passe", 401)):
        answer = await client.post("/v1/tokens", json={"email": "ines@fonderie.example", "password": password})
        assert answer.status_code == status


async def test_the_confirmation_mail_is_a_well_formed_french_letter(client, an_account, worker, mailer):
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    [message] = mailer.sent
    assert str(message["To"]) == "ines@fonderie.example"
    assert message["Subject"] == "Confirmez votre adresse pour la Semaine de l’industrie"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert text.startswith("Bonjour,\n\nVous avez demandé un compte d’organisateur pour la Semaine de l’industrie.\n")
    assert "<p>Bonjour,</p>" in html


@pytest.mark.parametrize("field", ["name", "organisation"])
@pytest.mark.parametrize(
    "words",
    [
        "Inès « L’Étau » Payet, <chef> & fils",
        "Direction de la communication, service des relations avec les etablissements scolaires, pole Nord",
        "Vous avez gagné, félicitations à vous",
        "É" * 120,
    ],
)
async def test_no_word_of_who_asks_for_an_account_is_mailed_to_who_has_not_confirmed(
    client, an_account, worker, mailer, field, words
):
    assert (await client.post("/v1/accounts", json=an_account(**{field: words}))).status_code == 202
    assert await worker.run_due() == 1
    [message] = mailer.sent
    [to] = message["To"].addresses
    assert (to.display_name, to.addr_spec) == ("", "ines@fonderie.example")
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    written = "\n".join([*(f"{name}: {value}" for name, value in message.items()), *parts])
    assert [word for word in words.replace(",", " ").split() if len(word) > 5 and word in written] == []


async def test_a_mail_that_is_tried_again_is_the_same_mail(settings, service, clock, client, an_account, make_due):
    class Hesitant:
        """A mail server that says « later » once."""

        def __init__(self):
            self.asked = []

        async def send(self, letter):
            self.asked.append(letter.message_id)
            if len(self.asked) == 1:
                raise MailDelayed("later")
            return "accepted"

    mailer = Hesitant()
    worker, *_ = create_app(settings, mailer=mailer).workers
    await client.post("/v1/accounts", json=an_account())
    assert await worker.run_due() == 1
    await make_due()
    assert await worker.run_due() == 1
    assert mailer.asked[0] == mailer.asked[1]
    await make_due()
    assert await worker.run_due() == 0


async def test_an_address_that_the_mail_server_refuses_is_given_up_at_once(settings, engine, clock, client, an_account):
    class Refusing:
        async def send(self, letter):
            raise MailRefused("the mail server answered 550")

    worker, *_ = create_app(settings, mailer=Refusing()).workers
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    async with engine.connect() as tx:
        row = (await tx.execute(select(jobs.c.state, jobs.c.attempts, jobs.c.last_error))).one()
    assert tuple(row) == ("dead", 1, "the mail server answered 550")


async def test_a_mail_that_waits_says_what_keeps_it(settings, engine, client, an_account):
    class Away:
        async def send(self, letter):
            raise MailDelayed("the mail server answered 451")

    worker, *_ = create_app(settings, mailer=Away()).workers
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    async with engine.connect() as tx:
        row = (await tx.execute(select(jobs.c.state, jobs.c.last_error))).one()
    assert tuple(row) == ("waiting", "MailDelayed: the mail server answered 451")


@pytest.fixture
def make_due(engine):
    """Lets the time pass that a job would wait before it is tried again."""

    async def pass_by():
        async with engine.begin() as tx:
            await tx.execute(update(jobs).where(jobs.c.state == "waiting").values(due_at=func.now()))

    return pass_by


async def test_an_unknown_address_and_a_wrong_password_answer_alike(client, a_person):
    await a_person("ines@fonderie.example")
    tries = [
        {"email": "ines@fonderie.example", "password": "pas le bon mot de passe"},
        {"email": "paul@fonderie.example", "password": PASSWORD},
        {"email": "pas une adresse", "password": PASSWORD},
        {"email": "ines@fonderie.example\x00", "password": PASSWORD},
        {"email": "ines@fonderie.example", "password": ""},
    ]
    answers = [await client.post("/v1/tokens", json=given) for given in tries]
    assert_problem(
        answers[0],
        401,
        "Mot de passe ou adresse inconnus. Vérifiez-les ; si vous venez de demander un compte, ouvrez d’abord le lien "
        "reçu par courriel. Mot de passe oublié ? Un lien pour en choisir un autre : "
        "https://inscription.example/mot-de-passe",
    )
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}


async def test_an_address_is_recognised_however_it_is_typed(client, a_person):
    await a_person("ines@fonderie.example")
    answer = await client.post("/v1/tokens", json={"email": " Ines@FONDERIE.example", "password": PASSWORD})
    assert answer.status_code == 200


async def test_a_token_is_read_with_the_published_keys_alone(client, a_person):
    person = await a_person()
    answer = (await client.get("/.well-known/jwks.json")).json()
    assert "d" not in answer["keys"][0]  # the private half

    class Published:
        async def key(self, key_id):
            return {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(answer).keys}[key_id]

    caller = await read_token(person.headers["Authorization"].removeprefix("Bearer "), Published())
    assert (caller.role, caller.regions) == ("organiser", frozenset())


async def test_a_confirmation_link_is_no_access_token_nor_the_reverse(client, a_person, service, token_in_mail):
    person = await a_person()
    access = person.headers["Authorization"].removeprefix("Bearer ")
    with pytest.raises(NotSignedIn):
        await read_token(token_in_mail(), service.http.state.desk.signer)
    assert (await client.post("/v1/accounts/confirmations", json={"token": access})).status_code == 410


# The page behind the link.


@pytest.fixture
def expired_token(private_key):
    claims = {"sub": str(uuid4()), "aud": PURPOSE, "exp": datetime.now(UTC) - timedelta(seconds=1)}
    return jwt.encode(claims, private_key, algorithm="EdDSA")


EXPIRED = (
    "Ce lien a expiré ou est incomplet. Redemandez un compte avec la même adresse : un nouveau lien vous parviendra."
)


async def test_the_link_opens_a_page_with_a_button_and_confirms_nothing_by_itself(
    client, an_account, worker, token_in_mail, told
):
    await client.post("/v1/accounts", json=an_account())
    await worker.run_due()
    page = await client.get("/confirmer", params={"jeton": token_in_mail()})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<html lang="fr">' in page.text
    assert '<button class="button" type="submit">Confirmer mon adresse</button>' in page.text
    assert f'value="{token_in_mail()}"' in page.text
    assert await told("registration.organisers") == []  # a mail scanner opens links

    page = await client.post("/confirmer", data={"jeton": token_in_mail()})
    assert (page.status_code, "Votre adresse est confirmée" in page.text) == (200, True)
    assert len(await told("registration.organisers")) == 1


async def test_the_page_lets_nothing_out(client):
    page = await client.get("/confirmer", params={"jeton": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-security-policy"].startswith("default-src 'none';")


@pytest.mark.parametrize("jeton", ["", "abc", "eyJ.eyJ.x"])
async def test_a_link_cut_short_says_how_to_get_another(client, jeton):
    page = await client.post("/confirmer", data={"jeton": jeton})
    assert (page.status_code, in_french(EXPIRED) in page.text) == (410, True)


async def test_an_expired_link_says_how_to_get_another(client, expired_token):
    page = await client.post("/confirmer", data={"jeton": expired_token})
    assert (page.status_code, in_french(EXPIRED) in page.text) == (410, True)
    assert_problem(await client.post("/v1/accounts/confirmations", json={"token": expired_token}), 410, EXPIRED)


async def test_a_link_without_its_token_opens_a_page_all_the_same(client):
    page = await client.get("/confirmer")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


# Events.


async def test_nothing_is_open_without_a_token(client, a_draft):
    event_id = uuid4()
    for method, path in [
        ("POST", "/v1/events"),
        ("PUT", f"/v1/events/{event_id}"),
        ("GET", "/v1/events"),
        ("GET", f"/v1/events/{event_id}"),
        ("POST", f"/v1/events/{event_id}/submission"),
        ("POST", f"/v1/events/{event_id}/withdrawal"),
    ]:
        answer = await client.request(method, path, json=a_draft() if method in ("POST", "PUT") else None)
        assert_problem(answer, 401, "Connectez-vous pour continuer.")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_anothers_event_is_as_unknown_as_one_that_is_not(a_person, a_draft, told):
    ines, paul = await a_person("ines@fonderie.example"), await a_person("paul@fonderie.example")
    theirs = await ines.drafts(a_draft())
    await ines.submits(theirs)
    unknown = uuid4()
    for method, path in [("GET", "/v1/events/{}"), ("POST", "/v1/events/{}/submission")]:
        answers = [await paul.ask(method, path.format(event_id)) for event_id in (theirs, unknown)]
        assert_problem(answers[0], 404, "Aucun de vos événements ne porte cet identifiant.")
        assert answers[0].content == answers[1].content
    answer = await paul.ask("PUT", f"/v1/events/{theirs}", a_draft(title="À moi !"))
    assert_problem(answer, 404, "Aucun de vos événements ne porte cet identifiant.")
    assert (await paul.ask("GET", "/v1/events")).json() == {"items": [], "total": 0, "next": None}
    assert (await ines.reads(theirs))["draft"]["title"] == "Du métal en fusion à la pièce finie"
    assert len(await told()) == 1


async def test_an_event_under_a_chosen_id_is_written_once(a_person, a_draft):
    person, event_id = await a_person(), uuid4()
    for title in ("Première", "Seconde"):
        answer = await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title=title))
        assert (answer.status_code, answer.json()["id"]) == (201 if title == "Première" else 200, str(event_id))
        assert answer.headers["location"] == f"/v1/events/{event_id}"
    listed = (await person.ask("GET", "/v1/events")).json()["items"]
    assert [event["draft"]["title"] for event in listed] == ["Seconde"]


async def test_my_events_come_the_newest_first_page_by_page(a_person, a_draft):
    person = await a_person()
    ids = [await person.drafts(a_draft(title=f"Visite {n}")) for n in range(3)]
    first = (await person.ask("GET", "/v1/events?limit=2")).json()
    await person.drafts(a_draft(title="Écrite entre-temps"))  # neither repeats an event nor skips one
    second = (await person.ask("GET", f"/v1/events?limit=2&cursor={first['next']}")).json()
    assert [[event["id"] for event in page["items"]] for page in (first, second)] == [[ids[2], ids[1]], [ids[0]]]
    assert (first["total"], second["total"], second["next"]) == (3, 4, None)


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "%00", "eyJhIjoxfQ"])
async def test_a_cursor_that_is_none_of_ours_is_refused(a_person, cursor):
    answer = await (await a_person()).ask("GET", f"/v1/events?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "cursor", "message": "Reprenez tel quel le « next » de la page d’avant."}
    ]


async def test_submitted_twice_it_is_submitted_once(a_person, a_draft, told):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    assert await person.submits(event_id) == await person.submits(event_id)
    assert len(await told()) == 1


async def test_submitted_at_the_same_moment_it_is_submitted_once(a_person, a_draft, told):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    answers = await asyncio.gather(*(person.submits(event_id) for _ in range(4)))
    assert {answer["revision"] for answer in answers} == {1}
    assert len(await told()) == 1


async def test_an_amendment_is_revision_two(a_person, a_draft, told):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    await person.submits(event_id)
    changed = (await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Autre titre"))).json()
    assert (changed["revision"], changed["state"], changed["is_changed"]) == (1, "submitted", True)
    amended = await person.submits(event_id)
    assert (amended["revision"], amended["state"], amended["is_changed"]) == (2, "submitted", False)
    assert [step["revision"] for step in amended["timeline"]] == [1, 2]
    assert [(fact["revision"], fact["event"]["revision"], fact["event"]["title"]) for _, fact in await told()] == [
        (1, 1, "Du métal en fusion à la pièce finie"),
        (2, 2, "Autre titre"),
    ]


async def test_a_change_taken_back_is_no_amendment(a_person, a_draft, told):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    await person.submits(event_id)
    for title in ("Autre titre", a_draft()["title"]):
        await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title=title))
    assert (await person.submits(event_id))["revision"] == 1
    assert len(await told()) == 1


@pytest.mark.parametrize(
    ("now", "status", "detail"),
    [
        ("2026-02-01T22:59+00:00", 409, "Les inscriptions ouvrent le 2\u00a0février 2026."),
        ("2026-02-01T23:00+00:00", 200, None),  # midnight in Paris
        ("2026-11-06T22:59+00:00", 200, None),
        ("2026-11-06T23:00+00:00", 409, "Les inscriptions sont closes depuis la fin du 6\u00a0novembre 2026."),
    ],
)
async def test_events_are_submitted_in_the_days_of_registration(a_person, a_draft, told, clock, now, status, detail):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    clock.at = datetime.fromisoformat(now)
    answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
    assert answer.status_code == status
    if detail:
        assert_problem(answer, status, detail)
    assert len(await told()) == (status == 200)


async def test_slots_are_told_with_the_offset_of_the_place(a_person, a_draft, told):
    person = await a_person()
    for place in (
        {"venue": {"postcode": "97400", "city": "Saint-Denis"}},
        {"venue": {"postcode": "97110", "city": "Pointe-à-Pitre"}},
        {"venue": {"postcode": "75001", "city": "Paris"}},
        {"venue": ..., "online_url": "https://visio.example/usine"},
    ):
        await person.submits(await person.drafts(a_draft(**place)))
    assert [(fact["event"]["timezone"], fact["event"]["slots"][0]["starts_at"]) for _, fact in await told()] == [
        ("Indian/Reunion", "2026-11-17T09:00:00+04:00"),
        ("America/Guadeloupe", "2026-11-17T09:00:00-04:00"),
        ("Europe/Paris", "2026-11-17T09:00:00+01:00"),
        ("Europe/Paris", "2026-11-17T09:00:00+01:00"),
    ]


async def test_no_personal_data_is_told_with_an_event(a_person, a_draft, engine):
    person = await a_person()
    await person.submits(await person.drafts(a_draft()))
    async with engine.connect() as tx:
        [row] = (await tx.execute(select(outbox).where(outbox.c.aggregatetype == "registration.events"))).mappings()
    written = json.dumps([row["payload"], row["headers"], row["aggregateid"]], ensure_ascii=False)
    assert [word for word in ("Inès", "Payet", "ines@", "fonderie.example") if word in written] == []
    assert set(row["payload"]) == {"event_id", "revision", "sequence", "edition", "event", "submitted_at"}


# What is wrong is named, and nothing is stored.


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"venue": {"postcode": "00000", "city": "Nulle-Part"}}, "venue.postcode"),
        ({"slots": [{"starts_at": "2026-11-17T11:00", "ends_at": "2026-11-17T09:00"}]}, "slots.0"),
        ({"online_url": "visio"}, "online_url"),
        ({"venue": "Montoir"}, "venue"),
        ({"label": True}, "label"),
        ({"kind": "party"}, "kind"),
        ({"title": "V" * 121}, "title"),
        ({"title": "Visite\u0000"}, "title"),
        ({"title": "Visite\ud800"}, "title"),
        ({"organisation": "Forge\r\nBcc: tous@x.example"}, "organisation"),
    ],
)
async def test_a_wrong_field_is_named_and_no_draft_is_kept(a_person, a_draft, engine, wrong, field):
    person = await a_person()
    body = json.dumps(a_draft(**wrong))
    answer = await person.client.post(
        "/v1/events", content=body, headers={**person.headers, "Content-Type": "application/json"}
    )
    assert_problem(answer, 422, "1 champ à corriger ; rien n’a été enregistré.")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(events)) == 0


def a_slot(starts_at, ends_at):
    return {"slots": [{"starts_at": starts_at, "ends_at": ends_at}]}


async def test_an_hour_that_does_not_exist_is_refused_at_the_door_however_often_it_is_tried(a_person, a_draft, engine):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    for _ in range(2):
        answer = await person.ask(
            "PUT", f"/v1/events/{event_id}", a_draft(**a_slot("2026-03-29T02:30", "2026-03-29T03:00"))
        )
        assert_problem(answer, 422, "1 champ à corriger ; rien n’a été enregistré.")
        [error] = answer.json()["errors"]
        assert error["field"] == "slots.0.starts_at"
        assert error["message"].startswith("Cette heure n’existe pas ce jour-là")
    assert (await person.reads(event_id))["draft"]["slots"][0]["starts_at"] == "2026-11-17T09:00:00"


YEAR = "Vérifiez l’année : la Semaine a lieu du 16 au 22\u00a0novembre 2026."


@pytest.mark.parametrize("year", ["0001", "0000", "1926", "2024", "2028", "9999"])
async def test_a_year_far_from_the_edition_is_named_with_all_else_that_is_wrong(a_person, a_draft, year):
    person = await a_person()
    far = a_slot(f"{year}-11-17T09:00", f"{year}-11-17T12:00")
    answer = await person.ask("POST", "/v1/events", a_draft(**far, title="V"))
    said = {error["field"]: error["message"] for error in answer.json()["errors"]}
    a_year = YEAR if year != "0000" else "Indiquez une date et une heure, par exemple 2026-11-17T09:00."
    assert said == {
        "title": "Indiquez au moins 3 caractères.",
        "slots.0.starts_at": a_year,
        "slots.0.ends_at": a_year,
    }


async def test_of_a_slot_with_two_faults_both_are_named(a_person, a_draft):
    person = await a_person()
    answer = await person.ask("POST", "/v1/events", a_draft(**a_slot("9999-11-17T09:00", "2026-11-17")))
    assert {error["field"]: error["message"] for error in answer.json()["errors"]} == {
        "slots.0.starts_at": YEAR,
        "slots.0.ends_at": "Indiquez une date et une heure, par exemple 2026-11-17T09:00.",
    }


async def test_the_years_beside_the_edition_are_for_labelling_to_judge(a_person, a_draft, told):
    person = await a_person()
    for day in ("2025-01-01", "2027-12-31"):
        await person.submits(await person.drafts(a_draft(**a_slot(f"{day}T09:00", f"{day}T12:00"))))
    assert len(await told()) == 2


async def test_what_was_accepted_is_told_as_its_readers_take_it(a_person, a_draft, told):
    person = await a_person()
    for slot in (
        ("2026-03-29T01:30", "2026-03-29T03:00"),
        ("2026-10-24T22:00", "2026-10-25T03:30"),
        ("2026-11-17T23:59:59", "2026-11-18T00:00"),
        ("2026-11-16T09:00", "2026-11-20T18:00"),
    ):
        await person.submits(await person.drafts(a_draft(**a_slot(*slot))))
    for _, fact in await told():
        event = EventSubmitted.model_validate_json(json.dumps(fact)).event
        assert [slot.model_dump(mode="json") for slot in event.slots] == fact["event"]["slots"]


async def test_a_draft_of_older_rules_is_shown_and_can_be_mended_but_not_submitted(a_person, a_draft, engine, told):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    kept = a_draft(**a_slot("2026-03-29T02:30:00", "2026-03-29T03:00:00"), is_free="yes")
    async with engine.begin() as tx:
        await tx.execute(update(events).values(draft=kept))
    shown = await person.reads(event_id)
    assert shown["draft"] == kept
    assert (await person.ask("GET", "/v1/events")).json()["total"] == 1
    answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
    assert_problem(answer, 422, "2 champs à compléter ou à corriger ; l’événement n’a pas été déposé.")
    assert [error["field"] for error in answer.json()["errors"]] == ["is_free", "slots.0.starts_at"]
    assert await told() == []
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft())
    assert (await person.submits(event_id))["revision"] == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "ines@fonderie.example\nBcc: tous@x.example"}, "email"),
        ({"email": "ines"}, "email"),
        ({"password": "court"}, "password"),
        ({"name": "Inès\nPayet"}, "name"),
        ({"role": "administrator"}, "role"),
    ],
)
async def test_a_wrong_field_is_named_and_no_account_is_opened(client, an_account, engine, wrong, field):
    answer = await client.post("/v1/accounts", json=an_account(**wrong))
    assert_problem(answer, 422, "1 champ à corriger ; rien n’a été enregistré.")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(accounts)) == 0
        assert await tx.scalar(select(func.count()).select_from(jobs)) == 0


async def test_a_refused_password_is_not_repeated(client, an_account):
    answer = await client.post("/v1/accounts", json=an_account(password="trop court"))
    assert "trop court" not in answer.text


async def test_a_body_that_is_no_json_is_told_so(a_person):
    person = await a_person()
    answer = await person.client.post(
        "/v1/events", content=b"{title: Visite}", headers={**person.headers, "Content-Type": "application/json"}
    )
    assert_problem(answer, 422, "1 champ à corriger ; rien n’a été enregistré.")
    assert [error["message"] for error in answer.json()["errors"]] == ["Le texte envoyé n’est pas du JSON valable."]


async def test_a_megabyte_is_refused_whether_its_length_is_said_or_not(a_person):
    person = await a_person()
    megabyte = b'{"title": "' + b"V" * 1024 * 1024 + b'"}'
    headers = {**person.headers, "Content-Type": "application/json"}

    async def in_pieces():
        for start in range(0, len(megabyte), 65536):
            yield megabyte[start : start + 65536]

    for body in (megabyte, in_pieces()):
        answer = await person.client.post("/v1/events", content=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert answer.json()["title"] == "Envoi trop volumineux"


async def test_the_manual_says_in_french_whom_an_event_may_be_for(client):
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    said = schemas["Audience"]["description"]
    assert "« hr_professionals » professionnels des ressources humaines" in said
    assert [code for code in schemas["Audience"]["enum"] if f"« {code} »" not in said] == []


# What the other services tell.


@pytest.fixture
async def mine(a_person, a_draft):
    """An event of which revision 2 is submitted."""
    person = await a_person()
    event_id = await person.drafts(a_draft())
    await person.submits(event_id)
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Autre titre"))
    await person.submits(event_id)
    return person, event_id


@pytest.fixture
def kit():
    def make(event_id, revision, sequence=1):
        about = {"event_id": UUID(event_id), "revision": revision, "sequence": sequence, "edition": "2026"}
        return KitSent(**about, kit_id=uuid4(), pieces=(), sent_at=AT + timedelta(minutes=1))

    return make


async def test_the_timeline_follows_what_is_heard_in_any_order(mine, a_decision, kit, hear):
    person, event_id = mine
    facts = [a_decision(event_id, 1, 1, "refused"), a_decision(event_id, 2, 2, "granted"), kit(event_id, 2)]
    for order in permutations(facts):
        await hear(*order)
        event = await person.reads(event_id)
        assert event["state"] == "labelled"
        assert [(step["kind"], step["revision"]) for step in event["timeline"]] == [
            ("EventSubmitted", 1),
            ("EventSubmitted", 2),
            ("EventRejected", 1),
            ("EventLabelled", 2),
            ("KitSent", 2),
        ]


@pytest.mark.parametrize("late", ["granted", "refused", "under_review"])
async def test_a_word_about_an_older_revision_does_not_move_the_event(mine, a_decision, hear, late):
    person, event_id = mine
    await hear(a_decision(event_id, 1, 1, late))
    assert (await person.reads(event_id))["state"] == "submitted"


async def test_what_is_heard_twice_is_one_step(mine, a_decision, hear):
    person, event_id = mine
    labelled = a_decision(event_id, 2, 1, "granted")
    await hear(labelled, labelled)
    await hear(labelled)
    assert [step["kind"] for step in (await person.reads(event_id))["timeline"]].count("EventLabelled") == 1


async def test_a_reviewed_event_gets_its_label(mine, a_decision, hear):
    person, event_id = mine
    await hear(a_decision(event_id, 2, 1, "under_review"))
    assert (await person.reads(event_id))["state"] == "in_review"
    await hear(a_decision(event_id, 2, 2, "granted", decided_by="review"))
    assert (await person.reads(event_id))["state"] == "labelled"


async def test_a_word_about_an_event_of_nobodys_changes_nothing(mine, a_decision, hear):
    person, event_id = mine
    before = await person.reads(event_id)
    await hear(a_decision(str(uuid4()), 2, 1, "refused"))
    assert await person.reads(event_id) == before


async def test_accounts_and_events_are_counted(health, mine, a_decision, hear):
    _, event_id = mine
    await hear(a_decision(event_id, 2, 1, "granted"))
    counts = (await health.get("/health/counts")).json()
    assert {name: counts[name] for name in ("organisers", "submitted", "labelled", "in_review", "draft")} == {
        "organisers": 1,
        "submitted": 1,
        "labelled": 1,
        "in_review": 0,
        "draft": 0,
    }


# Roles.


async def test_a_reviewer_is_made_by_a_command_and_shows_it_in_their_next_token(client, a_person, settings, service):
    ines = await a_person("ines@fonderie.example")
    await grant(settings, ["Ines@Fonderie.example", "reviewer", "84", "00"])
    setting = (await ines.ask("POST", "/v1/second-factor", {"password": PASSWORD})).json()
    app = Authenticator(setting["secret"])
    shown = {"ticket": setting["ticket"], "code": app.code()}
    set_up = await ines.ask("POST", "/v1/second-factor/confirmation", shown)
    [recovery, *_] = set_up.json()["recovery_codes"]
    given = {"email": "ines@fonderie.example", "password": PASSWORD, "code": recovery}
    answer = await client.post("/v1/tokens", json=given)
    caller = await read_token(answer.json()["access_token"], service.http.state.desk.signer)
    assert (caller.role, caller.regions) == ("reviewer", frozenset({"84", "00"}))
    assert caller.organisation == "Fonderie de l’Erdre"  # in whose cause they do not decide


async def test_a_role_for_nobody_is_refused(settings, service):
    with pytest.raises(SystemExit, match="registration: no account has this address"):
        await grant(settings, ["personne@fonderie.example", "administrator"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reviewer", "84", "99"], "no region has the code 99; those there are: 00 en ligne, 01 Guadeloupe"),
        (["reviewer", "69"], "no region has the code 69"),  # a department, in region 84
        (["reviewer", "Bretagne"], "no region has the code Bretagne"),
        (["reviewer"], "a reviewer is given one region or more"),
        (["administrator", "84"], "nobody else is given any"),
    ],
)
async def test_regions_that_there_are_not_or_that_nobody_uses_are_not_granted(
    client, a_person, settings, engine, capsys, words, said
):
    await a_person("ines@fonderie.example")
    with pytest.raises(SystemExit) as ended:
        await grant(settings, ["ines@fonderie.example", *words])
    assert (ended.value.code, said in capsys.readouterr().err) == (2, True)
    async with engine.connect() as tx:
        assert (await tx.execute(select(accounts.c.role, accounts.c.regions))).one() == ("organiser", [])


async def test_a_collectivity_in_no_region_can_be_granted(a_person, settings, engine):
    await a_person("ines@fonderie.example")
    await grant(settings, ["ines@fonderie.example", "reviewer", "975", "987"])
    async with engine.connect() as tx:
        assert await tx.scalar(select(accounts.c.regions)) == ["975", "987"]


async def test_a_role_that_is_none_is_refused(settings, service, capsys):
    with pytest.raises(SystemExit):
        await grant(settings, ["ines@fonderie.example", "king"])
    assert "invalid choice: 'king'" in capsys.readouterr().err


async def test_no_cache_keeps_what_the_api_tells_but_the_public_keys(client, a_person):
    person = await a_person()
    for answer in (
        await person.ask("GET", "/v1/events"),
        await client.get("/v1/nothing"),
        await client.get("/confirmer"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await client.get("/.well-known/jwks.json")).headers["cache-control"] == "public, max-age=300"


async def test_only_v1_is_the_programming_interface(client, a_person, a_draft):
    person = await a_person()
    assert (await person.ask("GET", "/events")).status_code == 404
    assert (await person.ask("POST", "/v1/events/", a_draft())).status_code == 404
