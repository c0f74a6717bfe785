"""A bucket of S3, or of what speaks like it: objects are whole or not there, and none is ever written anew.

There is no renaming in a bucket. So it is kept first which objects are about to come, then they come, then it is kept
that they did: whoever finds the first without the last deletes them, and reads the same records again. What is kept is
only written over what we read or wrote ourselves (`If-Match`), so that of two processes the slower one is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from backbone.runtime.failpoints import failpoint

from ..errors import Refusal
from .kept import Kept
from .places import OURS, STATE, Write

if TYPE_CHECKING:
    from obstore.store import ObjectStore

STATE_KEY = f"{OURS}/{STATE}"
SENT_AT_ONCE = 4
_WAYS_IN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)


def bucket_of(address: str, environ: Mapping[str, str] | None = None) -> Bucket:
    """The bucket at `s3://NAME/PREFIX`, entered with what the environment says and nothing else. Raises Refusal."""
    environ = os.environ if environ is None else environ
    where = urlsplit(address)
    if not where.netloc or where.query or where.fragment or where.username:
        raise Refusal(f"« {address} » names no bucket: s3://BUCKET/FOLDER")
    if not any(name in environ for name in _WAYS_IN):
        raise Refusal(
            "the environment does not say how to enter the bucket: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
            "AWS_REGION, and AWS_ENDPOINT_URL if it is not Amazon’s"
        )
    endpoint = environ.get("AWS_ENDPOINT_URL", "")
    store = S3Store(
        where.netloc,
        prefix=where.path.strip("/") or None,
        client_options={"allow_http": endpoint.startswith("http://"), "timeout": "60s"},
        retry_config={"max_retries": 5},
    )
    return Bucket(store, address)


class Bucket:
    """A prefix of a bucket. `store` is any of obstore's; `name` is what people call it."""

    adds = False

    def __init__(self, store: ObjectStore, name: str) -> None:
        self._store, self._name = store, name
        self._mark = token_hex(4)  # what we write never lies over what another wrote
        self._staged: dict[str, bytes] = {}
        self._before: Kept | None = None
        self._version: Any = None

    def __str__(self) -> str:
        return self._name

    def open(self) -> Kept | None:
        with self._told():
            kept = self._read()
            if kept is None and any(obstore.list(self._store, chunk_size=1)):
                raise Refusal(f"{self} holds other things than an export of ours: name a new or an empty folder")
            if kept is not None and kept.pending:
                self._delete(kept.pending.values())
                kept.pending = {}
        self._before = None if kept is None else _copied(kept)
        return kept

    def stage(self, name: str, write: Write) -> str:
        begin, _, end = name.rpartition(".")
        name = name if name.endswith("schema.json") else f"{begin}-{self._mark}.{end}"
        file = BytesIO()
        write(None, file)
        self._staged[name] = file.getvalue()
        return name

    def keep(self, kept: Kept) -> None:
        coming, kept.pending = [*kept.pending], {}
        with self._told():
            try:
                if coming:
                    before = self._before or Kept(kept.asked, kept.cluster)
                    self._keep(replace(before, pending={one: one for one in coming}))
                    failpoint("export-announced")
                    self._send(coming)
                    failpoint("export-written")
                self._keep(kept)
            except (PreconditionError, AlreadyExistsError):
                self._delete(coming)
                raise Refusal(f"another sdi writes to {self}: wait for its end, or stop it") from None
        self._before = _copied(kept)

    def close(self) -> None:
        self._staged.clear()

    def _send(self, names: Iterable[str]) -> None:
        with ThreadPoolExecutor(SENT_AT_ONCE) as pool:
            for _ in pool.map(lambda name: obstore.put(self._store, name, self._staged[name]), names):
                failpoint("export-placing")
        self._staged.clear()

    def _read(self) -> Kept | None:
        try:
            found = obstore.get(self._store, STATE_KEY)
        except (NotFoundError, FileNotFoundError):
            return None
        self._version = found.meta["e_tag"]
        try:
            return Kept.from_json(found.bytes().to_bytes())
        except (ValueError, KeyError, TypeError):
            raise Refusal(f"{self}/{STATE_KEY} is not what this sdi wrote: name another folder") from None

    def _keep(self, kept: Kept) -> None:
        mode: Any = "create" if self._version is None else {"e_tag": self._version}
        self._version = obstore.put(self._store, STATE_KEY, kept.as_json(), mode=mode)["e_tag"]

    def _delete(self, names: Iterable[str]) -> None:
        for name in names:
            try:
                obstore.delete(self._store, name)
            except (NotFoundError, FileNotFoundError):
                continue  # it never came

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the bucket refuses, said with what to do."""
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError):
            raise Refusal(
                f"{self} does not let us in: are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION right, may "
                "they read, write, list and delete there?"
            ) from None
        except (NotFoundError, FileNotFoundError):
            raise Refusal(f"there is no bucket at {self}: make it first") from None
        except BaseError as error:
            said = str(error).splitlines()[0][:200]
            if "404" in said:  # of a list, obstore does not say that it is this
                raise Refusal(f"there is no bucket at {self}: make it first") from None
            raise Refusal(f"{self} does not answer as it should ({said}): say the same again, it goes on") from None


def _copied(kept: Kept) -> Kept:
    return Kept.from_json(kept.as_json())
