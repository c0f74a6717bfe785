"""The page that the mail after the event leads to: who came, in one form, without signing in; and the attestation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from backbone.campaign.typography import NARROW
from backbone.http.problems import field_errors

from ...desk import Desk
from ...domain.attendance import MOST, Report, Shown, fields_of, until_in_words
from ...domain.refusals import LinkExpired, NoAttestation, NoReport
from ...domain.rights import Door
from ...handlers.attendance import Reported, event_of_link, report, reported_by_link
from ...handlers.attestations import attestation, attested
from ..api.attendance import as_file
from ..asking import AtDesk, FromClient
from ..refusals import WHY_NO_REPORT
from ..routes import page_routes
from ..rules import rule
from .sheet import HEADERS, NO_LONGER, sheet

routes = page_routes()

TITLE = "Votre événement a eu lieu"
THANKS = "Merci : c’est noté. Votre attestation de participation est prête."
GONE = "Ce lien est incomplet ou trop ancien, ou l’événement a changé de main. Le courriel le plus récent a le bon."
NO_ATTESTATION = (
    "Aucune attestation ne porte ce numéro",
    "Vérifiez-le, lettre par lettre, sur l’attestation : il commence par l’année de l’édition.",
)
NOTHING_SAID = "Dites d’abord combien de personnes sont venues : l’attestation est prête aussitôt."
CONFIRMED = (
    "Nous confirmons l’avoir délivrée : {organisation} a participé à la Semaine de l’industrie {edition} par "
    "l’événement labellisé « {title} », {days}, {place}."
)
OF_NOBODY = (
    "Nous confirmons avoir délivré une attestation de ce numéro pour la Semaine de l’industrie {edition}. Ce qu’elle "
    "dit a été effacé depuis, à la demande de son organisateur."
)
NO_NUMBER = (
    f"Indiquez au moins un nombre, en chiffres, de 0 à 1{NARROW}000{NARROW}000 ; si personne n’est venu, écrivez 0."
)
NOT_A_NUMBER = "Indiquez ces nombres en chiffres, par exemple 35 : {words}."
_SPACES = re.compile(r"\s")

Token = Annotated[str, Query(max_length=2000)]


@routes.get("/participation")
@rule(Door.ANYONE)
async def ask_who_came(desk: AtDesk, client: FromClient, jeton: Token = "") -> HTMLResponse:
    await desk.throttle.admit(client)
    try:
        async with desk.engine.connect() as tx:
            found = await event_of_link(tx, desk, jeton)
    except (LinkExpired, NoReport) as refused:
        return _refused(desk, refused)
    return _form(desk, jeton, found)


@routes.post("/participation")
@rule(Door.ANYONE)
async def report_by_page(request: Request, desk: AtDesk, client: FromClient) -> HTMLResponse:
    await desk.throttle.admit(client)
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    token = form.get("jeton", "")[:2000]
    try:
        async with desk.engine.begin() as tx:
            found = await event_of_link(tx, desk, token, lock=True)
            said, fault = _read(form, found)
            if said is None:
                return _form(desk, token, found, form=form, fault=fault)
            kept = await report(tx, desk, found, said)
    except (LinkExpired, NoReport) as refused:
        return _refused(desk, refused)
    return _form(desk, token, Reported(found.stored, found.event, found.last, kept), thanks=THANKS)


@routes.get("/participation/attestation")
@rule(Door.ANYONE)
async def give_attestation(desk: AtDesk, client: FromClient, jeton: Token = "") -> Response:
    await desk.throttle.admit(client)
    try:
        async with desk.engine.connect() as tx:
            kept = await reported_by_link(tx, desk, jeton)
        return as_file(await attestation(desk, kept), kept)
    except LinkExpired as refused:
        return _refused(desk, refused)
    except NoAttestation:
        return sheet(desk, NO_ATTESTATION[0], NOTHING_SAID, status=404)


@routes.get("/attestations/{number}")
@rule(Door.ANYONE)
async def confirm_attestation(desk: AtDesk, client: FromClient, number: str) -> HTMLResponse:
    await desk.throttle.admit(client)
    try:
        async with desk.engine.connect() as tx:
            kept, shown = await attested(tx, number.strip().upper()[:40])
    except NoAttestation:
        return sheet(desk, *NO_ATTESTATION, status=404)
    if shown is None:
        return sheet(desk, f"Attestation n° {kept.number}", OF_NOBODY.format(edition=kept.edition))
    return sheet(desk, f"Attestation n° {kept.number}", CONFIRMED.format(**shown.model_dump()))


def _read(form: Mapping[str, str], found: Reported) -> tuple[Report | None, str]:
    """What was reported; None, and what is wrong with it, in French."""
    fields = fields_of(found.event, (found.kept and found.kept.visitors) or ())
    given = {code: _SPACES.sub("", form.get(f"v-{code}", "")) for code in fields}
    given = {code: number for code, number in given.items() if number}
    if not given:
        return None, NO_NUMBER
    wrong = [fields[code] for code, number in given.items() if not _is_a_number(number)]
    if wrong:
        return None, NOT_A_NUMBER.format(words=", ".join(wrong))
    if any(int(number) > MOST for number in given.values()):
        return None, NO_NUMBER
    try:
        return Report.model_validate({"visitors": given, "word": form.get("mot", "")}), ""
    except ValidationError as refused:
        return None, field_errors(refused.errors())[0]["message"]


def _is_a_number(typed: str) -> bool:
    typed = _SPACES.sub("", typed)
    return not typed or (typed.isascii() and typed.isdigit())


def _form(
    desk: Desk, token: str, found: Reported, *, form: Mapping[str, str] | None = None, fault: str = "", thanks: str = ""
) -> HTMLResponse:
    kept = found.kept if found.kept and found.kept.filed_at else None
    before = {code: str(count) for code, count in ((kept and kept.visitors) or {}).items()}
    given = {name.removeprefix("v-"): value for name, value in form.items()} if form else before
    words = {
        "title": "C’est noté" if thanks else TITLE,
        "event_title": found.event.title,
        "days": Shown.of(found.event).days,
        "fields": fields_of(found.event, before),
        "given": given,
        "word": form.get("mot", "") if form else (kept and kept.word) or "",
        "is_filed": kept is not None,
        "until": until_in_words(found.last),
        "token": token,
        "fault": fault,
        "wrong": [code for code, number in given.items() if fault and not _is_a_number(number)],
        "thanks": thanks,
    }
    html = desk.confirmations.templates.get_template("pages/attendance.html").render(words)
    return HTMLResponse(html, status_code=422 if fault else 200, headers=HEADERS | {"Cache-Control": "no-store"})


def _refused(desk: Desk, refused: LinkExpired | NoReport) -> HTMLResponse:
    if isinstance(refused, NoReport):
        return sheet(desk, TITLE, WHY_NO_REPORT[refused.why], status=409)
    return sheet(desk, NO_LONGER, GONE, status=410)
