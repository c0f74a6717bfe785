"""Pairs of announcements, of which it is known whether they are one event: half of them kept apart.

Each pair is two drafts as organisers write them, and whether one organisation wrote both. A seed makes the whole set.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hosts import APART, OPEN, OTHERS, Host

Draft = dict[str, Any]
SEED = 2026
HALF = 500


@dataclass(frozen=True)
class Pair:
    """Two announcements. `is_one`: whether they are one event, told twice."""

    kind: str
    one: Draft
    other: Draft
    is_of_one_organisation: bool
    is_one: bool


def open_pairs(seed: int = SEED) -> list[Pair]:
    """The half that whoever writes the rule may read."""
    return _half(random.Random(f"{seed} open"), OPEN)  # noqa: S311 (a seeded set, no secret)


def pairs_kept_apart(seed: int = SEED) -> list[Pair]:
    """The half that is measured by: other hosts, other titles."""
    return _half(random.Random(f"{seed} apart"), APART)  # noqa: S311


def _half(chance: random.Random, hosts: tuple[Host, ...]) -> list[Pair]:
    playing = Playing(chance, hosts)
    kinds = [(name, make) for name, share, make in KINDS for _ in range(share)]
    assert len(kinds) == HALF, len(kinds)
    return [make(playing, name) for name, make in kinds]


class Playing:
    """Chance, and those whom it plays with."""

    def __init__(self, chance: random.Random, hosts: tuple[Host, ...]) -> None:
        self.chance, self.hosts = chance, hosts

    def host(self) -> Host:
        return self.chance.choice(self.hosts)

    def wordings(self, host: Host) -> tuple[str, ...]:
        return self.chance.choice(host.offers)

    def draft(self, host: Host, title: str, **changes: Any) -> Draft:
        """An announcement as the host itself writes it, on a day of the week, at some hours."""
        postcode, city = host.place.split(" ", 1)
        start = self.chance.choice((8, 9, 10, 13, 14, 15))
        day, lasts = self.chance.randint(16, 21), self.chance.choice((1, 2, 3))
        written = {
            "title": title,
            "organisation": host.names[0],
            "kind": "company_visit",
            "venue": {"name": None, "street": host.street, "postcode": postcode, "city": city},
            "online_url": None,
            "slots": [slot(day, start * 60, lasts * 60)],
        }
        return written | changes

    def another_name(self, host: Host) -> str:
        """As others write the host, or somebody who announces what it holds."""
        if self.chance.random() < 0.5:
            return self.chance.choice(host.names[1:])
        return f"{self.chance.choice(OTHERS)} de {host.place.split(' ', 1)[1]}"


def slot(day: int, start: int, lasts: int) -> dict[str, str]:
    """An opening on a day of November; `start` and `lasts` in minutes."""
    ends = start + lasts
    return {
        "starts_at": f"2026-11-{day:02}T{start // 60:02}:{start % 60:02}:00",
        "ends_at": f"2026-11-{day:02}T{ends // 60:02}:{ends % 60:02}:00",
    }


def _hours(draft: Draft) -> tuple[int, int, int]:
    opening = draft["slots"][0]
    start, end = (int(at[11:13]) * 60 + int(at[14:16]) for at in (opening["starts_at"], opening["ends_at"]))
    return int(opening["starts_at"][8:10]), start, end - start


# --- how one writes what another has written ---------------------------------------------------------


def mistyped(chance: random.Random, title: str) -> str:
    """With a slip or two of the fingers, in letters behind the first of a word."""
    letters = list(title)
    for _ in range(chance.randint(1, 2)):
        places = [at for at in range(1, len(letters) - 1) if letters[at].isalpha() and letters[at - 1].isalpha()]
        at = chance.choice(places)
        slip = chance.choice(("swap", "drop", "double"))
        if slip == "swap" and letters[at + 1].isalpha():
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif slip == "drop":
            del letters[at]
        else:
            letters.insert(at, letters[at])
    return "".join(letters)


def unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("’", "'"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def typed_again(chance: random.Random, title: str) -> str:
    """As it is copied by hand: in capitals, without accents, with other dashes, another mark at the end."""
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        unaccented,
        lambda text: unaccented(text).upper(),
        lambda text: text.replace(" : ", " - ").replace("’", "'") + " !",
        lambda text: text.replace("l’", "l ").replace("d’", "d "),
        lambda text: f"« {text} »",
        lambda text: mistyped(chance, text),
    )
    return chance.choice(ways)(title)


def dressed(chance: random.Random, title: str, host: Host) -> str:
    """With the campaign, the year or the organisation in the title."""
    short = host.names[chance.randint(0, len(host.names) - 1)]
    ways = (
        f"Semaine de l’industrie 2026 – {title}",
        f"[SDI 2026] {title}",
        f"{title} (Semaine de l’industrie)",
        f"{title} - édition 2026",
        f"{title} chez {short}",
        f"{short} : {title}",
        f"{title} | {short}",
    )
    return chance.choice(ways)


def street_again(chance: random.Random, street: str) -> str:
    """The same street, written otherwise."""
    ways: tuple[Callable[[str], str], ...] = (
        unaccented,
        str.upper,
        lambda text: text.replace("rue", "r.").replace("avenue", "av.").replace("boulevard", "bd"),
        lambda text: text.replace("-", " ").replace("’", "'"),
        lambda text: text.replace(" rue", ", rue").replace(" avenue", ", avenue").replace(" route", ", route"),
        lambda text: f"{text}, zone industrielle",
        lambda text: f"{text} - bâtiment B",
    )
    return chance.choice(ways)(street)


def moved(draft: Draft, **changes: Any) -> Draft:
    """The draft with other words about its place."""
    return draft | {"venue": draft["venue"] | changes}


# --- one event, told twice ---------------------------------------------------------------------------


def copied(play: Playing, kind: str) -> Pair:
    """By another organisation, with the very title."""
    host = play.host()
    one = play.draft(host, play.chance.choice(play.wordings(host)))
    other = one | {"organisation": play.another_name(host)}
    return Pair(kind, one, other, is_of_one_organisation=False, is_one=True)


def copied_by_hand(play: Playing, kind: str) -> Pair:
    """By another organisation, typed again, the address too."""
    host = play.host()
    one = play.draft(host, play.chance.choice(play.wordings(host)))
    other = one | {"organisation": play.another_name(host), "title": typed_again(play.chance, one["title"])}
    other = moved(other, street=street_again(play.chance, host.street))
    return Pair(kind, one, other, is_of_one_organisation=False, is_one=True)


def forgotten(play: Playing, kind: str) -> Pair:
    """By the same organisation, a second time, with a slip."""
    host = play.host()
    one = play.draft(host, play.chance.choice(play.wordings(host)))
    other = one | {"title": typed_again(play.chance, one["title"])}
    return Pair(kind, one, other, is_of_one_organisation=True, is_one=True)


def with_dressing(play: Playing, kind: str) -> Pair:
    """With the campaign or the organisation in one of the titles."""
    host = play.host()
    one = play.draft(host, play.chance.choice(play.wordings(host)))
    is_own = play.chance.random() < 0.3
    other = one | {"title": dressed(play.chance, one["title"], host)}
    other = other if is_own else other | {"organisation": play.another_name(host)}
    return Pair(kind, one, other, is_of_one_organisation=is_own, is_one=True)


def reworded(play: Playing, kind: str) -> Pair:
    """The same event in other words, by another organisation or by the same."""
    host = play.host()
    title, again = play.chance.sample(play.wordings(host), 2)
    one = play.draft(host, title)
    is_own = play.chance.random() < 0.4
    other = one | {"title": again}
    other = other if is_own else other | {"organisation": play.another_name(host)}
    if play.chance.random() < 0.3:
        other = moved(other, street=street_again(play.chance, host.street))
    return Pair(kind, one, other, is_of_one_organisation=is_own, is_one=True)


def other_hours(play: Playing, kind: str) -> Pair:
    """By another organisation, which opens earlier, or closes later."""
    host = play.host()
    one = play.draft(host, play.chance.choice(play.wordings(host)))
    day, start, lasts = _hours(one)
    shift = play.chance.choice((-30, -15, 15, 30))
    other = one | {"organisation": play.another_name(host), "slots": [slot(day, start + shift, lasts + 30)]}
    if play.chance.random() < 0.5:
        other |= {"title": typed_again(play.chance, one["title"])}
    return Pair(kind, one, other, is_of_one_organisation=False, is_one=True)


def online_twice(play: Playing, kind: str) -> Pair:
    """In one room of the web, by two organisations; the address bears what counts its readers."""
    host = play.host()
    room = f"https://visio.example/{play.chance.randint(1000, 9999)}/salle"
    one = play.draft(host, play.chance.choice(play.wordings(host)), venue=None, online_url=room)
    tail = play.chance.choice(("?utm_source=cci", "/", "#accueil", ""))
    other = one | {"organisation": play.another_name(host), "online_url": room + tail}
    other |= {"title": typed_again(play.chance, one["title"])}
    return Pair(kind, one, other, is_of_one_organisation=False, is_one=True)


# --- two events --------------------------------------------------------------------------------------


def other_day(play: Playing, kind: str) -> Pair:
    """The same workshop on another day."""
    host = play.host()
    one = play.draft(host, play.chance.choice((*host.series, *play.wordings(host))))
    day, start, lasts = _hours(one)
    other = one | {"slots": [slot(day + 1, start, lasts)]}
    return Pair(kind, one, other, is_of_one_organisation=play.chance.random() < 0.8, is_one=False)


def other_place(play: Playing, kind: str) -> Pair:
    """The same title on the same day, in another town or a few doors on."""
    host, elsewhere = play.chance.sample(play.hosts, 2)
    one = play.draft(host, play.chance.choice(play.wordings(host)))
    if play.chance.random() < 0.5 and host.street[0].isdigit():
        number, rest = host.street.split(" ", 1)
        other = moved(one, street=f"{int(number) + 4} {rest}")
    else:
        postcode, city = elsewhere.place.split(" ", 1)
        other = moved(one, street=elsewhere.street, postcode=postcode, city=city)
    return Pair(kind, one, other, is_of_one_organisation=play.chance.random() < 0.5, is_one=False)


def sessions(play: Playing, kind: str) -> Pair:
    """Two hours of one workshop, which its organiser registers as two events."""
    host = play.host()
    title = play.chance.choice((*host.series, *play.wordings(host)))
    day = play.chance.randint(16, 21)
    first, second = play.chance.choice(((9, 14), (9, 11), (10, 16), (13, 15)))
    ways = (
        (title, title),
        (f"{title} – {first} h", f"{title} – {second} h"),
        (f"{title} ({first}h00)", f"{title} ({second}h00)"),
        (f"{title} - matin", f"{title} - après-midi"),
        (f"{title} – session 1", f"{title} – session 2"),
    )
    one, other = (
        play.draft(host, said, slots=[slot(day, hour * 60, 90)])
        for said, hour in zip(play.chance.choice(ways), (first, second), strict=True)
    )
    return Pair(kind, one, other, is_of_one_organisation=True, is_one=False)


def numbered(play: Playing, kind: str) -> Pair:
    """Groups that go round at the same hour, told by a number, a letter or a public."""
    host = play.host()
    title = play.chance.choice((*host.series, *play.wordings(host)))
    ways = (
        (f"{title} 1", f"{title} 2"),
        (f"{title} – groupe A", f"{title} – groupe B"),
        (f"{title} n° 1", f"{title} n° 3"),
        (f"{title} (collégiens)", f"{title} (lycéens)"),
        (f"{title} pour les demandeurs d’emploi", f"{title} pour les familles"),
        (f"{title}, niveau débutant", f"{title}, niveau confirmé"),
        (f"{title} en anglais", f"{title} en français"),
    )
    said, again = play.chance.choice(ways)
    one = play.draft(host, said)
    other = one | {"title": again}
    return Pair(kind, one, other, is_of_one_organisation=play.chance.random() < 0.8, is_one=False)


def siblings(play: Playing, kind: str) -> Pair:
    """Two workshops of one house, at the same hour, with titles that begin alike."""
    host = play.host()
    said, again = play.chance.sample(host.series, 2)
    if play.chance.random() < 0.3:
        said, again = (f"{said} {play.chance.choice(('au', 'du'))} {host.names[0]}", f"{again} – {host.names[0]}")
    one = play.draft(host, said)
    other = one | {"title": again}
    return Pair(kind, one, other, is_of_one_organisation=play.chance.random() < 0.7, is_one=False)


def beside(play: Playing, kind: str) -> Pair:
    """Two different offers of one house, on one day."""
    host = play.host()
    offers = play.chance.sample(host.offers, 2)
    one = play.draft(host, play.chance.choice(offers[0]))
    other = one | {"title": play.chance.choice((*offers[1], *host.series))}
    return Pair(kind, one, other, is_of_one_organisation=play.chance.random() < 0.7, is_one=False)


def neighbours(play: Playing, kind: str) -> Pair:
    """Two houses at one address, each with its own, often in words that everybody uses."""
    host, neighbour = play.chance.sample(play.hosts, 2)
    ways = (
        (play.chance.choice(play.wordings(host)), play.chance.choice(play.wordings(neighbour))),
        (f"Portes ouvertes chez {host.names[0]}", f"Portes ouvertes chez {neighbour.names[0]}"),
        (f"Visite de {host.names[0]}", f"Visite de {neighbour.names[0]}"),
        (f"{host.names[0]} recrute", f"{neighbour.names[0]} recrute"),
        (play.chance.choice(host.series), play.chance.choice(neighbour.series)),
        (f"Journée découverte : {host.names[1]}", f"Journée découverte : {neighbour.names[1]}"),
    )
    said, again = play.chance.choice(ways)
    one = play.draft(host, said)
    other = one | {"title": again, "organisation": neighbour.names[0]}
    return Pair(kind, one, other, is_of_one_organisation=False, is_one=said == again)


def online_beside(play: Playing, kind: str) -> Pair:
    """Two rooms of one server of the web; or one room, and two subjects."""
    host, other_host = play.chance.sample(play.hosts, 2)
    room, another = (f"https://visio.example/{play.chance.randint(1000, 9999)}/salle" for _ in range(2))
    one = play.draft(host, play.chance.choice(play.wordings(host)), venue=None, online_url=room)
    if play.chance.random() < 0.5:
        other = one | {"online_url": another}
    else:
        other = one | {"title": play.chance.choice(play.wordings(other_host)), "organisation": other_host.names[0]}
    return Pair(kind, one, other, is_of_one_organisation=False, is_one=False)


KINDS: tuple[tuple[str, int, Callable[[Playing, str], Pair]], ...] = (
    ("copied", 30, copied),
    ("typed again", 55, copied_by_hand),
    ("forgotten", 30, forgotten),
    ("dressed", 40, with_dressing),
    ("reworded", 45, reworded),
    ("other hours", 30, other_hours),
    ("online", 20, online_twice),
    ("other day", 25, other_day),
    ("other place", 25, other_place),
    ("sessions", 45, sessions),
    ("numbered", 45, numbered),
    ("siblings", 45, siblings),
    ("beside", 25, beside),
    ("neighbours", 25, neighbours),
    ("online, two", 15, online_beside),
)
"""What is played, and how often in a half."""
