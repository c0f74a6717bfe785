from __future__ import annotations

import json
import re
from uuid import UUID

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


@pytest.fixture
def page_of(client, put):
    """The page of an event, as its HTML; and its JSON-LD."""

    async def page_of(event, location=None):
        shown = await put(event, location)
        page = (await client.get(f"/evenements/{shown.event_id}")).text
        return page, json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])

    return page_of


def events_in(told):
    """Every Event in a JSON-LD, nested ones too."""
    if isinstance(told, dict):
        return [told] * (told.get("@type") == "Event") + [each for value in told.values() for each in events_in(value)]
    return [each for value in told for each in events_in(value)] if isinstance(told, list) else []


@pytest.mark.parametrize("where", ["on site", "online"])
async def test_every_event_that_machines_are_told_of_says_when_and_where(page_of, an_event, where):
    slots = [
        {"starts_at": f"2026-11-{day}T09:00:00+01:00", "ends_at": f"2026-11-{day}T12:00:00+01:00"}
        for day in (17, 18, 18)
    ]
    online = {"online_url": "https://visio.example", "admission": "everyone"} if where == "online" else {}
    _, told = await page_of(an_event(slots=slots, **online))
    found = events_in(told)
    assert [each["startDate"] for each in found] == [
        slots[0]["starts_at"],
        slots[0]["starts_at"],
        slots[1]["starts_at"],
    ]
    for each in found:
        assert each["name"] == "La coulée, côté pont roulant"
        assert each["endDate"] > each["startDate"]
        assert each["location"]["@type"] == ("VirtualLocation" if online else "Place")
        assert each["location"].get("url") or each["location"]["address"]["postalCode"]
        assert each["eventStatus"]
        assert each["eventAttendanceMode"]


async def test_the_hours_are_those_of_la_reunion_with_its_capitals(page_of, an_event):
    venue = {"address": {"postcode": "97410", "city": "Saint-Pierre"}}
    page, _ = await page_of(an_event(timezone="Indian/Reunion", venue=venue))
    assert "Heure de La Réunion" in page
    assert "Collégiens et lycéens, étudiants" in page


async def test_what_is_shared_says_in_french_what_it_is(page_of, client, an_event):
    page, _ = await page_of(an_event())
    words = "Visite d’entreprise proposée par Fonderie de l’Est lyonnais, 17\u00a0novembre 2026, Villeurbanne."
    for name in ('name="description"', 'property="og:description"'):
        assert f'<meta {name} content="{words}">' in page
    for shared in (page, (await client.get("/")).text, (await client.get("/contact")).text):
        image = re.search(r'<meta property="og:image" content="https://carte.example(.*?)">', shared)[1]
        picture = await client.get(image)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
        assert picture.content.startswith(b"\x89PNG")
        assert re.search(r'<meta property="og:title" content="[^"]{4,}">', shared)


async def test_addresses_in_a_description_are_links_that_vouch_for_nothing(page_of, an_event):
    page, _ = await page_of(
        an_event(description="Sur www.usine.fr/a?b=1&c='2' ou visites@usine.fr. <b>https://x.fr/\"onclick=\"alert(1)")
    )
    description = re.search(r"<article.*?</article>", page, re.DOTALL)[0]
    assert re.findall(r"<a [^>]*>.*?</a>", description) == [
        '<a href="https://www.usine.fr/a?b=1&amp;c=&#39;2" rel="nofollow ugc noopener">'
        "www.usine.fr/a?b=1&amp;c=&#39;2</a>",
        '<a href="mailto:visites@usine.fr" rel="nofollow ugc noopener">visites@usine.fr</a>',
        '<a href="https://x.fr/" rel="nofollow ugc noopener">https://x.fr/</a>',
    ]
    assert "<b>" not in description
    assert 'onclick="' not in description


@pytest.mark.parametrize(
    ("told", "words", "link"),
    [
        ({"website": "https://usine.fr/visites"}, "sur le site de l’organisateur", "https://usine.fr/visites"),
        ({"description": "Inscription : visites@usine.fr"}, "par courriel", "mailto:visites@usine.fr"),
        (
            {"description": "Inscription sur usine.fr/visites"},
            "à l’adresse que donne la description",
            "https://usine.fr/visites",
        ),
        ({"description": "Sur inscription."}, "l’organisateur n’a pas indiqué où s’inscrire", None),
        ({"description": "Inscription au 02 40 00 11 22."}, "au numéro que donne la description", None),
        ({"booking_email": "visites@usine.fr"}, "visites@usine.fr", "mailto:visites@usine.fr"),
    ],
)
async def test_who_must_register_is_told_how(page_of, an_event, told, words, link):
    page, _ = await page_of(an_event(**told))
    access = re.search(r"<dt>Accès</dt>.*?</dd>", page, re.DOTALL)[0]
    assert words in access
    assert re.findall(r'href="(.*?)"', access) == ([link] if link else [])


@pytest.mark.parametrize(
    ("admission", "is_shown"), [("everyone", True), ("on_registration", False), ("another", False)]
)
async def test_where_one_connects_is_not_shown_to_who_must_register_first(
    page_of, client, an_event, admission, is_shown
):
    page, told = await page_of(an_event(online_url="https://visio.example/salle", admission=admission))
    assert ("https://visio.example/salle" in page) is is_shown
    assert ("https://visio.example/salle" in json.dumps(told)) is is_shown
    assert "visio.example" not in (await client.get("/evenements.geojson")).text
    assert ("Le lien est donné à l’inscription." in page) is (admission == "on_registration")


@pytest.mark.parametrize("path", [f"/evenements/{UUID(int=1)}", "/evenements/nimporte-quoi"])
async def test_an_unknown_event_is_answered_kindly_in_french(client, path):
    page = await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Cet événement n’est pas, ou plus, sur la carte" in page.text
    assert '<html lang="fr">' in page.text
