from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from map_feed.legal import NAMES


def titles(page):
    return re.findall(r'<h3><a href="[^"]+">(.*?)</a></h3>', page.text)


async def test_an_event_is_in_the_list_and_on_the_map(client, put, an_event, a_location):
    shown = await put(an_event(), a_location())
    assert titles(await client.get("/")) == ["La coulée, côté pont roulant"]
    answer = await client.get("/evenements.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    [feature] = answer.json()["features"]
    assert feature == {
        "type": "Feature",
        "id": str(shown.event_id),
        "geometry": {"type": "Point", "coordinates": [4.8869, 45.7719]},
        "properties": {
            "id": str(shown.event_id),
            "title": "La coulée, côté pont roulant",
            "organisation": "Fonderie de l’Est lyonnais",
            "kind": "company_visit",
            "audiences": ["pupils", "students"],
            "starts_at": "2026-11-17T09:00:00+01:00",
            "ends_at": "2026-11-17T12:30:00+01:00",
            "city": "Villeurbanne",
            "postcode": "69100",
            "department": "69",
            "region": "84",
            "precision": "municipality",
            "online": False,
            "attendance": "on_site",
            "status": "scheduled",
            "edition": "2026",
            "url": f"https://carte.example/evenements/{shown.event_id}",
        },
    }


async def test_an_online_event_has_no_point_and_is_listed(client, put, an_event):
    await put(an_event(online_url="https://visio.example/salle"))
    [feature] = (await client.get("/evenements.geojson")).json()["features"]
    assert (feature["geometry"], feature["properties"]["online"]) == (None, True)
    assert "En ligne" in (await client.get("/")).text


async def test_who_must_register_is_not_shown_where_one_connects_but_where_one_registers(client, put, an_event):
    room, site, mailbox = "https://visio.example/salle", "https://usine.example/inscription", "visites@usine.example"
    asked = await put(an_event(online_url=room, website=site, booking={"email": mailbox}))
    page = (await client.get(f"/evenements/{asked.event_id}")).text
    assert room not in page
    assert f'href="mailto:{mailbox}"' in page
    assert f'href="{site}"' in page
    assert "Lien communiqué après inscription." in page
    for path in ("/", "/evenements.geojson"):
        assert room not in (await client.get(path)).text


async def test_who_may_just_come_is_shown_where_one_connects(client, put, an_event):
    room = "https://visio.example/salle"
    free = await put(an_event(online_url=room, admission="everyone", booking={"email": "visites@usine.example"}))
    page = (await client.get(f"/evenements/{free.event_id}")).text
    assert f'href="{room}"' in page
    assert "mailto:" not in page


async def test_a_mailbox_that_is_more_than_one_is_no_link(client, put, an_event):
    asked = await put(an_event(booking={"email": "a@usine.example?bcc=tous@x.example"}))
    assert "mailto:" not in (await client.get(f"/evenements/{asked.event_id}")).text


async def test_the_collection_says_whose_data_it_is(client):
    told = (await client.get("/evenements.geojson")).json()
    assert "Licence Ouverte 2.0" in told["licence"]
    assert "La Semaine de l’industrie 2026" in told["attribution"]
    assert told["features"] == []


async def test_an_event_that_ended_is_gone_from_list_map_and_page(client, put, heard, an_event, a_location, withdrawn):
    shown = await put(an_event(), a_location())
    assert len(titles(await client.get("/"))) == 1
    await heard(withdrawn(shown))
    assert titles(await client.get("/")) == []
    assert (await client.get("/evenements.geojson")).json()["features"] == []
    assert (await client.get(f"/evenements/{shown.event_id}")).status_code == 404


async def test_nothing_is_seen_before_the_day_the_map_opens_in_paris(client, health, clock, put, an_event):
    shown = await put(an_event())
    clock.at = datetime(2026, 2, 1, 22, 59, tzinfo=UTC)
    page = await client.get("/")
    assert "La carte ouvrira le 2\u00a0février 2026." in page.text
    assert (await client.get("/evenements.geojson")).json()["features"] == []
    assert (await client.get(f"/evenements/{shown.event_id}")).status_code == 404
    assert (await health.get("/health/counts")).json()["listed"] == 0
    clock.at = datetime(2026, 2, 1, 23, 0, tzinfo=UTC)
    assert len(titles(await client.get("/"))) == 1
    assert (await health.get("/health/counts")).json()["listed"] == 1


async def test_a_filter_narrows_list_and_map_alike(client, put, an_event, a_location):
    await put(an_event(title="Atelier", kind="workshop"), a_location())
    await put(an_event(title="Visite"), a_location())
    for query in ("type=workshop", "q=atelier&type=workshop&region=84&departement=69&jour=2026-11-17&lieu=sur-place"):
        assert titles(await client.get(f"/?{query}")) == ["Atelier"]
        features = (await client.get(f"/evenements.geojson?{query}")).json()["features"]
        assert [feature["properties"]["title"] for feature in features] == ["Atelier"]


async def test_where_nothing_is_found_the_page_says_how_to_widen_the_search(client, put, an_event):
    await put(an_event())
    page = (await client.get("/?q=licorne&region=84")).text
    assert "Aucun événement" in page
    assert 'href="/?region=84"' in page
    assert 'href="/?q=licorne"' in page
    assert 'href="/?"' not in (await client.get("/?q=licorne")).text  # the last filter leads to the page itself


async def test_the_list_goes_on_page_after_page_without_scripts(client, put, an_event):
    for number in range(65):
        await put(an_event(title=f"Visite {number:02}"))
    first = await client.get("/?type=company_visit")
    link = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = await client.get(link)
    assert titles(first) + titles(second) == [f"Visite {number:02}" for number in range(65)]


async def test_wrong_filters_are_problems_for_programs_and_a_page_for_people(client):
    problem = await client.get("/evenements.geojson?region=99&jour=demain")
    assert (problem.status_code, problem.headers["content-type"]) == (422, "application/problem+json")
    assert {error["field"] for error in problem.json()["errors"]} == {"region", "jour"}
    page = await client.get("/?page=0")
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert (await client.get(f"/?q={'x' * 101}")).status_code == 422


@pytest.mark.parametrize("path", ["/", "/evenements.geojson", "/api"])
async def test_what_has_not_changed_is_not_sent_again(client, put, an_event, path):
    await put(an_event())
    etag = (await client.get(path)).headers["etag"]
    again = await client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    await put(an_event(title="Une nouvelle"))
    changed = await client.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == (304 if path == "/api" else 200)


async def test_data_is_sent_compressed_to_who_takes_it(client, put, an_event):
    await put(an_event())
    plain = await client.get("/evenements.geojson", headers={"Accept-Encoding": "identity"})
    packed = await client.get("/evenements.geojson", headers={"Accept-Encoding": "gzip"})
    assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "gzip")
    assert plain.content == packed.content


