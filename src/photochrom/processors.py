"""How many processors a process may use."""

import os

THREADS_VARIABLE = "PHOTOCHROM_THREADS"


def processors() -> int:
    """Threads worth starting: those that ``PHOTOCHROM_THREADS`` allows, else the processors the system gives us.

    Where many processes share a machine (the workers of a batch, several services) each gets its share by the variable.
    """
    asked = os.environ.get(THREADS_VARIABLE, "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
