"""What is answered to whoever is refused something: a problem, or a page where a page was asked for."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder

from backbone.campaign.dates import in_full
from backbone.campaign.typography import counted
from backbone.http.access import AccessDenied, NotSignedIn
from backbone.http.problems import field_errors, problem, wrong
from backbone.http.session import ForeignForm

from ..domain.invitation import MOST_INVITATIONS
from ..domain.refusals import (
    AccountGone,
    AlreadyMember,
    AsksFirst,
    Changed,
    CodeAsked,
    EventOver,
    ExternalIdTaken,
    FileTooLarge,
    Incomplete,
    InvitationExpired,
    KeyReused,
    LastManager,
    LateCodeRefused,
    LinkExpired,
    LinkReplaced,
    NamesItsAuthor,
    NeverSubmitted,
    NoAttestation,
    NoFederation,
    NoMember,
    NoReport,
    NoSecondFactor,
    NotAnnounced,
    NotCheckedYet,
    NotNow,
    NotOpen,
    NotYours,
    OfAnotherEdition,
    PasswordLinkExpired,
    Resembles,
    SecondFactorSet,
    SessionOver,
    TooManyInvitations,
    Unacceptable,
    UnknownEvent,
    UnknownKey,
    UnknownOrganisation,
    UnknownSession,
    UnknownSlot,
    UnknownUpload,
    UploadsUnderWay,
    VersionNeeded,
    WeekBegun,
    WhyNoReport,
    WrongCode,
    WrongCredentials,
)
from ..domain.sheet_upload import UploadState
from ..passwords import Crowded
from ..throttle import TooMany
from .manual.problems import (
    ASKS_FIRST,
    CODE_ASKED,
    EXTERNAL_ID_TAKEN,
    FACTOR_STATE,
    INCOMPLETE,
    KEY_REUSED,
    LINK_EXPIRED,
    NAMES_AUTHOR,
    NEVER_SUBMITTED,
    NO_REPORT,
    NOT_ANNOUNCED,
    NOT_CHECKED,
    NOT_OPEN,
    OF_ORGANISATION,
    RESEMBLES,
    UPLOADS_UNDER_WAY,
)
from .pages.sheet import sheet
from .sentences import (
    CODE,
    COME_BACK,
    EXPIRED,
    FOREIGN,
    INVITATION_OVER,
    ONE_ALIKE,
    OVER,
    REPLACED,
    RESEMBLING,
    SOME_ALIKE,
    UNKNOWN,
    USED,
    WRONG_CODE,
    too_many,
)


def install_refusals(app: FastAPI) -> None:
    """Makes every refusal of the domain an answer."""
    for refusal, answer in _ANSWERS.items():
        app.add_exception_handler(refusal, answer)


async def _account_gone(request: Request, _: Any) -> Any:
    # a token outlives its account: whoever bears it is nobody any more
    return await request.app.exception_handlers[AccessDenied](request, NotSignedIn("the account is erased"))


async def _foreign_form(request: Request, _: Any) -> Response:
    return sheet(request.app.state.desk, FOREIGN[0], FOREIGN[1], status=403)


async def _wrong_credentials(request: Request, _: Any) -> Response:
    # the same for an unknown address as for a wrong password
    return problem(401, UNKNOWN.format(link=_link(request)), headers={"WWW-Authenticate": "Bearer"})


async def _code_asked(_: Request, refusal: Any) -> Response:
    sentence = WRONG_CODE if isinstance(refusal, WrongCode) else CODE
    return problem(401, sentence, kind=CODE_ASKED, headers={"WWW-Authenticate": "Bearer"})


async def _second_factor_set(_: Request, __: Any) -> Response:
    return problem(409, "La double authentification est déjà activée sur ce compte.", kind=FACTOR_STATE)


async def _no_second_factor(_: Request, __: Any) -> Response:
    return problem(409, "La double authentification n’est pas activée sur ce compte.", kind=FACTOR_STATE)


async def _session_over(_: Request, __: Any) -> Response:
    return problem(401, OVER, headers={"WWW-Authenticate": "Bearer"})


async def _unknown_key(_: Request, __: Any) -> Response:
    return problem(404, "Aucune clé de cette organisation ne porte cet identifiant : elle a pris fin ou est révoquée.")


async def _unknown_session(_: Request, __: Any) -> Response:
    return problem(404, "Aucune de vos connexions ne porte cet identifiant : elle a déjà pris fin.")


async def _unknown_event(_: Request, __: Any) -> Response:
    return problem(404, "Aucun de vos événements ne porte cet identifiant.")


async def _not_yours(_: Request, __: Any) -> Response:
    return problem(403, "Vous pouvez lire ceci, mais pas faire cela : demandez-le à la personne qui s’en occupe.")


async def _no_member(_: Request, __: Any) -> Response:
    return problem(404, "Aucun membre de cette organisation ne porte ce numéro.")


async def _already_member(_: Request, __: Any) -> Response:
    return problem(409, "Cette personne est déjà membre de l’organisation.", kind=OF_ORGANISATION)


async def _no_federation(_: Request, __: Any) -> Response:
    sentence = "Seule une fédération accompagne d’autres organisations : la vôtre est d’un autre genre."
    return problem(409, sentence, kind=OF_ORGANISATION)


async def _last_manager(_: Request, __: Any) -> Response:
    sentence = "Cette personne est la seule à gérer l’organisation, qui a d’autres membres ou des événements : "
    return problem(409, sentence + "confiez-en d’abord la gestion à un collègue.", kind=OF_ORGANISATION)


async def _too_many_invitations(_: Request, __: Any) -> Response:
    sentence = f"L’organisation a déjà {MOST_INVITATIONS} invitations en attente : annulez-en, ou attendez leur fin."
    return problem(409, sentence, kind=OF_ORGANISATION)


async def _unknown_organisation(_: Request, __: Any) -> Response:
    return problem(404, "Vous n’êtes d’aucune organisation qui porte cet identifiant.")


async def _not_open(_: Request, refusal: Any) -> Response:
    period = refusal.period
    if isinstance(refusal, WeekBegun):
        begun = f"La Semaine a commencé le {in_full(refusal.week.first)} : un événement ne se modifie plus."
        still = "Vous pouvez encore l’annuler, le reporter, le déplacer en ligne, ou dire qu’un créneau est complet."
        return problem(409, f"{begun} {still}", kind=NOT_OPEN)
    if isinstance(refusal, LateCodeRefused):
        closed = f"Les inscriptions sont closes depuis la fin du {in_full(period.last_day)}"
        why = "il est inconnu, il a expiré, il est d’une autre région, ou il a servi à un autre événement."
        return problem(409, f"{closed}, et ce code ne laisse pas entrer cet événement : {why}", kind=NOT_OPEN)
    if refusal.today < period.opens:
        return problem(409, f"Les inscriptions ouvrent le {in_full(period.opens)}.", kind=NOT_OPEN)
    return problem(409, f"Les inscriptions sont closes depuis la fin du {in_full(period.last_day)}.", kind=NOT_OPEN)


async def _of_another_edition(_: Request, refusal: Any) -> Response:
    sentence = (
        f"Cet événement est de l’édition {refusal.its_own}, qui est close. Pour l’édition {refusal.current}, "
        "déposez-en un nouveau : vous pouvez en reprendre le texte."
    )
    return problem(409, sentence, kind=NOT_OPEN)


async def _never_submitted(_: Request, __: Any) -> Response:
    return problem(409, "Cet événement n’a jamais été déposé : il n’y a rien à retirer.", kind=NEVER_SUBMITTED)


async def _changed(_: Request, refusal: Any) -> Response:
    detail = "L’événement a changé depuis que vous l’avez lu ; rien n’a été enregistré. Relisez-le, puis recommencez."
    return problem(412, detail, headers={"ETag": f'"{refusal.version}"'})


async def _version_needed(_: Request, refusal: Any) -> Response:
    detail = "Une autre personne suit cet événement : dites dans If-Match quelle version vous en avez lue (son ETag)."
    return problem(428, detail, headers={"ETag": f'"{refusal.version}"'})


async def _key_reused(_: Request, __: Any) -> Response:
    return problem(
        422, "Cette Idempotency-Key a déjà servi à une autre demande ; prenez-en une autre.", kind=KEY_REUSED
    )


async def _external_id_taken(_: Request, refusal: Any) -> Response:
    detail = f"Un autre événement de votre organisation porte cet external_id : {refusal.event_id}."
    errors = [{"field": "external_id", "message": detail}]
    return problem(409, detail, kind=EXTERNAL_ID_TAKEN, errors=errors, more={"event_id": str(refusal.event_id)})


async def _not_announced(_: Request, __: Any) -> Response:
    detail = "Cet événement n’est pas déposé : il n’y a rien à annoncer aux visiteurs."
    return problem(409, detail, kind=NOT_ANNOUNCED)


async def _event_over(_: Request, __: Any) -> Response:
    return problem(409, "Cet événement est terminé : il n’y a plus rien à annoncer.", kind=NOT_ANNOUNCED)


async def _unknown_slot(_: Request, __: Any) -> Response:
    return problem(404, "Aucun créneau de cet événement ne porte cet identifiant.")


WHY_NO_REPORT = {
    WhyNoReport.NO_LABEL: "Seul un événement labellisé, et qui a eu lieu, peut dire combien de personnes sont venues.",
    WhyNoReport.TOO_EARLY: "Votre événement n’a pas encore commencé : revenez quand il aura eu lieu.",
    WhyNoReport.TOO_LATE: "Le temps de dire combien de personnes sont venues, ou de le corriger, est passé : "
    "soixante jours après le dernier créneau.",
}


async def _no_report(_: Request, refusal: Any) -> Response:
    return problem(409, WHY_NO_REPORT[refusal.why], kind=NO_REPORT)


NOT_NOW = "L’attestation n’a pas pu être préparée à l’instant. Réessayez dans une minute."


async def _not_now(request: Request, refusal: Any) -> Response:
    return _come_back(request, 503, NOT_NOW, refusal.retry_after)


async def _no_attestation(_: Request, __: Any) -> Response:
    return problem(404, "Rien n’a encore été dit de la participation à cet événement : il n’a pas d’attestation.")


async def _unknown_upload(_: Request, __: Any) -> Response:
    return problem(404, "Aucun de vos envois ne porte cet identifiant.")


async def _not_checked_yet(_: Request, refusal: Any) -> Response:
    said = "Ce fichier est encore en train d’être lu : revenez dans un instant."
    if refusal.state == UploadState.UNREADABLE:
        said = "Ce fichier n’a pas pu être lu : il n’y a rien à enregistrer."
    return problem(409, said, kind=NOT_CHECKED)


async def _uploads_under_way(_: Request, __: Any) -> Response:
    return problem(
        409, "Vos envois précédents ne sont pas finis : attendez la fin de l’un d’eux.", kind=UPLOADS_UNDER_WAY
    )


async def _file_too_large(_: Request, __: Any) -> Response:
    return problem(413, "Ce fichier dépasse 50 Mo : partagez-le, ou enlevez-en les images.")


async def _unacceptable(_: Request, refusal: Any) -> Response:
    return wrong(field_errors(refusal.faults))


async def _incomplete(_: Request, refusal: Any) -> Response:
    errors = field_errors(refusal.faults)
    detail = f"{counted(len(errors), 'champ')} à compléter ou à corriger ; l’événement n’a pas été déposé."
    return problem(422, detail, kind=INCOMPLETE, errors=errors)


async def _names_its_author(_: Request, refusal: Any) -> Response:
    errors = [{"field": disclosure.field, "message": disclosure.message} for disclosure in refusal.found]
    detail = f"{counted(len(errors), 'champ')} à corriger ; l’événement n’a pas été déposé."
    return problem(422, detail, kind=NAMES_AUTHOR, errors=errors)


async def _asks_first(_: Request, refusal: Any) -> Response:
    errors = [{"field": question.field, "message": question.message} for question in refusal.asked]
    fields = [question.field for question in refusal.asked]
    detail = "Une confirmation est attendue ; l’événement n’a pas été déposé."
    return problem(422, detail, kind=ASKS_FIRST, errors=errors, more={"to_confirm": fields})


async def _resembles(_: Request, refusal: Any) -> Response:
    named = [jsonable_encoder(one) for one in refusal.found]
    alike, another = ONE_ALIKE if len(named) == 1 else SOME_ALIKE
    listed = " ; ".join(one["message"] for one in named)
    detail = RESEMBLING.format(alike=alike, another=another, listed=listed)
    return problem(409, detail, kind=RESEMBLES, more={"resembles": named})


async def _link_expired(_: Request, refusal: Any) -> Response:
    said: dict[type[LinkExpired], str] = {
        LinkReplaced: REPLACED,
        PasswordLinkExpired: USED,
        InvitationExpired: INVITATION_OVER,
    }
    return problem(410, said.get(type(refusal), EXPIRED), kind=LINK_EXPIRED)


async def _too_many(request: Request, refusal: Any) -> Response:
    return _come_back(request, 429, _too_often(request, refusal), refusal.retry_after)


async def _crowded(request: Request, refusal: Any) -> Response:
    return _come_back(request, 503, _too_often(request, refusal), refusal.retry_after)


_ANSWERS: dict[type[Exception], Any] = {
    AccountGone: _account_gone,
    ForeignForm: _foreign_form,
    WrongCredentials: _wrong_credentials,
    CodeAsked: _code_asked,
    SecondFactorSet: _second_factor_set,
    NoSecondFactor: _no_second_factor,
    SessionOver: _session_over,
    UnknownKey: _unknown_key,
    UnknownSession: _unknown_session,
    UnknownEvent: _unknown_event,
    UnknownUpload: _unknown_upload,
    NotCheckedYet: _not_checked_yet,
    UploadsUnderWay: _uploads_under_way,
    FileTooLarge: _file_too_large,
    NotYours: _not_yours,
    UnknownOrganisation: _unknown_organisation,
    NoMember: _no_member,
    AlreadyMember: _already_member,
    LastManager: _last_manager,
    NoFederation: _no_federation,
    TooManyInvitations: _too_many_invitations,
    NotOpen: _not_open,
    OfAnotherEdition: _of_another_edition,
    NeverSubmitted: _never_submitted,
    NotAnnounced: _not_announced,
    Changed: _changed,
    VersionNeeded: _version_needed,
    KeyReused: _key_reused,
    ExternalIdTaken: _external_id_taken,
    EventOver: _event_over,
    UnknownSlot: _unknown_slot,
    NoReport: _no_report,
    NoAttestation: _no_attestation,
    NotNow: _not_now,
    Unacceptable: _unacceptable,
    Incomplete: _incomplete,
    NamesItsAuthor: _names_its_author,
    AsksFirst: _asks_first,
    Resembles: _resembles,
    LinkExpired: _link_expired,
    TooMany: _too_many,
    Crowded: _crowded,
}


def _too_often(request: Request, refusal: TooMany | Crowded) -> str:
    return too_many(refusal, request.app.state.desk.confirmations.public_url)


def _come_back(request: Request, status: int, sentence: str, retry_after: int) -> Response:
    again = {"Retry-After": str(retry_after)}
    if request.url.path.startswith("/v1"):
        return problem(status, sentence, headers=again)
    page = sheet(request.app.state.desk, COME_BACK, sentence, status=status)
    page.headers.update(again)
    return page


def _link(request: Request) -> str:
    return f"{request.app.state.desk.confirmations.public_url}/mot-de-passe"