async def test_every_answer_keeps_strangers_out(client):
    for path in ("/", "/evenements.geojson", "/evenements/rien", "/health/live", "/couleurs.css"):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_style_and_scripts_are_kept_for_ever_at_an_address_that_changes_with_them(client):
    static = re.search(r'href="(/static/[0-9a-f]+)/css/base.css"', (await client.get("/")).text)[1]
    style = await client.get(f"{static}/css/base.css")
    assert (style.status_code, style.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert (await client.get("/static/0000/css/base.css")).status_code == 404


PATHS = ["/", "/evenements.geojson", "/api", "/couleurs.css", "/openapi.json", "/robots.txt", "/sitemap.xml"]
PATHS += ["/sitemap-pages.xml", "/sitemap-evenements-1.xml", "/partage.png", "/mentions-legales", "/contact", "/rien"]


@pytest.mark.parametrize("path", PATHS)
async def test_who_asks_for_the_head_alone_is_told_what_the_whole_would_say(client, put, an_event, path):
    await put(an_event())
    whole, head = await client.get(path), await client.head(path)
    assert head.content == b""
    assert head.status_code == whole.status_code
    told = {name: value for name, value in head.headers.items() if name != "date"}
    assert told == {name: value for name, value in whole.headers.items() if name != "date"}


@pytest.mark.parametrize("path", ["/", "/evenements.geojson", "/contact", "/couleurs.css"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_who_sends_something_is_told_that_here_one_only_reads(client, path, method):
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert "n’existe pas" not in answer.text


PUNCTUATION = re.compile(r"[^\n]{0,30} (?:[:;!?»]|(?<=« ))[^\n]{0,10}")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/evenements/{id}",
        "/?q=rien",
        "/?q=coulée&region=84",
        "/?region=99&jour=demain",
        "/?page=9",
        "/api",
        "/rien",
    ]
    + [f"/{name}" for name in NAMES],
)
async def test_no_line_begins_with_a_colon_nor_ends_with_an_opening_quote(client, put, an_event, path):
    event = await put(an_event(description="Sur place : l'atelier.", website="https://usine.fr"))
    page = (await client.get(path.format(id=event.event_id))).text
    shown = re.sub(r"<[^>]+>", "", re.search("<body.*</body>", page, re.DOTALL)[0])
    assert PUNCTUATION.findall(html.unescape(shown)) == []


async def test_the_page_of_an_event_and_its_style_have_a_head_too(client, put, an_event):
    shown = await put(an_event())
    static = re.search(r'href="(/static/[0-9a-f]+/css/base.css)"', (await client.get("/")).text)[1]
    for path in (f"/evenements/{shown.event_id}", static):
        head = await client.head(path)
        assert (head.status_code, head.content, int(head.headers["content-length"]) > 100) == (200, b"", True)


@pytest.mark.parametrize("coding", ["gzip", "identity", "gzip;q=0", "*"])
async def test_one_fingerprint_serves_both_forms_and_caches_are_told_so(client, put, an_event, coding):
    await put(an_event())
    first = await client.get("/evenements.geojson", headers={"Accept-Encoding": coding})
    is_packed = coding in ("gzip", "*")
    assert first.headers.get("content-encoding") == ("gzip" if is_packed else None)
    for other in ("gzip", "identity"):
        again = await client.get(
            "/evenements.geojson", headers={"Accept-Encoding": other, "If-None-Match": first.headers["etag"]}
        )
        assert (again.status_code, again.headers["vary"], again.headers["etag"]) == (
            304,
            "Accept-Encoding",
            first.headers["etag"],
        )


async def test_a_search_told_otherwise_is_not_made_again(client, service, put, an_event, monkeypatch):
    await put(an_event(title="Robot à Saint-Nazaire"), None)
    made = []
    monkeypatch.setattr("map_feed.geojson.collection", lambda *_: made.append(1) or b"{}")
    for query in (
        "q=robot+saint-nazaire&departement=69",
        "departement=69&q=SAINT+nazaire%20ROBOT",
        "departement=rhone&q=robot+st+nazaire&utm_source=lettre&fbclid=1",
        "departement=69&q=robot+saint-nazaire&page=7&_=12345",
    ):
        assert (await client.get(f"/evenements.geojson?{query}")).status_code == 200
    assert len(made) == 1


async def test_a_filter_that_does_not_exist_is_named_and_the_rest_of_the_search_kept(client):
    page = await client.get("/?departement=20&q=robot&type=fete&utm=x")
    assert page.status_code == 422
    assert "Département</strong>&nbsp;: La Corse a deux départements" in page.text
    assert "choisissez parmi company_visit, open_day" in page.text
    assert 'href="/?q=robot"' in page.text
    problem = (await client.get("/evenements.geojson?jour=17/11/2026&page=2")).json()
    assert problem["errors"] == [{"field": "jour", "message": "Indiquez un jour sous la forme 2026-11-17."}]


async def test_collectivities_overseas_can_be_chosen(client, put, an_event):
    away = an_event(title="Visite à Nouméa", venue={"address": {"postcode": "98800", "city": "Nouméa"}})
    await put(away)
    page = await client.get("/?departement=988")
    assert titles(page) == ["Visite à Nouméa"]
    assert '<option value="988" selected>' in page.text


@pytest.fixture
def cut_off(service):
    """Cuts the service off from its database."""

    async def cut_off():
        event.listen(service.engine.sync_engine, "do_connect", _refuse)
        await service.engine.dispose()

    return cut_off


def _refuse(*_):
    raise ConnectionRefusedError


async def test_while_the_database_is_away_visitors_see_what_was_known(client, health, put, cut_off, an_event):
    await put(an_event())
    assert len(titles(await client.get("/"))) == 1
    await cut_off()
    assert (await health.get("/health/ready")).status_code == 503
    assert len(titles(await client.get("/"))) == 1


async def test_a_service_that_never_reached_its_database_asks_to_come_back(client, cut_off):
    await cut_off()
    page, data = await client.get("/"), await client.get("/evenements.geojson")
    assert (page.status_code, page.headers["retry-after"], page.headers["cache-control"]) == (503, "10", "no-store")
    assert "La carte se prépare" in page.text
    assert (data.status_code, data.headers["content-type"]) == (503, "application/problem+json")


async def test_the_catalogue_tells_of_every_public_message_and_leads_to_its_schema_and_of_no_person(client):
    page = (await client.get("/catalogue")).text
    assert 'href="/catalogue"' in (await client.get("/api")).text
    shown = re.findall(r'<h3 id="(\w+)">', page)
    assert {"EventSubmitted", "ReviewRequested", "EventNotLocated", "NoticeFailed", "PublicEvent"} <= set(shown)
    assert "OrganiserRegistered" not in page
    assert "<code>registration.organisers</code> (people&#39;s names" in page
    schemas = re.findall(r'href="(/contracts/[^"]+)"', page)
    assert len(schemas) == len(set(schemas)) == 14
    for path in (*schemas, "/contracts/EventLabelled.1.json"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["$id"].endswith(path)) == (200, True)
    assert (await client.get("/contracts/OrganiserChanged.1.json")).status_code == 404
    document = await client.get("/catalogue/asyncapi.json")
    assert document.headers["access-control-allow-origin"] == "*"
    assert set(document.json()["channels"]) == {
        "registration.events",
        "labelling.decisions",
        "geocoding.locations",
        "commskit.kits",
    }


async def test_the_catalogue_is_all_there_without_a_script(client):
    page = (await client.get("/catalogue")).text
    assert "<script" not in page.partition("<main")[2]
    assert "every message for at least 300 days" in page
    assert "fr.semaine-industrie.EventLabelled" in page
