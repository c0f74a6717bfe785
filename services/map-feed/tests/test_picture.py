"""The picture of an event on its page, with what must stand beside it, and in the data."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest

from backbone.contracts import Picture
from map_feed.domain.changes import fingerprints
from map_feed.domain.listing import Listing

AT = "https://inscription.example/images/019a2f40-7c1e-4b00-8000-000000000010"
PICTURE = Picture(
    id=UUID(int=16),
    url=f"{AT}.jpg",
    thumbnail_url=f"{AT}-640.jpg",
    width=1067,
    height=1600,
    credit="Photo : l'atelier <b>",
    alternative_text='Une coulée "rouge" ; un moule.',
)


async def test_the_page_of_an_event_shows_its_picture_with_its_credit_and_what_it_shows(client, put, an_event):
    shown = await put(an_event(picture=PICTURE))
    answer = await client.get(f"/evenements/{shown.event_id}")
    [figure] = re.findall(r"<figure>.*?</figure>", answer.text, re.DOTALL)
    assert f'src="{AT}.jpg" srcset="{AT}-640.jpg 427w, {AT}.jpg 1067w"' in figure
    assert 'alt="Une coulée &#34;rouge&#34;\u202f; un moule."' in figure
    assert "Photo\u00a0: l’atelier &lt;b&gt;" in figure
    assert re.findall(r'<meta property="og:image" content="([^"]*)">', answer.text) == [f"{AT}.jpg"]
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL)[1]
    assert json.loads(script)["image"] == f"{AT}.jpg"
    policy = answer.headers["content-security-policy"]
    assert "img-src 'self' data: https://inscription.example/images/;" in policy


@pytest.mark.parametrize("url", ["https://ailleurs.example/images/x.jpg", "javascript:alert(1)"])
async def test_a_picture_from_elsewhere_is_not_shown(client, put, an_event, url):
    shown = await put(an_event(picture=PICTURE.model_copy(update={"url": url, "thumbnail_url": None})))
    page = (await client.get(f"/evenements/{shown.event_id}")).text
    assert "<figure>" not in page
    assert url not in page
    assert re.findall(r'<meta property="og:image" content="([^"]*)">', page) == ["https://carte.example/partage.png"]


async def test_the_data_has_it_with_its_credit_and_says_nothing_where_there_is_none(client, put, an_event):
    await put(an_event(picture=PICTURE))
    [feature] = (await client.get("/evenements.geojson")).json()["features"]
    assert feature["properties"]["picture"] == PICTURE.model_dump(exclude={"id"})


def test_another_picture_is_news_and_to_have_none_is_what_it_was(an_event):
    without = an_event()
    before = fingerprints(Listing(without, None))
    now = fingerprints(Listing(without.model_copy(update={"picture": PICTURE}), None))
    assert {aspect for aspect in now if now[aspect] != before[aspect]} == {"text"}
