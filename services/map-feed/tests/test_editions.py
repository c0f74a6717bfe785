"""Several editions at once: the current one at the root, each at its own address, all event pages where they were."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest


def titles(page):
    return re.findall(r'<h3><a href="[^"]+">(.*?)</a></h3>', page.text)


@pytest.fixture
async def two_editions(put, an_event, a_location):
    """An event of 2020 and one of 2026."""
    slots = [{"starts_at": "2020-11-17T09:00:00+01:00", "ends_at": "2020-11-17T12:30:00+01:00"}]
    then = await put(an_event(title="La forge, en 2020", edition="2020", slots=slots), a_location())
    now = await put(an_event(title="La forge, en 2026"), a_location())
    return then, now


async def titles_in(client, path):
    features = (await client.get(path)).json()["features"]
    return [feature["properties"]["title"] for feature in features]


@pytest.mark.usefixtures("two_editions")
async def test_each_edition_has_its_own_list_and_its_own_feed(client):
    assert titles(await client.get("/")) == ["La forge, en 2026"]
    assert titles(await client.get("/editions/2020")) == ["La forge, en 2020"]
    assert await titles_in(client, "/evenements.geojson") == ["La forge, en 2026"]
    assert await titles_in(client, "/editions/2026/evenements.geojson") == ["La forge, en 2026"]
    feed = (await client.get("/editions/2020/evenements.geojson")).json()
    assert feed["title"] == "La Semaine de l’industrie 2020 : événements labellisés"
    assert [(one["properties"]["title"], one["properties"]["edition"]) for one in feed["features"]] == [
        ("La forge, en 2020", "2020")
    ]


async def test_the_pages_of_an_earlier_edition_say_which_it_is_and_lead_to_the_current_one(client, two_editions):
    then, now = two_editions
    of_2020 = {
        "/editions/2020": "Vous consultez l’édition 2020",
        f"/evenements/{then.event_id}": "Cet événement est terminé. Il faisait partie de l’édition 2020",
    }
    for path, words in of_2020.items():
        page = (await client.get(path)).text
        assert f'{words}, du 16 au 22\u00a0novembre 2020. <a href="/">Voir l’édition 2026</a>' in page
        assert "<strong>10<sup>e</sup> édition</strong>" in page
        assert 'href="/editions/2020/couleurs.css"' in page
        assert "– La Semaine de l’industrie 2020</title>" in page
    for path in ("/", f"/evenements/{now.event_id}"):
        assert "Voir l’édition" not in (await client.get(path)).text
    style = [(await client.get(path)).text for path in ("/couleurs.css", "/editions/2020/couleurs.css")]
    assert ["#e4572e" in style[0], "#2e9e6b" in style[1]] == [True, True]


async def test_the_search_of_an_edition_stays_in_it(client, put, an_event, two_editions):
    for number in range(70):
        await put(an_event(title=f"Visite {number:02}", kind="workshop", edition="2020"))
    page = await client.get("/editions/2020?type=workshop&q=visite")
    assert 'action="/editions/2020"' in page.text
    assert 'href="/editions/2020/evenements.geojson"' in page.text
    assert 'href="/editions/2020?q=visite"' in page.text  # without the other filter
    following = re.search(r'rel="next" href="([^"]+)"', page.text)[1].replace("&amp;", "&")
    assert titles(await client.get(following)) == [f"Visite {number:02}" for number in range(60, 70)]
    assert 'href="/editions/2020"' in (await client.get("/editions/2020?q=licorne")).text
    wrong = await client.get("/editions/2020?q=robot&type=fete")
    assert (wrong.status_code, 'href="/editions/2020?q=robot"' in wrong.text) == (422, True)
    assert (await client.get("/editions/2020/evenements.geojson?type=fete")).json()["status"] == 422


async def test_an_event_of_an_earlier_edition_leads_back_to_its_own_list(client, two_editions):
    page = (await client.get(f"/evenements/{two_editions[0].event_id}")).text
    assert '<a href="/editions/2020" id="retour">← Tous les événements de 2020</a>' in page
    assert f'<link rel="canonical" href="https://carte.example/evenements/{two_editions[0].event_id}">' in page


async def test_the_list_names_the_other_editions_of_which_there_is_something_to_see(client, put, an_event):
    await put(an_event())
    assert "Autres éditions" not in (await client.get("/")).text
    await put(an_event(edition="2020"))
    assert re.search(r'Autres éditions.*<a href="/editions/2020">2020</a>', (await client.get("/")).text, re.DOTALL)
    assert re.search(r'Autres éditions.*<a href="/">2026</a>', (await client.get("/editions/2020")).text, re.DOTALL)


async def test_the_current_edition_is_asked_for_at_the_root_for_now(client):
    answer = await client.get("/editions/2026?q=robot")
    assert (answer.status_code, answer.headers["location"]) == (302, "/?q=robot")


@pytest.mark.parametrize("path", ["/editions/1999", "/editions/rien", "/editions/2020/rien"])
async def test_an_edition_that_nobody_knows_is_a_page_that_does_not_exist(client, path):
    page = await client.get(path)
    assert (page.status_code, "Cette page n’existe pas" in page.text) == (404, True)


async def test_a_feed_of_an_edition_that_nobody_knows_is_a_problem_for_programs(client):
    answer = await client.get("/editions/1999/evenements.geojson")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_search_engines_find_the_lists_and_pages_of_all_editions(client, two_editions):
    pages = (await client.get("/sitemap-pages.xml")).text
    assert "<loc>https://carte.example/editions/2020</loc>" in pages
    events = (await client.get("/sitemap-evenements-1.xml")).text
    assert all(f"/evenements/{event.event_id}" in events for event in two_editions)


async def test_the_counts_say_what_the_current_edition_shows(health, client, two_editions, put, an_event, a_location):
    await put(an_event(edition="1999"), a_location())
    await client.get("/")
    counts = (await health.get("/health/counts")).json()
    told = {name: counts[name] for name in ("listed", "on_map", "held", "other_editions", "unknown_edition")}
    assert told == {"listed": 1, "on_map": 1, "held": 1, "other_editions": 1, "unknown_edition": 1}


async def test_an_event_of_an_edition_that_nobody_knows_is_shown_nowhere(client, put, an_event):
    event = await put(an_event(edition="1999"))
    assert (await client.get(f"/evenements/{event.event_id}")).status_code == 404
    assert titles(await client.get("/")) == []
    assert str(event.event_id) not in (await client.get("/sitemap.xml")).text


async def test_each_edition_opens_on_its_own_day(client, clock, two_editions):
    then, now = two_editions
    clock.at = datetime(2020, 3, 2, tzinfo=UTC)
    assert "La carte ouvrira le 2\u00a0février 2026." in (await client.get("/")).text
    assert titles(await client.get("/editions/2020")) == ["La forge, en 2020"]
    assert (await client.get(f"/evenements/{now.event_id}")).status_code == 404
    assert (await client.get(f"/evenements/{then.event_id}")).status_code == 200
    clock.at = datetime(2020, 1, 31, 22, 59, tzinfo=UTC)
    assert "La carte ouvrira le 1er\u00a0février 2020." in (await client.get("/editions/2020")).text
    assert await titles_in(client, "/editions/2020/evenements.geojson") == []
    assert (await client.get(f"/evenements/{then.event_id}")).status_code == 404


async def test_an_event_that_moves_to_another_edition_is_in_one_list_only(client, heard, an_event, labelled):
    event = an_event(edition="2020")
    await heard(labelled(event, sequence=1))
    assert len(titles(await client.get("/editions/2020"))) == 1
    again = event.model_copy(update={"revision": 2, "edition": "2026"})
    await heard(labelled(again, sequence=2))
    assert (len(titles(await client.get("/"))), titles(await client.get("/editions/2020"))) == (1, [])
    assert "Aucun événement de cette édition n’est conservé ici." in (await client.get("/editions/2020")).text
