"""What labelling tells Prometheus: how it decides, and what waits for people."""

from __future__ import annotations

from datetime import timedelta

from backbone.testing.scraped import scrape


async def test_decisions_are_told_as_the_log_has_them_and_what_waits_by_region(
    service, hear, submitted, an_event, a_doubtful_event, clock
):
    told = await scrape(service)
    assert told.by("sdi_decisions_total", "label", "by") == {}
    assert told.of("sdi_reviews_waiting", region="84") == 0
    # two that the rules label, one that they refuse, two that they ask about
    for event in (an_event(), an_event(), an_event(is_free=False), a_doubtful_event(), a_doubtful_event()):
        await hear(submitted(event))
    told = await scrape(service)
    assert told.by("sdi_decisions_total", "label", "by") == {
        ("granted", "rules"): 2,
        ("refused", "rules"): 1,
        ("under_review", "rules"): 2,
    }
    assert told.by("sdi_counts", "name") == {("labelled",): 2, ("rejected",): 1, ("in_review",): 2}
    assert told.by("sdi_reviews_waiting", "region") == {("84",): 2}
    assert told.by("sdi_reviews_overdue", "region") == {}
    assert told.by("sdi_jobs", "kind", "state") == {("deadline", "later"): 2}
    clock.at += timedelta(days=10)
    told = await scrape(service)
    assert told.by("sdi_reviews_waiting", "region") == told.by("sdi_reviews_overdue", "region") == {("84",): 2}


async def test_what_is_read_from_the_database_is_the_same_after_a_restart(service, hear, submitted, an_event):
    await hear(submitted(an_event()))
    before = await scrape(service)
    service.take_role("serve")  # as a new process has it: nothing is remembered
    assert (await scrape(service)).by("sdi_decisions_total", "label") == before.by("sdi_decisions_total", "label")
