"""Organisations: what is said of them, what the national directory knows, and how their people are called."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from registration.directory import DirectoryAway, Entry, MemoryDirectory, NationalDirectory
from registration.domain.organisation import WRONG_SIRET, OrganisationRequest
from registration.store import adopt_all_strays

SIRET = "73282932000074"
KNOWN = Entry(SIRET, "FONDERIE DE L'ERDRE", "NANTES", True)


@pytest.fixture
async def ines(a_person):
    return await a_person("ines@fonderie.example")


async def own(person):
    [organisation] = (await person.ask("GET", "/v1/organisations")).json()
    return organisation


async def test_a_person_has_an_organisation_of_their_own_once_however_often_they_look(ines, a_draft):
    first = await own(ines)
    assert (first["name"], first["my_role"], first["siret"]) == ("Fonderie de l’Erdre", "manager", None)
    event = (await ines.ask("POST", "/v1/events", a_draft())).json()
    assert (event["organisation_id"], event["is_mine"]) == (first["id"], True)
    assert await own(ines) == first


async def test_what_was_written_before_there_were_organisations_becomes_its(ines, a_draft, engine):
    event_id = await ines.drafts(a_draft())
    async with engine.begin() as tx:  # as an earlier release leaves it
        await tx.exec_driver_sql("UPDATE events SET organisation_id = NULL")
        await tx.exec_driver_sql("DELETE FROM organisations")
    assert (await ines.reads(event_id))["organisation_id"] is None
    home = await own(ines)
    assert (await ines.reads(event_id))["organisation_id"] == home["id"]


async def test_what_an_earlier_release_writes_meanwhile_is_shared_as_well(ines, a_draft, engine):
    home = await own(ines)
    event_id = await ines.drafts(a_draft())
    async with engine.begin() as tx:
        await tx.exec_driver_sql("UPDATE events SET organisation_id = NULL")
        assert await adopt_all_strays(tx) is False
    assert (await ines.reads(event_id))["organisation_id"] == home["id"]


async def test_an_event_is_of_the_organisation_that_is_named_if_one_is_of_it(ines, a_person, a_draft):
    other = (await ines.ask("POST", "/v1/organisations", {"name": "Lycée Gustave-Eiffel", "kind": "school"})).json()
    asked = f"/v1/events?organisation_id={other['id']}"
    assert (await ines.ask("POST", asked, a_draft())).json()["organisation_id"] == other["id"]
    paul = await a_person("paul@forges.example")
    refused = await paul.ask("POST", asked, a_draft())
    assert (refused.status_code, refused.json()["detail"]) == (
        404,
        "Vous n’êtes d’aucune organisation qui porte cet identifiant.",
    )


async def test_a_siret_is_kept_as_fourteen_digits_and_one_that_is_wrong_is_refused(ines):
    home = await own(ines)
    said = {"name": "Fonderie de l’Erdre", "kind": "company", "siret": "732 829 320 00074"}
    answer = await ines.ask("PUT", f"/v1/organisations/{home['id']}", said)
    assert (answer.json()["siret"], answer.json()["kind"]) == (SIRET, "company")
    answer = await ines.ask("PUT", f"/v1/organisations/{home['id']}", said | {"siret": "73282932000075"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "siret", "message": WRONG_SIRET}]
    assert (await own(ines))["siret"] == SIRET


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "732829320",
        "7328293200007",
        "732829320000744",
        "7328293200007A",
        "00000000000001",
    ],
)
def test_what_is_no_siret_is_none(typed):
    with pytest.raises(ValueError, match="SIRET"):
        OrganisationRequest(name="Erdre", siret=typed)


def test_the_post_has_a_checksum_of_its_own():
    assert OrganisationRequest(name="La Poste", siret="35600000049837").siret == "35600000049837"


async def test_a_new_name_is_that_of_its_people_wherever_they_are_called_by_it(ines, told):
    home = await own(ines)
    for name in ("Fonderie de l’Erdre et fils", "Fonderie de l’Erdre et fils"):  # twice it is told once
        answer = await ines.ask("PUT", f"/v1/organisations/{home['id']}", {"name": name})
        assert answer.json()["name"] == name
    kinds = [(kind, fact["organisation"]) for kind, fact in await told("registration.organisers")]
    assert kinds == [
        ("OrganiserRegistered", "Fonderie de l’Erdre"),
        ("OrganiserChanged", "Fonderie de l’Erdre et fils"),
    ]


async def test_the_name_of_a_second_organisation_changes_nothing_about_its_people(ines, told):
    other = (await ines.ask("POST", "/v1/organisations", {"name": "Lycée Gustave-Eiffel"})).json()
    await ines.ask("PUT", f"/v1/organisations/{other['id']}", {"name": "Lycée Eiffel"})
    assert [kind for kind, _ in await told("registration.organisers")] == ["OrganiserRegistered"]


async def look_up(person, siret=SIRET):
    answer = await person.ask("GET", f"/v1/organisations/directory/{siret}")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def directory(service):
    """The national directory, in memory, asked as the real one is."""
    directory = MemoryDirectory({SIRET: KNOWN})
    service.http.state.desk = replace(service.http.state.desk, directory=directory)
    return directory


async def test_the_directory_knows_an_establishment_or_says_that_it_does_not(ines, directory):
    found = await look_up(ines)
    assert (found["state"], found["name"], found["city"]) == ("found", "FONDERIE DE L'ERDRE", "NANTES")
    directory.entries[SIRET] = KNOWN._replace(is_open=False)
    assert "fermé" in (await look_up(ines))["detail"]
    assert (await look_up(ines, "35600000049837"))["state"] == "unknown"
    assert (await ines.ask("GET", "/v1/organisations/directory/123")).status_code == 422


async def test_where_the_directory_is_away_or_off_it_is_said_and_one_goes_on(ines, directory, service):
    directory.is_away = True
    away = await look_up(ines)
    assert (away["state"], away["name"]) == ("unavailable", None)
    assert away["detail"] == (
        "L’annuaire national ne répond pas en ce moment. Le numéro est bien formé : vous pouvez continuer."
    )
    service.http.state.desk = replace(service.http.state.desk, directory=None)
    assert (await look_up(ines))["state"] == "off"


def national(answer):
    """The directory behind a server that answers so; and what it was asked."""
    asked = []

    def server(request):
        asked.append(str(request.url))
        return answer

    return NationalDirectory("https://annuaire.example/", transport=httpx.MockTransport(server)), asked


async def test_of_an_establishment_the_directory_is_told_its_siret_and_nothing_else():
    establishments = [{"siret": SIRET, "libelle_commune": "NANTES", "etat_administratif": "A"}]
    company = {"nom_complet": "FONDERIE DE L'ERDRE", "matching_etablissements": establishments, "siren": "732829320"}
    directory, asked = national(httpx.Response(200, json={"results": [company], "total_results": 1}))
    assert await directory.find(SIRET) == KNOWN
    assert asked == [f"https://annuaire.example/search?q={SIRET}&per_page=1"]
    establishments[0]["siret"] = "35600000049837"  # another one of the same company
    directory, _ = national(httpx.Response(200, json={"results": [company]}))
    assert await directory.find(SIRET) is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(429),
        httpx.Response(500),
        httpx.Response(302, headers={"Location": "http://169.254.169.254/"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"erreur": "non"}),
        httpx.Response(200, content=b" " * (300 * 1024)),
    ],
)
async def test_a_directory_that_answers_anything_else_is_away(answer):
    directory, asked = national(answer)
    with pytest.raises(DirectoryAway):
        await directory.find(SIRET)
    assert len(asked) == 1


async def test_an_organisation_that_is_asked_for_again_under_one_key_is_made_once(ines):
    said = {"name": "Lycée Gustave-Eiffel"}
    headers = ines.headers | {"Idempotency-Key": "lycée-1".encode().hex()}
    first, second = [await ines.client.post("/v1/organisations", json=said, headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()) == (201, second.json())
    assert len((await ines.ask("GET", "/v1/organisations")).json()) == 2
