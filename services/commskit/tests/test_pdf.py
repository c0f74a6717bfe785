"""Nothing is ever fetched: whatever a document asks for, it gets what ships with the service, or nothing."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from weasyprint import CSS

from commskit.assets import FONTS, read_font
from commskit.pdf import FetchRefused, Press

SECRET = "le secret de la fonderie"


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


@pytest.fixture(scope="module")
def blank(press: Press) -> CSS:
    return press.sheet("fonts.css", {}, {name: read_font(name) for name in FONTS})


@pytest.fixture
def secret_file(tmp_path) -> str:
    path = tmp_path / "secret.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><text>{SECRET}</text></svg>')
    return path.as_uri()


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listener.server_port}/a.svg", asked
        listener.shutdown()


FORMS = [
    '<img src="{url}" alt="x">',
    '<p style="background: url({url})">x</p>',
    '<style>@import "{url}";</style>',
    "<style>@import url({url});</style>",
    '<link rel="stylesheet" href="{url}">',
    '<link rel="attachment" href="{url}">',
    "<style>@font-face {{ font-family: X; src: url({url}) }} p {{ font-family: X }}</style><p>x</p>",
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}" width="9" height="9"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="{url}#a"/></svg>',
    '<base href="{url}"><img src="b.svg" alt="x">',
    '<ul style="list-style-image: url({url})"><li>x</li></ul>',
    '<p style="content: url({url})">x</p>',
]


def attempt(press: Press, sheet: CSS, body: str, assets: dict[str, bytes] | None = None) -> bytes:
    """The document, or what is left of it."""
    try:
        return press.pdf(f'<html lang="fr"><title>x</title><body>{body}<p>fin</p>', sheet, assets or {})
    except FetchRefused:
        return b""


@pytest.mark.parametrize("form", FORMS)
def test_no_file_is_read(press, blank, read_pdf, secret_file, form):
    content = attempt(press, blank, form.format(url=secret_file))
    assert content == b"" or SECRET not in read_pdf(content).text


@pytest.mark.parametrize("form", FORMS)
def test_no_network_is_used(press, blank, server, form):
    url, asked = server
    attempt(press, blank, form.format(url=url))
    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "data:image/svg+xml,<svg/>",
        "kit:/absent.svg",
        "kit:/../a",
        "FILE:///x",
    ],
)
def test_what_is_not_ours_ends_the_rendering(press, blank, url):
    with pytest.raises(FetchRefused):
        press.pdf(f'<html lang="fr"><title>x</title><img src="{url}" alt="x">', blank, {})


def test_a_drawing_of_ours_cannot_reach_further(press, blank, read_pdf, server, secret_file):
    url, asked = server
    for target in (url, secret_file, "data:image/svg+xml,<svg/>"):
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{target}" width="9" height="9"/></svg>'
        content = attempt(press, blank, '<img src="kit:/a.svg" alt="x">', {"a.svg": drawing.encode()})
        assert content == b"" or SECRET not in read_pdf(content).text
    assert asked == []


def test_what_ships_with_the_service_is_served(press, blank, read_pdf):
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="9"><text y="9">dessin</text></svg>'
    content = attempt(press, blank, '<img src="kit:/a.svg" alt="x">', {"a.svg": drawing})
    assert "dessin" in read_pdf(content).text
