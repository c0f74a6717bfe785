from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import StoppedClock
from backbone.campaign.edition import load_edition
from backbone.contracts import (
    DecisionFact,
    EventLabelled,
    EventRejected,
    Fact,
    KitPiece,
    LabelWithdrawn,
    ReviewRequested,
)
from backbone.contracts.event import Address, PublicEvent, Slot, Venue
from backbone.mail.mailers import MemoryMailer
from backbone.postgres.database import jobs, open_database, outbox
from backbone.runtime.trace import current_trace
from backbone.service.floor import open_floor
from backbone.service.folding import Happening, fold_all
from backbone.service.service import Service
from commskit.app import create_app
from commskit.domain import Look
from commskit.handlers import HEARS
from commskit.settings import Settings
from commskit.store import kits

EDITIONS = Path(__file__).parents[3] / "editions"
PAGE = "https://carte.semaine-industrie.example/evenements/0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e"
HAIR = 0.5  # mm: by which a round or slanted letter may lean over its line
STAMP = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)


class Pdf:
    """A PDF as a reader has it."""

    def __init__(self, content: bytes) -> None:
        self._document = pypdfium2.PdfDocument(content)

    @property
    def pages(self) -> int:
        return len(self._document)

    @property
    def size_mm(self) -> list[tuple[int, int]]:
        points = (page.get_size() for page in self._document)
        return [(round(width / 72 * 25.4), round(height / 72 * 25.4)) for width, height in points]

    @property
    def text(self) -> str:
        """All words, with plain spaces between them."""
        return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in self._document)

    @property
    def metadata(self) -> dict[str, str]:
        return self._document.get_metadata_dict()

    @property
    def language(self) -> str:
        buffer = pypdfium2.raw.FPDFCatalog_GetLanguage
        size = buffer(self._document, None, 0)
        out = (pypdfium2.raw.FPDF_WCHAR * (size // 2))()
        buffer(self._document, out, size)
        return bytes(out).decode("utf-16-le").rstrip("\0")

    @property
    def codes(self) -> list[str]:
        """What a telephone reads on the first page."""
        image = self._document[0].render(scale=200 / 72).to_pil()
        return [code.text for code in zxingcpp.read_barcodes(image)]

    def letters_outside(self, areas: Iterable[tuple[float, float, float, float]]) -> str:
        """The letters of the first page that do not stand wholly in one of the areas (left, top, width,
        height, in mm). A clipped letter is still in the text of a PDF: only its place betrays it."""
        page = self._document[0]
        words, page_height = page.get_textpage(), page.get_height()
        outside = ""
        for index in range(words.count_chars()):
            letter = words.get_text_range(index, 1)
            left, bottom, right, top = (at / 72 * 25.4 for at in words.get_charbox(index))
            down, low = page_height / 72 * 25.4 - top, page_height / 72 * 25.4 - bottom
            stands = any(
                x - HAIR <= left and right <= x + width + HAIR and y - HAIR <= down and low <= y + height + HAIR
                for x, y, width, height in areas
            )
            outside += "" if stands or letter.isspace() else letter
        return outside


@pytest.fixture(scope="session", autouse=True)
def _font_folders(tmp_path_factory: pytest.TempPathFactory, make_state_dir: Callable[[], Path]) -> Iterator[None]:
    """WeasyPrint copies fonts to a temporary folder that a process leaves behind: it goes with pytest's own.

    The servers' folder (`make_state_dir`) is made before: below pytest's own, PostgreSQL would lose its data as soon as
    another run of pytest begins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("fonts")))
        yield


@pytest.fixture
def read_pdf() -> type[Pdf]:
    return Pdf


@pytest.fixture(params=["2020", "2026"])
def look(request: pytest.FixtureRequest) -> Look:
    return Look.of(load_edition(EDITIONS / f"{request.param}.toml"))


@pytest.fixture
def look_2026() -> Look:
    return Look.of(load_edition(EDITIONS / "2026.toml"))


@pytest.fixture
def page_url() -> str:
    return PAGE


@pytest.fixture
def stamp() -> datetime:
    return STAMP


@pytest.fixture
def a_slot() -> Callable[..., Slot]:
    def make(day: str, start: str, end: str, timezone: str = "Europe/Paris", until: str = "") -> Slot:
        zone = ZoneInfo(timezone)
        return Slot(
            starts_at=datetime.fromisoformat(f"{day} {start}").replace(tzinfo=zone),
            ends_at=datetime.fromisoformat(f"{until or day} {end}").replace(tzinfo=zone),
        )

    return make


@pytest.fixture
def an_event(a_slot: Callable[..., Slot]) -> Callable[..., PublicEvent]:
    visit: dict[str, Any] = {
        "event_id": UUID("0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e"),
        "revision": 1,
        "edition": "2026",
        "organiser_id": UUID("7c1f0a51-90c2-4e59-8f3c-19f6d7a8b102"),
        "organisation": "Fonderie de l'Erdre",
        "title": "Du métal en fusion à la pièce finie : visite de la fonderie",
        "description": "Suivez une pièce, du four à l'emballage. Les chaussures fermées sont obligatoires.",
        "kind": "company_visit",
        "audiences": ("pupils", "families"),
        "admission": "on_registration",
        "is_free": True,
        "slots": (a_slot("2026-11-17", "09:00", "11:30"), a_slot("2026-11-19", "09:00", "11:30")),
        "timezone": "Europe/Paris",
        "venue": Venue(
            name="Fonderie de l'Erdre, portail B",
            address=Address(street="12 rue de l'Industrie", postcode="44550", city="Montoir-de-Bretagne"),
        ),
    }

    def make(**changes: object) -> PublicEvent:
        return PublicEvent(**{**visit, **changes})

    return make


@pytest.fixture
def an_online_event(an_event: Callable[..., PublicEvent], a_slot: Callable[..., Slot]) -> Callable[..., PublicEvent]:
    def make(**changes: object) -> PublicEvent:
        reunion = {
            "venue": None,
            "online_url": "https://visio.example/hydrogene",
            "timezone": "Indian/Reunion",
            "slots": (a_slot("2026-11-18", "18:00", "19:30", "Indian/Reunion"),),
        }
        return an_event(**{**reunion, **changes})

    return make


@pytest.fixture
def hardest_events(
    an_event: Callable[..., PublicEvent],
    an_online_event: Callable[..., PublicEvent],
    a_slot: Callable[..., Slot],
) -> dict[str, PublicEvent]:
    """The events that are hardest to print, each for the reason that is its name."""

    def every_day(hours: range) -> tuple[Slot, ...]:
        return tuple(
            a_slot(f"2026-11-{day}", f"{hour:02}:{day}", f"{hour + 1:02}:{day}")
            for day in range(16, 22)
            for hour in hours
        )

    def everywhere(text: str) -> PublicEvent:
        venue = Venue(name=text, address=Address(street=text, postcode="44550", city=text))
        return an_event(title=text[:120], organisation=text, description=text * 5, venue=venue)

    long_title = (
        "Portes ouvertes des métiers de la mécanique, de la maintenance industrielle et de la robotique "
        ": à vous les commandes !"
    )
    reunion = Venue(address=Address(street="3 rue Léopold-Rambaud", postcode="97490", city="Sainte-Clotilde"))
    slashes = "Découverte/Formation/Recrutement/Apprentissage/Maintenance/Métallurgie/Chaudronnerie/Robotique"
    every_audience = ("pupils", "students", "job_seekers", "teachers", "families", "everyone")
    return {
        "an ordinary one": an_event(),
        "a long title": an_event(title=long_title, audiences=every_audience),
        "one long word": an_event(title="Hippopotomonstrosesquippedaliophobie" * 3),
        "nothing but wide letters": an_event(title="W" * 120, organisation="M" * 120),
        "words between slashes": an_event(title=slashes),
        "a web address for a title": an_event(
            title="https://www.fonderie.example/portes-ouvertes/2026?lieu=erdre&jour=17"
        ),
        "many openings": an_event(slots=every_day(range(9, 14))),
        "openings that last for days": an_event(slots=(a_slot("2026-11-16", "09:00", "18:00", until="2026-11-20"),)),
        "online, overseas": an_online_event(),
        "in a place and online": an_event(online_url="https://visio.example/fonderie", title=long_title),
        "in Réunion": an_event(
            venue=reunion, timezone="Indian/Reunion", slots=(a_slot("2026-11-18", "18:00", "19:30", "Indian/Reunion"),)
        ),
        "no name, no street": an_event(venue=Venue(address=Address(postcode="63300", city="Thiers"))),
        "every accent": everywhere("ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ àâäçéèêëîïôöùûüÿœæ « ¿ñ ß ł ř ő ș ž đ ẞ ? » "),
        "other alphabets of ours": everywhere("Ωμέγα ᾠδή · Завод Ђура · Đặng Thị Hạnh · Ɛʋe ŋ "),
        "signs of the trade": everywhere("Tubes ⌀ 20 mm ± 5 µm, ≤ 30 °C, ① ⅓ ㎡ № Ⅳ ½ ∅ → ⇒ ✔ ☑ ★ "),
        "what word processors paste": everywhere(
            "Porte\u2011à\u2011porte : l'usine\u00ad\u200b \ufb01ne\u2007!\u2009? ‟x” "
        ),
        "letters of fonts that are none": everywhere("𝗩𝗶𝘀𝗶𝘁𝗲 𝓭𝓮 ｌａ 𝕗𝕠𝕟𝕕𝕖𝕣𝕚𝕖 Ⓐ ❶ "),
        "other scripts": everywhere("工場見学 : visite, מפעל, مصنع, 공장, โรงงาน, ⵣ, अ "),
        "pictures alone": everywhere("🏭🏭🏭 "),
        "blanks and heaps of marks": everywhere(
            "\u3164Z" + "\u0335\u0489\u030d\u0301\u0302\u0303\u0304" * 4 + "algo a\u0325\u0301 ẹ\u0301 "
        ),
        "markup": everywhere("<b>Forge</b> &amp; {{ feu }} </h1><style>*{display:none}</style> "),
        "no end of words": everywhere("Union des industries et métiers de la métallurgie, " * 5),
    }


@pytest.fixture
def pieces_in() -> Callable[[bytes], tuple[KitPiece, ...]]:
    """The files of a zip, as whoever received it finds them."""
    types = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png", "ics": "text/calendar"}

    def read(content: bytes) -> tuple[KitPiece, ...]:
        with ZipFile(BytesIO(content)) as kit:
            files = [(name, kit.read(name)) for name in kit.namelist()]
        return tuple(
            KitPiece(name=name, media_type=types[name[-3:]], bytes=len(file), sha256=sha256(file).hexdigest())
            for name, file in files
        )

    return read


@pytest.fixture
async def settings(make_database: Callable[[str], Awaitable[str]]) -> Settings:
    return Settings(
        database_url=await make_database("commskit"),
        kafka_bootstrap_servers="127.0.0.1:1",
        edition=EDITIONS / "2026.toml",
        public_map_url="https://carte.semaine-industrie.example/",
        public_registration_url="https://inscription.example/",
        jwks_url="http://127.0.0.1:1/jwks.json",
        mail_url="memory:",
    )


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = open_database(settings.database_url.get_secret_value())
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(STAMP)


@pytest.fixture
def mailer() -> MemoryMailer:
    return MemoryMailer()


@pytest.fixture
async def open_service(
    settings: Settings, mailer: MemoryMailer, clock: StoppedClock
) -> AsyncIterator[Callable[..., Service]]:
    """Makes the real service, whose parts are not started; each stands for a process of its own."""
    services: list[Service] = []

    def make(settings: Settings = settings, **parts: Any) -> Service:
        services.append(create_app(settings, open_floor(settings, clock=clock), **{"mailer": mailer, **parts}))
        return services[-1]

    yield make
    for service in services:
        await service.engine.dispose()


@pytest.fixture
def hear(engine: AsyncEngine) -> Callable[..., Awaitable[None]]:
    """Tells the service facts, each in a transaction of its own."""

    async def tell(*facts: Fact) -> None:
        for fact in facts:
            async with engine.begin() as tx:
                await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], current_trace())], desk=None)

    return tell


@pytest.fixture
def decided(an_event: Callable[..., PublicEvent]) -> Callable[..., DecisionFact]:
    """Makes labelling's word on a revision, with the sequence of the revision unless it is told."""
    at = datetime(2026, 8, 31, 8, tzinfo=UTC)
    types = {"granted": EventLabelled, "refused": EventRejected, "under_review": ReviewRequested}

    def make(label: str, revision: int = 1, sequence: int | None = None, **changes: Any) -> DecisionFact:
        kind = changes.pop("kind", types.get(label, LabelWithdrawn))
        event = an_event(revision=revision, **changes)
        known = {"event_id": event.event_id, "revision": revision, "edition": event.edition, "event": event}
        word = {"sequence": sequence or revision, "decision_id": UUID(int=1), "label": label, "decided_by": "rules"}
        reason = {"code": "withdrawn-by-organiser", "message": "Vous avez retiré votre événement."}
        correction = {"kind": "incomplete", "message": "Dites qui peut venir."}
        review = {"region": "52", "due_at": at, "correction": correction, "reason": reason, "verdicts": ()}
        return kind.model_validate({**known, **word, **review, "decided_at": at})

    return make


@pytest.fixture
def labelled(decided: Callable[..., DecisionFact]) -> Callable[..., DecisionFact]:
    """Makes the label of a revision."""

    def make(revision: int = 1, sequence: int | None = None, **changes: Any) -> DecisionFact:
        return decided("granted", revision, sequence, **changes)

    return make


@pytest.fixture
def states(engine: AsyncEngine) -> Callable[[], Awaitable[list[tuple[int, str]]]]:
    """The state of each kit, by revision."""

    async def read() -> list[tuple[int, str]]:
        async with engine.connect() as tx:
            rows = await tx.execute(select(kits.c.revision, kits.c.state).order_by(kits.c.revision))
            return [tuple(row) for row in rows]

    return read


@pytest.fixture
def told(engine: AsyncEngine) -> Callable[[], Awaitable[list[tuple[str, Any]]]]:
    """What stands in the outbox: the type of each fact, in order, and its payload."""

    async def read() -> list[tuple[str, Any]]:
        async with engine.connect() as tx:
            rows = await tx.execute(select(outbox.c.type, outbox.c.payload).order_by(outbox.c.seq))
            return [(row.type.rsplit(".", 1)[1], row.payload) for row in rows]

    return read


@pytest.fixture
def time_passes(engine: AsyncEngine) -> Callable[[], Awaitable[None]]:
    """Waits are over and leases have run out."""

    async def pass_by() -> None:
        async with engine.begin() as tx:
            await tx.execute(update(jobs).values(due_at=func.now(), lease_until=func.now()))

    return pass_by
