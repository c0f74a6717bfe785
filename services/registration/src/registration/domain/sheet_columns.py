"""The columns of a sheet of events, once: what the template shows is what the reading understands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backbone.campaign.geography import REGIONS
from backbone.campaign.words import ACCESSIBILITY, ADMISSIONS, AUDIENCES, KINDS
from backbone.contracts import Accessibility, Admission, Audience, EventKind, OrganisationKind

from .sheet_plain import plain
from .sheet_words import Choices, digits, telephone, whole_number, yes_or_no

DAY, LAST_DAY, STARTS, ENDS, HOURS, SLOTS = "day", "last_day", "starts", "ends", "hours", "slots"
MOMENTS = (DAY, LAST_DAY, STARTS, ENDS, HOURS, SLOTS)
"""The columns that together say when: a sheet may have several of each, « Date 2 » besides « Date »."""
REPORT = "report"
"""The column that a report adds; it is passed over when the report is uploaded, mended."""
EXAMPLE = "EXEMPLE"
"""The reference of the template's example, which is no event."""


def as_written(text: str) -> str:
    return text


@dataclass(frozen=True)
class Column:
    """A column. `fills`: the field of a draft, as the API names it, or one of `MOMENTS`; `others`: what else people
    call it; `reads`: its cells' text as the draft has it, raises Unreadable; `choices`: the list to choose from."""

    fills: str
    heading: str
    about: str
    example: str
    others: Sequence[str] = ()
    reads: Callable[[str], Any] = as_written
    choices: Choices | None = None
    is_needed: bool = False
    is_offered: bool = True
    """Whether the template has it; the reading understands it in any case."""
    width: int = 20

    @property
    def names(self) -> list[str]:
        """All that its heading may be, as it is compared."""
        return [plain(name) for name in (self.heading, self.fills.replace(".", " ").replace("_", " "), *self.others)]


_KINDS = Choices(
    KINDS,
    {
        EventKind.COMPANY_VISIT: ("visite", "visite d’usine", "visite de site", "visite guidée", "visite d’atelier"),
        EventKind.OPEN_DAY: ("journée portes ouvertes", "porte ouverte", "JPO", "journée découverte"),
        EventKind.JOB_DATING: ("recrutement", "jobdating", "rencontre recrutement", "speed dating"),
        EventKind.CAREERS_FORUM: ("forum", "salon", "forum métiers", "forum de l’emploi", "forum emploi"),
        EventKind.WEBINAR: ("webinar", "visioconférence", "visio"),
        EventKind.CLASSROOM_TALK: ("intervention", "intervention scolaire", "intervention en milieu scolaire"),
        EventKind.VIRTUAL_VISIT: ("visite en ligne", "visite 360"),
        EventKind.WORKSHOP: ("atelier découverte", "atelier pratique", "ateliers"),
        EventKind.EXHIBITION: ("expo",),
        EventKind.CONFERENCE: ("table ronde", "conférence-débat", "débat"),
        EventKind.GAME: ("escape game", "concours", "jeu concours", "défi"),
    },
)
_AUDIENCES = Choices(
    AUDIENCES,
    {
        Audience.EVERYONE: ("grand public", "tous", "tous publics", "tout le monde", "ouvert à tous", "public"),
        Audience.FAMILIES: ("famille", "parents", "en famille"),
        Audience.PUPILS: ("scolaires", "scolaire", "collégiens", "lycéens", "élèves", "collèges", "lycées", "jeunes"),
        Audience.STUDENTS: ("étudiant", "étudiantes", "apprentis", "étudiants et apprentis"),
        Audience.JOB_SEEKERS: ("demandeur d’emploi", "chercheurs d’emploi", "recherche d’emploi", "chômeurs"),
        Audience.TEACHERS: ("professeurs", "profs", "enseignant", "équipes éducatives", "enseignantes"),
        Audience.HR_PROFESSIONALS: ("RH", "professionnels RH", "ressources humaines", "professionnels"),
    },
)
_ADMISSIONS = Choices(
    ADMISSIONS,
    {
        Admission.EVERYONE: ("libre", "entrée libre", "accès libre", "sans inscription", "ouvert", "tout public"),
        Admission.ON_REGISTRATION: ("inscription", "inscription obligatoire", "réservation", "sur réservation"),
        Admission.NAMED_GROUP: ("réservé à un groupe", "groupe", "groupe désigné", "réservé"),
        Admission.INVITATION_ONLY: ("invitation", "sur invitation uniquement"),
    },
)
_ACCESSIBILITY = Choices(
    ACCESSIBILITY,
    {
        Accessibility.MOTOR: ("moteur", "PMR", "personnes à mobilité réduite", "fauteuil roulant", "mobilité réduite"),
        Accessibility.VISUAL: ("visuel", "malvoyants", "aveugles et malvoyants", "déficience visuelle"),
        Accessibility.HEARING: ("auditif", "malentendants", "sourds et malentendants", "LSF", "déficience auditive"),
        Accessibility.INTELLECTUAL: ("intellectuel", "mental", "handicap mental", "FALC"),
        Accessibility.PSYCHIC: ("psychique",),
    },
)
ORGANISATION_KINDS: Mapping[str, str] = {
    OrganisationKind.COMPANY: "Entreprise",
    OrganisationKind.SCHOOL: "Établissement d’enseignement",
    OrganisationKind.FEDERATION: "Fédération",
    OrganisationKind.PUBLIC_BODY: "Organisme public",
    OrganisationKind.ASSOCIATION: "Association",
    OrganisationKind.OTHER: "Autre",
}
_REGIONS = Choices(REGIONS)
_ORGANISATIONS = Choices(
    ORGANISATION_KINDS,
    {
        OrganisationKind.COMPANY: ("société", "PME", "TPE", "ETI", "grand groupe", "groupe", "industriel"),
        OrganisationKind.SCHOOL: ("école", "lycée", "collège", "université", "CFA", "centre de formation", "IUT"),
        OrganisationKind.FEDERATION: ("syndicat professionnel", "branche", "union", "fédération professionnelle"),
        OrganisationKind.PUBLIC_BODY: ("collectivité", "administration", "établissement public", "mairie", "CCI"),
        OrganisationKind.ASSOCIATION: ("asso",),
        OrganisationKind.OTHER: ("divers",),
    },
)
_YES_OR_NO = Choices({"true": "oui", "false": "non"})


