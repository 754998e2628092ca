"""What is said while a batch runs."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from photochrom.batch.run import Outcome
from photochrom.cli.batch_progress import BatchProgress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock whose `now` the test sets."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("photochrom.cli.batch_progress.time.monotonic", lambda: clock.now)
    return clock


def test_plain_lines_come_now_and_then_with_rate_and_time_left(clock: Any, capsys: pytest.CaptureFixture[str]) -> None:
    progress, outcome = BatchProgress(None), Outcome(total=1000, unchanged=500)
    progress.show(outcome)
    for second in range(1, 41):
        clock.now = 100.0 + second
        outcome.done = 2 * second
        progress.show(outcome)
    assert capsys.readouterr().err.splitlines() == [
        "532/1000, 2.00/s, 3 min 54 s left",
        "564/1000, 2.00/s, 3 min 38 s left",
    ]


def test_failure_is_said_at_once(clock: Any, capsys: pytest.CaptureFixture[str]) -> None:
    BatchProgress(None).complain("in/a\x07.png is broken")
    assert capsys.readouterr().err == "Error: in/a\\x07.png is broken\n"


def test_terminal_is_shown_what_is_done_of_all(clock: Any) -> None:
    shown: list[tuple[int, int | None, str]] = []
    progress = BatchProgress(cast(Any, lambda *figures: shown.append(figures)))
    progress.show(Outcome(total=10, unchanged=4))
    clock.now += 2
    progress.show(Outcome(total=10, unchanged=4, done=2, failed=1))
    assert shown == [(4, 10, "4/10, 0.00/s"), (7, 10, "7/10, 1.50/s, 1 failed")]
