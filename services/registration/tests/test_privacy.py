"""A public text does not say who wrote it, and ordinary texts pass."""

from __future__ import annotations

import re

import pytest

from registration.domain.draft import EventDraft
from registration.domain.privacy import ADDRESSED, NAMED, Author, Disclosure, disclosures

INES = Author("Inès Payet", "ines@fonderie.example", "Fonderie de l’Erdre")
VENUE = {"street": "12 rue de l’Industrie", "postcode": "44550", "city": "Montoir-de-Bretagne"}


@pytest.fixture
def found(a_draft):
    """What a draft discloses of its author."""

    def look(author=INES, **changes):
        return disclosures(EventDraft.model_validate(a_draft(**changes)), author)

    return look


def test_an_ordinary_text_discloses_nobody(found):
    assert found() == []


@pytest.mark.parametrize(
    "text",
    [
        "Inès Payet vous accueille",
        "Accueil par INÈS PAYET",
        "Demandez Ines Payet à l’entrée",
        "Contact : Payet Inès",
        "Rendez-vous avec Inès\u00a0 Payet !",
        "Écrire à ines.payet, à l’atelier",
        "InèsPayet, cheffe d’atelier",
    ],
)
def test_the_authors_name_is_found_however_it_is_written(found, text):
    assert found(title=text) == [Disclosure("title", NAMED)]


@pytest.mark.parametrize(
    "text",
    [
        "Inès et Marie Payet vous accueillent",
        "Rue Payet, chez Inès",
        "Chemin d’Inès Payetier",
        "Vinès Payet, la maison",
    ],
)
def test_what_only_looks_like_the_name_passes(found, text):
    assert found(title=text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Jean-Luc Le Gall", "Avec Jean Luc Le-Gall, fondeur"),
        ("Jean-Luc Le Gall", "Avec LE GALL Jean-Luc, fondeur"),
        ("Hélène d’Œuvre", "Avec Helene d'Oeuvre"),
    ],
)
def test_names_of_several_parts_are_found_too(found, name, text):
    # the family name comes first where the first name is one word
    written = name.replace("Jean-Luc ", "Jean-Luc ")
    assert bool(found(Author(written, INES.email, INES.organisation), title=text)) is True


@pytest.mark.parametrize("name", ["Marin", "Rose", "Industrie", "& Rose"])
def test_a_name_of_one_word_may_be_any_word(found, name):
    assert found(Author(name, INES.email, INES.organisation), title=f"{name} : une visite") == []


@pytest.mark.parametrize("field", ["title", "description"])
def test_a_text_that_names_its_author_is_found(found, field):
    assert found(**{field: "Visite menée par Inès Payet"}) == [Disclosure(field, NAMED)]


@pytest.mark.parametrize("part", ["name", "street", "city"])
def test_where_an_event_is_names_nobody(found, part):
    assert found(venue=VENUE | {part: "Espace Inès Payet"}) == []
    assert found(organisation="Fondation Inès Payet") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Jean Jaurès", "Rendez-vous au 12 avenue Jean Jaurès, portail B"),
        ("Jean Jaurès", "Entrée par la place Jean-Jaurès"),
        ("Jean Jaurès", "Rendez-vous : 12 av. Jean-Jaurès"),
        ("Jean Jaurès", "Parking bd. Jean Jaurès, bât. C"),
        ("Marie Curie", "Avec les élèves du lycée professionnel Marie-Curie"),
        ("Charles de Gaulle", "Départ de la place du Général Charles de Gaulle"),
        ("Pierre Marchand", "Le tailleur de la pierre marchande"),
        ("Marin Pêcheur", "La vie d’un marin pêcheur"),
    ],
)
def test_a_street_or_a_common_word_is_no_disclosure(found, name, text):
    assert found(Author(name, INES.email, INES.organisation), description=text) == []


FUNCTIONS = [
    "Service des visites", "Service communication", "Accueil usine", "La direction", "L’équipe RH", "Équipe Production",
    "Direction des ressources humaines", "Responsable communication", "Chargée de communication", "Pôle formation",
    "Atelier de production", "Ressources humaines", "Relations écoles", "Contact presse", "Visites usine",
    "Portes ouvertes", "Bureaux d’études", "Notre service com", "Semaine de l’industrie", "Ville de Lyon",
]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("before", ["", "Le ", "Contact : ", "Renseignements auprès de "])
def test_a_function_is_nobodys_name(found, name, before):
    author = Author(name, "visites@fonderie.example", INES.organisation)
    assert found(author, title=f"{before}{name}", description=f"{before}{name.lower()} de notre usine.") == []


