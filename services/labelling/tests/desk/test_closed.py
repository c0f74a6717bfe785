"""While an operator has closed the desk, reviewers read everything, decide nothing, and are told why."""

from __future__ import annotations

from backbone.postgres.switches import READ_ONLY, turn, turn_off

CLOSED = "Les décisions et les demandes sont suspendues un moment. Rien n’est perdu, et tout se lit. Retour à midi."


async def test_a_reviewer_reads_why_nothing_can_be_decided_and_decides_once_it_can(
    at_desk, in_review, a_doubtful_event, service, engine
):
    event = a_doubtful_event()
    await in_review(event)
    reviewer = at_desk("84")
    async with engine.begin() as tx:
        await turn(tx, READ_ONLY, None, "Retour à midi.")
    await service.switches.look()

    assert f'<p class="banner" role="status">{CLOSED}</p>' in (await reviewer.sees()).text.replace("\xa0", " ")
    refused = await reviewer.labels(event)
    assert refused.status_code == 503
    assert CLOSED in refused.text.replace("\xa0", " ")
    assert str(event.event_id) in (await reviewer.sees()).text

    async with engine.begin() as tx:
        await turn_off(tx, READ_ONLY)
    await service.switches.look()
    assert (await reviewer.labels(event)).status_code == 303
    assert "banner" not in (await reviewer.sees()).text
