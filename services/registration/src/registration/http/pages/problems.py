"""What was refused outside the pages, as a page of ours: what happened, that nothing is lost, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response

from backbone.http.closing import SUSPENDED
from backbone.http.sheet import Problem, number_of

from .asking import address_of, typed_of_form
from .view import view_of

MOST_TYPED = 64 * 1024
WORDS: Mapping[int, tuple[str, str]] = {
    404: (
        "Cette page n’existe pas",
        "L’adresse est peut-être incomplète, ou la page a changé de place. Rien de ce que vous avez enregistré n’est "
        "perdu.",
    ),
    405: (
        "Cette page ne s’ouvre pas ainsi",
        "Son adresse ne sert qu’à recevoir un formulaire. Revenez à la page où vous étiez, et recommencez.",
    ),
    422: (
        "Nous n’avons pas compris cette demande",
        "L’adresse ou le formulaire n’est pas de ceux que nous connaissons. Rien n’a été fait.",
    ),
}
"""The title and the sentence of what says them less well to programs, by the status."""


async def page_of_problem(request: Request, problem: Problem) -> Response:
    """The page of a problem."""
    status = problem["status"]
    title, text = WORDS.get(status, (problem["title"], problem.get("detail", "")))
    is_closed = problem["type"].endswith(SUSPENDED.slug)
    # nobody has read the form yet: a door that is closed is in front of all others
    form = await typed_of_form(request) if is_closed and _is_small_form(request) else []
    return view_of(request).render(
        "problem.html",
        status=status,
        title=title,
        text=text,
        number=number_of(problem),
        is_to_come_back=status >= 500 or status == 429,
        is_too_large=status == 413,
        action=address_of(request),
        form=form,
    )


def _is_small_form(request: Request) -> bool:
    # what limits bodies is behind the door
    length = request.headers.get("content-length", "")
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return is_form and len(length) < 8 and length.isdigit() and int(length) <= MOST_TYPED
