"""Signals that end a program reach it wherever they find it."""

import signal
import sys
import time
import weakref
from contextlib import suppress

import pytest

from photochrom.cli.interrupt import interruptible


class Subject:
    pass


class Raising:
    """Raises a signal where Python can hand on no exception."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        signal.raise_signal(self.number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_not_lost_in_a_weak_references_callback(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    subject = Subject()
    reference = weakref.ref(subject, lambda _: signal.raise_signal(number))
    with pytest.raises(KeyboardInterrupt), interruptible() as stopped:
        del subject
        assert reference() is None and stopped.is_set()
        time.sleep(10)
        pytest.fail("the signal was lost")
    assert capsys.readouterr().err == ""


def test_a_signal_is_not_lost_in_a_finalizer(capsys: pytest.CaptureFixture[str]) -> None:
    raising = Raising(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), interruptible():
        del raising
        time.sleep(10)
        pytest.fail("the signal was lost")
    assert capsys.readouterr().err == ""


def test_a_signal_that_became_another_error_still_ends_the_program() -> None:
    with pytest.raises(KeyboardInterrupt) as caught, interruptible():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("initialization failed") from None
    assert isinstance(caught.value.__cause__, ImportError)


def test_a_signal_that_was_swallowed_ends_the_program_when_the_work_is_done() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible(), suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_other_lost_errors_are_told_as_before_and_all_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))
    before = sys.unraisablehook, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    subject = Subject()
    reference = weakref.ref(subject, lambda _: 1 / 0)
    with interruptible():
        del subject
        assert reference() is None
    assert told == [ZeroDivisionError]
    assert (sys.unraisablehook, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
