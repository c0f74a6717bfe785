from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest

HOSTILE = "</script><script>alert('x')</script> & <b>gras</b>"


async def test_a_hostile_title_is_only_text(client, put, an_event, a_location):
    shown = await put(an_event(title=HOSTILE, organisation=HOSTILE, description=HOSTILE), a_location())
    for page in (await client.get(f"/?q={'alert'}"), await client.get(f"/evenements/{shown.event_id}")):
        assert "<script>alert" not in page.text
        assert "<b>gras" not in page.text
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)[1]
    assert json.loads(script)["name"] == HOSTILE


async def test_a_link_that_is_no_web_address_is_not_shown(client, put, an_event):
    shown = await put(an_event(website="javascript:alert(1)"))
    assert "javascript:" not in (await client.get(f"/evenements/{shown.event_id}")).text


async def test_the_page_of_an_event_tells_machines_what_it_tells_people(client, put, an_event, a_location):
    street = a_location(precision="street")
    shown = await put(an_event(website="https://fonderie.example"), street)
    page = (await client.get(f"/evenements/{shown.event_id}")).text
    url = f"https://carte.example/evenements/{shown.event_id}"
    assert f'<link rel="canonical" href="{url}">' in page
    assert 'href="https://fonderie.example" rel="external nofollow noopener ugc"' in page
    assert "https://www.openstreetmap.org/directions?to=45.7719%2C4.8869" in page
    told = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert told["@type"] == "Event"
    assert (told["url"], told["startDate"], told["endDate"]) == (
        url,
        "2026-11-17T09:00:00+01:00",
        "2026-11-17T12:30:00+01:00",
    )
    assert told["location"]["geo"] == {"@type": "GeoCoordinates", "latitude": 45.7719, "longitude": 4.8869}


async def test_a_pin_in_the_middle_of_a_commune_is_never_passed_off_as_the_door(client, put, an_event, a_location):
    shown = await put(an_event(), a_location())
    page = (await client.get(f"/evenements/{shown.event_id}")).text
    assert "Localisation à la commune" in page
    assert "openstreetmap.org/directions" not in page
    assert '"geo"' not in page


@pytest.mark.parametrize("path", [f"/evenements/{uuid4()}", "/evenements/nimporte-quoi"])
async def test_an_unknown_event_is_answered_kindly_in_french(client, path):
    page = await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Cet événement n’est pas, ou plus, sur la carte" in page.text
    assert '<html lang="fr">' in page.text
