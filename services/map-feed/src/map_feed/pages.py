"""The pages that people read, made of the templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from backbone.campaign import dates, words
from backbone.campaign.edition import Edition, Editions
from backbone.campaign.geography import DEPARTMENTS, REGIONS
from backbone.campaign.typography import NARROW, NO_BREAK, capital, in_french, uncapital
from backbone.contracts import Picture

from . import catalogue, jsonld
from .domain.listing import Listing
from .domain.nearness import of_town
from .domain.search import RADII, RADIUS, ListQuery
from .domain.words import fold
from .legal import Texts
from .linked import paragraphs

PAGE_SIZE = 60
IMAGE = "/partage.png"
LABELS = {
    "q": "Métier, entreprise, ville",
    "region": "Région",
    "departement": "Département",
    "type": "Type d’événement",
    "public": "Pour qui",
    "jour": "Jour",
    "lieu": "Où",
    "autour": "Près de",
    "rayon": "Rayon",
    "ville": "Nom de la ville",
    "page": "Page",
}
NO_SEARCH = (
    "Nous n’avons pas compris cette recherche",
    "Un filtre de l’adresse n’est pas de ceux que nous connaissons :",
)


@dataclass(frozen=True)
class Results:
    """One page of what a search found."""

    query: ListQuery
    found: Sequence[Listing]
    now: datetime

    @property
    def count(self) -> int:
        return len(self.found)

    @property
    def shown(self) -> Sequence[Listing]:
        return self.found[(self.query.page - 1) * PAGE_SIZE :][:PAGE_SIZE]

    @property
    def left(self) -> int:
        """How many there are behind this page."""
        return max(0, self.count - self.query.page * PAGE_SIZE)

    @property
    def next_size(self) -> int:
        return min(PAGE_SIZE, self.left)


@dataclass(frozen=True)
class Filter:
    """A filter that is set, in words, and where the search without it is found."""

    words: str
    without: str


def root_of(edition: Edition, editions: Editions) -> str:
    """Where the list of an edition is: the current one's at the root, every other's at its own address."""
    return "/" if edition == editions.current else f"/editions/{edition.name}"


@dataclass
class Pages:
    """Renders the pages of all editions, each in its colours; `static` is where style and scripts are found."""

    editions: Editions
    public_url: str
    static: str
    texts: Texts
    deposit_url: str = ""
    pictures_url: str = ""
    places_url: str = ""
    _templates: Environment = field(init=False)

    def __post_init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("map_feed"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"fr": in_french, "paragraphs": paragraphs, "thousands": _thousands}
        self._templates.filters |= {"ticked": catalogue.ticked}
        self._templates.filters |= {"capital": capital, "uncapital": uncapital}
        self._templates.globals |= {"static": self.static, "dates": dates, "words": words}
        self._templates.globals |= {"public_url": self.public_url, "image": self.image, "texts": self.texts}
        self._templates.globals |= {"deposit_url": self.deposit_url, "places_url": self.places_url}
        self._templates.globals |= {"current": self.editions.current, "root_of": self._root_of}

    @property
    def image(self) -> str:
        """The picture of a page that is shared, whole: others fetch it."""
        return f"{self.public_url}{IMAGE}"

    def index(self, edition: Edition, results: Results, others: Sequence[Edition] = ()) -> str:
        """The list and the map of an edition; `others`: those of which there is a list too."""
        return self._render(
            "index.html",
            edition,
            results=results,
            query=results.query,
            filters=self._filters(results.query, self._root_of(edition)),
            regions=sorted(REGIONS.items(), key=lambda region: fold(region[1])),
            departments=_departments(results.query.region),
            days=_days(edition),
            radii=[("" if kilometres == RADIUS else kilometres, f"{kilometres} km") for kilometres in RADII],
            others=others,
        )

    def closed(self, edition: Edition) -> str:
        """What is shown before the day the map of the edition opens."""
        return self._render("closed.html", edition)

    def event(self, edition: Edition, listing: Listing, now: datetime) -> str:
        """An event's own page, to which the poster's QR code leads."""
        url = f"{self.public_url}/evenements/{listing.id}"
        picture = self._picture(listing)
        script = jsonld.script(listing, url, picture.url if picture else self.image)
        way = _way(listing)
        words = {"it": listing, "url": url, "jsonld": script, "way": way, "now": now, "picture": picture}
        return self._render("event.html", edition, **words)

    def _picture(self, listing: Listing) -> Picture | None:
        """The event's picture, if it is where this map shows pictures from: browsers load it from nowhere else."""
        picture = listing.event.picture
        is_ours = bool(picture and self.pictures_url and picture.url.startswith(f"{self.pictures_url}/images/"))
        return picture if is_ours else None

    def text(self, name: str) -> str:
        """One of the legal pages."""
        return self._render("text.html", text=self.texts.pages[name], path=name)

    def api(self) -> str:
        """How to use the data."""
        return self._render("api.html", fields=ListQuery.model_json_schema(by_alias=True)["properties"])

    def catalogue(self) -> str:
        """What is told on the public topics."""
        return self._render("catalogue.html", **catalogue.contents())

    def apology(self, title: str, text: str) -> str:
        """A page that says kindly what went wrong."""
        return self._render("notice.html", title=title, text=text, wrong=(), query="")

    def wrong_search(self, path: str, wrong: Sequence[Mapping[str, str]], kept: str) -> str:
        """What was not understood of a search on that path, field by field, and the part of it that can be kept."""
        edition = self.editions.get(path.removeprefix("/editions/"))
        told = {"title": NO_SEARCH[0], "text": NO_SEARCH[1], "wrong": wrong, "query": kept, "labels": LABELS}
        return self._render("notice.html", edition, **told)

    def _render(self, name: str, edition: Edition | None = None, /, **context: Any) -> str:
        edition = edition or self.editions.current
        return self._templates.get_template(name).render(context, edition=edition, root=self._root_of(edition))

    def _root_of(self, edition: Edition) -> str:
        return root_of(edition, self.editions)

    def _filters(self, query: ListQuery, root: str) -> list[Filter]:
        names: Mapping[str, Callable[[str], str]] = {
            "q": lambda text: f"« {text} »",
            "region": lambda code: REGIONS[code],
            "departement": lambda code: DEPARTMENTS[code].name,
            "type": lambda code: words.KINDS.get(code, code),
            "public": lambda code: words.AUDIENCES.get(code, code),
            "jour": lambda day: dates.whole_day(date.fromisoformat(day)),
            "lieu": {"sur-place": "Sur place", "en-ligne": "En ligne"}.__getitem__,
            "autour": lambda _point: f"À moins de {query.kilometres}{NO_BREAK}km {_of_place(query)}",
        }
        shown = {name: value for name, value in query.filters.items() if name in names}
        without = {name: query.query(without=name) for name in shown}
        return [
            Filter(names[name](value), f"{root}?{without[name]}" if without[name] else root)
            for name, value in shown.items()
        ]


