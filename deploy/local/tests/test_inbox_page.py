"""The mailbox of the local stack, as a person reads it."""

from __future__ import annotations

import httpx
import pytest

from local_stack import inbox_page

MAIL = """\
From: campagne@semaine.example
To: <b>@usine.example
Subject: Votre <kit> =?utf-8?q?=C3=A9tait?= attendu
Content-Type: text/plain; charset=utf-8

Bonjour <script>alert(1)</script>
"""


@pytest.fixture
def client(tmp_path):
    app = inbox_page.make_app(tmp_path)
    for name in ("un", "deux", "trois"):
        (tmp_path / "new" / name).write_text(MAIL)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mailbox")


async def test_the_list_says_how_many_mails_there_are_and_whether_some_are_left_out(client, monkeypatch):
    whole = (await client.get("/")).text
    assert "Messages : 3." in whole
    assert "plus récents" not in whole
    monkeypatch.setattr(inbox_page, "MOST", 2)
    cut = (await client.get("/")).text
    assert "Messages : 3, dont voici les 2 plus récents." in cut
    assert cut.count("<a href='/") == 2


async def test_what_a_mail_says_is_text_and_only_mails_of_the_list_are_read(client):
    for page in ((await client.get("/")).text, (await client.get("/un")).text):
        assert "Votre &lt;kit&gt; était attendu" in page
        assert "<script>" not in page
        assert "<b>@" not in page
    assert (await client.get("/..%2fnew%2fun")).status_code == 404
    assert (await client.get("/un/0")).status_code == 404
