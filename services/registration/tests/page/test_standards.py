"""Every page, full of what people really write, wide and narrow: as the HTML validator reads it, and as axe-core does.

Which pages there are is read from the table of routes: a new one fails until it has its line here.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, update

from backbone.postgres.switches import NO_MAIL, READ_ONLY
from backbone.service.folding import Happening, fold_all
from registration import store
from registration.domain.api_key import KeyRequest
from registration.domain.draft import EventDraft
from registration.domain.invitation import InvitationRequest
from registration.domain.organisation import OrganisationRequest
from registration.handlers import HEARS, api_keys, events, invitations, organisations, uploads
from registration.handlers.uploads import Uploading
from registration.store import accounts, members
from registration.store import organisations as all_organisations

# one copy of it is enough for all that `deploy/setup test` installs
VALIDATOR = Path(__file__).parents[4] / "services/map-feed/node_modules/vnu-jar/build/dist/vnu.jar"
LONG = "Union régionale des industries métallurgiques, mécaniques et électriques des Pays de la Loire et de Bretagne"
TITLE = "Visite commentée de la fonderie et de l’atelier d’usinage, avec démonstration de coulée et échanges avec nous"
EMAIL = "marie-christine.de-la-rochefoucauld@union-industries-pays-de-la-loire.example"
DRAFTS, EVENTS = 12, 64
PAGES = "registration.http.pages"
ME, NEWCOMER, VISITOR = "me", "newcomer", "visitor"
EVENT, DRAFT = "/evenements/{event_id}", "/evenements/{draft_id}"
ORGANISATION, KEYS = "/organisation/{organisation_id}", "/organisation/{organisation_id}/cles"
LOOKS: dict[str, tuple[str, ...]] = {
    "/mes-evenements": (
        "/mes-evenements",
        "/mes-evenements?cherche=coulee&lesquels=labellises",
        "/mes-evenements?cherche=rien+de+tel",
    ),
    "/accompagnes": ("/accompagnes", "/accompagnes?cherche=rien+de+tel"),
    "/evenements/nouveau": ("/evenements/nouveau?kind=open_day&organisation=Forge+du+Marais",),
    "/evenements/{event_id}": (EVENT, DRAFT),
    "/evenements/{event_id}/modifier": (f"{DRAFT}/modifier",),
    "/evenements/{event_id}/modifier/{etape}": tuple(
        f"{EVENT}/modifier/{step}" for step in ("quoi", "quand", "ou", "pour-qui")
    ),
    "/evenements/{event_id}/modifier/verifier": (f"{EVENT}/modifier/verifier", f"{DRAFT}/modifier/verifier"),
    "/evenements/{event_id}/apercu": (f"{EVENT}/apercu", f"{DRAFT}/apercu"),
    "/evenements/{event_id}/proposer": ("/evenements/{claimed_id}/proposer",),
    **{
        f"/evenements/{{event_id}}/{act}": (f"{EVENT}/{act}",)
        for act in ("regles", "creneaux", "copier", "image", "confier")
    },
    **{
        f"/evenements/{{event_id}}/{act}": (f"{EVENT}/{act}",)
        for act in ("reporter", "en-ligne", "annuler", "retablir", "retirer")
    },
    ORGANISATION: (ORGANISATION,),
    KEYS: (KEYS,),
    "/compte": ("/compte?fait=nom",),
    "/connecte": ("/connecte",),
    "/import": ("/import",),
    "/import/{upload_id}": ("/import/{upload_id}",),
}
"""What somebody sees who is signed in, by the paths of the routes."""
LOOKS_OF_ANYONE: dict[str, tuple[str, ...]] = {
    "/inscription": ("/inscription?organisation=Fonderie+de+l%E2%80%99Erdre&kind=open_day",),
    "/connexion": ("/connexion?retour=/mes-evenements",),
    "/deconnexion": ("/deconnexion",),
    "/confirmer": ("/confirmer?jeton=x",),
    "/mot-de-passe": ("/mot-de-passe", "/mot-de-passe?jeton=x"),
    "/nouvelle-adresse": ("/nouvelle-adresse?jeton=x",),
    "/invitation": tuple(f"/invitation?jeton={{{what}}}" for what in ("colleague", "claim", "federation", "over")),
    "/participation": ("/participation?jeton=x",),
    "/attestations/{number}": ("/attestations/ABCD-2345",),
}
LEFT_OUT = {
    "/static/couleurs.css": "a style sheet",
    "/organisation": "leads on to one's first organisation; a newcomer's is among the others, below",
    "/evenements/{event_id}/participation": "leads on to the page of anyone who has the link",
    "/evenements/{event_id}/kit": "leads on to the kit, which is commskit's",
    "/participation/attestation": "a PDF",
    "/import/{upload_id}/compte-rendu.xlsx": "a workbook",
}
OTHERS: dict[str, tuple[str, str, dict[str, str] | None]] = {
    "sans-organisation": (NEWCOMER, "/organisation", None),
    "aucun-evenement": (NEWCOMER, "/mes-evenements", None),
    "accompagne-personne": (NEWCOMER, "/accompagnes", None),
    "pas-a-moi": (NEWCOMER, EVENT, None),
    "organisation-pas-a-moi": (NEWCOMER, ORGANISATION, None),
    "page-inconnue": (VISITOR, "/nulle-part", None),
    "inscription-refusee": (VISITOR, "/inscription", {"nom": "I", "adresse": "ines"}),
    "connexion-refusee": (VISITOR, "/connexion", {"adresse": "ines@erdre.example", "mot_de_passe": "faux"}),
    "connexion-perdue": (VISITOR, f"{EVENT}/modifier/quoi", {"title": TITLE}),
    "cle-faite": (ME, KEYS, {"nom": "L’agenda", "droits": "events:read", "duree": "90"}),
    "cle-refusee": (ME, KEYS, {"nom": "A", "duree": "30"}),
    "invitation-refusee": (ME, f"{ORGANISATION}/invitations", {"adresse": "paul", "role": "member"}),
    "accompagner-refuse": (ME, f"{ORGANISATION}/accompagner", {"adresse": "paul"}),
    "proposer-refuse": (ME, f"{EVENT}/proposer", {"adresse": "paul"}),
    "confier-refuse": (ME, f"{EVENT}/confier", {"x": ""}),
    "compte-refuse": (ME, "/compte/mot-de-passe", {"changer-mot-de-passe": "faux", "nouveau-mot-de-passe": "court"}),
    "reporter-refuse": (ME, f"{EVENT}/reporter", {"slots-0-jour": "2026-11-18"}),
    "en-ligne-refuse": (ME, f"{EVENT}/en-ligne", {"lien": "visio"}),
    "retirer-un-brouillon": (ME, f"{DRAFT}/retirer", {"x": ""}),
    "deposer-incomplet": (ME, f"{DRAFT}/deposer", {"x": ""}),
    "etape-refusee": (ME, f"{DRAFT}/modifier/quoi", {"title": "Du", "website": "rien", "version": "x"}),
    "import-sans-fichier": (ME, "/import", {"x": ""}),
    "mal-demande": (ME, "/import/pas-un-numero", None),
}
"""What else is shown: who asks for it, where, and what they send."""
AFTERWARDS = {
    "participation": (VISITOR, "/participation?jeton={report}", None),
    "participation-refusee": (VISITOR, "/participation", {"jeton": "{report}", "v-pupils": "beaucoup"}),
    "participation-dite": (VISITOR, "/participation", {"jeton": "{report}", "v-pupils": "58", "mot": "Merci !"}),
    "participation-relue": (VISITOR, "/participation?jeton={report}", None),
}
"""Once the week is over, by the link in the mail."""
CLOSED: dict[str, tuple[str, str, dict[str, str] | None]] = {
    "banniere": (ME, "/mes-evenements", None),
    "ferme": (ME, "/compte/nom", {"nom": "Inès"}),
}
"""What is shown while the operator has closed doors."""


def pages_of(routes):
    for route in routes:
        if router := getattr(route, "original_router", None):  # FastAPI keeps those that it includes as they are
            yield from pages_of(router.routes)
        elif "GET" in (getattr(route, "methods", None) or ()) and route.endpoint.__module__.startswith(PAGES):
            yield route.path


def test_every_page_has_its_line_here(house):
    found, known = set(pages_of(house.service.http.routes)), LOOKS.keys() | LOOKS_OF_ANYONE.keys() | LEFT_OUT.keys()
    assert found - known == set(), "a page that nobody has looked at: give it a line"
    assert known - found == set(), "no page any more"


@pytest.mark.timeout(1200)  # some hundred and fifty looks
async def test_every_page_is_correct_html_and_can_be_used_by_everybody(
    shown, closes, the_week_is_over, seen_wrong, tmp_path
):
    wanted = dict(OTHERS)
    for who, looks in ((ME, LOOKS), (VISITOR, LOOKS_OF_ANYONE)):
        for route, paths in looks.items():
            name = "".join(c for c in route.strip("/").replace("/", "-") if c not in "{}")
            wanted |= {f"{name}-{number}": (who, path, None) for number, path in enumerate(paths, 1)}
    wrong = []

    async def look(asked):
        for name, (who, path, form) in asked.items():
            page, html = await shown(who, path, form)
            (tmp_path / f"{name}.html").write_text(html)
            wrong.extend(await seen_wrong(page, f"toutes-{name}"))

    await look(wanted)
    with the_week_is_over():
        await look(AFTERWARDS)
    await closes(READ_ONLY, NO_MAIL)
    await look(CLOSED)
    assert wrong == [], json.dumps(wrong, ensure_ascii=False, indent=1)
    assert await told_by_validator(tmp_path) == []


async def told_by_validator(folder):
    """What the validator says of all pages, read in one process."""
    command = ("java", "-jar", str(VALIDATOR), "--format", "json", *map(str, sorted(folder.iterdir())))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    messages = json.loads(said)["messages"]
    return sorted({f"{Path(one['url']).stem}: {one['message']}: {one.get('extract', '')}" for one in messages})


# --- a federation with much to show -------------------------------------------------------------------


@pytest.fixture
async def shown(visit, joins, house, names):
    """Takes somebody to a page, or sends it a form, as their browser would; the page, and what it is as HTML."""
    people = {ME: await visit(), NEWCOMER: await visit(), VISITOR: await visit()}
    known = await names(people[ME])
    await joins(people[NEWCOMER], "nouveau@standards.example")

    async def go(who, path, form):
        page, path = people[who], path.format(**known)
        form = form and {name: value.format(**known) for name, value in form.items()}
        if form is None:
            return page, await (await page.goto(path)).text()
        await page.goto("/nulle-part")
        async with page.expect_navigation() as gone:
            await page.evaluate(SENDS, [path, form])
        return page, await (await gone.value).text()

    return go


@pytest.fixture
def the_week_is_over(house):
    @contextmanager
    def for_a_while():
        before, house.clock.at = house.clock.at, datetime(2026, 11, 25, 9, tzinfo=UTC)
        try:
            yield
        finally:
            house.clock.at = before

    return for_a_while


SENDS = """([path, fields]) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: path });
    for (const [name, value] of Object.entries(fields))
        form.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(form);
    form.submit();
}"""


@pytest.fixture
def names(joins, house, full_organisation, full_of_events):
    """Somebody joins, whose organisation and events fill all pages; what the paths of these are filled in with."""

    async def go(page):
        await joins(page, EMAIL, name="Marie-Christine de La Rochefoucauld")
        async with house.service.engine.begin() as tx:
            account = await store.account_by_email(tx, EMAIL)
            home = await organisations.organisation_for(tx, account)
            tokens = await full_organisation(tx, account, home)
            known = {"organisation_id": home, **await full_of_events(tx, account), **tokens}
        [worker] = [worker for worker in house.service.workers if worker.kind == Uploading.kind]
        await worker.run_due()
        return known

    return go


@pytest.fixture
def full_organisation(house, a_draft):
    async def fill(tx, account, home):
        desk, helped, chief = house.service.http.state.desk, uuid4(), uuid4()
        named = OrganisationRequest(name=LONG, kind="federation", siret="73282932000074")
        await organisations.change(tx, account.id, home, named)
        theirs = {"id": helped, "name": "Chaudronnerie du Marais", "federation_id": home}
        await tx.execute(insert(all_organisations).values(theirs))
        # which helps, and is helped: one page shows both
        await tx.execute(update(all_organisations).where(all_organisations.c.id == home).values(federation_id=helped))
        people = ((uuid4(), "Paul-Émile Vandenbroucke", home), (uuid4(), "Zoé Le Goff", home), (chief, "Léa", helped))
        for account_id, name, of in people:
            who = {"id": account_id, "email": f"{account_id}@standards.example", "password_hash": "x", "name": name}
            await tx.execute(insert(accounts).values(who | {"organisation": LONG, "confirmed_at": func.now()}))
            await tx.execute(insert(members).values(organisation_id=of, account_id=account_id, role="member"))
        long_address = "quelquun.dont.ladresse.est.longue@chaudronnerie-du-marais.example"
        await invitations.invite(tx, desk, account.id, home, InvitationRequest(email=long_address))
        await invitations.offer_help(tx, desk, account.id, home, "gere@standards.example")
        for name in ("L’agenda de notre site, et celui de nos adhérents", "Le logiciel de gestion"):
            await api_keys.make(tx, account.id, home, KeyRequest(name=name, scopes={"events:read"}))
        draft = EventDraft.model_validate(a_draft(title="Portes ouvertes chez un adhérent"))
        await events.save_draft(tx, chief, uuid4(), draft)
        open_ones = await store.invitations_of(tx, home)
        return {one.kind: desk.confirmations.invitation_token(one) for one in open_ones} | {"over": "x"}

    return fill


@pytest.fixture
def full_of_events(house, a_draft, a_decision):
    async def fill(tx, account):
        desk, ids = house.service.http.state.desk, [uuid4() for _ in range(EVENTS)]
        for number, event_id in enumerate(ids):
            venue = {"street": f"{number + 1} rue de la Forge", "postcode": "44550", "city": "Montoir-de-Bretagne"}
            day = f"2026-11-{17 + number % 4}"
            told = {"slots": [{"starts_at": f"{day}T09:00", "ends_at": f"{day}T11:30"}], "venue": venue}
            told |= {"title": TITLE if number % 3 else f"Atelier n° {number}", "organisation": LONG}
            told |= {"kind": ...} if number < DRAFTS else {}
            await events.save_draft(tx, account.id, event_id, EventDraft.model_validate(a_draft(**told)))
            if number >= DRAFTS:
                await events.submit(tx, desk, account.id, event_id)
        labels = zip(reversed(ids), ("granted", "granted", "refused", "under_review"), strict=False)
        facts = [a_decision(str(event_id), 1, 1, label) for event_id, label in labels]
        await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], None) for fact in facts], desk)
        await invitations.offer_event(tx, desk, account.id, ids[20], "celle.pour.qui.cest@standards.example")
        [claim] = await store.open_claims(tx, ids[20])
        upload = await uploads.receive(tx, account.id, "événements.csv", a_file(), organisation_id=None, series="Loire")
        known = {"event_id": ids[-1], "draft_id": ids[0], "claimed_id": ids[20], "upload_id": upload.id}
        known |= {"report": desk.confirmations.attendance_token(ids[-1], account.id)}
        return known | {"claim": desk.confirmations.invitation_token(claim)}

    return fill


async def a_file():
    heads = "Référence;Titre;Description;Type d'événement;Publics;Accès;Gratuit;Date;Heure de début;Heure de fin;Ville"
    rows = [f"F{n};{TITLE};Trop court;visite;Familles;Ouvert;oui;{30 + n}/02/2026;9h;8h;Montoir" for n in range(8)]
    yield "\r\n".join([heads, *rows]).encode()
