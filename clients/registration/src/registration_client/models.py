# written by `make client`, of what registration says of its API: change the service, not this file

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class AbsentView(BaseModel):
    """Un événement d’un fichier précédent, qui n’est plus dans celui-ci."""

    event_id: UUID
    """L’identifiant de l’événement (UUID)."""
    external_id: str | None
    """Le nom de l’événement dans votre propre système."""
    title: str
    """Le titre de l’événement."""
    is_submitted: bool
    """Si l’événement est déposé ; un brouillon n’a pas à être retiré."""


class Acceptance(BaseModel):
    """Le jeton du lien reçu ; et, si l’adresse n’a pas encore de compte, de quoi l’ouvrir."""

    model_config = ConfigDict(
        extra="forbid",
    )
    token: str
    """Le jeton que porte le lien."""
    organisation_id: UUID | None = None
    """Laquelle de vos organisations est concernée ; rien : la première."""
    name: str | None = None
    """Votre nom ; il ne devient jamais public."""
    organisation: str | None = None
    """Le nom de votre organisation, si elle n’en a pas encore ici."""
    password: str | None = None
    """Le mot de passe : douze caractères au moins."""


class Accessibility(StrEnum):
    """
    Pour qui le lieu est adapté, par les cinq codes d’OpenAgenda : « mi » handicap moteur, « vi » visuel, « hi » auditif, « ii » intellectuel, « pi » psychique.
    """

    ii = "ii"
    hi = "hi"
    vi = "vi"
    pi = "pi"
    mi = "mi"


class AccountRequest(BaseModel):
    """De quoi ouvrir un compte."""

    model_config = ConfigDict(
        extra="forbid",
    )
    email: str
    """Une adresse électronique."""
    name: str
    """Le nom de la personne ; il ne devient jamais public."""
    organisation: str
    """L’entreprise, l’école ou l’organisme qui invite."""
    password: str
    """Le mot de passe : douze caractères au moins."""


class AccountViewRole(StrEnum):
    """
    Ce que vous êtes ici : « organiser », « coordinator », « reviewer » ou « administrator ».
    """

    organiser = "organiser"
    coordinator = "coordinator"
    reviewer = "reviewer"
    administrator = "administrator"


class AccountView(BaseModel):
    """Votre compte."""

    id: UUID
    """L’identifiant du compte (UUID)."""
    email: str
    """Une adresse électronique."""
    name: str
    """Votre nom ; il ne devient jamais public."""
    organisation: str
    """L’entreprise, l’école ou l’organisme qui invite."""
    role: AccountViewRole
    """Ce que vous êtes ici : « organiser », « coordinator », « reviewer » ou « administrator »."""
    has_second_factor: bool
    """Si la double authentification est activée."""


class AddressRequest(BaseModel):
    """L’adresse de la personne à qui c’est proposé."""

    model_config = ConfigDict(
        extra="forbid",
    )
    email: str
    """Une adresse électronique."""


class Admission(StrEnum):
    """
    Comment on entre : « everyone » librement, « on_registration » sur inscription, « named_group » réservé à un groupe désigné, « invitation_only » sur invitation.
    """

    everyone = "everyone"
    on_registration = "on_registration"
    named_group = "named_group"
    invitation_only = "invitation_only"


class Announcement(BaseModel):
    """Un mot aux visiteurs."""

    model_config = ConfigDict(
        extra="forbid",
    )
    status_note: str | None = None
    """Ce qui en est dit aux visiteurs."""
    confirmed: list[str] = []
    """Les champs dont les numéros et adresses sont ceux de votre organisation et peuvent devenir publics."""


class ApplicationAs(StrEnum):
    """
    « drafts » : toutes les lignes deviennent des brouillons ; « submitted » : celles qui sont prêtes sont déposées.
    """

    drafts = "drafts"
    submitted = "submitted"


class Application(BaseModel):
    """Ce qu’il faut faire des lignes d’un envoi."""

    model_config = ConfigDict(
        extra="forbid",
    )
    as_: Annotated[ApplicationAs, Field(alias="as")]
    """« drafts » : toutes les lignes deviennent des brouillons ; « submitted » : celles qui sont prêtes sont déposées."""
    confirmed: list[str] = []
    """Les champs dont les numéros et adresses sont ceux de votre organisation et peuvent devenir publics."""
    not_the_same: bool = False
    """Si les lignes qui ressemblent à un événement déjà déposé sont d’autres événements."""
    withdraw_missing: bool = False
    """Si les événements absents du fichier doivent être retirés ; ils sont d’abord listés (« absent »)."""


class AttendanceView(BaseModel):
    """Ce qui a été dit de la participation à un événement."""

    visitors: dict[str, int]
    """Combien de personnes sont venues."""
    total: int
    """Combien de personnes sont venues en tout."""
    word: str | None
    """Un mot pour l’équipe de la région ; il n’est jamais publié. N’y nommez personne sans nécessité."""
    filed_at: AwareDatetime | None
    """Quand cela a été dit pour la première fois ; nul tant que rien ne l’a été."""
    changed_at: AwareDatetime | None
    """Quand cela a été corrigé en dernier."""
    open_until: date
    """Jusqu’à quel jour cela se dit et se corrige."""
    attestation: str | None
    """Le numéro de l’attestation ; nul tant que rien n’a été dit."""
    attestation_url: str | None
    """Où la télécharger (PDF) ; nul tant que rien n’a été dit."""


class Audience(StrEnum):
    """
    À qui l’événement s’adresse : « everyone » tout public, « families » familles, « pupils » collégiens et lycéens, « students » étudiants, « job_seekers » demandeurs d’emploi, « teachers » enseignants, « hr_professionals » professionnels des ressources humaines.
    """

    pupils = "pupils"
    students = "students"
    job_seekers = "job_seekers"
    teachers = "teachers"
    hr_professionals = "hr_professionals"
    families = "families"
    everyone = "everyone"


