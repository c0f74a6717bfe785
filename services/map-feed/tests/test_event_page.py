from __future__ import annotations

import html
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
        ({"booking": {"email": "visites@usine.fr"}}, "visites@usine.fr", "mailto:visites@usine.fr"),
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
    assert ("Lien communiqué après inscription." in page) is (admission == "on_registration")


@pytest.mark.parametrize("path", [f"/evenements/{UUID(int=1)}", "/evenements/nimporte-quoi"])
async def test_an_unknown_event_is_answered_kindly_in_french(client, path):
    page = await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Cet événement n’est pas, ou plus, sur la carte" in page.text
    assert '<html lang="fr">' in page.text


NOTE = "L’atelier est en travaux : à l'année prochaine !"


@pytest.mark.parametrize(
    ("status", "word", "sentence", "schema"),
    [
        ("cancelled", "Annulé", "Cet événement est annulé\u00a0: il n’aura pas lieu.", "EventCancelled"),
        ("postponed", "Reporté", "Cet événement est reporté. Sa nouvelle date n’est pas", "EventPostponed"),
        ("rescheduled", "Nouvelle date", "Cet événement a changé de date\u00a0: celle que", "EventRescheduled"),
        ("moved_online", "Déplacé en ligne", "Cet événement se tient désormais en ligne", "EventMovedOnline"),
        ("a status of a later year", None, None, "EventScheduled"),
    ],
)
async def test_an_event_that_is_not_as_announced_says_so_first_and_to_machines_too(
    page_of, client, an_event, a_location, status, word, sentence, schema
):
    page, told = await page_of(an_event(status=status, status_note=NOTE), a_location())
    assert told["eventStatus"] == f"https://schema.org/{schema}"
    [feature] = (await client.get("/evenements.geojson")).json()["features"]
    assert feature["properties"]["status"] == (status if word else "scheduled")
    card = (await client.get("/")).text
    if word is None:
        assert "state" not in page
        assert NOTE not in page
        return
    assert f'<span class="state">{word}</span>' in page
    assert f'<span class="state">{word}</span>' in card
    assert sentence in page
    assert page.index(sentence) < page.index("<p>On visite l’atelier.")
    assert "«\u00a0L’atelier est en travaux\u00a0: à l’année prochaine\u202f!\u00a0»" in html.unescape(page)
    assert f'<meta property="og:description" content="{word}\u00a0: ' in page


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
async def test_nobody_is_asked_to_register_for_what_does_not_take_place(page_of, an_event, a_location, status):
    told = {"booking": {"email": "visites@usine.fr"}, "website": "https://usine.fr", "online_url": "https://visio.fr"}
    venue = an_event().venue
    page, _ = await page_of(an_event(status=status, venue=venue, **told), a_location(precision="street"))
    for words in ("mailto:", "S’inscrire", "Le lien est donné", "Itinéraire"):
        assert words not in page
    assert 'href="/?departement=69">Voir d’autres événements dans ce département</a>' in page
    assert "Terminé" not in page


async def test_an_event_in_a_place_and_online_shows_both(page_of, client, an_event, a_location):
    hybrid = an_event(online_url="https://visio.example/salle", venue=an_event().venue, admission="everyone")
    page, told = await page_of(hybrid, a_location(precision="street"))
    where = re.search(r"<dt>Où</dt>.*?</dd>", page, re.DOTALL)[0]
    assert "12 rue de l’Industrie" in where
    assert 'id="map"' in where
    assert re.search(r'En ligne aussi<br><a href="https://visio.example/salle"', where)
    assert told["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [place["@type"] for place in told["location"]] == ["Place", "VirtualLocation"]
    assert told["location"][1]["url"] == "https://visio.example/salle"
    [feature] = (await client.get("/evenements.geojson")).json()["features"]
    assert feature["geometry"]["coordinates"] == [4.8869, 45.7719]
    assert (feature["properties"]["attendance"], feature["properties"]["online"]) == ("mixed", False)
    for place in ("sur-place", "en-ligne"):
        assert "En ligne aussi" in (await client.get(f"/?lieu={place}")).text


async def test_where_one_connects_to_a_hybrid_event_is_told_on_registration_only(page_of, client, an_event):
    hybrid = an_event(online_url="https://visio.example/salle", venue=an_event().venue)
    page, told = await page_of(hybrid)
    assert "visio.example" not in page + json.dumps(told)
    assert "En ligne aussi<br>Lien communiqué après inscription." in page


@pytest.mark.parametrize(("place", "shown"), [({}, "En ligne aussi"), ({"venue": None}, "En ligne")])
async def test_an_event_whose_link_is_not_told_is_online_all_the_same(page_of, client, an_event, place, shown):
    page, told = await page_of(
        an_event(**{"venue": an_event().venue, "online_url": None, "has_private_link": True} | place)
    )
    assert f'<p class="connect">{shown}<br>Lien communiqué après inscription.' in page
    assert "VirtualLocation" in json.dumps(told)
    assert "En ligne" in (await client.get("/?lieu=en-ligne")).text


async def test_how_one_gets_there_and_a_word_on_accessibility_are_shown(page_of, client, an_event):
    said = {"access": "Tram 1, arrêt Mairie.", "accessibility": ("mi",), "accessibility_note": "Boucle à l’accueil."}
    page, _ = await page_of(an_event(venue=an_event().venue, **said))
    assert "<p>Tram 1, arrêt Mairie.</p>" in page
    assert "<p>Handicap moteur</p><p>Boucle à l’accueil.</p>" in page


async def test_what_has_moved_online_sends_nobody_to_a_place(page_of, client, an_event, a_location):
    moved = an_event(status="moved_online", online_url="https://visio.example", venue=an_event().venue)
    page, told = await page_of(moved, a_location())
    assert "12 rue de l’Industrie" not in page
    assert told["location"]["@type"] == "VirtualLocation"
    assert told["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    [feature] = (await client.get("/evenements.geojson?departement=69")).json()["features"]
    assert (feature["geometry"], feature["properties"]["online"]) == (None, True)


async def test_how_to_register_how_many_and_for_whom_the_place_is_fitted_are_on_the_page(page_of, an_event):
    booking = {"url": "https://usine.fr/i", "email": "visites@usine.fr", "telephone": "+33 2 40 00 11 22"}
    page, told = await page_of(an_event(booking=booking, capacity=25, accessibility=("mi", "hi", "zz")))
    text = " ".join(re.sub(r"<[^>]+>", "", page).replace("\u00a0", " ").replace("&nbsp;", " ").split())
    ways = "en ligne, par courriel : visites@usine.fr ou par téléphone : +33 2 40 00 11 22"
    assert f"Accès Sur inscription : {ways} Gratuit, 25 places" in text
    assert "Accessibilité du lieu Handicap moteur, handicap auditif" in text
    assert 'href="tel:+33240001122"' in page
    assert told["maximumAttendeeCapacity"] == 25


async def test_machines_are_told_of_each_opening_whether_one_may_still_come(page_of, an_event):
    slots = [
        {"starts_at": f"2026-11-{day}T09:00:00+01:00", "ends_at": f"2026-11-{day}T12:00:00+01:00", "status": status}
        for day, status in ((17, "full"), (18, "cancelled"), (19, "scheduled"))
    ]
    page, told = await page_of(an_event(slots=slots))
    said = [(each["eventStatus"][19:], each["offers"].get("availability", "")[19:]) for each in told["subEvent"]]
    assert said == [("EventScheduled", "SoldOut"), ("EventCancelled", ""), ("EventScheduled", "")]
    assert re.findall(r"\((complet|annulé)\)", page) == ["complet", "annulé"]
