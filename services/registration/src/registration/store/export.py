"""What is handed to a person who asks what is kept of them: the rows that are theirs, table by table.

A part is a file of the export. It names each column as its reader does; what it does not name is not handed over, and
docs/personal-data.md says why not (a test compares the two).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from backbone.postgres.database import Tx, jobs

from .erasure import MAILING
from .tables import (
    accounts,
    api_keys,
    attendance,
    distinctions,
    events,
    invitations,
    members,
    organisations,
    second_factors,
    sessions,
    timeline,
    upload_rows,
    uploads,
)

AT_ONCE = 200  # rows in memory


@dataclass(frozen=True)
class Part:
    """A file of the export, and the rows that it holds: those that are `of` an account."""

    file: str
    about: str
    """What it holds, in French."""
    columns: Mapping[str, ColumnElement[Any]]
    """By what their reader calls them."""
    of: Callable[[UUID], ColumnElement[bool]]
    in_order_of: ColumnElement[Any]


def _own(account_id: UUID) -> Select[tuple[UUID]]:
    """The ids of the account's events."""
    return select(events.c.id).where(events.c.account_id == account_id)


def _own_invitations(account_id: UUID) -> ColumnElement[bool]:
    address = select(accounts.c.email).where(accounts.c.id == account_id).scalar_subquery()
    return (invitations.c.invited_by == account_id) | (invitations.c.email == address)


