"""Memory stays what it is, however many pictures have come and gone."""

import itertools
import sys

import httpx
import pytest
from running_service import picture, running

HINTS = [{"x": 0.1 * i, "y": 0.9 - 0.1 * i, "color": "#b5651d"} for i in range(1, 5)]
# The square fills the network's largest grid, and its workspace is kept: first, or that would look like a leak.
SIZES = [(500, 500), (1600, 1200), (320, 240), (90, 640), (1100, 700)]


def work_through(client: httpx.Client, file: bytes) -> int:
    """Everything that one does with a photograph; gives the number of requests."""
    work = f"/v1/works/{client.post('/v1/works', files={'image': file}).json()['id']}"
    answers = [
        client.get(f"{work}/gray"),
        *(client.post(f"{work}/colors", json={"hints": HINTS[:count]}) for count in range(len(HINTS))),
        client.post(f"{work}/suggestions", json={"hints": HINTS, "x": 0.5, "y": 0.5}),
        client.post(f"{work}/export", json={"session": {"photochrom": 1, "hints": HINTS}, "format": "png"}),
        client.post("/v1/references", files={"image": file}),
        client.delete(work),
    ]
    assert all(answer.is_success for answer in answers)
    return len(answers) + 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's memory from /proc")
def test_after_200_mixed_requests_memory_is_within_a_tenth_of_that_after_20(monkeypatch: pytest.MonkeyPatch) -> None:
    # Compiled loops come after 64 megapixels, somewhere in the middle, and take their memory once.
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    with running() as service, service.client() as client:
        done, early = 0, 0
        for width, height in itertools.cycle(SIZES):
            done += work_through(client, picture(width, height, "JPEG"))
            early = early or (done >= 20) * service.memory("VmRSS")
            if done >= 200:
                break
        assert service.memory("VmRSS") <= 1.1 * early
