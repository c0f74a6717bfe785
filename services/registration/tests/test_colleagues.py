"""Colleagues share events, come and go; an event is handed to another, and stays when its keeper is erased."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from registration.handlers.invitations import invitations_that_are_over
from registration.store import events, invitations

PASSWORD = "douze lettres, ou plus"
LINK = re.compile(r"https://inscription\.example/invitation\?jeton=(\S+)")
OVER = (
    "Cette invitation a expiré, a déjà servi ou a été annulée. Si vous en avez encore besoin, demandez-en une autre à "
    "votre correspondant."
)


@pytest.fixture
async def ines(a_person):
    ines = await a_person("ines@fonderie.example")
    [ines.home] = (await ines.ask("GET", "/v1/organisations")).json()
    return ines


@pytest.fixture
def link(worker, mailer):
    """The token of the invitation that has just been mailed."""

    async def read():
        assert await worker.run_due() == 1
        return LINK.search(mailer.sent[-1].get_body(("plain",)).get_content())[1]

    return read


async def invite(person, email, role="member"):
    path = f"/v1/organisations/{person.home['id']}/invitations"
    return await person.ask("POST", path, {"email": email, "role": role})


@pytest.fixture
def join(ines, client, link, a_person):
    """Somebody with an account joins Inès."""

    async def go(email="paule@fonderie.example", role="member"):
        person = await a_person(email)
        assert (await invite(ines, email, role)).status_code == 202
        accepted = await client.post("/v1/invitations/acceptances", json={"token": await link()})
        assert accepted.status_code == 200, accepted.text
        person.account_id = next(m["account_id"] for m in await members(ines) if m["email"] == email)
        return person

    return go


async def members(person):
    return (await person.ask("GET", f"/v1/organisations/{person.home['id']}")).json()["members"]


async def test_a_colleague_who_has_an_account_comes_by_the_link_once_and_sees_the_events(
    ines, a_person, client, link, a_draft, mailer
):
    event_id = await ines.drafts(a_draft())
    paule = await a_person("paule@fonderie.example")
    assert (await paule.ask("GET", f"/v1/events/{event_id}")).status_code == 404
    answer = await invite(ines, "paule@fonderie.example")
    token = await link()
    assert mailer.sent[-1]["Subject"] == "Fonderie de l’Erdre vous invite à partager ses événements"
    assert "ines" not in str(mailer.sent[-1]).lower()  # copies of it outlive whoever invited
    first, second = [await client.post("/v1/invitations/acceptances", json={"token": token}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 410)
    assert (first.json()["detail"], second.json()["detail"]) == (
        "Vous êtes membre de l’organisation : connectez-vous, et vous verrez ses événements.",
        OVER,
    )
    seen = (await paule.ask("GET", f"/v1/events/{event_id}")).json()
    assert (seen["id"], seen["is_mine"]) == (event_id, False)
    assert [one["id"] for one in (await paule.ask("GET", "/v1/events")).json()["items"]] == [event_id]
    assert [(member["email"], member["role"]) for member in await members(ines)] == [
        ("ines@fonderie.example", "manager"),
        ("paule@fonderie.example", "member"),
    ]
    # and whoever has none is invited in the same words
    other = await invite(ines, "personne@fonderie.example")
    assert (answer.status_code, answer.content) == (other.status_code, other.content)


async def test_a_colleague_without_an_account_opens_one_by_the_link(ines, client, link, a_draft, told):
    event_id = await ines.drafts(a_draft())
    await invite(ines, "paule@fonderie.example", "manager")
    token = await link()
    page = await client.get("/invitation", params={"jeton": token})
    assert "L’organisation « Fonderie de l’Erdre » vous invite à partager ses événements." in re.sub(
        "[\u00a0\u202f]", " ", page.text
    )
    bare = await client.post("/v1/invitations/acceptances", json={"token": token})
    assert (bare.status_code, [fault["field"] for fault in bare.json()["errors"]]) == (422, ["name", "password"])
    form = {"jeton": token, "nom": "Paule Durand", "mot_de_passe": PASSWORD}
    answer = await client.post("/invitation", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, "Vous êtes membre" in answer.text) == (200, True)
    signed_in = await client.post("/v1/tokens", json={"email": "paule@fonderie.example", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    assert (await client.get(f"/v1/events/{event_id}", headers=headers)).status_code == 200
    assert [(kind, fact["organisation"]) for kind, fact in await told("registration.organisers")][1:] == [
        ("OrganiserRegistered", "Fonderie de l’Erdre")
    ]
    [organisation] = (await client.get("/v1/organisations", headers=headers)).json()
    assert (organisation["id"], organisation["my_role"]) == (ines.home["id"], "manager")


async def test_an_invitation_that_is_taken_back_or_too_old_is_void(ines, client, link, engine):
    await invite(ines, "paule@fonderie.example")
    token, path = await link(), f"/v1/organisations/{ines.home['id']}/invitations"
    [waiting] = (await ines.ask("GET", path)).json()
    assert waiting["email"] == "paule@fonderie.example"
    assert (await ines.ask("DELETE", f"{path}/{waiting['id']}")).status_code == 204
    details = {"name": "Paule Durand", "password": PASSWORD}
    assert (await client.post("/v1/invitations/acceptances", json={"token": token} | details)).status_code == 410
    await invite(ines, "anne@fonderie.example")
    token = await link()
    async with engine.begin() as tx:
        await tx.execute(update(invitations).values(expires_at=func.now() - timedelta(seconds=1)))
    page = await client.get("/invitation", params={"jeton": token})
    assert (page.status_code, "a expiré" in page.text) == (410, True)
    assert (await client.post("/v1/invitations/acceptances", json={"token": token} | details)).status_code == 410
    async with engine.begin() as tx:
        assert await invitations_that_are_over()(tx) is False
        assert await tx.scalar(select(func.count()).select_from(invitations)) == 0
        assert "anne@" not in str(list(await tx.execute(text("SELECT * FROM jobs"))))


async def test_who_is_of_the_organisation_is_not_invited_again(ines, join):
    await join()
    again = await invite(ines, "paule@fonderie.example")
    assert (again.status_code, again.json()["detail"]) == (409, "Cette personne est déjà membre de l’organisation.")


async def test_the_last_manager_stays_until_another_is_made_one(ines, join, a_draft):
    paule = await join()
    here = f"/v1/organisations/{ines.home['id']}/members"
    refused = await ines.ask("DELETE", f"{here}/me")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Cette personne est la seule à gérer l’organisation, qui a d’autres membres ou des événements : "
        "confiez-en d’abord la gestion à un collègue.",
    )
    [me, _] = await members(ines)
    demoted = await ines.ask("PUT", f"{here}/{me['account_id']}", {"role": "member"})
    assert demoted.status_code == 409
    assert (await ines.ask("PUT", f"{here}/{paule.account_id}", {"role": "manager"})).status_code == 204
    event_id = await ines.drafts(a_draft())
    assert (await ines.ask("DELETE", f"{here}/me")).status_code == 204
    assert (await ines.ask("GET", f"/v1/events/{event_id}")).status_code == 404
    assert (await paule.reads(event_id))["is_mine"] is True


async def test_who_is_taken_out_leaves_their_events_and_sees_them_no_more(ines, join, a_draft, told):
    paule = await join()
    event_id = await paule.drafts(a_draft())
    await paule.submits(event_id)
    here = f"/v1/organisations/{ines.home['id']}/members/{paule.account_id}"
    assert [(await ines.ask("DELETE", here)).status_code for _ in range(2)] == [204, 404]
    assert (await paule.ask("GET", f"/v1/events/{event_id}")).status_code == 404
    event = await ines.reads(event_id)
    assert (event["is_mine"], event["revision"]) == (True, 2)
    first, second = [fact for _, fact in await told()]
    assert first["event"] | {"organiser_id": 0, "revision": 0} == second["event"] | {"organiser_id": 0, "revision": 0}
    assert first["event"]["organiser_id"] != second["event"]["organiser_id"]


async def test_an_event_that_is_handed_over_is_told_anew_with_its_new_keeper_once(
    ines, join, a_draft, told, worker, mailer
):
    paule = await join()
    event_id = await ines.drafts(a_draft())
    await ines.submits(event_id)
    await ines.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Un texte qui n’est pas déposé"))
    to = {"account_id": paule.account_id}
    answers = [await ines.ask("POST", f"/v1/events/{event_id}/handover", to) for _ in range(2)]
    assert [(answer.status_code, answer.json()["revision"]) for answer in answers] == [(200, 2), (200, 2)]
    assert answers[0].json()["is_mine"] is False
    texts = [step["text"] for step in answers[0].json()["timeline"]]
    assert "Une autre personne suit désormais cet événement, et reçoit les courriels à son sujet." in texts
    told_of = [(kind, fact["event"]["organiser_id"], fact["event"]["title"]) for kind, fact in await told()]
    assert told_of[1:] == [("EventSubmitted", paule.account_id, "Du métal en fusion à la pièce finie")]
    assert (await paule.reads(event_id))["draft"]["title"] == "Un texte qui n’est pas déposé"
    assert await worker.run_due() == 1
    assert (mailer.sent[-1]["To"], mailer.sent[-1]["Subject"]) == (
        "paule@fonderie.example",
        "Un événement vous est confié : Un texte qui n’est pas déposé",
    )


async def test_a_draft_that_is_handed_over_is_told_to_nobody(ines, join, a_draft, told):
    paule = await join()
    event_id = await ines.drafts(a_draft())
    await ines.ask("POST", f"/v1/events/{event_id}/handover", {"account_id": paule.account_id})
    assert (await told(), (await paule.reads(event_id))["is_mine"]) == ([], True)


async def test_an_event_goes_to_nobody_outside_its_organisation_and_not_by_a_plain_member(
    ines, join, a_person, a_draft, engine
):
    paule, paul = await join(), await a_person("paul@forges.example")
    event_id = await ines.drafts(a_draft())
    async with engine.connect() as tx:
        number = await tx.scalar(text("SELECT id FROM accounts WHERE email = 'paul@forges.example'"))
    refused = await ines.ask("POST", f"/v1/events/{event_id}/handover", {"account_id": str(number)})
    assert (refused.status_code, refused.json()["detail"]) == (
        404,
        "Aucun membre de cette organisation ne porte ce numéro.",
    )
    taken = await paule.ask("POST", f"/v1/events/{event_id}/handover", {"account_id": paule.account_id})
    assert taken.status_code == 403
    assert (await paul.ask("GET", f"/v1/events/{event_id}")).status_code == 404


async def test_the_events_of_who_is_erased_stay_with_a_colleague_and_nothing_of_the_person_does(
    ines, join, client, a_draft, told, engine
):
    paule = await join()
    kept = await ines.drafts(a_draft())
    await ines.submits(kept)
    named = a_draft(description="Inès Payet vous accueille : ines@fonderie.example")
    await ines.ask("PUT", f"/v1/events/{kept}", named)  # not submitted anew
    draft, naming = await ines.drafts(a_draft()), await ines.drafts(named)
    erased = await client.post("/v1/accounts/erasure", json={"email": ines.email, "password": PASSWORD})
    assert erased.json()["detail"].startswith(
        "Votre compte est effacé. Les événements de vos organisations restent à vos collègues, les autres sont retirés."
    )
    seen = {event["id"]: event for event in (await paule.ask("GET", "/v1/events")).json()["items"]}
    assert {event_id: event["is_mine"] for event_id, event in seen.items()} == {kept: True, draft: True}
    assert "Inès" not in str(seen)
    assert (await paule.ask("GET", f"/v1/events/{naming}")).status_code == 404
    assert [(kind, fact["revision"]) for kind, fact in await told()] == [("EventSubmitted", 1), ("EventSubmitted", 2)]
    assert (await told())[1][1]["event"]["organiser_id"] == paule.account_id
    paule.home = ines.home
    assert [(member["email"], member["role"]) for member in await members(paule)] == [(paule.email, "manager")]
    async with engine.connect() as tx:
        tables = list(await tx.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        for table in tables:
            rows = str(list(await tx.scalars(text(f'SELECT lower(t::text) FROM "{table}" t'))))
            assert not [trace for trace in ("ines@", "inès payet vous") if trace in rows], table


async def test_alone_a_person_who_is_erased_takes_their_events_along(ines, client, a_draft, told, engine):
    event_id = await ines.drafts(a_draft())
    await ines.submits(event_id)
    await client.post("/v1/accounts/erasure", json={"email": ines.email, "password": PASSWORD})
    assert [kind for kind, _ in await told()] == ["EventSubmitted", "EventWithdrawn"]
    async with engine.connect() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM organisations")) == 0
        assert await tx.scalar(select(events.c.organisation_id)) is None


async def test_who_comes_leaves_an_empty_organisation_of_their_own_and_keeps_one_that_has_events(
    ines, join, a_person, a_draft, client, link
):
    paule = await join()
    assert [one["id"] for one in (await paule.ask("GET", "/v1/organisations")).json()] == [ines.home["id"]]
    anne = await a_person("anne@fonderie.example")
    await anne.drafts(a_draft())
    await invite(ines, "anne@fonderie.example")
    await client.post("/v1/invitations/acceptances", json={"token": await link()})
    own, joined = [one["id"] for one in (await anne.ask("GET", "/v1/organisations")).json()]
    assert (own != joined, joined) == (True, ines.home["id"])


async def test_of_all_that_happens_at_one_moment_no_event_and_no_manager_is_lost(ines, join, client, a_draft, engine):
    """Inès hands her event to Paule, who is being erased; Anne takes Paule out, and Inès leaves."""
    paule, anne = await join(role="manager"), await join("anne@fonderie.example", "manager")
    here = f"/v1/organisations/{ines.home['id']}/members"
    mine, hers = await ines.drafts(a_draft()), await paule.drafts(a_draft())
    for person, event_id in ((ines, mine), (paule, hers)):
        await person.ask("POST", f"/v1/events/{event_id}/submission", {"not_the_same": [mine]})
    answers = await asyncio.gather(
        ines.ask("POST", f"/v1/events/{mine}/handover", {"account_id": paule.account_id}),
        client.post("/v1/accounts/erasure", json={"email": paule.email, "password": PASSWORD}),
        anne.ask("DELETE", f"{here}/{paule.account_id}"),
        anne.ask("PUT", f"/v1/events/{hers}", a_draft()),
        ines.ask("DELETE", f"{here}/me"),
    )
    assert max(answer.status_code for answer in answers) < 500, [answer.text for answer in answers]
    async with engine.connect() as tx:
        left = list(await tx.scalars(text("SELECT email FROM members JOIN accounts ON id = account_id ORDER BY 1")))
        keepers = set(await tx.scalars(text("SELECT email FROM events JOIN accounts a ON a.id = account_id")))
        managers = await tx.scalar(text("SELECT count(*) FROM members WHERE role = 'manager'"))
    assert (left, managers, keepers) == ([anne.email], 1, {anne.email})
