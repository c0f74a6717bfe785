"""The form of an event, in steps: the one table of what is asked, in which words, and how it is answered.

A test holds it against the fields of a draft: one that is asked nowhere must be in `NOT_ASKED`, with why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from backbone.campaign.edition import Edition
from backbone.campaign.geography import REGIONS
from backbone.campaign.words import ACCESSIBILITY, ADMISSIONS, AUDIENCES, KINDS
from backbone.contracts import OrganisationKind


class Way(StrEnum):
    """How a field is answered; each has its macro in `templates/pages/_fields.html`."""

    LINE = "line"
    TEXT = "text"
    EMAIL = "email"
    URL = "url"
    TELEPHONE = "tel"
    NUMBER = "number"
    LIST = "list"
    ONE = "one"
    SEVERAL = "several"
    YES_NO = "yes_no"
    TICK = "tick"
    SLOTS = "slots"
    PIN = "pin"
    COMMUNE = "commune"
    """Not asked: noted when a suggestion is taken."""


@dataclass(frozen=True)
class Field:
    """A question. `name`: the draft's field, `venue.city`."""

    name: str
    label: str
    way: Way = Way.LINE
    help: str = ""
    options: Callable[[Edition], Mapping[str, str]] | None = None
    is_needed: bool = False
    most: int = 120
    complete: str = ""
    """What a browser may fill in by itself."""

    @property
    def id(self) -> str:
        """Its name in the form."""
        return self.name.replace(".", "-")

    @property
    def is_short(self) -> bool:
        return self.way in (Way.NUMBER, Way.TELEPHONE) or self.name == "venue.postcode"

    @property
    def is_suggested(self) -> bool:
        """Whether communes are suggested while it is typed."""
        return self.name in ("venue.postcode", "venue.city")


@dataclass(frozen=True)
class Group:
    """Questions that belong together, under a heading."""

    title: str
    fields: tuple[Field, ...]
    help: str = ""


@dataclass(frozen=True)
class Step:
    """A page of the form."""

    name: str
    title: str
    groups: tuple[Group, ...]
    help: str = ""

    @property
    def fields(self) -> Iterator[Field]:
        for group in self.groups:
            yield from group.fields


