"""The page of one's own account: who one is, where one is signed in, what is kept, and the end of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from backbone.campaign.dates import moment
from backbone.http.access import Caller

from ...desk import Desk
from ...domain.account import Code, Name, NewAddress, OwnPassword
from ...domain.deadline import PARIS
from ...domain.notices import Notice
from ...domain.refusals import AccountGone, NoSecondFactor, Unacceptable
from ...domain.rights import Door
from ...handlers import accounts, second_factor, self_service, sessions
from ...handlers.erasure import erase
from ...handlers.exporting import export
from ...known_passwords import hold_against_the_commonest
from ...store import Account
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import ADDRESS_ASKED, ERASED, FACTOR_REMOVED
from .asking import AView, PageRoute, Sitting, faults_by_field
from .sheet import sheet
from .signing_in import forget_session, keep_entry, set_up, show_codes
from .view import View

HERE = "/compte"
routes = page_routes(HERE, first=[hold_against_the_commonest], route_class=PageRoute)

Typed = Annotated[str, Form(max_length=1000)]
DONE: Mapping[str, str] = {
    "nom": "Votre nom est enregistré.",
    "mot-de-passe": "Votre nouveau mot de passe est enregistré. Vos autres connexions ont pris fin.",
    "adresse": ADDRESS_ASKED,
    "connexion": "Cette connexion a pris fin.",
    "sans-code": FACTOR_REMOVED,
}


class _OwnName(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name


class _Proof(BaseModel):
    """What shows once more whose account it is."""

    model_config = ConfigDict(extra="forbid")

    password: SecretStr
    code: Code | None = None


@dataclass
class Wrong:
    """What was typed into a form of the page, and what is wrong with it, by the ids of its fields."""

    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def because(cls, form: str, refused: Unacceptable | ValidationError, typed: Mapping[str, str]) -> Wrong:
        errors: Sequence[Mapping[str, Any]]
        errors = refused.faults if isinstance(refused, Unacceptable) else refused.errors()
        names = {"email": "adresse", "name": "nom", "password": f"{form}-mot-de-passe", "code": f"{form}-code"}
        names |= {"new_password": "nouveau-mot-de-passe"}
        return cls(typed, faults_by_field(errors, names))


@routes.get("")
@rule(Door.SIGNED_IN)
async def show_account(
    me: Sitting, desk: AtDesk, view: AView, fait: Annotated[str, Query(max_length=50)] = ""
) -> Response:
    return await _page(desk, view, me, done=DONE.get(fait, ""))


@routes.post("/nom")
@rule(Door.SIGNED_IN)
async def rename(me: Sitting, desk: AtDesk, view: AView, nom: Typed = "") -> Response:
    try:
        wanted = _OwnName(name=nom)
    except ValidationError as refused:
        return await _page(desk, view, me, wrong=Wrong.because("nom", refused, {"nom": nom}))
    async with desk.engine.begin() as tx:
        await self_service.rename(tx, me.account_id, wanted.name)
    return _done("nom")


@routes.post("/adresse")
@rule(Door.SIGNED_IN)
async def ask_for_address(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    adresse: Typed = "",
    mot_de_passe: Annotated[str, Form(max_length=1000, alias="adresse-mot-de-passe")] = "",
    code: Annotated[str, Form(max_length=40, alias="adresse-code")] = "",
) -> Response:
    try:
        given = {"email": adresse, "password": mot_de_passe, "code": code or None}
        await self_service.ask_for_address(desk, me.account_id, NewAddress.model_validate(given), client)
    except (Unacceptable, ValidationError) as refused:
        return await _page(desk, view, me, wrong=Wrong.because("adresse", refused, {"adresse": adresse}))
    return _done("adresse")


@routes.post("/mot-de-passe")
@rule(Door.SIGNED_IN)
async def change_password(
    request: Request,
    me: Sitting,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    mot_de_passe: Annotated[str, Form(max_length=1000, alias="changer-mot-de-passe")] = "",
    nouveau: Annotated[str, Form(max_length=1000, alias="nouveau-mot-de-passe")] = "",
    code: Annotated[str, Form(max_length=40, alias="changer-code")] = "",
) -> Response:
    try:
        given = {"password": mot_de_passe, "new_password": nouveau, "code": code or None}
        wanted, browser = OwnPassword.model_validate(given), request.headers.get("user-agent", "")
        entry = await self_service.change_password(desk, me.account_id, wanted, client, browser)
    except (Unacceptable, ValidationError) as refused:
        return await _page(desk, view, me, wrong=Wrong.because("changer", refused, {}))
    answer = _done("mot-de-passe")
    keep_entry(request, answer, entry)
    return answer


@routes.post("/connexions")
@rule(Door.SIGNED_IN)
async def end_session(me: Sitting, desk: AtDesk, connexion: Annotated[UUID | None, Form()] = None) -> Response:
    async with desk.engine.begin() as tx:
        mine = await sessions.mine(tx, me)
        if connexion in {one.id for one in mine}:  # ended twice, it is ended
            assert connexion
            await sessions.end(tx, me, connexion)
    return _done("connexion")


@routes.post("/double-authentification")
@rule(Door.SIGNED_IN)
async def begin_second_factor(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    mot_de_passe: Annotated[str, Form(max_length=1000, alias="proteger-mot-de-passe")] = "",
) -> Response:
    try:
        account = await accounts.prove(desk, me.account_id, SecretStr(mot_de_passe), client)
    except Unacceptable as refused:
        return await _page(desk, view, me, wrong=Wrong.because("proteger", refused, {}))
    return set_up(desk, second_factor.begin(desk, account), HERE)


@routes.post("/codes-de-secours")
@rule(Door.SIGNED_IN)
async def renew_recovery_codes(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    mot_de_passe: Annotated[str, Form(max_length=1000, alias="secours-mot-de-passe")] = "",
    code: Annotated[str, Form(max_length=40, alias="secours-code")] = "",
) -> Response:
    try:
        account = await _prove(desk, me, mot_de_passe, code, client)
        codes = await second_factor.renew_recovery_codes(desk, account)
    except (Unacceptable, ValidationError) as refused:
        return await _page(desk, view, me, wrong=Wrong.because("secours", refused, {}))
    except NoSecondFactor:
        return await _page(desk, view, me)
    return show_codes(desk, codes, HERE)


@routes.post("/double-authentification/fin")
@rule(Door.SIGNED_IN)
async def remove_second_factor(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    mot_de_passe: Annotated[str, Form(max_length=1000, alias="ouvrir-mot-de-passe")] = "",
    code: Annotated[str, Form(max_length=40, alias="ouvrir-code")] = "",
) -> Response:
    try:
        await _prove(desk, me, mot_de_passe, code, client)
    except (Unacceptable, ValidationError) as refused:
        return await _page(desk, view, me, wrong=Wrong.because("ouvrir", refused, {}))
    async with desk.engine.begin() as tx:
        await second_factor.take_away(tx, me.account_id, Notice.SECOND_FACTOR_REMOVED)
    return _done("sans-code")


@routes.post("/donnees")
@rule(Door.SIGNED_IN)
async def hand_over_data(
    me: Sitting,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    mot_de_passe: Annotated[str, Form(max_length=1000, alias="donnees-mot-de-passe")] = "",
    code: Annotated[str, Form(max_length=40, alias="donnees-code")] = "",
) -> Response:
    try:
        await _prove(desk, me, mot_de_passe, code, client)
    except (Unacceptable, ValidationError) as refused:
        return await _page(desk, view, me, wrong=Wrong.because("donnees", refused, {}))
    written = await export(desk, me.account_id)
    if written is None:
        raise AccountGone
    name = f"mes-donnees-{desk.clock.now():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(written), media_type="application/zip", headers=headers)


def _pieces(written: IO[bytes]) -> Iterator[bytes]:
    with written:
        while piece := written.read(256 * 1024):
            yield piece


@routes.post("/effacer")
@rule(Door.SIGNED_IN)
async def erase_account(
    request: Request,
    me: Sitting,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    mot_de_passe: Annotated[str, Form(max_length=1000, alias="effacer-mot-de-passe")] = "",
    code: Annotated[str, Form(max_length=40, alias="effacer-code")] = "",
) -> Response:
    try:
        await _prove(desk, me, mot_de_passe, code, client)
    except (Unacceptable, ValidationError) as refused:
        return await _page(desk, view, me, wrong=Wrong.because("effacer", refused, {}))
    async with desk.engine.begin() as tx:
        await erase(tx, me.account_id, now=desk.clock.now(), again_after=desk.tombstone_again_after)
    answer = sheet(desk, "Votre compte est effacé", ERASED)
    forget_session(request, answer)
    return answer


async def _prove(desk: Desk, me: Caller, password: str, code: str, client: str) -> Account:
    proof = _Proof.model_validate({"password": password, "code": code or None})
    return await accounts.prove(desk, me.account_id, proof.password, client, proof.code)


def _done(what: str) -> Response:
    return RedirectResponse(f"{HERE}?fait={what}", status_code=303)


async def _page(desk: Desk, view: View, me: Caller, *, wrong: Wrong | None = None, done: str = "") -> Response:
    account = await accounts.own_account(desk, me.account_id)
    async with desk.engine.connect() as tx:
        mine = await sessions.mine(tx, me)
    where = [
        {
            "id": one.id,
            "browser": one.browser,
            "used": moment(one.used_at.astimezone(PARIS)),
            "is_here": one.id == me.session_id,
        }
        for one in mine
    ]
    wrong = wrong or Wrong()
    typed = {"nom": account.name, **wrong.typed}
    return view.render(
        "account.html",
        me=me,
        room=HERE,
        status=422 if wrong.faults else 200,
        title="Mon compte",
        account=account,
        sessions=where,
        typed=typed,
        faults=wrong.faults,
        done=done,
    )