@dataclass(frozen=True)
class Columns:
    """All of them, in the order of the template."""

    all: Sequence[Column]
    by_name: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        named = {name: column for column in reversed(self.all) for name in column.names}
        object.__setattr__(self, "by_name", named)

    @property
    def offered(self) -> list[Column]:
        """Those of the template."""
        return [column for column in self.all if column.is_offered]

    def filling(self, fills: str) -> Column:
        """The column that fills this field. Raises LookupError."""
        return next(column for column in self.all if column.fills == fills)


def columns_of(themes: Mapping[str, str]) -> Columns:
    """The columns for an edition with these themes, each with its French name."""
    return Columns([_themed(column, Choices(themes)) if column.fills == "themes" else column for column in _ALL])


def _themed(column: Column, themes: Choices) -> Column:
    said = replace(column, choices=themes, reads=themes.several, is_offered=bool(themes.words))
    return replace(said, example=next(iter(themes.words.values()), ""))


_ALL: Sequence[Column] = (
    Column(
        "external_id",
        "Référence",
        "Le nom que cette ligne porte chez vous, unique dans le fichier. Un fichier envoyé à nouveau met à jour "
        "l’événement de même référence. Sans référence, l’événement se reconnaît à son titre, à son code postal et "
        "à son premier jour.",
        EXAMPLE,
        ("Identifiant", "Réf", "ID", "Référence externe", "Identifiant externe", "N°", "Numéro", "Code"),
        reads=digits,
        width=14,
    ),
    Column(
        "organisation",
        "Organisation",
        "L’entreprise, l’école ou l’organisme qui invite. Vide : votre organisation.",
        "Fonderie de l’Erdre",
        (
            "Entreprise", "Organisme", "Structure", "Établissement", "Nom de l’entreprise", "Organisateur",
            "Nom de la structure", "Société", "Raison sociale", "Nom de l’organisme", "Nom de l’établissement",
        ),
        width=26,
    ),
    Column(
        "organisation_kind",
        "Type d’organisation",
        "Ce qu’est l’organisation qui invite.",
        ORGANISATION_KINDS[OrganisationKind.COMPANY],
        ("Type de structure", "Type d’organisme", "Statut de l’organisation", "Nature de l’organisation"),
        reads=_ORGANISATIONS.one,
        choices=_ORGANISATIONS,
        width=18,
    ),
    Column(
        "title",
        "Titre",
        "Le titre de l’événement : 3 à 120 caractères.",
        "Du métal en fusion à la pièce finie",
        ("Titre de l’événement", "Intitulé", "Nom de l’événement", "Événement", "Intitulé de l’événement"),
        is_needed=True,
        width=36,
    ),
    Column(
        "description",
        "Description",
        "Ce qui attend le public : 10 à 1 500 caractères, sans nom de personne.",
        "Suivez une pièce de fonderie, du four à l’emballage, avec qui la fabrique.",
        ("Descriptif", "Présentation", "Description de l’événement", "Détail", "Contenu", "Texte", "Résumé"),
        is_needed=True,
        width=60,
    ),
    Column(
        "kind",
        "Type d’événement",
        "Le genre d’événement.",
        KINDS[EventKind.COMPANY_VISIT],
        ("Type", "Genre", "Format", "Nature", "Catégorie", "Type d’action", "Nature de l’événement"),
        reads=_KINDS.one,
        choices=_KINDS,
        is_needed=True,
        width=22,
    ),
    Column(
        "audiences",
        "Publics",
        "À qui l’événement s’adresse ; plusieurs se séparent par des points-virgules.",
        f"{AUDIENCES[Audience.PUPILS]} ; {AUDIENCES[Audience.FAMILIES]}",
        ("Public", "Public visé", "Public cible", "Cible", "Publics concernés", "Type de public", "Audience"),
        reads=_AUDIENCES.several,
        choices=_AUDIENCES,
        is_needed=True,
        width=30,
    ),
    Column(
        "admission",
        "Accès",
        "Comment on entre.",
        ADMISSIONS[Admission.ON_REGISTRATION],
        ("Condition d’accès", "Conditions d’accès", "Modalités d’accès", "Entrée", "Inscription", "Participation"),
        reads=_ADMISSIONS.one,
        choices=_ADMISSIONS,
        is_needed=True,
        width=22,
    ),
    Column(
        "is_free",
        "Gratuit",
        "oui ou non. La gratuité est une condition du label.",
        "oui",
        ("Gratuité", "Est gratuit", "Gratuit ?", "Événement gratuit", "Gratuit oui/non", "Tarif"),
        reads=yes_or_no,
        choices=_YES_OR_NO,
        is_needed=True,
        width=9,
    ),
    Column(
        "themes",
        "Thèmes",
        "Ce dont il est aussi question ; plusieurs se séparent par des points-virgules.",
        "",
        ("Thème", "Thématique", "Thématiques"),
        width=24,
    ),
    Column(
        DAY,
        "Date",
        "Le jour : 17/11/2026. Plusieurs jours aux mêmes heures : « du 16 au 18/11/2026 », "
        "« 16/11 et 18/11/2026 ».",
        "17/11/2026",
        ("Jour", "Date de l’événement", "Dates", "Date de début", "Premier jour", "Jours", "Le"),
        is_needed=True,
        width=14,
    ),
    Column(
        LAST_DAY,
        "Date de fin",
        "Le dernier jour, si l’événement ouvre plusieurs jours de suite aux mêmes heures.",
        "",
        ("Dernier jour", "Date fin", "Jusqu’au"),
        is_offered=False,
        width=14,
    ),
    Column(
        STARTS,
        "Heure de début",
        "L’heure d’ouverture, à l’heure du lieu : 9h ou 09:00.",
        "09:00",
        ("Début", "De", "Heure début", "Horaire de début", "Heure d’ouverture", "Ouverture", "Heure"),
        is_needed=True,
        width=14,
    ),
    Column(
        ENDS,
        "Heure de fin",
        "L’heure de fermeture, à l’heure du lieu : 12h ou 12:00.",
        "12:00",
        ("Fin", "Heure fin", "Horaire de fin", "Heure de fermeture", "Fermeture"),
        is_needed=True,
        width=14,
    ),
    Column(
        HOURS,
        "Horaires",
        "Les heures en une fois : « 9h-12h et 14h-17h ».",
        "",
        ("Horaire", "Heures", "Plage horaire", "Créneau horaire"),
        is_offered=False,
    ),
    Column(
        SLOTS,
        "Autres créneaux",
        "D’autres jours ou d’autres heures : « 18/11/2026 9h-12h et 14h-17h ; 19/11/2026 9h-12h ».",
        "18/11/2026 14h-17h",
        ("Créneaux", "Créneau", "Dates et horaires", "Date et heure", "Date et horaires", "Autres dates", "Quand"),
        width=30,
    ),
    Column(
        "venue.name",
        "Nom du lieu",
        "Ce que dit l’enseigne. Laissez vides les quatre colonnes du lieu pour un événement en ligne.",
        "Usine de Montoir, portail B",
        ("Lieu", "Site", "Nom du site", "Lieu de l’événement"),
        width=26,
    ),
    Column(
        "venue.street",
        "Adresse",
        "Le numéro et la rue.",
        "12 rue de l’Industrie",
        ("Rue", "Adresse du lieu", "Adresse postale", "N° et rue", "Voie", "Adresse de l’événement", "Adresse 1"),
        width=30,
    ),
    Column(
        "venue.postcode",
        "Code postal",
        "Cinq chiffres.",
        "44550",
        ("CP", "Code-postal", "Codepostal", "Postcode", "Code postal du lieu"),
        width=12,
    ),
    Column(
        "venue.city",
        "Commune",
        "Le nom de la commune.",
        "Montoir-de-Bretagne",
        ("Ville", "Localité", "Commune du lieu", "Ville de l’événement"),
        width=24,
    ),
    Column(
        "is_online",
        "En ligne",
        "oui si l’on peut aussi, ou seulement, participer à distance.",
        "non",
        ("À distance", "Distanciel", "Événement en ligne", "Virtuel"),
        reads=yes_or_no,
        choices=_YES_OR_NO,
        width=9,
    ),
    Column(
        "online_url",
        "Lien de connexion",
        "L’adresse d’un événement en ligne. Sur inscription, elle n’est pas montrée au public.",
        "",
        ("Lien visio", "URL de connexion", "Lien de visioconférence", "Lien en ligne", "Lien du webinaire"),
        width=26,
    ),
    Column(
        "online_region",
        "Région (en ligne)",
        "La région à laquelle s’adresse un événement qui n’a lieu qu’en ligne. Vide : toutes.",
        "",
        ("Région de l’événement en ligne",),
        reads=_REGIONS.one,
        choices=_REGIONS,
        width=18,
    ),
    Column(
        "booking_url",
        "Lien d’inscription",
        "La page où l’on s’inscrit.",
        "",
        ("Site d’inscription", "URL d’inscription", "Formulaire d’inscription", "Lien de réservation", "Billetterie"),
        width=28,
    ),
    Column(
        "booking_email",
        "Courriel d’inscription",
        "L’adresse à laquelle on s’inscrit : celle de votre organisation, jamais celle d’une personne.",
        "visites@fonderie.example",
        (
            "Email d’inscription", "E-mail d’inscription", "Mail d’inscription", "Email", "E-mail", "Mail",
            "Courriel", "Adresse mail", "Adresse e-mail", "Adresse électronique", "Contact", "Email de contact",
            "Mail de contact",
        ),
        width=28,
    ),
    Column(
        "booking_telephone",
        "Téléphone d’inscription",
        "Le numéro de votre organisation, jamais celui d’une personne.",
        "02 40 00 11 22",
        ("Téléphone", "Tél", "Tél.", "Numéro de téléphone", "Tel inscription", "Téléphone de contact"),
        reads=telephone,
        width=18,
    ),
    Column(
        "website",
        "Site web",
        "Une page qui en dit plus, ou qui permet de s’inscrire.",
        "https://fonderie.example/visites",
        (
            "Site", "Site internet", "Lien", "URL", "Page web",
            "Lien vers le site", "Adresse du site", "Web", "Internet",
        ),
        width=30,
    ),
    Column(
        "capacity",
        "Capacité",
        "Combien de visiteurs à chaque créneau.",
        "25",
        ("Jauge", "Nombre de places", "Places", "Nombre de participants", "Effectif maximum"),
        reads=whole_number,
        width=10,
    ),
    Column(
        "access",
        "Comment venir",
        "Le chemin, le stationnement, l’arrêt le plus proche, ce qu’il faut apporter.",
        "Parking à l’entrée nord ; chaussures fermées.",
        ("Venir", "Itinéraire", "Accès au site", "Informations d’accès", "Plan d’accès"),
        width=30,
    ),
    Column(
        "accessibility",
        "Accessibilité",
        "Pour qui le lieu est aménagé ; plusieurs se séparent par des points-virgules.",
        ACCESSIBILITY[Accessibility.MOTOR],
        ("Accessible", "Handicap", "Accessibilité handicap", "Accessible PMR", "Handicaps", "PMR"),
        reads=_ACCESSIBILITY.several,
        choices=_ACCESSIBILITY,
        width=24,
    ),
    Column(
        "accessibility_note",
        "Précisions d’accessibilité",
        "Ce qu’un visiteur en situation de handicap doit savoir.",
        "",
        ("Précision sur l’accessibilité", "Accessibilité (précisions)", "Note d’accessibilité"),
        width=30,
    ),
    Column(REPORT, "À corriger", "Ce que le compte rendu ajoute.", "", is_offered=False, width=60),
)  # fmt: skip
"""Where a name stands for two columns, the first has it: « Site » is a place."""

COLUMNS = columns_of({})
"""The columns of no edition in particular."""
