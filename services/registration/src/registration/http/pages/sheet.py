"""A page: a title, a sentence, perhaps a form."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from ...desk import Desk

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address of the page holds the token
}
HTTP_ERROR = 400
NO_LONGER = "Ce lien n’est plus valable"


def sheet(
    desk: Desk,
    title: str,
    sentence: str,
    *,
    form: str | None = None,
    token: str = "",
    status: int = 200,
    **more: object,
) -> HTMLResponse:
    """The page of this title. `form` names one of the template's, which the `token` of the link, or what `more` it
    shows, goes with."""
    words: dict[str, object] = {
        "title": title,
        "paragraphs": [sentence] if sentence else [],
        "form": form,
        "token": token,
        **more,
    }
    words["is_wrong"] = status >= HTTP_ERROR
    html = desk.confirmations.templates.get_template("page.html").render(words)
    return HTMLResponse(html, status_code=status, headers=HEADERS)
