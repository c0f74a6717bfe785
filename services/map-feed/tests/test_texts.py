"""The pages that the law asks for, and what search engines ask for."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

import pytest

from map_feed import crawlers
from map_feed.legal import NAMES, PACKAGED, WrongTexts, load_texts

OPERATOR = """
publisher = "Association de l’exemple & fils"
contact_email = "contact@exemple.fr"
host = "<script>alert(1)</script>"
"""


async def test_every_legal_page_is_a_click_away_from_every_page(client):
    for path in ("/", "/contact", "/rien"):
        footer = re.search(r"<footer>.*?</footer>", (await client.get(path)).text, re.DOTALL)[0]
        assert set(re.findall(r'href="/([a-z-]+)"', footer)) >= {*NAMES, "api"}
        assert "Accessibilité&nbsp;: non conforme" in footer
    for name in NAMES:
        assert (await client.get(f"/{name}")).status_code == 200


async def test_who_has_an_event_to_register_finds_the_door_on_every_page(client):
    for path in ("/", "/contact", "/rien"):
        header = re.search(r"<header.*?</header>", (await client.get(path)).text, re.DOTALL)[0]
        assert '<a class="deposit" href="https://inscription.example/inscription">Déposer un événement</a>' in header


async def test_the_pages_where_pins_are_put_may_read_the_basemap(client):
    answer = await client.get("/basemap/france.json", headers={"Origin": "https://inscription.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert answer.json()["type"] == "Topology"


async def test_what_only_the_operator_knows_is_asked_for_and_nothing_is_made_up(client, caplog):
    page = (await client.get("/mentions-legales")).text
    for words in ("nom de l’éditeur", "nom de l’hébergeur", "nom de la personne responsable"):
        assert f"[à compléter par l’exploitant\u00a0: {words}]" in page
    with caplog.at_level(logging.WARNING):
        load_texts(None)
    assert "publication_director" in caplog.text
    assert "MAP_FEED_TEXTS" in caplog.text


async def test_an_operator_who_fills_in_everything_is_asked_for_nothing_more(tmp_path, caplog):
    names = re.findall(r"^(\w+) =", (PACKAGED / "operator.toml").read_text(), re.MULTILINE)
    (tmp_path / "operator.toml").write_text("".join(f'{name} = "x"\n' for name in names))
    texts = load_texts(tmp_path)
    assert [said for said in caplog.records if said.name.startswith("map_feed")] == []
    assert not any("à compléter" in text.html for text in texts.pages.values())


async def test_the_operators_folder_wins_file_by_file_and_is_text_not_html(tmp_path):
    (tmp_path / "operator.toml").write_text(OPERATOR)
    (tmp_path / "contact.md").write_text(
        "# Nous écrire\n\n<b>Ici</b> : [[contact_email]], [[guichet]], [x](javascript:alert)"
    )
    texts = load_texts(tmp_path)
    contact = texts.pages["contact"]
    assert contact.title == "Nous écrire"
    assert '<a href="mailto:contact@exemple.fr"' in contact.html
    assert "[à compléter par l’exploitant\u00a0: guichet]" in contact.html
    assert "&lt;b&gt;Ici" in contact.html
    assert 'href="javascript' not in contact.html
    notices = texts.pages["mentions-legales"].html
    assert "Association de l’exemple &amp; fils" in notices
    assert "<script>" not in notices


@pytest.mark.parametrize("wrong", ['publisher = "a', "publisher = 3"])
async def test_a_folder_that_cannot_be_read_says_which_file_and_why(tmp_path, wrong):
    (tmp_path / "operator.toml").write_text(wrong)
    with pytest.raises(WrongTexts, match=r"operator\.toml"):
        load_texts(tmp_path)


async def test_search_engines_find_every_page_with_the_day_it_changed(client, heard, an_event, labelled):
    event = an_event()
    await heard(labelled(event, decided_at=datetime(2026, 3, 2, 8, tzinfo=UTC)))
    robots = (await client.get("/robots.txt")).text
    index = re.search(r"^Sitemap: https://carte\.example(/.*)$", robots, re.MULTILINE)[1]
    maps = re.findall(r"<loc>https://carte\.example(.*?)</loc>", (await client.get(index)).text)
    pages = [await client.get(path) for path in maps]
    found = [path for page in pages for path in re.findall(r"<loc>https://carte\.example(.*?)</loc>", page.text)]
    assert {*found} == {"/", "/api", "/catalogue", *(f"/{name}" for name in NAMES), f"/evenements/{event.event_id}"}
    for path in found:
        assert (await client.get(path)).status_code == 200
    assert "<lastmod>2026-03-02T08:00:00+00:00</lastmod>" in pages[-1].text
    assert pages[-1].headers["content-type"] == "application/xml"
    assert (await client.get("/sitemap-evenements-2.xml")).status_code == 404


async def test_before_the_map_opens_search_engines_are_told_of_no_event(client, put, clock, an_event):
    await put(an_event())
    clock.at = datetime(2026, 1, 2, tzinfo=UTC)
    assert "evenements" not in (await client.get("/sitemap.xml")).text


async def test_many_events_go_into_several_files(client, put, an_event, monkeypatch):
    monkeypatch.setattr(crawlers, "MOST", 2)
    for _ in range(5):
        await put(an_event())
    index = (await client.get("/sitemap.xml")).text
    parts = re.findall(r"<loc>https://carte\.example(/sitemap-evenements-.*?)</loc>", index)
    counts = [(await client.get(path)).text.count("<loc>") for path in parts]
    assert counts == [2, 2, 1]
