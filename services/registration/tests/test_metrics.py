"""What registration tells Prometheus of those who sign in, and of its mails."""

from __future__ import annotations

from backbone.mail.mailers import MailDelayed, MailRefused
from backbone.testing.scraped import scrape

EMAIL, PASSWORD = "ines@fonderie.example", "douze lettres, ou plus"


async def test_sign_ins_are_counted_by_what_came_of_them(service, client, a_person, an_account):
    beginning = await scrape(service)
    assert beginning.of("sdi_sign_ins_total", outcome="wrong") == 0
    await a_person(EMAIL)
    signed_in = (await scrape(service)).of("sdi_sign_ins_total", outcome="signed_in")
    assert signed_in == 1
    for password in ("pas le bon", "pas le bon non plus"):
        await client.post("/v1/tokens", json={"email": EMAIL, "password": password})
    await client.post("/v1/accounts", json=an_account(email="paul@forge.example"))
    await client.post("/v1/tokens", json={"email": "paul@forge.example", "password": PASSWORD})
    for _ in range(12):
        await client.post("/v1/tokens", json={"email": "personne@forge.example", "password": PASSWORD})
    told = (await scrape(service)).by("sdi_sign_ins_total", "outcome")
    assert told == {("signed_in",): 1, ("wrong",): 12, ("not_confirmed",): 1, ("slowed",): 2}


async def test_mails_are_counted_by_what_they_are_for_and_what_became_of_them(
    service, client, worker, mailer, an_account, monkeypatch
):
    answers = [MailDelayed("later"), MailRefused("never")]
    send = mailer.send

    async def send_or_not(letter):
        if answers:
            raise answers.pop(0)
        return await send(letter)

    monkeypatch.setattr(mailer, "send", send_or_not)
    for name in ("ines", "paul", "lea"):
        await client.post("/v1/accounts", json=an_account(email=f"{name}@forge.example"))
    assert await worker.run_due() == 3
    told = await scrape(service)
    assert told.by("sdi_mails_total", "kind", "outcome") == {
        ("confirmation", "failed"): 1,
        ("confirmation", "refused"): 1,
        ("confirmation", "handed_over"): 1,
    }
    assert told.of("sdi_mails_total", kind="reminder", outcome="refused") == 0
    assert told.by("sdi_jobs", "state", kind="mailing") == {("retrying",): 1, ("dead",): 1}
    assert told.by("sdi_job_retries_total", "reason") == {("MailDelayed",): 1}
