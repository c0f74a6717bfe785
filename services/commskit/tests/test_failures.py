from __future__ import annotations

import pytest

from backbone.contracts import schema
from backbone.contracts.commskit import KitFailed
from commskit.domain.failures import reason_of

NOT_SENT = "Le kit de communication n’a pas pu partir\u202f; notre équipe en est informée."
NOT_MADE = "Le kit de communication n’a pas pu être fabriqué\u202f; notre équipe en est informée."


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        ("render-failed", "render-failed", NOT_MADE),
        ("RenderCrashed", "render-crashed", NOT_MADE),
        ("MailDelayed", "mail-delayed", NOT_SENT),
        ("OrganiserUnknown", "organiser-unknown", NOT_SENT),
        ("its worker died at every try", "its-worker-died-at-every-try", NOT_SENT),
    ],
)
def test_a_failure_has_a_code_for_machines_and_a_sentence_for_its_organiser(failure, code, message):
    reason = reason_of(failure)
    assert (reason.code, reason.message) == (code, message)


def test_an_organiser_reads_what_they_may_do_themselves():
    assert "l’adresse électronique de votre compte n’est pas valable" in reason_of("address-malformed").message
    assert "cherchez-le dans vos courriels, indésirables compris" in reason_of("uncertain-twice").message


def test_a_code_keeps_to_what_is_promised_of_codes(stamp):
    about = {"event_id": "0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e", "revision": 1, "sequence": 1, "edition": "2026"}
    failed = KitFailed.model_validate({**about, "reason": reason_of("TimeoutError"), "failed_at": stamp})
    assert list(schema.broken_promises(failed, failed.model_dump_json())) == []
