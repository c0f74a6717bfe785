"""What every call stands on: a request is sent, an answer is read as what it was promised to be."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import cache
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter

from .problems import refusal_of

T = TypeVar("T")


class Bearer(httpx.Auth):
    """Shows an access token, or the key of an organisation."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class Asking:
    """Asks through `http`, whose `base_url` says where registration is. `auth` says who asks; without it, only what is
    open to all is answered."""

    def __init__(self, http: httpx.AsyncClient, auth: httpx.Auth | None = None) -> None:
        self._http, self._auth = http, auth

    async def _read(self, kind: type[T], method: str, path: str, **asked: Any) -> T:
        """An answer in JSON. Raises Refused, and pydantic's ValidationError for what this client does not know yet."""
        answer = await self._answer(method, path, **asked)
        read: T = _reader(kind).validate_json(answer.content)  # type: ignore[arg-type]
        return read

    async def _fetch(self, method: str, path: str, **asked: Any) -> bytes:
        """A file. Raises Refused."""
        return (await self._answer(method, path, **asked)).content

    async def _do(self, method: str, path: str, **asked: Any) -> None:
        """What answers nothing. Raises Refused."""
        await self._answer(method, path, **asked)

    async def _answer(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: BaseModel | Mapping[str, Any] | None = None,
        fields: Mapping[str, object] | None = None,
        for_all: bool = False,
        **content: Any,
    ) -> httpx.Response:
        told = {name: _quoted(name, value) for name, value in (headers or {}).items() if value is not None}
        if body is not None:
            content["content"] = _written(body)
            told["Content-Type"] = "application/json"
        answer = await self._http.request(
            method,
            path,
            params=_given(query),
            headers=told,
            data=_given(fields),
            auth=None if for_all else self._auth,
            **content,
        )
        if answer.is_error:
            raise refusal_of(answer)
        return answer


def _quoted(name: str, value: str) -> str:
    # HTTP wants quotes around a version, which the field `version` of an answer has not
    return f'"{value}"' if name == "If-Match" and not value.startswith(('"', "*")) else value


def _given(values: Mapping[str, object] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (values or {}).items() if value is not None}


def _written(body: BaseModel | Mapping[str, Any]) -> bytes:
    # what was not said is not sent: the service tells « not said » from « nothing »
    written = body.model_dump(mode="json", by_alias=True, exclude_unset=True) if isinstance(body, BaseModel) else body
    return _reader(Any).dump_json(written)


@cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
