"""« Et ensuite » : what happens next with an event, and by when. One sentence for every moment of its life; pure.

The first of the moments that is so is the one that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from backbone.campaign.dates import in_full, moment
from backbone.campaign.words import ZONES

from .kit import KitState, kit_news
from .known import Known
from .story import State

PARIS = "Europe/Paris"
WRITE_TO_US = "Si rien ne vient d’ici une heure, écrivez-nous."
PRECISE = "Une précision peut suffire : si vous le modifiez, c’est le nouveau texte qui est examiné."
AFTER_APPEAL = "Si vous le modifiez, c’est le nouveau texte qui est examiné, et cette demande prend fin."
A_PERSON = "Si vous pensez que nous nous trompons, demandez qu’une personne regarde, par le formulaire ci-dessous."
CLOCK_STOPPED = "Rien n’est refusé : le délai de réponse est arrêté, et reprend avec votre correction."


@dataclass(frozen=True)
class Then:
    """What comes next. `by`: the day that the sentence names, where there is one; `also`: what may be done besides."""

    words: str
    by: date | None = None
    also: tuple[str, ...] = ()


class Moment(NamedTuple):
    """A moment in the life of an event."""

    name: str
    is_so: Callable[[Known], bool]
    then: Callable[[Known], Then]


def what_then(known: Known) -> Then:
    """What comes next with the event."""
    told = moment_of(known).then(known)
    also = told.also
    if known.is_changed and known.state not in (State.DRAFT, State.WITHDRAWN):
        also = (UNSUBMITTED if known.is_amendable else UNSUBMITTED_LATE, *also)
    if known.claim_until:
        also = (*also, CLAIMED.format(until=in_full(known.claim_until)))
    return Then(told.words, told.by, also)


def moment_of(known: Known) -> Moment:
    """The one that counts."""
    return next(one for one in MOMENTS if one.is_so(known))


UNSUBMITTED = "Vos dernières modifications ne sont pas déposées : jusque-là, la version d’avant compte."
UNSUBMITTED_LATE = "Vos dernières modifications ne sont pas déposées, et ne peuvent plus l’être."
CLAIMED = "La personne pour qui vous l’avez saisi peut le reprendre par le lien reçu, jusqu’au {until}."


# --- before it is submitted ------------------------------------------------------------------------


def _before_opening(known: Known) -> Then:
    return Then(f"Les dépôts ouvrent le {in_full(known.opens)} ; d’ici là, préparez-le.", known.opens)


def _incomplete(known: Known) -> Then:
    left = f"Encore {known.lacking} points à compléter" if known.lacking > 1 else "Encore un point à compléter"
    return Then(f"{left} : déposez-le avant la fin du {in_full(known.amendable_until)}.", known.amendable_until)


def _complete(known: Known) -> Then:
    words = f"Il est complet : déposez-le avant la fin du {in_full(known.amendable_until)}."
    return Then(words, known.amendable_until)


CLOSED = "Les dépôts sont clos. Un code de votre comité régional peut encore le laisser entrer."


# --- while it is judged ----------------------------------------------------------------------------


def _waiting(known: Known) -> Then:
    also = (AFTER_APPEAL if known.state is State.IN_APPEAL else PRECISE,) if known.is_amendable else ()
    if not (known.word and known.word.due_at):
        return Then("Vous aurez la réponse par courriel.", also=also)
    zone = known.word.timezone
    due = known.word.due_at.astimezone(ZoneInfo(zone))
    clock = f" ({ZONES[zone]})" if zone != PARIS and zone in ZONES else ""
    words = f"Vous aurez la réponse au plus tard le {moment(due)}{clock}. Vous n’avez rien à faire d’ici là."
    return Then(words, due.date(), also)


def _correcting(known: Known) -> Then:
    until = in_full(known.amendable_until)
    words = f"Modifiez-le jusqu’au {until} et déposez-le de nouveau : il est examiné à neuf."
    return Then(words, known.amendable_until, (CLOCK_STOPPED,))


def _mending(known: Known) -> Then:
    until = in_full(known.amendable_until)
    words = f"Corrigez-le jusqu’au {until} et déposez-le de nouveau : il est examiné aussitôt."
    return Then(words, known.amendable_until, _appealing(known))


def _too_late_to_mend(known: Known) -> Then:
    return Then("Les dépôts sont clos : il ne peut plus être corrigé.", also=_appealing(known))


def _appealing(known: Known) -> tuple[str, ...]:
    return (A_PERSON,) if known.word and known.word.may_appeal else ()


def _taken_back(known: Known) -> Then:
    until = in_full(known.amendable_until)
    words = f"Si vous changez d’avis, déposez-le de nouveau jusqu’au {until} : il est examiné comme la première fois."
    return Then(words, known.amendable_until)


# --- once it has the label -------------------------------------------------------------------------


def _off(known: Known) -> Then:
    if not known.is_amendable:
        return Then("Vous n’avez rien à faire.")
    until = in_full(known.amendable_until)
    words = f"S’il a lieu finalement, modifiez-le jusqu’au {until} : il est examiné, et un kit vous parvient."
    return Then(words, known.amendable_until)


def _reported(known: Known) -> Then:
    assert known.report_until
    until = in_full(known.report_until)
    words = f"Merci : votre attestation de participation est prête. Ces nombres se corrigent jusqu’au {until}."
    return Then(words, known.report_until)


def _to_report(known: Known) -> Then:
    assert known.report_until
    until = in_full(known.report_until)
    words = f"Dites combien de personnes sont venues, jusqu’au {until} : votre attestation est prête aussitôt."
    return Then(words, known.report_until)


def _under_way(known: Known) -> Then:
    assert known.days
    until = in_full(known.days[1])
    words = f"C’est le moment : il a lieu jusqu’au {until}. Dites-nous ensuite combien de personnes sont venues."
    return Then(words, known.days[1])


def _unplaced(known: Known) -> Then:
    if not known.is_amendable:
        return Then("Si son adresse est à corriger, écrivez-nous.")
    until = in_full(known.amendable_until)
    words = f"Corrigez son adresse jusqu’au {until} et déposez-le de nouveau : son repère paraîtra sur la carte."
    return Then(words, known.amendable_until)


def _asked_of_the_pin(known: Known) -> Then:
    until = in_full(known.amendable_until)
    words = f"Dites si le repère est bien là où vous l’avez posé, ou corrigez l’adresse, jusqu’au {until}."
    return Then(words, known.amendable_until, _amending(known))


def _roughly_placed(known: Known) -> Then:
    until = in_full(known.amendable_until)
    words = f"Placez son repère sur la carte, jusqu’au {until} : les visiteurs n’y lisent encore que la commune."
    return Then(words, known.amendable_until, _amending(known))


def _kit_to_come(known: Known) -> Then:
    words = "Son kit de communication part par courriel, d’ordinaire en une minute."
    return Then(words, also=(WRITE_TO_US, *_amending(known)))


def _map_to_open(known: Known) -> Then:
    words = f"La carte ouvre le {in_full(known.map_opens)}, et il y sera : vous n’avez rien à faire."
    return Then(words, known.map_opens, _amending(known))


def _ahead(known: Known) -> Then:
    if not known.days:
        return Then("Vous n’avez rien à faire.", also=_amending(known))
    day = in_full(known.days[0])
    words = f"Vous n’avez rien à faire avant qu’il ait lieu, le {day} : faites-le connaître par son kit."
    return Then(words, known.days[0], _amending(known))


def _amending(known: Known) -> tuple[str, ...]:
    if not known.is_amendable:
        return ()
    until = in_full(known.amendable_until)
    return (f"Si une information change, modifiez-le jusqu’au {until} : un nouveau kit vous parviendra.",)


def _is(*states: State) -> Callable[[Known], bool]:
    return lambda known: known.state in states


def _is_open(*states: State) -> Callable[[Known], bool]:
    return lambda known: known.state in states and known.is_amendable


def _has_label(is_so: Callable[[Known], bool]) -> Callable[[Known], bool]:
    return lambda known: known.state is State.LABELLED and is_so(known)


MOMENTS: Sequence[Moment] = (
    Moment("a draft, before the opening", lambda k: k.state is State.DRAFT and k.today < k.opens, _before_opening),
    Moment("an incomplete draft", lambda k: _is_open(State.DRAFT)(k) and k.lacking > 0, _incomplete),
    Moment("a complete draft", _is_open(State.DRAFT), _complete),
    Moment("a draft, too late", _is(State.DRAFT), lambda _: Then(CLOSED)),
    Moment("submitted", _is(State.SUBMITTED), lambda _: Then(AT_ONCE, also=(WRITE_TO_US,))),
    Moment("in review", _is(State.IN_REVIEW, State.IN_APPEAL, State.SUSPENDED), _waiting),
    Moment("a correction is asked", _is_open(State.CORRECTION_ASKED), _correcting),
    Moment("a correction is asked, too late", _is(State.CORRECTION_ASKED), lambda _: Then(TOO_LATE_TO_CORRECT)),
    Moment("refused", _is_open(State.REJECTED, State.LABEL_WITHDRAWN), _mending),
    Moment("refused, too late", _is(State.REJECTED, State.LABEL_WITHDRAWN), _too_late_to_mend),
    Moment("withdrawn", _is_open(State.WITHDRAWN), _taken_back),
    Moment("withdrawn, too late", _is(State.WITHDRAWN), lambda _: Then("Les dépôts sont clos.")),
    Moment("called off", _has_label(lambda k: not k.takes_place), _off),
    Moment("reported", _has_label(lambda k: k.visitors is not None and k.report_until is not None), _reported),
    Moment(
        "to be reported",
        _has_label(lambda k: k.is_over and k.report_until is not None and k.today <= k.report_until),
        _to_report,
    ),
    Moment(
        "over", _has_label(lambda k: k.is_over), lambda _: Then("Il a eu lieu. Merci ; vous n’avez plus rien à faire.")
    ),
    Moment("under way", _has_label(lambda k: k.days is not None and k.days[0] <= k.today <= k.days[1]), _under_way),
    Moment("not placed", _has_label(lambda k: k.has_no_pin), _unplaced),
    Moment(
        "its pin is not believed",
        _has_label(lambda k: k.pin is not None and k.pin.is_asked_again and k.is_amendable),
        _asked_of_the_pin,
    ),
    Moment(
        "placed in its commune alone",
        _has_label(lambda k: k.pin is not None and k.pin.is_rough and k.is_amendable),
        _roughly_placed,
    ),
    Moment("its kit is to come", _has_label(lambda k: kit_news(k).state is KitState.MAKING), _kit_to_come),
    Moment("before the map opens", _has_label(lambda k: k.today < k.map_opens), _map_to_open),
    Moment("ahead", _is(State.LABELLED), _ahead),
)
AT_ONCE = "La réponse vient d’ordinaire en quelques secondes."
TOO_LATE_TO_CORRECT = "Les dépôts sont clos : écrivez-nous, et dites ce qui est à corriger."
