"""Photographs in memory: never more than fits, but always one."""

from hypothesis import given
from hypothesis import strategies as st

from photochrom.batch.permits import Permits

MEMORY = 100


def test_large_one_is_let_alone_and_is_not_overtaken() -> None:
    permits, granted = Permits(MEMORY), list[str]()
    for name, size in (("a", 60), ("huge", 500), ("b", 10)):
        permits.ask(name, size, lambda name=name: granted.append(name))  # type: ignore[misc]
    assert granted == ["a"]
    permits.give_back("a")
    assert granted == ["a", "huge"]
    permits.give_back("huge")
    assert granted == ["a", "huge", "b"]


def test_request_of_a_dead_worker_is_forgotten() -> None:
    permits, granted = Permits(MEMORY), list[str]()
    for name in "abc":
        permits.ask(name, 80, lambda name=name: granted.append(name))  # type: ignore[misc]
    permits.give_back("b")
    permits.give_back("a")
    assert granted == ["a", "c"]


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(0, 300)), min_size=1, max_size=30))
def test_everything_is_done_and_what_is_in_memory_fits_or_is_alone(photographs: list[tuple[int, int]]) -> None:
    permits = Permits(MEMORY)
    waiting = list(enumerate(photographs))
    fetched: dict[str, int] = {}
    decoded: dict[str, int] = {}
    done = 0
    while done < len(photographs):
        while waiting and permits.may_fetch(waiting[0][1][0]):
            number, (file, pixels) = waiting.pop(0)
            name = str(number)
            fetched[name] = file
            permits.fetch(name, file)
            permits.ask(name, pixels, lambda name=name, pixels=pixels: decoded.update({name: pixels}))  # type: ignore[misc]
            assert len(fetched) == 1 or sum(fetched.values()) <= MEMORY
        held = sum(fetched.values()) + sum(decoded.values())
        assert len(decoded) == 1 or held <= MEMORY
        name = next(iter(decoded))  # something is always at work
        del decoded[name], fetched[name]
        permits.give_back(name)
        done += 1
