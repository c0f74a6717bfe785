"""What anybody may ask of geocoding: which communes somebody may mean who is still typing."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from backbone.campaign.geography import DEPARTMENTS
from backbone.http.half_characters import refuse_half_characters
from backbone.http.headers import FOR_PROGRAMS, DefaultHeaders
from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.negotiation import has_it
from backbone.http.problems import BodyLimit, install_problems

from ..suggesting import Suggestion, Suggestions

PATH = "/v1/places"
MOST, USUALLY = 20, 8
KEPT = "public, max-age=86400"  # they change with a release, once a year
OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*"}  # no cookie, no secret: the pages that ask are at other origins

ABOUT = """
Les communes de France par le début de leur nom ou de leur code postal, pour qui remplit un formulaire ou cherche sur
une carte. Sans clé, sans cookie ; rien n’est retenu de ce qui est demandé.

Données : INSEE, La Poste, DGFiP, IGN (Licence Ouverte 2.0) ; © GeoNames (geonames.org), CC BY 4.0.
"""
WORDS = {
    "q": "Ce qui est déjà écrit, le début d’un nom, d’un code postal (deux chiffres au moins), ou les deux : "
    "« saint-d », « 750 », « lille 59 », « marseille 8 ». Les accents, les capitales et les traits d’union n’importent "
    "pas ; « St » vaut « Saint ».",
    "limit": f"Le nombre de communes de la réponse, {MOST} au plus.",
    "If-None-Match": "L’ETag de la réponse que vous avez.",
    "Place": "Une commune. D’abord celles qui s’appellent ainsi, puis celles dont le nom commence ainsi, les plus "
    "peuplées devant, puis celles dont une ancienne commune ou un quartier se nomme ainsi.",
    "code": "Son code INSEE.",
    "name": "Son nom.",
    "postcodes": "Ses codes postaux, ou ceux qui commencent comme ce qui est écrit.",
    "department_code": "Le code INSEE de son département, par exemple « 2A ».",
    "department_name": "Le nom de son département.",
    "matched": "L’ancienne commune, le quartier ou l’autre nom par lequel elle a été trouvée : « Hellemmes » pour "
    "Lille. Nul si c’est son propre nom.",
    "latitude": "La latitude de son milieu, en degrés (WGS84).",
    "longitude": "La longitude de son milieu, en degrés (WGS84).",
    "district": "L’arrondissement de Paris, de Lyon ou de Marseille que dit le code postal écrit : « Lyon 8e "
    "Arrondissement ». Le milieu est alors le sien. Nul sinon.",
}


class Place(BaseModel):
    code: str
    name: str
    postcodes: list[str]
    department_code: str
    department_name: str
    matched: str | None
    latitude: float
    longitude: float
    district: str | None


_PLACES = TypeAdapter(list[Place])
Typed = Annotated[str, Query(min_length=2, max_length=100)]
Limit = Annotated[int, Query(ge=1, le=MOST)]


def create_http(suggestions: Suggestions) -> FastAPI:
    """The one door."""
    http = FastAPI(title="Semaine de l’industrie : communes", version="1", description=ABOUT, **BY_MANUAL)
    http.router.redirect_slashes = False
    install_problems(http)
    refuse_half_characters(http)
    http.add_middleware(BodyLimit, most_bytes=1024)
    http.add_middleware(DefaultHeaders, headers={**FOR_PROGRAMS, **OPEN_TO_ALL})
    _add_places(http, suggestions)
    install_manual(http, words=WORDS)
    return http


def _add_places(http: FastAPI, suggestions: Suggestions) -> None:
    answer = _remembering(suggestions)

    @http.head(PATH, include_in_schema=False)
    @http.get(
        PATH,
        summary="Quelles communes commencent ainsi",
        tags=["Communes"],
        response_class=Response,
        responses={200: {"model": list[Place]}, 304: {}},
    )
    async def suggest_places(request: Request, q: Typed, limit: Limit = USUALLY) -> Response:
        body, etag = answer(q, limit)
        headers = {"ETag": etag, "Cache-Control": KEPT}
        if has_it(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)


def _remembering(suggestions: Suggestions) -> Callable[[str, int], tuple[bytes, str]]:
    """The answer and its fingerprint. The first letters are the same with many, and have the most to look through."""

    @lru_cache(maxsize=500)
    def answer(typed: str, most: int) -> tuple[bytes, str]:
        body = _PLACES.dump_json([_told(one) for one in suggestions.suggest(typed, most)])
        return body, f'"{blake2b(body, digest_size=12).hexdigest()}"'

    return answer


def _told(one: Suggestion) -> Place:
    commune = one.commune
    return Place(
        code=commune.code,
        name=commune.name,
        postcodes=list(one.postcodes),
        department_code=commune.department,
        department_name=DEPARTMENTS[commune.department].name,
        matched=one.matched,
        latitude=one.at.latitude,
        longitude=one.at.longitude,
        district=one.district,
    )
