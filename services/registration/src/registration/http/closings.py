"""What an operator may close for a while, and what people are told then."""

from __future__ import annotations

from backbone.http.closing import Closing, changes_something
from backbone.postgres.switches import NO_MAIL, NO_NEW_ACCOUNTS, READ_ONLY

# who signs in or out changes nothing that others see, and must be able to read what is theirs
_SESSION = ("/connexion", "/deconnexion", "/v1/tokens", "/v1/sessions", "/v1/second-factor")
_READING = ("/v1/accounts/export",)  # asked for by POST, as a password goes with it


def _changes_what_is_kept(method: str, path: str) -> bool:
    return changes_something(method) and not any(
        path == one or path.startswith(f"{one}/") for one in _SESSION + _READING
    )


def _opens_an_account(method: str, path: str) -> bool:
    return changes_something(method) and path in ("/v1/accounts", "/inscription")


CLOSINGS = (
    Closing(
        READ_ONLY,
        _changes_what_is_kept,
        "Les dépôts et les modifications sont suspendus un moment. Rien n’est perdu, et tout se lit.",
    ),
    Closing(
        NO_NEW_ACCOUNTS,
        _opens_an_account,
        "L’ouverture de comptes est suspendue un moment. Qui a déjà un compte peut continuer.",
    ),
    Closing(
        NO_MAIL,
        lambda _method, _path: False,
        "L’envoi de nos courriels est suspendu un moment. Ceux que vous attendez partiront ensuite.",
    ),
)