ORGANISATION_KINDS: Mapping[str, str] = {
    OrganisationKind.COMPANY: "Une entreprise",
    OrganisationKind.SCHOOL: "Une école, un centre de formation",
    OrganisationKind.FEDERATION: "Une fédération, un syndicat professionnel",
    OrganisationKind.PUBLIC_BODY: "Un organisme public",
    OrganisationKind.ASSOCIATION: "Une association",
    OrganisationKind.OTHER: "Autre",
}
STEPS = (
    Step(
        "quoi",
        "Quoi",
        (
            Group(
                "",
                (
                    Field(
                        "title",
                        "Le titre de l’événement",
                        help="Court et concret. Par exemple : Du métal en fusion à la pièce finie.",
                        is_needed=True,
                    ),
                    Field("kind", "Le genre d’événement", Way.LIST, options=lambda _: KINDS, is_needed=True),
                    Field(
                        "description",
                        "Ce qui attend le public",
                        Way.TEXT,
                        help="Quelques phrases, 1 500 signes au plus : ce que l’on voit, ce que l’on fait, avec "
                        "qui, et le lien avec l’industrie. N’y mettez ni votre nom ni vos coordonnées : ce texte "
                        "devient public.",
                        is_needed=True,
                        most=1500,
                    ),
                    Field(
                        "themes",
                        "Un thème de l’édition ?",
                        Way.SEVERAL,
                        options=lambda edition: edition.themes,
                    ),
                ),
            ),
            Group(
                "Qui invite",
                (
                    Field(
                        "organisation",
                        "Le nom que le public lit",
                        help="L’entreprise, l’école ou l’organisme. Par exemple : Fonderie de l’Erdre.",
                        is_needed=True,
                        complete="organization",
                    ),
                    Field("organisation_kind", "C’est", Way.LIST, options=lambda _: ORGANISATION_KINDS),
                ),
            ),
        ),
    ),
    Step(
        "quand",
        "Quand",
        (
            Group(
                "",
                (
                    Field(
                        "slots",
                        "Les créneaux",
                        Way.SLOTS,
                        help="Un par séance, à l’heure du lieu : un jour, une heure de début et une heure de fin.",
                        is_needed=True,
                    ),
                ),
            ),
        ),
    ),
    Step(
        "ou",
        "Où",
        (
            Group(
                "Sur place",
                (
                    Field(
                        "venue.name",
                        "Le nom du lieu",
                        help="Ce que dit l’enseigne. Par exemple : Usine de Montoir, portail B.",
                    ),
                    Field("venue.street", "Le numéro et la rue", complete="address-line1"),
                    Field("venue.postcode", "Le code postal", complete="postal-code", is_needed=True, most=40),
                    Field("venue.city", "La commune", complete="address-level2", is_needed=True),
                    Field("venue.commune_code", "Le code de la commune", Way.COMMUNE),
                    Field(
                        "venue.position",
                        "Le repère sur la carte",
                        Way.PIN,
                        help="Nous cherchons l’adresse pour vous. Si l’entrée est ailleurs, placez-le vous-même.",
                    ),
                ),
                help="Laissez vide si l’événement n’a lieu qu’en ligne.",
            ),
            Group(
                "En ligne",
                (
                    Field("is_online", "On peut y prendre part en ligne", Way.TICK),
                    Field(
                        "online_url",
                        "L’adresse de connexion",
                        Way.URL,
                        help="Par exemple : https://visio.exemple.fr/soudeuses. Elle n’est montrée à tous que si "
                        "l’entrée est libre ; sinon, donnez-la vous-même à qui s’inscrit.",
                        most=500,
                    ),
                    Field(
                        "online_region",
                        "La région à laquelle il s’adresse",
                        Way.LIST,
                        help="S’il n’a lieu qu’en ligne, et pour une région : on l’y trouve. Sinon, laissez vide.",
                        options=lambda _: REGIONS,
                    ),
                ),
            ),
        ),
        help="Un lieu, une adresse de connexion, ou les deux.",
    ),
    Step(
        "pour-qui",
        "Pour qui, et comment venir",
        (
            Group(
                "Pour qui",
                (
                    Field("audiences", "À qui il s’adresse", Way.SEVERAL, options=lambda _: AUDIENCES, is_needed=True),
                    Field("admission", "Comment on entre", Way.ONE, options=lambda _: ADMISSIONS, is_needed=True),
                    Field(
                        "is_free",
                        "Est-ce gratuit ?",
                        Way.YES_NO,
                        help="Le label demande que l’événement soit gratuit pour tous.",
                        is_needed=True,
                    ),
                    Field("capacity", "Le nombre de places", Way.NUMBER, most=6),
                ),
            ),
            Group(
                "S’inscrire",
                (
                    Field(
                        "booking_url",
                        "La page d’inscription",
                        Way.URL,
                        help="Par exemple : https://exemple.fr/inscription.",
                        most=500,
                    ),
                    Field(
                        "booking_email",
                        "L’adresse électronique pour s’inscrire",
                        Way.EMAIL,
                        help="Celle de votre organisation, jamais celle d’une personne : elle devient publique.",
                        most=254,
                    ),
                    Field(
                        "booking_telephone",
                        "Le téléphone pour s’inscrire",
                        Way.TELEPHONE,
                        help="Celui de votre organisation. Par exemple : 02 40 00 11 22.",
                        most=30,
                    ),
                    Field("website", "Une page qui en dit plus", Way.URL, most=500),
                ),
                help="Si l’entrée est sur inscription, dites au moins une façon de s’inscrire.",
            ),
            Group(
                "Venir",
                (
                    Field(
                        "access",
                        "Comment on y vient",
                        Way.TEXT,
                        help="Stationnement, arrêt de bus, portail, pièce d’identité à présenter…",
                        most=500,
                    ),
                    Field(
                        "accessibility",
                        "Le lieu est aménagé pour",
                        Way.SEVERAL,
                        options=lambda _: ACCESSIBILITY,
                    ),
                    Field(
                        "accessibility_note",
                        "Un mot sur l’accessibilité",
                        Way.TEXT,
                        help="Par exemple : boucle magnétique à l’accueil, fauteuil prêté sur demande.",
                        most=500,
                    ),
                ),
            ),
        ),
    ),
)
CHECK = "verifier"
BY_NAME: Mapping[str, Step] = {step.name: step for step in STEPS}
FIELDS: Mapping[str, Field] = {field.name: field for step in STEPS for field in step.fields}
NOT_ASKED: Mapping[str, str] = {
    "status": "said on the event’s own page, once it is announced",
    "status_note": "with its status",
    "status_url": "with its status",
    "external_id": "a name in somebody’s own system, which programs and sheets give",
    "picture": "a file, and what it shows: on a page of its own",
    "copied_from": "noted when an event is copied",
}
"""The fields of a draft that the form does not ask for, and why."""


def field_of(name: str) -> Field | None:
    """The question that a fault, a lack or a question of a draft is about: « slots.0.starts_at » is of « slots »."""
    parts = name.split(".")
    known = (FIELDS.get(".".join(parts[:length])) for length in range(len(parts), 0, -1))
    found = next((field for field in known if field), None)
    return found or (FIELDS["venue.street"] if parts[0] == "venue" else None)


def step_of(field: Field) -> Step:
    """Where it is asked."""
    return next(step for step in STEPS if field in step.fields)


def after(step: Step) -> str:
    """The name of the next step."""
    names = [*BY_NAME, CHECK]
    return names[names.index(step.name) + 1]


def before(name: str) -> str | None:
    """The name of the step before; None before the first."""
    names = [*BY_NAME, CHECK]
    place = names.index(name)
    return names[place - 1] if place else None
