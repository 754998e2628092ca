"""Photographs at work stay for as long as they are used, and no longer than there is room."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from starlette.exceptions import HTTPException

from photochrom.hints import Hint
from photochrom.images import Metadata, Photograph
from photochrom.pipeline import Colorizer, Work
from photochrom.web.limits import SERVE
from photochrom.web.works import HeldWork, Works

MIB = 1 << 20


@dataclass
class Clock:
    """Time that passes when it is told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer()


def held(colorizer: Colorizer, mib: int = 1, metadata: Metadata | None = None) -> HeldWork:
    photograph = Photograph(np.zeros((1024, mib * 1024), np.uint8), metadata=metadata or Metadata("png"))
    return HeldWork(Work(colorizer, photograph), "", (64, 64))


def there(works: Works, *held: HeldWork) -> list[bool]:
    found = []
    for one in held:
        try:
            found.append(works.find(one.id) is one)
        except HTTPException:
            found.append(False)
    return found


def test_after_15_minutes_without_use_a_work_is_gone(colorizer: Colorizer) -> None:
    clock = Clock()
    works = Works(SERVE.works_bytes, SERVE.idle_seconds, clock)
    idle, used = held(colorizer), held(colorizer)
    works.add(idle)
    works.add(used)
    clock.now += 15 * 60 - 1
    assert there(works, idle, used) == [True, True]
    works.use(used.id)
    clock.now += 2
    assert there(works, idle, used) == [False, True]
    assert len(works) == 1
    clock.now += 15 * 60
    assert there(works, used) == [False]
    assert works.size == 0


def test_looking_at_a_work_does_not_keep_it(colorizer: Colorizer) -> None:
    clock = Clock()
    works = Works(SERVE.works_bytes, 10, clock)
    one = held(colorizer)
    works.add(one)
    clock.now += 8
    assert works.idle(works.find(one.id)) == 8
    clock.now += 3
    with pytest.raises(HTTPException):
        works.find(one.id)


def test_least_recently_used_goes_when_room_is_short(colorizer: Colorizer) -> None:
    first, second, third, fourth = (held(colorizer, 2) for _ in range(4))
    works = Works(3 * first.size, 900)
    for one in (first, second, third):
        works.add(one)
    works.use(first.id)
    works.add(fourth)
    assert there(works, first, second, third, fourth) == [True, False, True, True]
    assert works.size <= 3 * first.size


def test_a_work_larger_than_all_room_is_kept_alone(colorizer: Colorizer) -> None:
    works = Works(MIB, 900)
    small, large = held(colorizer), held(colorizer, 4)
    works.add(small)
    works.add(large)
    assert there(works, small, large) == [False, True]


def test_size_counts_planes_metadata_and_what_the_network_keeps(colorizer: Colorizer) -> None:
    plain = held(colorizer)  # square: the most cells that the network has
    assert held(colorizer, 4).size - plain.size == 3 * MIB
    assert held(colorizer, 1, Metadata("jpeg", exif=bytes(1000), xmp=bytes(500))).size - plain.size == 1500
    encoded: Any = plain.work._encoded
    prediction = plain.work.predict([Hint(0.5, 0.5, "#804020")])
    before = encoded.automatic.values()
    kept = [
        *encoded.features.values(),
        *before,
        prediction.accurate,
        prediction.vivid,
        prediction.logits,
        prediction.reach,
    ]
    network = sum(plane.nbytes for plane in kept)
    assert network <= plain.size - MIB <= 2 * network
