"""Each page of registration, in each state of an event, as a picture, looked at by axe-core, wide and narrow."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from httpx import ASGITransport, AsyncClient

from backbone.contracts import (
    AppealReceived,
    Correction,
    CorrectionRequested,
    EventLocated,
    EventNotLocated,
    Evidence,
    KitFailed,
    KitSent,
    Location,
    NoticeFailed,
    NoticeSent,
    Reason,
    ReviewRequested,
    Verdict,
)

SERVICES = Path(__file__).parents[3]
AXE = SERVICES / "map-feed" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = SERVICES.parent / ".local" / "screenshots"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
AT = datetime(2026, 6, 2, 9, tzinfo=UTC)
DUE = datetime(2026, 6, 8, 16, tzinfo=UTC)
OURS = {"Sec-Fetch-Site": "same-origin"}
PRICE = Verdict(
    condition="free",
    finding="not_met",
    code="free-price-stated",
    message="Votre texte indique « entrée : 8 € ».",
    hint="Si l’entrée est gratuite, corrigez-le ; sinon, rendez-la gratuite pour tous.",
    evidence=(Evidence(text="entrée : 8 €", field="description", start=0, end=12),),
)
DATES = Verdict(
    condition="dates",
    finding="not_met",
    code="dates-outside-window",
    message="Le 25 novembre 2026 est hors de la période, du 16 au 22 novembre 2026.",
    hint="Proposez une date de cette période.",
)
GROUP = Verdict(
    condition="public",
    finding="doubtful",
    code="public-named-group",
    message="L’événement s’adresse à un groupe que vous désignez.",
    hint="Dites de quel groupe il s’agit, et si d’autres peuvent venir.",
)
CORRECTION = Correction(kind="incomplete", message="Dites à quelle heure la visite commence le mardi 17 novembre.")
PERSON = {"decided_by": "review", "automated": False}
PLACE = Location(
    longitude=-2.1,
    latitude=47.3,
    precision="street",
    provider="gazetteer",
    commune_code="44103",
    commune_name="Montoir-de-Bretagne",
    department_code="44",
    region_code="52",
    timezone="Europe/Paris",
)


@pytest.fixture
async def visitor(service):
    transport = ASGITransport(service.http)
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", follow_redirects=True) as visitor:
        yield visitor


@pytest.fixture
def signs_in(visitor):
    async def go():
        form = {"adresse": "ines@fonderie.example", "mot_de_passe": "douze lettres, ou plus", "retour": ""}
        return await visitor.post("/connexion", data=form, headers=OURS)

    return go


@pytest.fixture
def stories(a_decision):
    """What the other services tell of an event, by the state that it leads to."""

    def of(event_id):
        about = {"event_id": UUID(event_id), "revision": 1, "edition": "2026"}

        def decided(label, **said):
            return a_decision(event_id, 1, 1, label, **said)

        def mailed(notice):
            return NoticeSent(**about, sequence=1, notice_id=uuid4(), notice=notice, sent_at=AT + timedelta(minutes=1))

        refusal = Reason(code="mail-refused", message="Nous n’avons pas pu vous écrire : votre messagerie a refusé.")
        failed = NoticeFailed(
            **about, sequence=1, notice_id=uuid4(), notice="not-labelled", reason=refusal, failed_at=AT
        )
        nowhere = Reason(code="address-unknown", message="Nous n’avons pas trouvé cette adresse.")
        refused = decided("refused", verdicts=(DATES, PRICE))
        appeal = {"kind": AppealReceived, "region": "52", "due_at": DUE, "decided_by": "organiser"}
        asked = {"kind": CorrectionRequested, "region": "52", "correction": CORRECTION, **PERSON}
        doubtful = {"verdicts": (GROUP,), "due_at": DUE}
        kit = KitSent(**about, sequence=2, kit_id=uuid4(), pieces=(), sent_at=AT)
        unsent = Reason(code="mail-refused", message="Votre messagerie a refusé.")
        event = decided("granted").event.model_copy(update={"status": "cancelled"})
        suspended = {"kind": ReviewRequested, "region": "52", "had_label": True}
        return {
            "examine": (),
            "labellise": (decided("granted"),),
            "labellise-place": (
                decided("granted"),
                EventLocated(**about, sequence=1, location=PLACE, located_at=AT),
                kit,
            ),
            "labellise-sans-repere": (
                decided("granted"),
                EventNotLocated(**about, sequence=1, reason=nowhere, looked_up_at=AT),
                KitFailed(**about, sequence=2, kit_id=uuid4(), reason=unsent, failed_at=AT),
            ),
            "refuse": (refused, mailed("not-labelled")),
            "refuse-par-une-personne": (decided("refused", verdicts=(PRICE,), **PERSON),),
            "refuse-courriel-refuse": (refused, failed),
            "relu": (decided("under_review", **doubtful), mailed("under-review")),
            "relu-avec-label": (decided("under_review", had_label=True, **doubtful),),
            "correction": (decided("under_review", **asked), mailed("correction-asked")),
            "recours": (decided("refused", verdicts=(PRICE,), **appeal), mailed("appeal-received")),
            "recours-juge": (decided("refused", decided_by="appeal", automated=False, verdicts=(PRICE,)),),
            "suspendu": (decided("suspended", **suspended, **doubtful), mailed("label-suspended")),
            "label-retire": (decided("refused", had_label=True, verdicts=(PRICE,)), mailed("label-withdrawn")),
            "annule": (decided("granted", event=event),),
        }

    return of


@pytest.fixture
async def pages(visitor, signs_in, a_person, a_draft, hear, stories):
    """Every page, as it was answered."""
    person = await a_person()
    pages = {
        "connexion": await visitor.get("/connexion", params={"retour": "/relecture"}),
        "connexion-refusee": await visitor.post(
            "/connexion", data={"adresse": "ines@fonderie.example", "mot_de_passe": "non"}, headers=OURS
        ),
        "mot-de-passe": await visitor.get("/mot-de-passe"),
        "mot-de-passe-nouveau": await visitor.get("/mot-de-passe", params={"jeton": "x"}),
        "confirmer": await visitor.get("/confirmer", params={"jeton": "x"}),
        "lien-perime": await visitor.post("/confirmer", data={"jeton": "x"}),
        "connecte": await signs_in(),
        "deconnexion": await visitor.get("/deconnexion"),
        "evenement-absent": await visitor.get(f"/evenements/{uuid4()}"),
    }
    draft = await person.drafts(a_draft())
    pages["evenement-brouillon"] = await visitor.get(f"/evenements/{draft}")
    event_id = None
    for day, name in enumerate(stories(str(uuid4())), start=1):
        # each on its own day: what looks like another one is asked about
        slots = [{"starts_at": f"2026-11-{day:02}T09:00", "ends_at": f"2026-11-{day:02}T11:30"}]
        event_id = await person.drafts(a_draft(slots=slots))
        await person.submits(event_id)
        await hear(*stories(event_id)[name])
        pages[f"evenement-{name}"] = await visitor.get(f"/evenements/{event_id}")
    assert (await person.ask("POST", f"/v1/events/{event_id}/withdrawal")).status_code == 200
    pages["evenement-retire"] = await visitor.get(f"/evenements/{event_id}")
    pages["deconnecte"] = await visitor.post("/deconnexion", headers=OURS)
    return pages


async def test_every_page_is_in_order_for_who_sees_it_and_who_hears_it(browser, address, pages):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    found = {}
    for wide in (1280, 390):
        page = await browser.new_page(viewport={"width": wide, "height": 844}, locale="fr-FR", bypass_csp=True)
        await page.goto(f"{address}/connexion")  # from where the style is found
        for name, answer in pages.items():
            await page.set_content(answer.text)
            await page.screenshot(path=SCREENSHOTS / f"inscription-{name}-{wide}.png", full_page=True)
            await page.evaluate(AXE.read_text())
            violations = (await page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})"))["violations"]
            if said := [f"{one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]]:
                found[name] = said
            assert (name, await page.evaluate("document.documentElement.scrollWidth")) == (name, wide)
        await page.close()
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)
