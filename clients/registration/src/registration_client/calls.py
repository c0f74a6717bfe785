# written by `make client`, of what registration says of its API: change the service, not this file
"""A call for each operation of registration's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from .asking import Asking
from .models import (
    Acceptance,
    AccountRequest,
    AccountView,
    AddressRequest,
    Announcement,
    Application,
    AttendanceView,
    CalendarView,
    ConfirmationRequest,
    Copy,
    Credentials,
    DirectoryView,
    DryRun,
    EditionTotals,
    EventDraft,
    EventView,
    FactorCode,
    FactorSetting,
    HandoverRequest,
    HelpedView,
    InvitationRequest,
    InvitationView,
    KeyRequest,
    KeyView,
    KitView,
    LateCodeRequest,
    LateCodeView,
    LinkRequest,
    NewAddress,
    NewKey,
    NewPassword,
    OrganisationRequest,
    OrganisationView,
    OrganisationWithMembers,
    Outlook,
    OwnName,
    OwnPassword,
    PageEventView,
    PageUploadView,
    PasswordAndCode,
    Postponement,
    PublicTotals,
    RecoveryCodes,
    RefreshRequest,
    Relocation,
    Report,
    RoleRequest,
    RowView,
    Said,
    SecondFactorView,
    SessionView,
    ShownPassword,
    StatusOfSlot,
    Submission,
    Token,
    UploadView,
)


class Registration(Asking):
    """Registration's API. Every call raises Refused where the service refuses."""

    async def open_account(self, body: AccountRequest) -> Said:
        """Ouvrir un compte."""
        return await self._read(Said, "POST", "/v1/accounts", body=body, for_all=True)

    async def confirm_address(self, body: ConfirmationRequest) -> Said:
        """Confirmer son adresse."""
        return await self._read(Said, "POST", "/v1/accounts/confirmations", body=body, for_all=True)

    async def erase_account(self, body: Credentials) -> Said:
        """Effacer son compte ; ses événements restent à ses collègues, ou sont retirés."""
        return await self._read(Said, "POST", "/v1/accounts/erasure", body=body, for_all=True)

    async def ask_for_password_link(self, body: LinkRequest) -> Said:
        """Demander un lien pour choisir un mot de passe."""
        return await self._read(Said, "POST", "/v1/accounts/password-links", body=body, for_all=True)

    async def choose_password(self, body: NewPassword) -> Said:
        """Choisir un nouveau mot de passe, par le lien reçu."""
        return await self._read(Said, "POST", "/v1/accounts/passwords", body=body, for_all=True)

    async def read_account(self) -> AccountView:
        """Mon compte."""
        return await self._read(AccountView, "GET", "/v1/account")

    async def change_name(self, body: OwnName) -> AccountView:
        """Changer de nom."""
        return await self._read(AccountView, "PUT", "/v1/account/name", body=body)

    async def change_password(self, body: OwnPassword) -> Token:
        """Changer de mot de passe : toutes les connexions prennent fin, sauf celle-ci."""
        return await self._read(Token, "PUT", "/v1/account/password", body=body)

    async def ask_for_new_address(self, body: NewAddress) -> Said:
        """Changer d’adresse : un lien part à la nouvelle."""
        return await self._read(Said, "POST", "/v1/account/address", body=body)

    async def confirm_new_address(self, body: ConfirmationRequest) -> Said:
        """Confirmer sa nouvelle adresse."""
        return await self._read(Said, "POST", "/v1/account/address/confirmations", body=body, for_all=True)

    async def sign_in(self, body: Credentials) -> Token:
        """Se connecter."""
        return await self._read(Token, "POST", "/v1/tokens", body=body, for_all=True)

    async def refresh_session(self, body: RefreshRequest) -> Token:
        """Rester connecté : le jeton suivant."""
        return await self._read(Token, "POST", "/v1/tokens/refresh", body=body, for_all=True)

    async def list_sessions(self) -> list[SessionView]:
        """Où je suis connecté."""
        return await self._read(list[SessionView], "GET", "/v1/sessions")

    async def sign_out_everywhere(self) -> None:
        """Se déconnecter partout."""
        return await self._do("DELETE", "/v1/sessions")

    async def sign_out(self) -> None:
        """Se déconnecter ici."""
        return await self._do("DELETE", "/v1/sessions/current")

    async def end_session(self, session_id: UUID) -> None:
        """Se déconnecter ailleurs."""
        return await self._do("DELETE", f"/v1/sessions/{session_id}")

    async def read_second_factor(self) -> SecondFactorView:
        """Ma double authentification."""
        return await self._read(SecondFactorView, "GET", "/v1/second-factor")

    async def begin_second_factor(self, body: ShownPassword) -> FactorSetting:
        """Préparer une application de codes."""
        return await self._read(FactorSetting, "POST", "/v1/second-factor", body=body)

    async def confirm_second_factor(self, body: FactorCode) -> RecoveryCodes:
        """Activer la double authentification, par un premier code."""
        return await self._read(RecoveryCodes, "POST", "/v1/second-factor/confirmation", body=body)

    async def renew_recovery_codes(self, body: PasswordAndCode) -> RecoveryCodes:
        """Recevoir d’autres codes de secours."""
        return await self._read(RecoveryCodes, "POST", "/v1/second-factor/recovery-codes", body=body)

    async def remove_second_factor(self, body: PasswordAndCode) -> Said:
        """Désactiver la double authentification."""
        return await self._read(Said, "POST", "/v1/second-factor/removal", body=body)

    async def public_keys(self) -> dict[str, Any]:
        """Les clés publiques des jetons."""
        return await self._read(dict[str, Any], "GET", "/.well-known/jwks.json", for_all=True)

    async def read_calendar(self) -> CalendarView:
        """Les dates de l’édition."""
        return await self._read(CalendarView, "GET", "/v1/calendar", for_all=True)

    async def repeat_event(self, event_id: UUID, *, idempotency_key: str | None = None) -> Copy:
        """Reprendre un événement : un brouillon aux mêmes jours de la semaine de cette édition."""
        return await self._read(
            Copy, "POST", f"/v1/events/{event_id}/copies", headers={"Idempotency-Key": idempotency_key}
        )

    async def give_late_code(self, body: LateCodeRequest, *, idempotency_key: str | None = None) -> LateCodeView:
        """Donner un code qui laisse entrer un événement en retard."""
        return await self._read(
            LateCodeView, "POST", "/v1/late-codes", body=body, headers={"Idempotency-Key": idempotency_key}
        )

    async def cancel_event(
        self, event_id: UUID, body: Announcement | None = None, *, if_match: str | None = None
    ) -> EventView:
        """Annoncer que l’événement est annulé."""
        return await self._read(
            EventView, "POST", f"/v1/events/{event_id}/cancellation", body=body, headers={"If-Match": if_match}
        )

    async def postpone_event(
        self, event_id: UUID, body: Postponement | None = None, *, if_match: str | None = None
    ) -> EventView:
        """Annoncer qu’il est reporté, avec ou sans nouvelle date."""
        return await self._read(
            EventView, "POST", f"/v1/events/{event_id}/postponement", body=body, headers={"If-Match": if_match}
        )

    async def move_event_online(
        self, event_id: UUID, body: Relocation | None = None, *, if_match: str | None = None
    ) -> EventView:
        """Annoncer qu’il a lieu en ligne."""
        return await self._read(
            EventView, "POST", f"/v1/events/{event_id}/relocation", body=body, headers={"If-Match": if_match}
        )

    async def reinstate_event(self, event_id: UUID, *, if_match: str | None = None) -> EventView:
        """Annoncer qu’il a lieu, après tout."""
        return await self._read(
            EventView, "POST", f"/v1/events/{event_id}/reinstatement", headers={"If-Match": if_match}
        )

    async def set_status_of_slot(
        self, slot_id: str, event_id: UUID, body: StatusOfSlot, *, if_match: str | None = None
    ) -> EventView:
        """Annoncer qu’un créneau est complet ou annulé."""
        return await self._read(
            EventView,
            "PUT",
            f"/v1/events/{event_id}/slots/{quote(slot_id, safe='')}/status",
            body=body,
            headers={"If-Match": if_match},
        )

    async def create_event(
        self, body: EventDraft, *, organisation_id: UUID | None = None, idempotency_key: str | None = None
    ) -> EventView:
        """Créer un brouillon."""
        return await self._read(
            EventView,
            "POST",
            "/v1/events",
            body=body,
            query={"organisation_id": organisation_id},
            headers={"Idempotency-Key": idempotency_key},
        )

    async def list_events(
        self, *, of: Literal["mine", "others"] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageEventView:
        """Les événements de mes organisations, du plus récent au plus ancien, sans leur histoire."""
        return await self._read(PageEventView, "GET", "/v1/events", query={"of": of, "limit": limit, "cursor": cursor})

    async def validate_draft(self, body: Mapping[str, Any], *, event_id: UUID | None = None) -> DryRun:
        """Essayer un brouillon : ce qu’un dépôt en dirait ; rien n’en est gardé."""
        return await self._read(DryRun, "POST", "/v1/events/validate", body=body, query={"event_id": event_id})

    async def replace_by_external_id(
        self, external_id: str, body: EventDraft, *, organisation_id: UUID | None = None, if_match: str | None = None
    ) -> EventView:
        """Créer (201) ou remplacer (200) le brouillon qui porte ce nom dans votre propre système."""
        return await self._read(
            EventView,
            "PUT",
            f"/v1/events/by-external-id/{quote(external_id, safe='')}",
            body=body,
            query={"organisation_id": organisation_id},
            headers={"If-Match": if_match},
        )

    async def replace_event(
        self, event_id: UUID, body: EventDraft, *, organisation_id: UUID | None = None, if_match: str | None = None
    ) -> EventView:
        """Créer (201) ou remplacer (200) un brouillon, sous un identifiant choisi."""
        return await self._read(
            EventView,
            "PUT",
            f"/v1/events/{event_id}",
            body=body,
            query={"organisation_id": organisation_id},
            headers={"If-Match": if_match},
        )

    async def read_event(self, event_id: UUID) -> EventView:
        """Un événement et son histoire."""
        return await self._read(EventView, "GET", f"/v1/events/{event_id}")

    async def submit_event(
        self, event_id: UUID, body: Submission | None = None, *, if_match: str | None = None
    ) -> EventView:
        """Déposer l’événement, ou sa nouvelle version."""
        return await self._read(
            EventView, "POST", f"/v1/events/{event_id}/submission", body=body, headers={"If-Match": if_match}
        )

    async def withdraw_event(self, event_id: UUID, *, if_match: str | None = None) -> EventView:
        """Retirer l’événement."""
        return await self._read(EventView, "POST", f"/v1/events/{event_id}/withdrawal", headers={"If-Match": if_match})

    async def hand_over_event(self, event_id: UUID, body: HandoverRequest, *, if_match: str | None = None) -> EventView:
        """Confier l’événement à un membre de l’organisation."""
        return await self._read(
            EventView, "POST", f"/v1/events/{event_id}/handover", body=body, headers={"If-Match": if_match}
        )

    async def read_kit(self, event_id: UUID) -> KitView:
        """Où en est le kit de communication, et le lien pour le télécharger."""
        return await self._read(KitView, "GET", f"/v1/events/{event_id}/kit")

    async def give_picture(
        self,
        event_id: UUID,
        content: bytes,
        media: Literal["image/jpeg", "image/png", "image/webp"],
        *,
        credit: str | None = None,
        alternative_text: str | None = None,
        if_match: str | None = None,
    ) -> EventView:
        """Donner une image à l’événement : JPEG, PNG ou WebP, 8 Mo au plus."""
        return await self._read(
            EventView,
            "PUT",
            f"/v1/events/{event_id}/picture",
            content=content,
            query={"credit": credit, "alternative_text": alternative_text},
            headers={"Content-Type": media, "If-Match": if_match},
        )

    async def take_picture_away(self, event_id: UUID, *, if_match: str | None = None) -> EventView:
        """Retirer l’image du brouillon."""
        return await self._read(EventView, "DELETE", f"/v1/events/{event_id}/picture", headers={"If-Match": if_match})

    async def export_account(self, body: Credentials) -> bytes:
        """Recevoir tout ce qui est gardé de moi."""
        return await self._fetch("POST", "/v1/accounts/export", body=body, for_all=True)

    async def read_template_workbook(self) -> bytes:
        """Le modèle de fichier : un classeur avec ses listes, un exemple et des explications."""
        return await self._fetch("GET", "/v1/uploads/template.xlsx", for_all=True)

    async def read_template_csv(self) -> bytes:
        """Le même modèle, en CSV."""
        return await self._fetch("GET", "/v1/uploads/template.csv", for_all=True)

    async def upload_events(
        self,
        file: tuple[str, bytes],
        organisation_id: UUID | None = None,
        series: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> UploadView:
        """Envoyer un fichier d’événements ; il est lu et vérifié, rien n’est encore déposé."""
        return await self._read(
            UploadView,
            "POST",
            "/v1/uploads",
            files={"file": file},
            fields={"organisation_id": organisation_id, "series": series},
            headers={"Idempotency-Key": idempotency_key},
        )

    async def list_uploads(self, *, limit: int | None = None, cursor: str | None = None) -> PageUploadView:
        """Les envois de mes organisations, du plus récent au plus ancien ; ils sont gardés un mois."""
        return await self._read(PageUploadView, "GET", "/v1/uploads", query={"limit": limit, "cursor": cursor})

    async def read_upload(self, upload_id: UUID) -> UploadView:
        """Un envoi et où il en est."""
        return await self._read(UploadView, "GET", f"/v1/uploads/{upload_id}")

    async def forget_upload(self, upload_id: UUID) -> None:
        """Oublier un envoi ; ses événements restent."""
        return await self._do("DELETE", f"/v1/uploads/{upload_id}")

    async def read_rows(
        self, upload_id: UUID, *, outlook: Outlook | None = None, limit: int | None = None, after: int | None = None
    ) -> list[RowView]:
        """Les lignes d’un envoi, et ce qu’il y a à corriger."""
        return await self._read(
            list[RowView],
            "GET",
            f"/v1/uploads/{upload_id}/rows",
            query={"outlook": outlook, "limit": limit, "after": after},
        )

    async def apply_upload(self, upload_id: UUID, body: Application) -> UploadView:
        """Enregistrer les lignes d’un envoi vérifié, en brouillons ou déposées."""
        return await self._read(UploadView, "POST", f"/v1/uploads/{upload_id}/application", body=body)

    async def read_report_workbook(self, upload_id: UUID) -> bytes:
        """Le fichier tel qu’il a été lu, avec ce qu’il y a à corriger dans ses cellules."""
        return await self._fetch("GET", f"/v1/uploads/{upload_id}/report.xlsx")

    async def read_report_csv(self, upload_id: UUID) -> bytes:
        """Le même, en CSV."""
        return await self._fetch("GET", f"/v1/uploads/{upload_id}/report.csv")

    async def list_organisations(self) -> list[OrganisationView]:
        """Mes organisations."""
        return await self._read(list[OrganisationView], "GET", "/v1/organisations")

    async def found_organisation(
        self, body: OrganisationRequest, *, idempotency_key: str | None = None
    ) -> OrganisationWithMembers:
        """Créer une organisation de plus, que je gère."""
        return await self._read(
            OrganisationWithMembers,
            "POST",
            "/v1/organisations",
            body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    async def look_up_siret(self, siret: str) -> DirectoryView:
        """Ce que l’annuaire national des entreprises dit d’un SIRET."""
        return await self._read(DirectoryView, "GET", f"/v1/organisations/directory/{quote(siret, safe='')}")

    async def read_organisation(self, organisation_id: UUID) -> OrganisationWithMembers:
        """Une organisation et ses membres."""
        return await self._read(OrganisationWithMembers, "GET", f"/v1/organisations/{organisation_id}")

    async def change_organisation(self, organisation_id: UUID, body: OrganisationRequest) -> OrganisationWithMembers:
        """Modifier une organisation que je gère."""
        return await self._read(OrganisationWithMembers, "PUT", f"/v1/organisations/{organisation_id}", body=body)

    async def list_keys(self, organisation_id: UUID) -> list[KeyView]:
        """Les clés d’accès de l’organisation."""
        return await self._read(list[KeyView], "GET", f"/v1/organisations/{organisation_id}/keys")

    async def make_key(self, organisation_id: UUID, body: KeyRequest, *, idempotency_key: str | None = None) -> NewKey:
        """Créer une clé d’accès, pour un programme."""
        return await self._read(
            NewKey,
            "POST",
            f"/v1/organisations/{organisation_id}/keys",
            body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    async def revoke_key(self, organisation_id: UUID, key_id: UUID) -> None:
        """Révoquer une clé d’accès."""
        return await self._do("DELETE", f"/v1/organisations/{organisation_id}/keys/{key_id}")

    async def invite_colleague(
        self, organisation_id: UUID, body: InvitationRequest, *, idempotency_key: str | None = None
    ) -> Said:
        """Inviter une personne par courriel."""
        return await self._read(
            Said,
            "POST",
            f"/v1/organisations/{organisation_id}/invitations",
            body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    async def list_invitations(self, organisation_id: UUID) -> list[InvitationView]:
        """Les invitations en attente."""
        return await self._read(list[InvitationView], "GET", f"/v1/organisations/{organisation_id}/invitations")

    async def take_back_invitation(self, organisation_id: UUID, invitation_id: UUID) -> None:
        """Reprendre une invitation : son lien ne vaut plus."""
        return await self._do("DELETE", f"/v1/organisations/{organisation_id}/invitations/{invitation_id}")

    async def leave_organisation(self, organisation_id: UUID) -> None:
        """Quitter une organisation ; mes événements y restent."""
        return await self._do("DELETE", f"/v1/organisations/{organisation_id}/members/me")

    async def remove_member(self, organisation_id: UUID, account_id: UUID) -> None:
        """Retirer un membre ; ses événements restent à l’organisation."""
        return await self._do("DELETE", f"/v1/organisations/{organisation_id}/members/{account_id}")

    async def give_role(self, organisation_id: UUID, account_id: UUID, body: RoleRequest) -> None:
        """Donner un rôle à un membre."""
        return await self._do("PUT", f"/v1/organisations/{organisation_id}/members/{account_id}", body=body)

    async def offer_help(
        self, organisation_id: UUID, body: AddressRequest, *, idempotency_key: str | None = None
    ) -> Said:
        """Proposer à une organisation que ma fédération l’accompagne."""
        return await self._read(
            Said,
            "POST",
            f"/v1/organisations/{organisation_id}/offers",
            body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    async def list_helped(self, organisation_id: UUID) -> list[HelpedView]:
        """Les organisations que ma fédération accompagne."""
        return await self._read(list[HelpedView], "GET", f"/v1/organisations/{organisation_id}/helped")

    async def leave_federation(self, organisation_id: UUID) -> None:
        """Ne plus être accompagné par une fédération."""
        return await self._do("DELETE", f"/v1/organisations/{organisation_id}/federation")

    async def accept_invitation(self, body: Acceptance) -> Said:
        """Accepter une invitation, par le lien reçu."""
        return await self._read(Said, "POST", "/v1/invitations/acceptances", body=body, for_all=True)

    async def offer_event(self, event_id: UUID, body: AddressRequest, *, idempotency_key: str | None = None) -> Said:
        """Proposer un événement à la personne pour qui je l’ai saisi."""
        return await self._read(
            Said, "POST", f"/v1/events/{event_id}/offer", body=body, headers={"Idempotency-Key": idempotency_key}
        )

    async def read_attendance(self, event_id: UUID) -> AttendanceView:
        """Ce qui a été dit de la participation à un événement."""
        return await self._read(AttendanceView, "GET", f"/v1/events/{event_id}/attendance")

    async def report_attendance(self, event_id: UUID, body: Report) -> AttendanceView:
        """Dire, ou corriger, combien de personnes sont venues."""
        return await self._read(AttendanceView, "PUT", f"/v1/events/{event_id}/attendance", body=body)

    async def read_attestation(self, event_id: UUID) -> bytes:
        """L’attestation de participation (PDF)."""
        return await self._fetch("GET", f"/v1/events/{event_id}/attendance/attestation")

    async def read_attendance_totals(self, *, edition: str | None = None) -> EditionTotals:
        """La participation, additionnée : pour qui relit ou coordonne, dans ses régions."""
        return await self._read(EditionTotals, "GET", "/v1/attendance/totals", query={"edition": edition})

    async def read_public_attendance(self, *, edition: str | None = None) -> PublicTotals:
        """La participation, additionnée et arrondie, pour tout le monde."""
        return await self._read(PublicTotals, "GET", "/v1/attendance/public", query={"edition": edition}, for_all=True)
