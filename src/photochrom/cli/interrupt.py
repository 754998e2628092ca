"""Being stopped: by Ctrl-C, by `kill`, or because the terminal is closed."""

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_AGAIN_SECONDS = 0.01  # until the callback that lost the signal has returned


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Turns the signals that end a program into KeyboardInterrupt, so that unfinished files are cleared away.

    Yields an event that is set once a signal came, for loops that go on after errors: in an import written in C,
    KeyboardInterrupt can become another error. Signals that are ignored stay so (`nohup`).
    """
    if threading.current_thread() is not threading.main_thread():
        yield threading.Event()
        return
    arrival = _Arrival()
    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: signal.signal(number, arrival.stop) for number in _SIGNALS if signal.getsignal(number) in usual}
    hook, sys.unraisablehook = sys.unraisablehook, arrival.unraisable
    try:
        yield arrival.stopped
        if arrival.stopped.is_set():
            raise KeyboardInterrupt
    except Exception as error:
        if arrival.stopped.is_set():
            raise KeyboardInterrupt from error
        raise
    finally:
        arrival.over()
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


class _Arrival:
    """A signal that came. Where KeyboardInterrupt can be raised by nobody (a weak reference's callback, `__del__`),
    Python drops it; then the signal comes once more."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._number = signal.SIGINT
        self._thread = threading.get_ident()
        self._hook = sys.unraisablehook
        self._again = threading.Timer(0, self._send)

    def stop(self, number: int, frame: FrameType | None) -> None:
        self._number = signal.Signals(number)
        self.stopped.set()
        raise KeyboardInterrupt

    def unraisable(self, lost: "sys.UnraisableHookArgs") -> None:
        if not (self.stopped.is_set() and issubclass(lost.exc_type, KeyboardInterrupt)):
            self._hook(lost)
            return
        self._again = threading.Timer(_AGAIN_SECONDS, self._send)
        self._again.daemon = True
        self._again.start()

    def over(self) -> None:
        self._again.cancel()

    def _send(self) -> None:
        if sys.platform == "win32":
            _thread.interrupt_main(self._number)
        else:  # ends the system call as well in which the main thread may wait
            signal.pthread_kill(self._thread, self._number)
