"""Being stopped: by Ctrl-C, by `kill`, or because the terminal is closed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Turns the signals that end a program into KeyboardInterrupt, so that unfinished files are cleared away.

    Yields an event that is set once a signal came: KeyboardInterrupt can get lost (in a weak reference's callback) or
    become another error (in an import written in C). Signals that are ignored stay so (`nohup`).
    """
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        usual = (signal.SIG_DFL, signal.default_int_handler)
        before = {number: signal.signal(number, stop) for number in _SIGNALS if signal.getsignal(number) in usual}
    try:
        yield stopped
    except Exception as error:
        if stopped.is_set():
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
