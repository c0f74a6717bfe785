"""The communication kit: where it is, in words, and who is led to it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from httpx import ASGITransport, AsyncClient

from backbone.contracts import KitFailed, KitPiece, KitSent, LabelWithdrawn, Reason
from backbone.http.passes import KIT, PassOver, check_pass
from backbone.http.session import COOKIE
from registration.domain.kit import KitState, kit_news
from registration.domain.known import Known
from registration.domain.story import State
from registration.domain.timeline import Step

AT = datetime(2026, 6, 2, 9, tzinfo=UTC)
REFUSED = Reason(code="mail-refused", message="Le kit de communication n’a pas pu partir : le courriel a été refusé.")


def sent(event_id, revision=1, sequence=1):
    about = {"event_id": UUID(event_id), "revision": revision, "sequence": sequence, "edition": "2026"}
    return KitSent(**about, kit_id=UUID(int=3), pieces=(KitPiece(name="affiche-a4.pdf"),), sent_at=AT)


def failed(event_id, revision=1, sequence=1):
    about = {"event_id": UUID(event_id), "revision": revision, "sequence": sequence, "edition": "2026"}
    return KitFailed(**about, reason=REFUSED, failed_at=AT)


@pytest.fixture
def page(service, mine):
    """The event's page, as its organiser's browser has it; `at`: behind its address."""
    token = mine[0].headers["Authorization"].removeprefix("Bearer ")

    async def read(at=""):
        transport = ASGITransport(service.http)
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as browser:
            browser.cookies.set(COOKIE, token)
            return await browser.get(f"/evenements/{mine[1]}{at}")

    return read


@pytest.fixture
def kit(client, mine):
    async def ask(headers=None):
        answer = await client.get(f"/v1/events/{mine[1]}/kit", headers=headers or mine[0].headers)
        assert answer.status_code == 200
        return answer.json()

    return ask


async def test_the_way_to_a_kit_is_registrations_pass_to_this_one_and_is_made_anew_at_each_click(
    service, hear, a_decision, mine, page, kit
):
    desk = service.http.state.desk
    assert (await kit())["download_url"] is None
    assert "Télécharger" not in (await page()).text
    assert (await page("/kit")).headers["location"] == f"/evenements/{mine[1]}#kit"
    await hear(a_decision(mine[1], 1, 1, "granted"))
    told = await kit()
    assert (told["state"], told["revision"]) == ("making", 1)
    assert f'href="/evenements/{mine[1]}/kit"' in (await page()).text
    answer = await page("/kit")
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
    for url in (told["download_url"], answer.headers["location"]):
        found = re.fullmatch(rf"{re.escape(desk.public_kits_url)}/kits/{mine[1]}\?jeton=(.+)", url)
        assert found
        await check_pass(found[1], desk.signer, KIT, UUID(mine[1]))
        with pytest.raises(PassOver):
            await check_pass(found[1], desk.signer, KIT, uuid4())


async def test_the_page_says_when_it_was_sent_and_a_program_reads_the_same(hear, a_decision, mine, page, kit):
    await hear(a_decision(mine[1], 1, 1, "granted"), sent(mine[1]))
    told = await kit()
    assert told["state"] == "sent"
    words = "Il est parti par courriel le mardi 2 juin 2026 à 11 h : une affiche"
    for text in (told["words"], (await page()).text):
        assert words in re.sub(r"[\s\u00a0\u202f]+|&nbsp;", " ", text)


async def test_a_kit_whose_mail_was_refused_says_so_and_is_there_to_download(hear, a_decision, mine, kit):
    await hear(a_decision(mine[1], 1, 1, "granted"), failed(mine[1]))
    told = await kit()
    assert (told["state"], told["words"]) == ("failed", REFUSED.message)
    assert told["download_url"]


# Every order, without a database.


def known(*facts, state=State.LABELLED, word=None):
    steps = tuple(Step.of(fact) for fact in facts)
    return Known(state, word, steps, date(2026, 6, 3), date(2026, 11, 6), date(2026, 2, 2))


EVENT = str(UUID(int=1))


def test_in_whatever_order_it_is_heard_and_however_often_the_kit_is_that_of_the_newest_labelled_revision(a_decision):
    first, second = a_decision(EVENT, 1, 1, "granted"), a_decision(EVENT, 2, 2, "granted")
    told = [first, sent(EVENT), second]
    for facts in (told, told[::-1], [*told, *told]):
        news = kit_news(known(*facts))
        assert (news.state, news.revision) == (KitState.MAKING, 2)
        assert news.words.startswith("Celui que vous avez reçu ne vaut plus")
    later = [*told, failed(EVENT, 2, 2), sent(EVENT, 2, 3)]
    for facts in (later, later[::-1]):
        assert kit_news(known(*facts)).state is KitState.SENT


def test_while_a_new_version_is_judged_the_kit_is_that_of_the_labelled_one_and_without_the_label_there_is_none(
    a_decision,
):
    heard = [a_decision(EVENT, 1, 1, "granted"), sent(EVENT)]
    assert kit_news(known(*heard, state=State.SUBMITTED)).revision == 1
    gone = LabelWithdrawn(**_about(2), label="withdrawn", reason=REFUSED)
    lost = {State.SUSPENDED: "suspendu", State.WITHDRAWN: "retiré", State.LABEL_WITHDRAWN: "n’a plus le label"}
    for state, words in lost.items():
        news = kit_news(known(*heard, gone, state=state))
        assert (news.is_handed_out, news.revision) == (False, 0)
        assert words in news.words
    assert kit_news(known(*heard, gone, state=State.SUBMITTED)).is_handed_out is False


def _about(revision):
    decided = {"decision_id": UUID(int=9), "decided_by": "review", "decided_at": AT, "edition": "2026"}
    return {"event_id": UUID(int=1), "revision": revision, "sequence": revision, **decided}


def test_an_event_that_is_called_off_has_no_kit(a_decision):
    from registration.domain.word import Word

    event = a_decision(EVENT, 1, 1, "granted").event.model_copy(update={"status": "cancelled"})
    off = a_decision(EVENT, 1, 2, "granted", event=event)
    news = kit_news(known(sent(EVENT), off, word=Word.of(off)))
    assert (news.is_handed_out, news.words) == (
        False,
        "Il n’y en a pas : l’événement est annoncé comme n’ayant pas lieu.",
    )
