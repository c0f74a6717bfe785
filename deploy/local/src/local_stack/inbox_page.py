"""The mailbox of the local stack as pages: what would have been sent, and its attachments. On the loopback only."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from html import escape
from pathlib import Path
from typing import cast

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

MOST = 200  # mails on the list: the newest

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #12233f }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .4rem .6rem; border-top: 1px solid #ccd }
pre { white-space: pre-wrap; background: #f4f5f8; padding: 1rem; border-radius: 8px } a { color: #1d4ed8 }
.note { background: #fff3d6; padding: .6rem 1rem; border-radius: 8px }
"""


def list_mails(request: Request) -> HTMLResponse:
    """The newest mails."""
    files = _files(request)
    rows = "".join(_row(file) for file in files[:MOST])
    left_out = f", dont voici les {MOST} plus récents" if len(files) > MOST else ""
    note = f"<p class=note>Courrier local, non envoyé. Messages : {len(files)}{left_out}.</p>"
    return _page("Courrier", f"{note}<table><tr><th>À<th>Objet<th>Date</tr>{rows}</table>")


def show_mail(request: Request) -> HTMLResponse:
    """One mail: its text and its attachments."""
    mail = _mail(request)
    body = mail.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    attachments = "".join(
        f"<li><a href='/{escape(request.path_params['name'])}/{number}'>{escape(part.get_filename() or '?')}</a></li>"
        for number, part in enumerate(mail.iter_attachments())
    )
    head = f"<p>De {escape(str(mail['From']))}<br>À {escape(str(mail['To']))}</p>"
    return _page(
        str(mail["Subject"]), f"{head}<pre>{escape(text)}</pre><ul>{attachments}</ul><p><a href='/'>← Courrier</a>"
    )


def download(request: Request) -> Response:
    """One attachment."""
    parts = list(_mail(request).iter_attachments())
    number = request.path_params["number"]
    if number >= len(parts):
        raise HTTPException(404)
    name = parts[number].get_filename() or "piece"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(cast(bytes, parts[number].get_content()), media_type="application/octet-stream", headers=headers)


def _files(request: Request) -> list[Path]:
    folder: Path = request.app.state.folder
    with_age = [(entry.stat().st_mtime, Path(entry.path)) for entry in os.scandir(folder / "new")]
    return [file for _, file in sorted(with_age, reverse=True)]


def _row(file: Path) -> str:
    with file.open("rb") as stream:
        head = BytesHeaderParser(policy=default).parse(stream)
    cells = (str(head["To"]), f"<a href='/{file.name}'>{escape(str(head['Subject']))}</a>", _date(file))
    return f"<tr><td>{escape(cells[0])}<td>{cells[1]}<td>{cells[2]}</tr>"


def _date(file: Path) -> str:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).strftime("%d/%m/%Y %H:%M:%S UTC")


def _mail(request: Request) -> EmailMessage:
    # a name of the list, never a path: what is asked for is looked up, not opened
    named = {file.name: file for file in _files(request)}
    if request.path_params["name"] not in named:
        raise HTTPException(404)
    return message_from_bytes(named[request.path_params["name"]].read_bytes(), policy=default)


def _page(title: str, body: str) -> HTMLResponse:
    html = f"<!doctype html><html lang=fr><meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>"
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return HTMLResponse(f"{html}<h1>{escape(title)}</h1>{body}", headers=headers)


def make_app(folder: Path) -> Starlette:
    """The pages of a Maildir."""
    (folder / "new").mkdir(parents=True, exist_ok=True)
    app = Starlette(
        routes=[
            Route("/", list_mails),
            Route("/{name}", show_mail),
            Route("/{name}/{number:int}", download),
        ]
    )
    app.state.folder = folder
    return app


def main() -> None:
    """The command `local-mailbox`: MAILBOX is the Maildir, HTTP_PORT the port."""
    app = make_app(Path(os.environ["MAILBOX"]))
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["HTTP_PORT"]), log_level="warning")
