"""WeasyPrint, the way it is fast and safe: one font configuration per process, and nothing is ever fetched.

FetchRefused   a document asked for something that is not in its hands: a fault in a template
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from .typefaces import FONTS, faces, read_font

_TYPES = {"svg": "image/svg+xml", "ttf": "font/ttf"}


class FetchRefused(Exception):
    """Something other than what ships with the service was asked for."""


class OwnFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serves `kit:/name` from memory; every other address, of whatever scheme, ends the rendering."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols={"kit"}, allow_redirects=False, fail_on_errors=True)
        self._assets = assets

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """The asset of that name. Raises what WeasyPrint lets through, or it would print without it."""
        name = url.removeprefix("kit:/")
        if name == url or name not in self._assets:
            raise FatalURLFetchingError(f"not ours to fetch: {url[:200]}")
        content_type = _TYPES[name.rpartition(".")[2]]
        return URLFetcherResponse(url, self._assets[name], {"Content-Type": content_type})


class Press:
    """Turns templates into PDFs. One per process: a second font configuration would leak (and so would
    a cache of images shared between documents)."""

    def __init__(self) -> None:
        with _no_typefaces_but_ours():
            self._fonts = FontConfiguration()
        self._typefaces = self.css(faces(), {name: read_font(name) for name in FONTS})

    def css(self, text: str, assets: Mapping[str, bytes] = MappingProxyType({})) -> CSS:
        """A stylesheet, parsed once and used for many documents."""
        with _refusals():
            return CSS(string=text, font_config=self._fonts, url_fetcher=OwnFetcher(assets))

    def pdf(self, html: str, sheet: CSS, assets: Mapping[str, bytes]) -> bytes:
        """An accessible PDF (PDF/UA-1) of a page of HTML."""
        with _refusals():
            document = HTML(string=html, url_fetcher=OwnFetcher(assets))
            content: Any = document.write_pdf(
                stylesheets=[self._typefaces, sheet], font_config=self._fonts, pdf_variant="pdf/ua-1"
            )
        return bytes(content)


@contextmanager
def _no_typefaces_but_ours() -> Iterator[None]:
    """Hides the machine's typefaces: a sheet is the same bytes wherever it is printed, and a letter that we forgot
    shows in the tests, on every machine."""
    before = os.environ.get("FONTCONFIG_FILE")
    with TemporaryDirectory(prefix="fontconfig-") as folder:
        file = Path(folder) / "fonts.conf"
        file.write_text(f"<fontconfig><cachedir>{folder}</cachedir></fontconfig>")
        os.environ["FONTCONFIG_FILE"] = str(file)
        try:
            yield
        finally:
            del os.environ["FONTCONFIG_FILE"]
            if before is not None:
                os.environ["FONTCONFIG_FILE"] = before


@contextmanager
def _refusals() -> Iterator[None]:
    """Translates WeasyPrint's refusal (a BaseException, which no caller expects) into ours."""
    try:
        yield
    except FatalURLFetchingError as error:
        raise FetchRefused(str(error)) from error
