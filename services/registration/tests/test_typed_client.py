"""The Python client of `clients/registration`: made of what the service says of itself, and true when it is used."""

from __future__ import annotations

import copy
import importlib.util
import re
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from registration.handlers.uploads import Uploading
from registration_client import (
    Away,
    Bearer,
    Changed,
    Conflict,
    NotFound,
    NotSignedIn,
    Refused,
    Registration,
    TooMany,
    Unacceptable,
)
from registration_client.models import (
    AccountRequest,
    Announcement,
    Application,
    ApplicationAs,
    ConfirmationRequest,
    Credentials,
    EventDraft,
    EventStatus,
    Lookalike,
    Outlook,
    State,
    Submission,
    UploadState,
)

PACKAGE = Path(__file__).parents[3] / "clients" / "registration"
README = re.search(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
FILE = """Référence;Titre;Description;Type d'événement;Publics;Accès;Gratuit;Date;Heure de début;Heure de fin;Adresse;\
Code postal;Ville
A1;Les fours;Suivez une pièce.;visite d'usine;Familles;Ouvert à tous;oui;17/11/2026;9h;11h30;12 rue du Port;44550;\
Montoir-de-Bretagne
A2;Les moules;Suivez une pièce.;visite d'usine;Familles;Ouvert à tous;oui;31/11/2026;9h;11h30;12 rue du Port;44550;\
Montoir-de-Bretagne
"""


@pytest.fixture(scope="module")
def writing():
    spec = importlib.util.spec_from_file_location("write_client", PACKAGE / "tools" / "write_client.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def document(writing):
    return writing.document()


@pytest.fixture(scope="module")
def today(writing, document):
    return writing.files(document)


def test_the_client_is_what_the_service_says_of_itself_today(writing, today):
    written = {file.name: file.read_text() for file in (writing.PACKAGE / name for name in ("models.py", "calls.py"))}
    assert today == written, "the client is not what the service says: make client"


def test_a_field_and_a_route_that_the_service_adds_are_in_the_client_that_is_written_then(writing, document, today):
    more = copy.deepcopy(document)
    more["components"]["schemas"]["EventDraft"]["properties"]["parking"] = {"type": "boolean", "description": "Garer."}
    route = copy.deepcopy(more["paths"]["/v1/events/{event_id}"]["get"]) | {"operationId": "read_crowd"}
    more["paths"]["/v1/events/{event_id}/crowd"] = {"get": route}
    after = writing.files(more)
    new = {name: set(after[name].splitlines()) - set(today[name].splitlines()) for name in after}
    assert new == {
        "models.py": {"    parking: bool | None = None", '    """Garer."""'},
        "calls.py": {
            "    async def read_crowd(self, event_id: UUID) -> EventView:",
            '        return await self._read(EventView, "GET", f"/v1/events/{event_id}/crowd")',
        },
    }


@pytest.fixture
async def credentials(client, worker, token_in_mail, an_account):
    """Those of somebody who has signed up, through the client."""
    account = AccountRequest(**an_account())
    said = await Registration(client).open_account(account)
    assert "courriel" in said.detail
    await worker.run_due()
    await Registration(client).confirm_address(ConfirmationRequest(token=token_in_mail()))
    return Credentials(email=account.email, password=account.password)


@pytest.fixture
async def registration(client, credentials):
    return Registration(client, Bearer((await Registration(client).sign_in(credentials)).access_token))


@pytest.fixture
def draft(a_draft):
    return EventDraft.model_validate(a_draft())


async def test_the_example_of_the_manual_submits_an_event_and_cancels_it(client, credentials, draft, told):
    example = {}
    exec(README[1], example)
    event = await example["announce"](client, credentials, draft)
    assert (event.state, event.draft.status, event.revision) == (State.submitted, EventStatus.cancelled, 2)
    assert [fact["event"]["status"] for _, fact in await told()] == ["scheduled", "cancelled"]


async def test_what_was_read_is_amended_and_copied(registration, draft):
    event = await registration.create_event(draft, idempotency_key="1")
    again = await registration.create_event(draft, idempotency_key="1")
    event.draft.capacity = 12
    amended = await registration.replace_event(event.id, event.draft, if_match=event.version)
    taken_over = await registration.repeat_event(event.id)
    listed = await registration.list_events(limit=1)
    assert (again.id, amended.draft.capacity, amended.draft.title) == (event.id, 12, draft.title)
    assert (taken_over.draft.copied_from, taken_over.draft.capacity, taken_over.faults) == (event.id, 12, [])
    assert (listed.total, [one.id for one in listed.items]) == (2, [taken_over.id])


async def test_a_file_is_sent_read_and_applied_and_its_report_is_fetched(registration, service):
    upload = await registration.upload_events(("événements.csv", FILE.encode()), series="Nantes")
    worker = next(worker for worker in service.workers if worker.kind == Uploading.kind)
    await worker.run_due()
    checked = await registration.read_upload(upload.id)
    wrong = await registration.read_rows(upload.id, outlook=Outlook.faulty)
    await registration.apply_upload(upload.id, Application(**{"as": ApplicationAs.submitted}))
    await worker.run_due()
    applied = await registration.read_upload(upload.id)
    assert (upload.state, checked.state, applied.state) == tuple(
        UploadState(s) for s in ("received", "checked", "applied")
    )
    assert (checked.series, checked.counts.rows, checked.counts.outlook) == ("Nantes", 2, {"ready": 1, "faulty": 1})
    assert [(row.external_id, row.faults[0].heading) for row in wrong] == [("A2", "Date")]
    assert applied.counts.outcome == {"submitted": 1, "left": 1}
    assert wrong[0].faults[0].message in (await registration.read_report_csv(upload.id)).decode("utf-8-sig")


async def test_what_the_service_refuses_is_an_exception_that_says_so_in_its_words(client, registration, draft):
    with pytest.raises(NotSignedIn):
        await Registration(client).read_account()
    with pytest.raises(NotFound, match=r"404 .*Aucun de vos événements ne porte cet identifiant"):
        await registration.read_event(uuid4())
    event = await registration.create_event(EventDraft(title="Les fours"))
    with pytest.raises(Unacceptable, match="slots: ") as incomplete:
        await registration.submit_event(event.id)
    assert {"description", "slots", "kind"} <= incomplete.value.fields.keys()
    await registration.replace_event(event.id, draft, if_match=event.version)
    with pytest.raises(Changed, match="Relisez-le, puis recommencez"):
        await registration.replace_event(event.id, draft, if_match=event.version)
    await registration.submit_event(event.id)
    twin = await registration.create_event(draft)
    with pytest.raises(Conflict, match="ressemble") as alike:
        await registration.submit_event(twin.id)
    [named] = [Lookalike.model_validate(one) for one in alike.value.more["resembles"]]
    assert named.title == draft.title
    said = await registration.submit_event(twin.id, Submission(not_the_same=[named.token]))
    assert said.state == State.submitted
    assert issubclass(Conflict, Refused)


async def test_what_stands_between_may_answer_too_and_knows_no_problems():
    async def answer(request):
        if request.url.path == "/v1/account":
            return httpx.Response(502, html="<h1>Bad gateway</h1>")
        return httpx.Response(
            429, json={"type": "/p", "title": "Trop", "status": 429, "detail": "Revenez."}, headers={"Retry-After": "7"}
        )

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://front") as http:
        with pytest.raises(Away, match="502 Bad Gateway: GET /v1/account"):
            await Registration(http).read_account()
        with pytest.raises(TooMany) as later:
            await Registration(http).cancel_event(uuid4(), Announcement())
    assert later.value.retry_after == 7