PARTS: tuple[Part, ...] = (
    Part(
        "compte.json",
        "votre compte : adresse, nom, organisation, et ce que vous pouvez faire ici",
        {
            "numéro": accounts.c.id,
            "adresse": accounts.c.email,
            "nom": accounts.c.name,
            "organisation": accounts.c.organisation,
            "rôle": accounts.c.role,
            "régions": accounts.c.regions,
            "régions_coordonnées": accounts.c.coordinates,
            "ouvert_le": accounts.c.created_at,
            "adresse_confirmée_le": accounts.c.confirmed_at,
            "dernière_connexion": accounts.c.used_at,
            "effacement_annoncé_le": accounts.c.farewell_at,
        },
        lambda account_id: accounts.c.id == account_id,
        accounts.c.id,
    ),
    Part(
        "organisations.json",
        "les organisations dont vous êtes, et ce que vous y êtes",
        {
            "numéro": members.c.organisation_id,
            "numéro_du_compte": members.c.account_id,
            "nom": select(organisations.c.name)
            .where(organisations.c.id == members.c.organisation_id)
            .scalar_subquery(),
            "rôle": members.c.role,
            "depuis": members.c.since,
        },
        lambda account_id: members.c.account_id == account_id,
        members.c.since,
    ),
    Part(
        "invitations.json",
        "les invitations que vous avez envoyées, ou que votre adresse a reçues, et que personne n’a encore acceptées",
        {
            "numéro": invitations.c.id,
            "à": invitations.c.email,
            "envoyée_par": invitations.c.invited_by,
            "le": invitations.c.created_at,
        },
        _own_invitations,
        invitations.c.created_at,
    ),
    Part(
        "evenements.json",
        "vos événements, brouillons compris : tels que vous les avez écrits, tels que vous les avez déposés en "
        "dernier, et la dernière décision prise sur eux",
        {
            "numéro": events.c.id,
            "numéro_du_compte": events.c.account_id,
            "édition": events.c.edition,
            "état": events.c.state,
            "dépôts": events.c.revision,
            "créé_le": events.c.created_at,
            "brouillon": events.c.draft,
            "déposé": events.c.submitted_draft,
            "décision": events.c.word,
            "repère": events.c.pin,
        },
        lambda account_id: events.c.account_id == account_id,
        events.c.created_at,
    ),
    Part(
        "histoire.json",
        "l’histoire de vos événements, pas à pas, telle que vous la lisez",
        {
            "événement": timeline.c.event_id,
            "le": timeline.c.at,
            "pas": timeline.c.kind,
            "version": timeline.c.revision,
            "rang": timeline.c.sequence,
            "ordre": timeline.c.noted,
            "texte": timeline.c.text,
        },
        lambda account_id: timeline.c.event_id.in_(_own(account_id)),
        timeline.c.noted,
    ),
    Part(
        "distinctions.json",
        "ce que vous avez dit d’événements qui se ressemblent : que l’un n’est pas l’autre",
        {
            "événement": distinctions.c.event_id,
            "n_est_pas": distinctions.c.other_id,
            "dit_par": distinctions.c.said_by,
            "dit_le": distinctions.c.said_at,
        },
        lambda account_id: distinctions.c.said_by == account_id,
        distinctions.c.said_at,
    ),
    Part(
        "participation.json",
        "ce que vous avez dit de la participation à vos événements, et leurs attestations",
        {
            "événement": attendance.c.event_id,
            "visiteurs": attendance.c.visitors,
            "mot": attendance.c.word,
            "attestation": attendance.c.number,
            "ce_que_dit_l_attestation": attendance.c.shown,
            "dit_le": attendance.c.filed_at,
            "corrigé_le": attendance.c.changed_at,
        },
        lambda account_id: attendance.c.event_id.in_(_own(account_id)),
        attendance.c.event_id,
    ),
    Part(
        "connexions.json",
        "où vous êtes connecté : le genre de navigateur, et depuis quand ; ces lignes s’effacent en une semaine",
        {
            "compte": sessions.c.account_id,
            "navigateur": sessions.c.browser,
            "depuis": sessions.c.created_at,
            "dernier_usage": sessions.c.used_at,
        },
        lambda account_id: sessions.c.account_id == account_id,
        sessions.c.created_at,
    ),
    Part(
        "double_authentification.json",
        "votre double authentification : depuis quand ; son secret ne sort pas d’ici",
        {
            "compte": second_factors.c.account_id,
            "depuis": second_factors.c.set_at,
            "demi_minute_du_dernier_code": second_factors.c.last_step,
        },
        lambda account_id: second_factors.c.account_id == account_id,
        second_factors.c.set_at,
    ),
    Part(
        "envois.json",
        "les fichiers d’événements que vous avez envoyés ; ils s’effacent au bout d’un mois",
        {
            "numéro": uploads.c.id,
            "compte": uploads.c.account_id,
            "organisation": uploads.c.organisation_id,
            "fichier": uploads.c.filename,
            "suite": uploads.c.series,
            "octets": uploads.c.size,
            "état": uploads.c.state,
            "problème": uploads.c.problem,
            "feuille": uploads.c.sheet,
            "titres": uploads.c.headings,
            "ligne_des_titres": uploads.c.heading_row,
            "remarques": uploads.c.notices,
            "demandé": uploads.c.application,
            "le": uploads.c.created_at,
        },
        lambda account_id: uploads.c.account_id == account_id,
        uploads.c.created_at,
    ),
    Part(
        "lignes-envoyees.json",
        "les lignes de ces fichiers, telles que vous les avez écrites, et ce qu’elles sont devenues",
        {
            "envoi": upload_rows.c.upload_id,
            "ligne": upload_rows.c.number,
            "référence": upload_rows.c.external_id,
            "cellules": upload_rows.c.cells,
            "lu": upload_rows.c.draft,
            "à_corriger": upload_rows.c.faults,
            "corrigé": upload_rows.c.notes,
            "devenue": upload_rows.c.outcome,
            "pourquoi": upload_rows.c.said,
        },
        lambda account_id: upload_rows.c.upload_id.in_(select(uploads.c.id).where(uploads.c.account_id == account_id)),
        upload_rows.c.number,
    ),
    Part(
        "cles.json",
        "les clés d’accès que vous avez créées pour vos organisations, sans leur secret",
        {
            "compte": api_keys.c.account_id,
            "nom": api_keys.c.name,
            "début": api_keys.c.prefix,
            "dernier_usage": api_keys.c.last_used_on,
        },
        lambda account_id: api_keys.c.account_id == account_id,
        api_keys.c.created_at,
    ),
    Part(
        "courriels.json",
        "les courriels que l’inscription vous a envoyés ou vous doit : lequel, et quand ; leur texte est dans votre "
        "messagerie",
        {
            "numéro": jobs.c.payload["mail_id"],
            "travail": jobs.c.key,
            "courriel": jobs.c.payload["mail"],
            "état": jobs.c.state,
            "demandé_le": jobs.c.created_at,
            "terminé_le": jobs.c.finished_at,
        },
        lambda account_id: (jobs.c.kind == MAILING) & (jobs.c.payload["account_id"].astext == str(account_id)),
        jobs.c.created_at,
    ),
)


async def rows_of(tx: Tx, part: Part, account_id: UUID) -> AsyncIterator[list[dict[str, Any]]]:
    """The account's rows of a part, some at a time."""
    named = [column.label(name) for name, column in part.columns.items()]
    question = select(*named).where(part.of(account_id)).order_by(part.in_order_of)
    rows = await tx.stream(question.execution_options(yield_per=AT_ONCE))
    async for some in rows.mappings().partitions(AT_ONCE):
        yield [dict(row) for row in some]
