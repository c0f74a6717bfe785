from __future__ import annotations

from itertools import product

import pytest
from pydantic import ValidationError

from commskit.domain.mailing import MailState, after_break, after_no, before_sending, copies_in

S = MailState


@pytest.mark.parametrize(
    ("found", "noted"),
    [
        (S.PENDING, S.SENDING),
        (S.SENDING, S.RESENDING),  # the worker before died in the middle
        (S.UNCERTAIN, S.RESENDING),
        (S.RESENDING, None),
        (S.ACCEPTED, None),
        (S.FAILED, None),
        (S.SUPERSEDED, None),
    ],
)
def test_what_is_noted_before_a_mail_is_handed_over(found, noted):
    assert before_sending(found) == noted


def test_a_mail_that_was_not_taken_stands_where_it_stood_before():
    assert (after_no(S.SENDING), after_no(S.RESENDING)) == (S.PENDING, S.UNCERTAIN)


def test_a_mail_cut_off_once_is_uncertain_and_twice_is_given_up():
    assert (after_break(S.SENDING), after_break(S.RESENDING)) == (S.UNCERTAIN, None)


def test_whoever_counts_the_copies_that_may_be_out_never_counts_too_few():
    assert [copies_in(state) for state in (S.PENDING, S.SENDING, S.UNCERTAIN, S.RESENDING)] == [0, 1, 1, 2]


DELAYED, CUT_OFF, DIED = "delayed", "cut off", "died"


def handed_over(ends) -> int:
    """How often the mail may have been accepted if its tries end so."""
    state, times = S.PENDING, 0
    for end in ends:
        sending = before_sending(state)
        if sending is None:
            break
        times += end != DELAYED
        state = {DELAYED: after_no, CUT_OFF: after_break, DIED: lambda same: same}[end](sending) or S.FAILED
    return times


def test_no_story_hands_a_mail_over_a_third_time():
    stories = list(product([DELAYED, CUT_OFF, DIED], repeat=6))
    assert max(map(handed_over, stories)) == 2
    assert handed_over([DELAYED] * 6) == 0


async def test_a_sender_whom_no_mail_may_come_from_is_refused_before_anything_starts(settings):
    with pytest.raises(ValidationError, match="not one address"):
        type(settings)(**settings.model_dump() | {"mail_from": "Préfecture, pôle Nord <ne@x.example>"})
