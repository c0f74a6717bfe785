"""`python -m manifests` writes the manifests anew; `python -m manifests secrets MAIL_URL` prints Secrets, once, for
`kubectl create --filename -`, which leaves those alone that are there."""

from __future__ import annotations

import argparse
import sys

from .files import files, written
from .secrets import POSTGRES, made


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="manifests", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    secrets = commands.add_parser("secrets", help="print the Secrets that the manifests name")
    secrets.add_argument("mail_url", help="submission://user:password@host, smtps://…, smtp://relay")
    secrets.add_argument("--postgres", default=POSTGRES, help="host:port, where it is not CloudNativePG's")
    secrets.add_argument("--kafka", action="store_true", help="passwords for Kafka too, where it is not Strimzi's")
    chosen = parser.parse_args()
    if chosen.command == "secrets":
        sys.stdout.write(written(made(chosen.mail_url, chosen.postgres, kafka=chosen.kafka)))
        return
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