class CellFault(BaseModel):
    """Ce qu’il y a à corriger dans une cellule."""

    column: int | None
    """La colonne, comptée à partir de 0 ; nulle si la faute est celle de toute la ligne."""
    heading: str | None
    """Le titre de la colonne, tel qu’il est dans le fichier."""
    read: str
    """Ce qui est écrit dans la cellule."""
    message: str
    """Ce qui est attendu à la place."""


class Change(StrEnum):
    """
    Ce que la ligne change : « new » un nouvel événement, « changed » un événement connu, « unchanged » rien.
    """

    new = "new"
    changed = "changed"
    unchanged = "unchanged"


class ConfirmationRequest(BaseModel):
    """Le jeton du lien reçu par courriel."""

    token: str
    """Le jeton que porte le lien."""


class Counts(BaseModel):
    """Combien de lignes, par ce qu’elles sont."""

    rows: int
    """Combien de lignes ont été lues."""
    outlook: dict[str, int]
    """Combien de lignes, par ce qu’elles valent."""
    change: dict[str, int]
    """Combien de lignes, par ce qu’elles changent."""
    assessment: dict[str, int]
    """Combien de lignes, par ce que les règles du label en diraient ; vide si elles n’ont pas été consultées."""
    outcome: dict[str, int]
    """Combien de lignes, par ce qu’elles sont devenues."""


class Credentials(BaseModel):
    """L’adresse et le mot de passe d’un compte."""

    model_config = ConfigDict(
        extra="forbid",
    )
    email: str
    """Une adresse électronique."""
    password: str
    """Le mot de passe : douze caractères au moins."""
    code: str | None = None
    """Le code de l’application, à six chiffres, ou un code de secours ; rien si le compte n’en demande pas."""


class Days(BaseModel):
    """D’un jour à un autre, compris tous deux."""

    first: date
    """Le premier jour."""
    last: date
    """Le dernier jour."""


class DirectoryViewState(StrEnum):
    """
    « found » (connu), « unknown » (inconnu), « unavailable » (l’annuaire ne répond pas), « off » (il n’est pas consulté ici).
    """

    found = "found"
    unknown = "unknown"
    unavailable = "unavailable"
    off = "off"


class DirectoryView(BaseModel):
    """Ce que l’annuaire national des entreprises dit d’un numéro SIRET."""

    siret: str
    """Le numéro SIRET de l’établissement : quatorze chiffres."""
    state: DirectoryViewState
    """« found » (connu), « unknown » (inconnu), « unavailable » (l’annuaire ne répond pas), « off » (il n’est pas consulté ici)."""
    detail: str
    """Une phrase à montrer à la personne."""
    name: str | None
    """Le nom, tel que l’annuaire l’écrit."""
    city: str | None
    """La commune."""
    is_open: bool | None
    """Si l’établissement est en activité."""


