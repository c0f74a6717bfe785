"""What runs in the process that prints one document: an order comes in as JSON, the PDF goes out."""

from __future__ import annotations

import json
import resource
import sys
import tempfile

from .process import PROCESSOR_SECONDS

MEMORY = 1024**3  # of address space; a page needs a third of it


def main() -> None:
    """Prints what the standard input asks for."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, PROCESSOR_SECONDS)):
        resource.setrlimit(what, (most, most))
    order = json.load(sys.stdin.buffer)
    with tempfile.TemporaryDirectory(prefix="printing-") as folder:
        tempfile.tempdir = folder  # WeasyPrint leaves its font files behind
        from .press import Press  # here only: whoever imports this module for its names stays small

        press = Press()
        sys.stdout.buffer.write(press.pdf(order["html"], press.css(order["css"]), {}))


if __name__ == "__main__":
    main()
