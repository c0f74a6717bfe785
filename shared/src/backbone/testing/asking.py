"""An API that is asked by schemathesis: all that its own description allows, and much of what that forbids.

It draws as many cases for each operation as `ASKED` says, and the same ones in each run, unless `SEED` says otherwise.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import schemathesis
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import RejectedPositiveData

PHASES = ("examples", "coverage", "fuzzing", "stateful")
SHOWN = 3
OFF = {"enabled": False}
STATES = ["2xx", "401", "403", "404", "409", "410", "412", "428", "429"]
"""What may be answered to whoever asks as they should: it is done, or cannot be done to this, by them, or now."""

REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429"]
"""What may be answered to what is not as it should be: 412 where what was read is older besides, as is told first."""


@dataclass
class Heard:
    """What came of it: what was wrong with which answers; and how often each operation gave which status."""

    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def faults(self) -> str:
        """Some of what was wrong, to be read."""
        some = (f"{name}, {len(wrong)} times:\n\n" + "\n\n".join(wrong[:SHOWN]) for name, wrong in self.wrong.items())
        return "\n\n".join(some)

    def accepted(self) -> set[str]:
        """The operations that did at least once what they were asked for."""
        return {name for name, told in self.answers.items() if any(200 <= status < 300 for status in told)}


@dataclass(frozen=True)
class Asking:
    """How an API is asked. `make_real` puts into a case, before it is sent, what exists in place of what was drawn.
    `excused`: the sentences with which a field may be refused that is as its schema says, for what no schema can say.
    `not_covered`: operations of which not every field is varied one by one, but where `ASKED` has more asked.
    `beside_ids`: those at an address that could be an id of others (`…/events/validate`), asked as they are.
    `any_body`: those that are given bytes, of which no schema says which are wrong.
    `told`: hears each answer. `must_accept`: whether what is as described must not be refused."""

    make_real: Callable[[Case], None]
    excused: Callable[[str], bool] = lambda _: False
    phases: Collection[str] = ("examples", "coverage", "fuzzing")
    examples: int = 3
    mode: Literal["all", "positive"] = "all"
    not_covered: Collection[str] = ()
    beside_ids: Collection[str] = ()
    any_body: Collection[str] = ()
    told: Callable[[Case, int], None] = lambda case, status: None
    must_accept: bool = True

    def ask(self, description: str) -> Heard:
        """Asks the API whose description is at this address."""
        config = SchemathesisConfig.from_dict(self._config())
        schema: Any = schemathesis.openapi.from_url(description, config=config)
        schema.auth()(_Signed)

        @schema.hook  # type: ignore[untyped-decorator]
        def filter_failure(_: Any, failure: Any, case: Any, response: Any) -> bool:
            return not self._is_excused(failure, response)

        def before_call(_: Any, case: Any, __: Any) -> None:
            self.make_real(Case(case))

        def after_call(_: Any, case: Any, response: Any) -> None:
            self.told(Case(case), response.status_code)

        around = (before_call, after_call)  # schemathesis takes these for all schemas alone
        for hook in around:
            schemathesis.hook(hook)
        try:
            with _whatever_is_loaded():
                return _heard(from_schema(schema).execute())
        finally:
            for hook in around:
                schemathesis.hooks.unregister(hook)

    def _config(self) -> dict[str, Any]:
        uncovered = {"phases": {"coverage": {"enabled": False}}}
        ambiguous = {"checks": {"unsupported_method": OFF, "allow_header_conformance": OFF}}
        left_out = self.not_covered if "ASKED" not in os.environ else ()
        operations = [{"include-operation-id": name, **uncovered} for name in left_out]
        operations += [{"include-operation-id": name, **ambiguous} for name in self.beside_ids]
        takes_any = {"checks": {"negative_data_rejection": OFF}}
        operations += [{"include-operation-id": name, **takes_any} for name in self.any_body]
        return {
            "seed": int(os.environ.get("SEED", "1")),
            "cache": {"enabled": False},
            "continue-on-failure": True,
            "request-timeout": 120,  # a machine may be shared
            "suppress-health-check": ["too_slow"],
            "generation": {
                "max-examples": int(os.environ.get("ASKED", self.examples)),
                "mode": self.mode,
                "database": "none",
                "with-security-parameters": False,
                "no-shrink": True,
            },
            "phases": {phase: {"enabled": phase in self.phases} for phase in PHASES}
            | {"coverage": {"enabled": "coverage" in self.phases, "unexpected-methods": ["patch", "options"]}},
            "checks": {
                "positive_data_acceptance": {"enabled": self.must_accept, "expected-statuses": STATES},
                "negative_data_rejection": {"expected-statuses": REFUSED},
            },
            **({"operations": operations} if operations else {}),
        }

    def _is_excused(self, failure: Any, response: Any) -> bool:
        if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
            return False
        told = response.json()
        sentences = [error["message"] for error in told.get("errors", ())] or [told["detail"]]
        return all(self.excused(sentence) for sentence in sentences)


SIGNED = "Bearer of whoever asks"


class _Signed:
    def get(self, _: Any, __: Any) -> str:
        return SIGNED

    def set(self, case: Any, token: str, _: Any) -> None:
        case.headers["Authorization"] = token


class Case:
    """What is about to be sent."""

    def __init__(self, case: Any) -> None:
        self.drawn = case
        self.operation: str = case.operation.definition.raw["operationId"]
        meta = case.meta
        self.is_right = meta is None or meta.generation.mode.is_positive
        self.has_right_path = meta is None or not meta.is_negative_at(ParameterLocation.PATH)
        self.is_signed = case.headers.get("Authorization") == SIGNED

    def sign(self, authorization: str | None) -> None:
        """Shows this, where whoever asks shows who they are."""
        if not self.is_signed:
            return
        if authorization:
            self.drawn.headers["Authorization"] = authorization
        else:
            del self.drawn.headers["Authorization"]


@contextmanager
def _whatever_is_loaded() -> Iterator[None]:
    """Draws the same after whatever other tests: among what Hypothesis tries are constants of the modules that are
    loaded, and it (6.170) has no setting against that."""
    found = providers._get_local_constants
    providers._get_local_constants = Constants
    providers.CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        providers._get_local_constants = found
        providers.CONSTANTS_CACHE.cache.clear()


def _heard(stream: Iterable[Any]) -> Heard:
    heard = Heard()
    for event in stream:
        if isinstance(event, events.ScenarioFinished):
            for name, status, wrong in _answers(event.recorder):
                heard.answers[name][status] += 1
                heard.wrong[name] += wrong
        elif isinstance(event, events.NonFatalError | events.FatalError):
            heard.wrong["the run itself"].append(str(getattr(event, "info", event)))
    heard.wrong = {name: wrong for name, wrong in heard.wrong.items() if wrong}
    return heard


def _answers(recorder: Any) -> Iterator[tuple[str, int, list[str]]]:
    for case_id, node in recorder.cases.items():
        interaction = recorder.interactions.get(case_id)
        if interaction is None or interaction.response is None:
            continue
        response = interaction.response
        failed = [check for check in recorder.checks.get(case_id, ()) if check.failure_info]
        wrong = [
            f"{check.name}: {check.failure_info.failure.message}\n{check.failure_info.code_sample}\n"
            f"{response.status_code} {response.text[:1000]}"
            for check in failed
        ]
        yield node.value.operation.label, response.status_code, wrong


WORDS = st.sampled_from(["cheval", "agrafe", "pile", "correct", "fonderie", "marteau", "turbine", "copeau"])


def name_formats(**strategies: st.SearchStrategy[str]) -> None:
    """What is drawn for strings of these formats."""
    for name, strategy in strategies.items():
        schemathesis.openapi.format(name, strategy)


name_formats(
    email=st.builds("{}.{}@{}.example".format, WORDS, WORDS, WORDS),
    password=st.builds("{} {} {} 47".format, WORDS, WORDS, WORDS),
)
