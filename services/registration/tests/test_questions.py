"""A telephone number or a mailbox in a public text is met with a question, and with no silence."""

from __future__ import annotations

import pytest

from registration.domain.draft import EventDraft
from registration.domain.questions import questions


@pytest.fixture
def asked(a_draft):
    """What is asked of a draft."""

    def look(**changes):
        return questions(EventDraft.model_validate(a_draft(**changes)))

    return look


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Contact : Jean Dupont, 06 12 34 56 78", "06 12 34 56 78"),
        ("Appelez le 06.12.34.56.78", "06.12.34.56.78"),
        ("Appelez le 0612345678", "0612345678"),
        ("Appelez le 06-12-34-56-78", "06-12-34-56-78"),
        ("Appelez le 06/12/34/56/78", "06/12/34/56/78"),
        ("Tél. : +33 (0)6 12 34 56 78", "+33 (0)6 12 34 56 78"),
        ("Tél. 0033 2 40 00 11 22", "0033 2 40 00 11 22"),
        ("Tél. 02\u00a040\u00a000\u202f11\u00a022", "02 40 00 11 22"),
        ("À La Réunion : 0692 12 34 56", "0692 12 34 56"),
        ("Tél. \uff10\uff16 12 34 56 78", "06 12 34 56 78"),
        ("Écrivez à visites@fonderie-erdre.example", "visites@fonderie-erdre.example"),
        ("Écrivez à jean.dupont (at) fonderie.example", "jean.dupont (at) fonderie.example"),
        ("Écrivez à jean [arobase] fonderie [point] fr", "jean [arobase] fonderie [point] fr"),
    ],
)
def test_what_reaches_somebody_is_asked_about_in_its_own_words(asked, text, found):
    [question] = asked(description=text)
    assert question.field == "description"
    assert f"« {found} »" in question.message
    assert "confirmez ce champ au dépôt" in question.message


@pytest.mark.parametrize(
    "text",
    [
        "De 9 h à 12 h le 17/11/2026, puis du 18 au 20.11.2026",
        "SIRET 123 456 789 00012, 44550 Montoir-de-Bretagne",
        "1 200 pièces par jour, 35 000 € investis, 2 000 000 de boîtes",
        "Norme ISO 9001:2015, lot 4 500 et plan n° 12-34-56",
        "@fonderie sur les réseaux ; suivez #industrie",
    ],
)
def test_other_numbers_are_not_asked_about(asked, text):
    assert asked(description=text) == []


def test_each_field_is_asked_about_once_with_all_that_is_in_it(asked):
    venue = {"name": "Portail B, 06 12 34 56 78", "postcode": "44550", "city": "Montoir"}
    both = asked(description="Écrivez à a@fonderie.example ou au 06 12 34 56 78, oui : 06 12 34 56 78.", venue=venue)
    assert [question.field for question in both] == ["description", "venue.name"]
    assert "« a@fonderie.example » et « 06 12 34 56 78 »" in both[0].message


def test_the_mailbox_for_registering_is_not_asked_about(asked):
    assert asked(booking_email="visites@fonderie.example", description="Écrivez à visites@fonderie.example.") == []
    assert asked(website="https://fonderie.example/02-40-00-11-22") == []


async def test_a_number_is_submitted_once_its_organiser_has_confirmed_it(a_person, a_draft, told):
    person = await a_person()
    answer = await person.ask("POST", "/v1/events", a_draft(description="Inscription au 02 40 00 11 22, merci."))
    [question] = answer.json()["questions"]
    assert (question["field"], "02 40 00 11 22" in question["message"]) == ("description", True)

    path = f"/v1/events/{answer.json()['id']}"
    refused = await person.ask("POST", f"{path}/submission")
    assert (refused.status_code, refused.json()["errors"]) == (422, [question])
    assert refused.json()["to_confirm"] == ["description"]
    assert (await person.ask("POST", f"{path}/submission", {"confirmed": ["title"]})).status_code == 422
    assert await told() == []

    for _ in range(2):  # asked twice, it is submitted once, and not asked about again
        submitted = await person.ask("POST", f"{path}/submission", {"confirmed": ["description"]})
        assert (submitted.status_code, submitted.json()["revision"]) == (200, 1)
    assert (await person.ask("POST", f"{path}/submission")).status_code == 200
    [(_, fact)] = await told()
    assert fact["event"]["description"] == "Inscription au 02 40 00 11 22, merci."


async def test_a_number_that_comes_with_an_amendment_is_asked_about(a_person, a_draft):
    person = await a_person()
    event = await person.drafts(a_draft())
    await person.submits(event)
    await person.ask("PUT", f"/v1/events/{event}", a_draft(title="Visite, tél. 06 12 34 56 78"))
    refused = await person.ask("POST", f"/v1/events/{event}/submission")
    assert (refused.status_code, refused.json()["to_confirm"]) == (422, ["title"])


def test_a_text_full_of_numbers_is_asked_about_by_its_first_ten(asked):
    numbers = [f"06 12 34 56 {n}" for n in range(10, 99)]
    [question] = asked(description=", ".join(numbers))
    assert [number for number in numbers if number in question.message] == numbers[:10]