class DraftPicture(BaseModel):
    """L’image que vous avez donnée (« PUT /v1/events/{id}/picture »), de qui elle est et ce qu’elle montre. Ses adresses et ses dimensions sont dites par le service."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: UUID
    """L’identifiant de l’image."""
    credit: str | None = None
    """De qui est l’image, par exemple « Photo : Fonderie de l’Erdre »."""
    alternative_text: str | None = None
    """Ce que montre l’image, pour qui ne la voit pas."""
    url: str | None = None
    """L’adresse de l’image, de 1 600 pixels au plus."""
    thumbnail_url: str | None = None
    """L’adresse de la petite image, de 640 pixels au plus."""
    width: int | None = None
    """La largeur de l’image, en pixels."""
    height: int | None = None
    """La hauteur de l’image, en pixels."""


class DraftPosition(BaseModel):
    """Où l’on pose le repère, en degrés (WGS84)."""

    model_config = ConfigDict(
        extra="forbid",
    )
    longitude: float
    """La longitude."""
    latitude: float
    """La latitude."""
    is_confirmed: bool = False
    """Si l’organisateur a posé ou confirmé le repère."""
    is_confirmed_twice: bool = False
    """S’il l’a redit, quand on le lui a demandé : le repère est hors de la commune de l’adresse."""


class DraftVenue(BaseModel):
    """Où l’on se rend."""

    model_config = ConfigDict(
        extra="forbid",
    )
    name: str | None = None
    """Ce que dit l’enseigne : « Usine de Montoir, portail B »."""
    street: str | None = None
    """Le numéro et la rue."""
    postcode: str | None = None
    """Le code postal : cinq chiffres."""
    city: str | None = None
    """La commune."""
    commune_code: str | None = None
    """Le code INSEE de la commune, si elle a été choisie dans une liste."""
    position: DraftPosition | None = None
    """Où l’organisateur place l’événement."""


class EventDraftOnlineRegion(StrEnum):
    """
    Le code INSEE de la région à laquelle s’adresse un événement qui n’a lieu qu’en ligne.
    """

    field_01 = "01"
    field_02 = "02"
    field_03 = "03"
    field_04 = "04"
    field_06 = "06"
    field_11 = "11"
    field_24 = "24"
    field_27 = "27"
    field_28 = "28"
    field_32 = "32"
    field_44 = "44"
    field_52 = "52"
    field_53 = "53"
    field_75 = "75"
    field_76 = "76"
    field_84 = "84"
    field_93 = "93"
    field_94 = "94"


class EventKind(StrEnum):
    """
    Le genre d’événement.
    """

    company_visit = "company_visit"
    open_day = "open_day"
    job_dating = "job_dating"
    careers_forum = "careers_forum"
    webinar = "webinar"
    classroom_talk = "classroom_talk"
    virtual_visit = "virtual_visit"
    workshop = "workshop"
    exhibition = "exhibition"
    conference = "conference"
    game = "game"


class EventStatus(StrEnum):
    """
    Si l’événement a lieu comme annoncé : « scheduled » oui, « cancelled » annulé, « postponed » reporté, « rescheduled » à une nouvelle date, « moved_online » déplacé en ligne.
    """

    scheduled = "scheduled"
    cancelled = "cancelled"
    postponed = "postponed"
    rescheduled = "rescheduled"
    moved_online = "moved_online"


class FactorCode(BaseModel):
    """Le premier code de l’application qui vient d’être préparée."""

    model_config = ConfigDict(
        extra="forbid",
    )
    ticket: str
    """À rendre avec le premier code, dans le quart d’heure."""
    code: str
    """Le code de l’application, à six chiffres, ou un code de secours ; rien si le compte n’en demande pas."""


class FactorSetting(BaseModel):
    """De quoi préparer une application de codes (TOTP, six chiffres, trente secondes)."""

    secret: str
    """À saisir dans l’application, si elle ne lit pas « uri »."""
    uri: str
    """Ce que l’application lit dans un QR code (« otpauth:// »)."""
    ticket: str
    """À rendre avec le premier code, dans le quart d’heure."""


class Fault(BaseModel):
    """Un champ à corriger."""

    field: str
    """Le champ en question."""
    message: str
    """Ce qui est demandé."""


class HandoverRequest(BaseModel):
    """La personne à qui confier l’événement."""

    model_config = ConfigDict(
        extra="forbid",
    )
    account_id: UUID
    """Le numéro du compte."""


class InvitationViewKind(StrEnum):
    """
    « colleague » : devenir membre ; « federation » : être accompagné par votre fédération.
    """

    colleague = "colleague"
    federation = "federation"


class KitState(StrEnum):
    """
    « none » : il n’y en a pas, pas encore ou plus ; « making » : il se prépare, ou attend de partir ; « sent » : il est parti par courriel ; « failed » : son courriel n’a pas pu partir, ou il n’a pas pu être fabriqué.
    """

    none = "none"
    making = "making"
    sent = "sent"
    failed = "failed"


class KitView(BaseModel):
    """Où en est le kit de communication, et pour quelques minutes le lien pour le télécharger."""

    state: KitState
    """Où en est l’événement : « draft », « submitted », « in_review », « correction_asked » (à vous de le corriger), « labelled », « rejected », « in_appeal », « suspended », « label_withdrawn », « withdrawn »."""
    revision: int | None
    """La version de l’événement que le kit montre ; nul s’il n’y en a pas."""
    words: str
    """Où il en est, en une phrase."""
    download_url: str | None
    """Où télécharger le kit, sans jeton ni clé ; nul s’il n’y en a pas. Redemandez-le à chaque fois."""
    ends_at: AwareDatetime | None
    """Jusqu’à quand ce lien sert."""


class LateCodeRequest(BaseModel):
    """Un code pour un événement d’une région, jusqu’à la fin d’un jour (à Paris)."""

    model_config = ConfigDict(
        extra="forbid",
    )
    region: str | None = None
    """Le code INSEE de la région ; « 00 » en ligne."""
    until: date | None = None
    """Le dernier jour où il vaut ; rien : la veille de la Semaine."""


class LateCodeView(BaseModel):
    """Un code, dit cette fois seulement : il n’en est gardé qu’une empreinte."""

    code: str
    """Le code, à donner à l’organisateur, qui l’envoie avec son dépôt (« late_code »)."""
    region: str | None
    """Le code INSEE de la région ; « 00 » en ligne."""
    ends_at: AwareDatetime
    """L’instant à partir duquel il ne vaut plus."""


class LinkRequest(BaseModel):
    """L’adresse d’un compte dont le mot de passe est oublié."""

    model_config = ConfigDict(
        extra="forbid",
    )
    email: str
    """Une adresse électronique."""


class Lookalike(BaseModel):
    """Un événement déposé qui ressemble à celui-ci."""

    token: str
    """À donner dans « not_the_same » si c’est un autre événement."""
    message: str
    """Quel événement c’est, en une phrase."""
    title: str
    """Le titre de l’événement."""
    organisation: str
    """L’entreprise, l’école ou l’organisme qui invite."""
    days: list[date]
    """Ses jours."""
    place: str
    """Où il a lieu."""
    id: UUID | None
    """Son identifiant, s’il est des vôtres."""
    page: str | None
    """Sa page publique, s’il est sur la carte."""


class Missing(BaseModel):
    """Un champ qui manque avant le dépôt."""

    field: str
    """Le champ en question."""
    message: str
    """Ce qui est demandé."""


class NewAddress(BaseModel):
    """L’adresse qui doit devenir celle du compte, et de quoi montrer qu’il est à vous."""

    model_config = ConfigDict(
        extra="forbid",
    )
    email: str
    """Une adresse électronique."""
    password: str
    """Le mot de passe : douze caractères au moins."""
    code: str | None = None
    """Le code de l’application, à six chiffres, ou un code de secours ; rien si le compte n’en demande pas."""


class NewPassword(BaseModel):
    """Le jeton du lien reçu, et le nouveau mot de passe."""

    model_config = ConfigDict(
        extra="forbid",
    )
    token: str
    """Le jeton que porte le lien."""
    password: str
    """Le mot de passe : douze caractères au moins."""


class OrganisationKind(StrEnum):
    """
    Qui invite : « company » une entreprise, « school » un établissement d’enseignement, « federation » une fédération, « public_body » un organisme public, « association », « other » autre.
    """

    company = "company"
    school = "school"
    federation = "federation"
    public_body = "public_body"
    association = "association"
    other = "other"


class OrganisationRequest(BaseModel):
    """Ce qui se dit d’une organisation."""

    model_config = ConfigDict(
        extra="forbid",
    )
    name: str
    """Son nom, tel que le public le lit."""
    kind: OrganisationKind | None = None
    """Ce qu’elle est : « company », « school », « federation », « public_body », « association » ou « other »."""
    siret: str | None = None
    """Le numéro SIRET de l’établissement : quatorze chiffres."""


class Outcome(StrEnum):
    """
    Ce qu’une ligne est devenue : « submitted » déposée, « drafted » gardée en brouillon, « unchanged » inchangée, « left » laissée de côté.
    """

    submitted = "submitted"
    drafted = "drafted"
    unchanged = "unchanged"
    left = "left"


class Outlook(StrEnum):
    """
    Ce que vaut une ligne : « ready » prête à être déposée, « to_confirm » à confirmer, « incomplete » bonne pour un brouillon, « faulty » fautive : rien n’en est gardé.
    """

    ready = "ready"
    to_confirm = "to_confirm"
    incomplete = "incomplete"
    faulty = "faulty"


class OwnName(BaseModel):
    """Comment on vous appelle."""

    model_config = ConfigDict(
        extra="forbid",
    )
    name: str
    """Votre nom ; il ne devient jamais public."""


class OwnPassword(BaseModel):
    """Le nouveau mot de passe, et celui qu’il remplace."""

    model_config = ConfigDict(
        extra="forbid",
    )
    password: str
    """Le mot de passe : douze caractères au moins."""
    code: str | None = None
    """Le code de l’application, à six chiffres, ou un code de secours ; rien si le compte n’en demande pas."""
    new_password: str
    """Le nouveau mot de passe : douze caractères au moins."""


class PasswordAndCode(BaseModel):
    """Votre mot de passe et un code, une fois de plus."""

    model_config = ConfigDict(
        extra="forbid",
    )
    password: str
    """Le mot de passe : douze caractères au moins."""
    code: str
    """Le code de l’application, à six chiffres, ou un code de secours ; rien si le compte n’en demande pas."""


class PublicRegion(BaseModel):
    """La participation dans une région, arrondie."""

    region: str
    """Le code INSEE de la région ; « 00 » en ligne."""
    name: str
    """Le nom de la région."""
    reported: int | None
    """Combien ont répondu ; nul s’ils sont trop peu pour qu’une somme soit publiée."""
    visitors: int | None
    """Combien de personnes sont venues."""


class PublicTotals(BaseModel):
    """La participation à une édition, arrondie ; rien n’est dit d’un lieu où trop peu ont répondu."""

    edition: str
    """L’édition, par exemple « 2026 » ; celle en cours si rien n’est dit."""
    threshold: int
    """À partir de combien de réponses une somme est publiée."""
    response_rate: float | None
    """La part qui a répondu, de 0 à 1 ; nulle si personne n’a été interrogé."""
    reported: int | None
    """Combien ont répondu ; nul s’ils sont trop peu pour qu’une somme soit publiée."""
    visitors: int | None
    """Combien de personnes sont venues."""
    regions: list[PublicRegion]
    """Région par région."""


class Question(BaseModel):
    """Ce qui est demandé avant qu’un texte devienne public."""

    field: str
    """Le champ en question."""
    message: str
    """Ce qui est demandé."""


class RecoveryCodes(BaseModel):
    """Des codes de secours : chacun remplace une fois un code de l’application. Ils ne sont dits qu’ici : gardez-les à l’abri."""

    recovery_codes: list[str]
    """Les codes."""


class RefreshRequest(BaseModel):
    """Le jeton de renouvellement reçu en dernier."""

    model_config = ConfigDict(
        extra="forbid",
    )
    refresh_token: str
    """Le jeton de renouvellement. Il sert une fois, à `POST /v1/tokens/refresh`, qui en donne un autre ; montré une seconde fois, il met fin à la connexion."""


class RegionTotals(BaseModel):
    """La participation dans une région."""

    asked: int
    """À combien d’événements la question a été posée, ou a déjà sa réponse."""
    reported: int
    """Combien ont répondu ; nul s’ils sont trop peu pour qu’une somme soit publiée."""
    response_rate: float | None
    """La part qui a répondu, de 0 à 1 ; nulle si personne n’a été interrogé."""
    visitors: int
    """Combien de personnes sont venues."""
    by_audience: dict[str, int]
    """Combien de personnes, par public ; « everyone » : sans distinction de public."""
    region: str | None
    """Le code INSEE de la région ; « 00 » en ligne."""
    name: str
    """Le nom de la région."""


class Relocation(BaseModel):
    """Un déplacement en ligne."""

    model_config = ConfigDict(
        extra="forbid",
    )
    status_note: str | None = None
    """Ce qui en est dit aux visiteurs."""
    confirmed: list[str] = []
    """Les champs dont les numéros et adresses sont ceux de votre organisation et peuvent devenir publics."""
    status_url: str | None = None
    """Où l’on se connecte à un événement déplacé en ligne ; dit au public si l’entrée est libre."""


class Report(BaseModel):
    """Combien de personnes sont venues, par public, et un mot pour l’équipe."""

    model_config = ConfigDict(
        extra="forbid",
    )
    visitors: Annotated[dict[Audience, int], Field(min_length=1)]
    """Combien de personnes sont venues."""
    word: str | None = None
    """Un mot pour l’équipe de la région ; il n’est jamais publié. N’y nommez personne sans nécessité."""


class Role(StrEnum):
    """
    « manager » (gère l’organisation) ou « member ».
    """

    manager = "manager"
    member = "member"


class RoleRequest(BaseModel):
    """Le rôle à donner."""

    model_config = ConfigDict(
        extra="forbid",
    )
    role: Role
    """« manager » (gère l’organisation) ou « member »."""


class RowView(BaseModel):
    """Une ligne du fichier, ce qu’il y a à en dire, et ce qu’elle est devenue."""

    number: int
    """Le numéro de la ligne, tel que le tableur le montre."""
    external_id: str | None
    """Le nom de l’événement dans votre propre système."""
    event_id: UUID
    """L’identifiant de l’événement (UUID)."""
    title: str | None
    """Le titre de l’événement, s’il a été lu."""
    outlook: Outlook
    """Ce que vaut la ligne."""
    change: Change
    """Ce que la ligne change."""
    assessment: str | None
    """Ce que les règles du label diraient : « granted », « refused », « under_review » ; nul si elles n’ont pas été consultées."""
    faults: list[CellFault]
    """Ce qu’il y a à corriger, cellule par cellule."""
    notes: list[str]
    """Ce qui a été corrigé à la lecture."""
    outcome: Outcome | None
    """Ce que la ligne est devenue ; nul tant que rien n’en a été fait."""
    said: str | None
    """Pourquoi la ligne n’est pas devenue davantage."""


class Said(BaseModel):
    """Une phrase pour la personne."""

    detail: str
    """Une phrase à montrer à la personne."""


class Scope(StrEnum):
    """
    Ce qu’un programme peut faire avec une clé : « events:read » lire, « events:write » écrire et déposer.
    """

    events_read = "events:read"
    events_write = "events:write"


class SecondFactorView(BaseModel):
    """Où en est la double authentification de votre compte."""

    is_set: bool
    """Si elle est activée."""
    is_required: bool
    """Si le compte doit en avoir une : sans elle, qui relit des événements n’en relit aucun."""
    since: AwareDatetime | None
    """Depuis quand."""
    recovery_codes_left: int
    """Combien de codes de secours n’ont pas encore servi."""


class SessionView(BaseModel):
    """Une connexion : un navigateur ou un programme dans lequel vous êtes entré."""

    id: UUID
    """L’identifiant de la connexion (UUID)."""
    browser: str
    """Un mot pour la reconnaître : « Firefox sur Windows »."""
    since: AwareDatetime
    """Quand vous vous y êtes connecté."""
    last_used_at: AwareDatetime
    """Quand elle a été prolongée en dernier."""
    is_current: bool
    """Si c’est celle de cette demande."""


class ShownPassword(BaseModel):
    """Votre mot de passe, une fois de plus."""

    model_config = ConfigDict(
        extra="forbid",
    )
    password: str
    """Le mot de passe : douze caractères au moins."""


class SlotStatus(StrEnum):
    """
    Si l’on peut encore venir à un créneau : « scheduled » oui, « cancelled » annulé, « full » complet.
    """

    scheduled = "scheduled"
    cancelled = "cancelled"
    full = "full"


class State(StrEnum):
    """
    Où en est l’événement : brouillon, déposé, labellisé, refusé, en relecture, label suspendu, label retiré, événement retiré.
    """

    draft = "draft"
    submitted = "submitted"
    labelled = "labelled"
    rejected = "rejected"
    in_review = "in_review"
    correction_asked = "correction_asked"
    in_appeal = "in_appeal"
    suspended = "suspended"
    label_withdrawn = "label_withdrawn"
    withdrawn = "withdrawn"


class StatusOfSlot(BaseModel):
    """Si l’on peut encore venir à un créneau."""

    model_config = ConfigDict(
        extra="forbid",
    )
    status: SlotStatus
    """Si l’on peut encore venir à ce créneau."""


class Step(BaseModel):
    """Un pas dans l’histoire de l’événement."""

    kind: str
    """Le genre de pas : EventSubmitted, EventLabelled, KitSent…"""
    revision: int
    """De quelle version de l’événement il s’agit."""
    sequence: int
    """Le rang de ce qui a été dit, parmi tout ce que le même service a dit de l’événement."""
    at: AwareDatetime
    """Quand cela s’est passé."""
    text: str
    """Ce qui s’est passé, pour une personne."""


class Submission(BaseModel):
    """Ce qui se dit en déposant."""

    model_config = ConfigDict(
        extra="forbid",
    )
    confirmed: list[str] = []
    """Les champs dont les numéros et adresses sont ceux de votre organisation et peuvent devenir publics."""
    late_code: str | None = None
    """Le code donné par un relecteur, pour un événement en retard."""
    not_the_same: list[str] = []
    """Les événements qui ressemblent à celui-ci et en sont d’autres, par leur « token » ou leur « id »."""


class TokenSecondFactor(StrEnum):
    """
    « shown » : un code a été montré ; « none » : le compte n’en demande pas ; « required » : le compte doit en avoir un, et n’a que les droits d’un organisateur en attendant (`POST /v1/second-factor`).
    """

    none = "none"
    shown = "shown"
    required = "required"


class Token(BaseModel):
    """Un jeton, à envoyer dans l’en-tête « Authorization: Bearer … » ; il vaut quinze minutes. « refresh_token » donne le suivant."""

    access_token: str
    """Le jeton lui-même."""
    token_type: Literal["Bearer"]
    """Toujours « Bearer »."""
    expires_in: int
    """Pour combien de secondes il vaut."""
    refresh_token: str
    """Le jeton de renouvellement. Il sert une fois, à `POST /v1/tokens/refresh`, qui en donne un autre ; montré une seconde fois, il met fin à la connexion."""
    refresh_expires_in: int
    """Pour combien de secondes le jeton de renouvellement vaut, si rien ne le remplace."""
    second_factor: TokenSecondFactor
    """« shown » : un code a été montré ; « none » : le compte n’en demande pas ; « required » : le compte doit en avoir un, et n’a que les droits d’un organisateur en attendant (`POST /v1/second-factor`)."""


class Totals(BaseModel):
    """La participation, additionnée."""

    asked: int
    """À combien d’événements la question a été posée, ou a déjà sa réponse."""
    reported: int
    """Combien ont répondu ; nul s’ils sont trop peu pour qu’une somme soit publiée."""
    response_rate: float | None
    """La part qui a répondu, de 0 à 1 ; nulle si personne n’a été interrogé."""
    visitors: int
    """Combien de personnes sont venues."""
    by_audience: dict[str, int]
    """Combien de personnes, par public ; « everyone » : sans distinction de public."""


class UploadState(StrEnum):
    """
    Où en est l’envoi : « received » en cours de lecture, « checked » vérifié, « unreadable » illisible, « applying » en cours d’enregistrement, « applied » enregistré.
    """

    received = "received"
    checked = "checked"
    unreadable = "unreadable"
    applying = "applying"
    applied = "applied"


class UploadView(BaseModel):
    """Un envoi et où il en est."""

    id: UUID
    """L’identifiant de l’envoi (UUID)."""
    is_mine: bool
    """Si c’est vous qui le suivez : vous recevez les courriels à son sujet."""
    filename: str
    """Le nom du fichier."""
    series: str
    """Le nom de la suite de fichiers dont celui-ci fait partie."""
    size: int
    """En octets."""
    state: UploadState
    """Où en est l’envoi."""
    problem: str | None
    """Pourquoi le fichier ne se laisse pas lire ; nul s’il se lit."""
    sheet: str | None
    """La feuille du classeur qui a été lue."""
    notices: list[str]
    """Ce qu’il faut savoir de la lecture du fichier : feuille choisie, colonnes inconnues."""
    counts: Counts
    """Combien de lignes, par ce qu’elles sont."""
    absent: list[AbsentView]
    """Les événements des fichiers précédents de la suite, absents de celui-ci ; les cent premiers."""
    absent_total: int
    """Combien il y en a. Rien ne leur arrive, sauf si « withdraw_missing » le demande."""
    application: Application | None
    """Ce qui a été demandé ; nul tant que rien ne l’est."""
    next: list[str]
    """Ce que vous pouvez faire maintenant."""
    created_at: AwareDatetime
    """Quand le fichier est arrivé."""


class FieldError(BaseModel):
    """Un champ à corriger."""

    field: str
    """Le champ, par exemple « slots.0.ends_at »."""
    message: str
    """Quoi faire, pour une personne."""


class CalendarView(BaseModel):
    """Les dates d’une édition : les jours sont ceux de Paris ; ceux de la Semaine et de la période de labellisation, ceux du lieu de chaque événement."""

    edition: str
    """L’édition, par exemple « 2026 » ; celle en cours si rien n’est dit."""
    theme: str
    """Le thème de l’édition."""
    themes: dict[str, str]
    """Les thèmes qu’un événement peut avoir, par leur code."""
    registration: Days
    """Quand les événements se déposent."""
    registration_ends_at: AwareDatetime
    """L’instant à partir duquel un dépôt est refusé."""
    amendable_until: date
    """Le dernier jour où un événement déposé à temps se modifie."""
    amendments_end_at: AwareDatetime
    """L’instant à partir duquel une modification est refusée."""
    map_opens: date
    """Le jour où la carte ouvre au public."""
    week: Days
    """La Semaine."""
    labelling_window: Days
    """Quand un événement labellisé a lieu."""
    review_working_days: int
    """En combien de jours ouvrés une personne répond."""


class DraftSlot(BaseModel):
    """Un créneau, en heure locale au lieu de l’événement."""

    model_config = ConfigDict(
        extra="forbid",
    )
    starts_at: str
    """Le début, à l’heure locale du lieu (à Paris pour un événement en ligne), sans fuseau."""
    ends_at: str
    """La fin, à l’heure locale du lieu (à Paris pour un événement en ligne), sans fuseau."""
    id: str | None = None
    """Le nom du créneau, le même de version en version : redonnez-le si vous changez ses heures."""
    status: SlotStatus = SlotStatus.scheduled
    """Si l’on peut encore y venir."""


class DryRun(BaseModel):
    """Ce qu’un dépôt dirait d’un brouillon."""

    is_submittable: bool
    """Si l’événement peut être déposé maintenant, une fois ses questions confirmées."""
    faults: list[Fault]
    """Ce qui est faux : un dépôt le refuserait."""
    missing: list[Missing]
    """Ce qui manque encore avant que l’événement puisse être déposé."""
    questions: list[Question]
    """Ce qu’il vous sera demandé de confirmer au dépôt (« confirmed »)."""
    resembles: list[Lookalike]
    """Les événements déposés qui ressemblent à celui-ci, et dont personne n’a dit que ce sont d’autres."""
    next: list[str]
    """Ce qui vient ensuite, et pour quand, en français."""
    assessments_url: str | None
    """Où demander ce que les règles du label en diraient ; nul si ce service ne le sait pas."""


class EditionTotals(BaseModel):
    """La participation à une édition, additionnée."""

    edition: str
    """L’édition, par exemple « 2026 » ; celle en cours si rien n’est dit."""
    all: Totals
    """Toutes les régions de la réponse ensemble."""
    regions: list[RegionTotals]
    """Région par région."""


class EventDraft(BaseModel):
    """Un événement tel que vous l’écrivez, champ après champ : ce qui n’y est pas encore est nul. Il a un lieu (« venue »), une adresse de connexion (« online_url »), ou les deux."""

    model_config = ConfigDict(
        extra="forbid",
    )
    organisation: str | None = None
    """L’entreprise, l’école ou l’organisme qui invite."""
    organisation_kind: OrganisationKind | None = None
    """Le genre de l’organisation."""
    title: str | None = None
    """Le titre de l’événement."""
    description: str | None = None
    """Ce qui attend le public."""
    kind: EventKind | None = None
    """Le genre d’événement."""
    themes: list[str] | None = None
    """Parmi les thèmes de l’édition, par leur code."""
    audiences: list[Audience] | None = None
    """À qui l’événement s’adresse."""
    admission: Admission | None = None
    """Comment on entre."""
    is_free: bool | None = None
    """Si l’événement est gratuit ; c’est une condition du label."""
    status: EventStatus | None = None
    """Si l’événement a lieu comme annoncé. Absent, il reste tel qu’il est."""
    status_note: str | None = None
    """Ce qui en est dit aux visiteurs."""
    status_url: str | None = None
    """Où l’on se connecte à un événement déplacé en ligne ; dit au public si l’entrée est libre."""
    venue: DraftVenue | None = None
    """Où l’on se rend ; rien pour un événement qui n’est qu’en ligne."""
    is_online: bool | None = None
    """Si l’on participe (aussi) en ligne. Sur inscription, l’adresse de connexion peut rester chez vous."""
    online_url: str | None = None
    """L’adresse de connexion d’un événement en ligne, ou en ligne aussi. Hors entrée libre, elle n’est dite à personne d’autre que vous : donnez-la à qui s’inscrit. Le public lit « lien communiqué après inscription »."""
    online_region: EventDraftOnlineRegion | None = None
    """Le code INSEE de la région à laquelle s’adresse un événement qui n’a lieu qu’en ligne."""
    slots: list[DraftSlot] | None = None
    """Les créneaux."""
    picture: DraftPicture | None = None
    """L’image de l’événement ; nulle s’il n’en a pas."""
    booking_url: str | None = None
    """La page où l’on s’inscrit."""
    booking_email: str | None = None
    """L’adresse à laquelle on s’inscrit : celle de votre organisation, jamais celle d’une personne."""
    booking_telephone: str | None = None
    """Le numéro où l’on s’inscrit : celui de votre organisation, jamais celui d’une personne."""
    website: str | None = None
    """Une page qui en dit plus, ou qui permet de s’inscrire. Sur inscription, il faut ce lien, « booking_email », ou un moyen de s’inscrire dans la description."""
    capacity: int | None = None
    """Combien de visiteurs à chaque créneau."""
    access: str | None = None
    """Comment on s’y rend : transports, parking, entrée."""
    accessibility: list[Accessibility] | None = None
    """Pour qui le lieu est adapté."""
    accessibility_note: str | None = None
    """Un mot sur l’accessibilité, aux visiteurs."""
    external_id: str | None = None
    """Le nom de l’événement dans votre propre système."""
    copied_from: UUID | None = None
    """L’événement qu’il reprend."""


class EventView(BaseModel):
    """Un événement et où il en est. « is_changed » : le brouillon diffère du dernier dépôt."""

    id: UUID
    """L’identifiant de l’événement (UUID)."""
    organisation_id: UUID | None
    """L’organisation dont les membres partagent l’événement ; à la création, l’une des vôtres (rien : celle que vous avez rejointe en premier)."""
    is_mine: bool
    """Si c’est vous qui le suivez : vous recevez les courriels à son sujet."""
    version: str
    """La version de ce que vous avez écrit et déposé, comme l’ETag ; à redonner dans If-Match."""
    revision: int
    """Combien de fois l’événement a été déposé ou retiré."""
    state: State
    """Où en est l’événement : « draft », « submitted », « in_review », « correction_asked » (à vous de le corriger), « labelled », « rejected », « in_appeal », « suspended », « label_withdrawn », « withdrawn »."""
    is_changed: bool
    """Si le brouillon diffère de ce qui a été déposé en dernier."""
    draft: Annotated[EventDraft | dict[str, Any], Field(union_mode="left_to_right")]
    """Le brouillon, tel que vous l’avez écrit en dernier."""
    missing: list[Missing]
    """Ce qui manque encore avant que l’événement puisse être déposé."""
    questions: list[Question]
    """Ce qu’il vous sera demandé de confirmer au dépôt (« confirmed »)."""
    timeline: list[Step]
    """L’histoire de l’événement, pas à pas ; vide dans les listes."""


class HelpedView(BaseModel):
    """Une organisation que votre fédération accompagne."""

    id: UUID
    """L’identifiant de l’organisation (UUID)."""
    name: str
    """Le nom de l’organisation."""
    kind: OrganisationKind | None
    """Le genre de l’organisation."""
    siret: str | None
    """Le numéro SIRET de l’établissement : quatorze chiffres."""
    federation_id: UUID | None
    """La fédération qui accompagne l’organisation."""


class InvitationRequest(BaseModel):
    """La personne que vous invitez."""

    model_config = ConfigDict(
        extra="forbid",
    )
    email: str
    """Une adresse électronique."""
    role: Role = Role.member
    """« manager » (gère l’organisation) ou « member »."""


class InvitationView(BaseModel):
    """Une invitation en attente."""

    id: UUID
    """L’identifiant de l’invitation (UUID)."""
    kind: InvitationViewKind
    """« colleague » : devenir membre ; « federation » : être accompagné par votre fédération."""
    email: str
    """Une adresse électronique."""
    role: Role
    """« manager » (gère l’organisation) ou « member »."""
    since: AwareDatetime
    """Depuis quand."""
    expires_at: AwareDatetime
    """Jusqu’à quand elle vaut."""


class KeyRequest(BaseModel):
    """Ce que l’on dit d’une clé que l’on crée."""

    model_config = ConfigDict(
        extra="forbid",
    )
    name: str
    """À quoi elle sert : « Agenda du site »."""
    scopes: list[Scope]
    """Ce qu’un programme peut faire avec elle."""
    days: int = 365
    """Pour combien de jours elle vaut : 365 au plus."""


class KeyView(BaseModel):
    """Une clé d’accès d’une organisation, sans son secret."""

    id: UUID
    """L’identifiant de la clé (UUID)."""
    prefix: str
    """Comment elle commence : c’est ainsi qu’on la reconnaît."""
    name: str
    """À quoi elle sert."""
    scopes: list[Scope]
    """Ce qu’un programme peut faire avec elle."""
    made_by: UUID
    """Le compte qui l’a créée, au nom duquel le programme agit."""
    since: AwareDatetime
    """Depuis quand."""
    ends_at: AwareDatetime
    """Quand elle prend fin ; un courriel le rappelle 14 et 2 jours avant."""
    last_used_on: date | None
    """Le dernier jour où elle a servi."""


class MemberView(BaseModel):
    """Un membre d’une organisation."""

    account_id: UUID
    """Le numéro du compte."""
    name: str
    """Le nom de la personne."""
    email: str
    """Une adresse électronique."""
    role: Role
    """« manager » (gère l’organisation) ou « member »."""
    since: AwareDatetime
    """Depuis quand."""


class NewKey(BaseModel):
    """La clé qui vient d’être créée, avec son secret."""

    id: UUID
    """L’identifiant de la clé (UUID)."""
    prefix: str
    """Comment elle commence : c’est ainsi qu’on la reconnaît."""
    name: str
    """À quoi elle sert."""
    scopes: list[Scope]
    """Ce qu’un programme peut faire avec elle."""
    made_by: UUID
    """Le compte qui l’a créée, au nom duquel le programme agit."""
    since: AwareDatetime
    """Depuis quand."""
    ends_at: AwareDatetime
    """Quand elle prend fin ; un courriel le rappelle 14 et 2 jours avant."""
    last_used_on: date | None
    """Le dernier jour où elle a servi."""
    key: str
    """La clé, dite cette seule fois : à envoyer dans l’en-tête « Authorization: Bearer sdi_… »."""


class OrganisationView(BaseModel):
    """Une organisation dont vous êtes membre."""

    id: UUID
    """L’identifiant de l’organisation (UUID)."""
    name: str
    """Le nom de l’organisation."""
    kind: OrganisationKind | None
    """Le genre de l’organisation."""
    siret: str | None
    """Le numéro SIRET de l’établissement : quatorze chiffres."""
    federation_id: UUID | None
    """La fédération qui accompagne l’organisation."""
    my_role: Role
    """Ce que vous y êtes : « manager » (vous la gérez) ou « member »."""


class OrganisationWithMembers(BaseModel):
    """Une organisation dont vous êtes membre, et ses membres."""

    id: UUID
    """L’identifiant de l’organisation (UUID)."""
    name: str
    """Le nom de l’organisation."""
    kind: OrganisationKind | None
    """Le genre de l’organisation."""
    siret: str | None
    """Le numéro SIRET de l’établissement : quatorze chiffres."""
    federation_id: UUID | None
    """La fédération qui accompagne l’organisation."""
    my_role: Role
    """Ce que vous y êtes : « manager » (vous la gérez) ou « member »."""
    members: list[MemberView]
    """Ses membres : ceux qui la gèrent d’abord."""


class PageEventView(BaseModel):
    """Une page d’événements. « next » : à donner comme « cursor » pour la page d’après ; nul à la fin."""

    items: list[EventView]
    """La page elle-même."""
    total: int
    """Combien il y en a en tout."""
    next: str | None
    """À donner comme « cursor » pour la page d’après ; nul à la fin."""


class PageUploadView(BaseModel):
    """Une page d’envois. « next » : à donner comme « cursor » pour la page d’après ; nul à la fin."""

    items: list[UploadView]
    """La page elle-même."""
    total: int
    """Combien il y en a en tout."""
    next: str | None
    """À donner comme « cursor » pour la page d’après ; nul à la fin."""


class Postponement(BaseModel):
    """Un report : à ces créneaux, ou à une date qui n’est pas encore connue."""

    model_config = ConfigDict(
        extra="forbid",
    )
    status_note: str | None = None
    """Ce qui en est dit aux visiteurs."""
    confirmed: list[str] = []
    """Les champs dont les numéros et adresses sont ceux de votre organisation et peuvent devenir publics."""
    slots: list[DraftSlot] | None = None
    """Les créneaux."""


class Problem(BaseModel):
    """Un refus ou un incident (RFC 9457)."""

    type: str
    """L’adresse de la page qui explique ce genre de problème ; la liste est à /problemes."""
    title: str
    """Le nom du genre de problème."""
    status: int
    """Le code HTTP de la réponse."""
    detail: str
    """Ce qui s’est passé cette fois, pour une personne."""
    instance: str | None = None
    """Le numéro de l’incident, à donner si vous nous écrivez."""
    errors: list[FieldError] | None = None


class Copy(BaseModel):
    """Le nouveau brouillon, et ce qui n’a pas été repris."""

    id: UUID
    """L’identifiant de l’événement (UUID)."""
    organisation_id: UUID | None
    """L’organisation dont les membres partagent l’événement ; à la création, l’une des vôtres (rien : celle que vous avez rejointe en premier)."""
    is_mine: bool
    """Si c’est vous qui le suivez : vous recevez les courriels à son sujet."""
    version: str
    """La version de ce que vous avez écrit et déposé, comme l’ETag ; à redonner dans If-Match."""
    revision: int
    """Combien de fois l’événement a été déposé ou retiré."""
    state: State
    """Où en est l’événement : « draft », « submitted », « in_review », « correction_asked » (à vous de le corriger), « labelled », « rejected », « in_appeal », « suspended », « label_withdrawn », « withdrawn »."""
    is_changed: bool
    """Si le brouillon diffère de ce qui a été déposé en dernier."""
    draft: Annotated[EventDraft | dict[str, Any], Field(union_mode="left_to_right")]
    """Le brouillon, tel que vous l’avez écrit en dernier."""
    missing: list[Missing]
    """Ce qui manque encore avant que l’événement puisse être déposé."""
    questions: list[Question]
    """Ce qu’il vous sera demandé de confirmer au dépôt (« confirmed »)."""
    timeline: list[Step]
    """L’histoire de l’événement, pas à pas ; vide dans les listes."""
    faults: list[Fault]
    """Ce qui n’a pas été repris, parce que les règles de cette édition le refusent."""