@pytest.mark.parametrize("name", ["Inès Payet", "Jean Dupont", *FUNCTIONS])
def test_the_advice_that_a_refusal_gives_can_be_followed(found, name):
    [advised] = re.findall("« (.*) »", NAMED)
    [mailbox] = re.findall(r"\S+@\S+(?=,)", ADDRESSED)
    for email in ("ines.payet@fonderie.example", mailbox, "visites@fonderie.example", "contact@fonderie.example"):
        author = Author(name, email, INES.organisation)
        advice = {"title": f"Avec {advised}", "description": f"Écrivez à {advised} : {mailbox} ou {email[-24:]}."}
        assert found(author, **advice, booking_email=mailbox) == []


@pytest.mark.parametrize(
    "name", ["Mme Jeanne Dupont", "Jeanne DUPONT", "Jeanne Dupont, communication", "Dr. Dupont Jeanne"]
)
@pytest.mark.parametrize(
    "text",
    [
        "Contact : Jeanne Dupont, 06 12 34 56 78",
        "Venez place de la gare. Jeanne Dupont vous attend",
        "Visite menée par jeanne dupont",
        "Avec Jеanne Duроnt, fondeuse",
        "L’équipe de Jeanne Dupont vous reçoit",
    ],
)
def test_a_person_is_found_with_their_title_or_their_function(found, name, text):
    assert found(Author(name, INES.email, INES.organisation), description=text) == [Disclosure("description", NAMED)]


@pytest.mark.parametrize(
    ("name", "email", "is_theirs"),
    [
        ("Inès Payet", "ines.payet@fonderie.example", True),
        ("Inès Payet", "ipayet@fonderie.example", True),
        ("Inès Payet", "visites@fonderie.example", False),
        ("Service des visites", "visites@fonderie.example", False),
        ("Inès Payet", "contact@payet.example", False),
    ],
)
def test_an_address_is_somebodys_when_their_name_is_in_it(found, name, email, is_theirs):
    author = Author(name, email, INES.organisation)
    there = [Disclosure(field, ADDRESSED) for field in ("description", "booking_email")]
    disclosed = found(author, description=f"Écrivez à {email}.", booking_email=email)
    assert [one for one in disclosed if one.message == ADDRESSED] == (there if is_theirs else [])


@pytest.mark.parametrize("text", ["Écrire à ines@fonderie.example.", "INES@Fonderie.example", "ines @fonderie.example"])
def test_the_authors_address_is_found_in_a_text(found, text):
    assert found(description=f"Une visite. {text}") == [Disclosure("description", ADDRESSED)]


@pytest.mark.parametrize(
    "link", ["https://fonderie.example/?a=ines@fonderie.example", "https://fonderie.example/?a=ines%40fonderie.example"]
)
def test_the_authors_address_is_found_in_a_link(found, link):
    assert found(website=link) == [Disclosure("website", ADDRESSED)]
    assert found(venue=..., online_url=link) == [Disclosure("online_url", ADDRESSED)]


def test_an_address_is_no_organisation(found):
    assert found(organisation="ines@fonderie.example") == [Disclosure("organisation", ADDRESSED)]


def test_the_functions_address_passes(found):
    assert found(description="Inscriptions : visites@fonderie.example", website="https://fonderie.example") == []


def test_a_trade_name_may_be_the_founders_name(found):
    assert found(organisation="Inès Payet") == []
    assert found(organisation="Inès Payet", title="Visite chez Inès Payet") == []


def test_the_name_passes_where_the_organisations_name_stands_and_nowhere_else(found):
    named = Author(INES.name, INES.email, "Atelier Inès Payet")
    assert found(named, title="Portes ouvertes de l’ATELIER Ines Payet") == []
    assert found(named, title="L’atelier Inès Payet vous accueille, avec Inès Payet") == [Disclosure("title", NAMED)]


def test_an_organisation_with_the_family_name_hides_nobody(found):
    assert found(organisation="Payet", title="Inès Payet vous accueille") == [Disclosure("title", NAMED)]


def test_every_field_that_discloses_is_named(found):
    both = found(title="Par Inès Payet", description="Inès Payet, ines@fonderie.example")
    assert both == [Disclosure("title", NAMED), Disclosure("description", NAMED), Disclosure("description", ADDRESSED)]