def _of_place(query: ListQuery) -> str:
    return of_town(query.town) if query.town else "de ce point"


def _departments(region: str | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """The departments, by region; those of the chosen one only."""
    regions = sorted(REGIONS.items(), key=lambda pair: fold(pair[1]))
    chosen = [(code, name) for code, name in regions if region in (None, code)]
    inside = [(name, [(d.code, d.name) for d in DEPARTMENTS.values() if d.region == code]) for code, name in chosen]
    # those overseas that are in no region can be looked for too
    elsewhere = [(d.code, d.name) for d in DEPARTMENTS.values() if d.region not in REGIONS]
    return inside if region else [*inside, ("Collectivités d’outre-mer", elsewhere)]


def _days(edition: Edition) -> list[date]:
    window = edition.labelling_window
    return [window.first + timedelta(days) for days in range((window.last - window.first).days + 1)]


def _way(listing: Listing) -> str | None:
    """A link to find one's way: to the point where it is fine enough, otherwise a search for the address."""
    venue, location = listing.venue, listing.location
    if venue is None:
        return None
    if location and listing.is_precise:
        point = f"{location.latitude},{location.longitude}"
        return f"https://www.openstreetmap.org/directions?{urlencode({'to': point})}#map=15/{point.replace(',', '/')}"
    address = " ".join(filter(None, (venue.address.street, venue.address.postcode, listing.city)))
    return f"https://www.openstreetmap.org/search?query={quote(address)}"


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", NARROW)
