"""`python -m registration.pictures`: a picture comes in, a line of JSON and two JPEGs go out.

`{"prints": [[width, height, bytes], …]}` and the JPEGs, one behind the other; or `{"refused": "…"}`.
"""

from __future__ import annotations

import json
import resource
import sys

from .bounds import PictureRefused
from .developing import develop

MOST_MEMORY = 512 * 1024 * 1024  # 40 million pixels of a PNG or a JPEG, some 25 million of a WebP
MOST_SECONDS = 20


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        prints = develop(sys.stdin.buffer.read())
    except PictureRefused as refused:
        _say({"refused": str(refused)})
    else:
        _say({"prints": [[one.width, one.height, len(one.jpeg)] for one in prints]})
        for one in prints:
            sys.stdout.buffer.write(one.jpeg)


def _say(what: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
