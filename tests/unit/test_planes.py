import numpy as np
import pytest

from photochrom.planes import Workspace, for_each_block


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (3001, 2), (211, 307), (40, 4097)])
@pytest.mark.parametrize(("threads", "pixels"), [(1, 1 << 16), (3, 1 << 12), (2, 37)])
def test_every_pixel_is_worked_on_once(shape: tuple[int, int], threads: int, pixels: int) -> None:
    times = np.zeros(shape, int)

    def count(rows: slice, columns: slice, _: Workspace) -> None:
        times[rows, columns] += 1

    for_each_block(count, shape, threads, pixels)
    assert (times == 1).all()


def test_a_plane_without_rows_is_no_work() -> None:
    for_each_block(lambda *_: pytest.fail("there is no block"), (0, 100), 2)


def test_what_goes_wrong_in_a_block_is_told() -> None:
    def fail(rows: slice, columns: slice, _: Workspace) -> None:
        raise ArithmeticError(f"at {rows.start}")

    for threads in (1, 2):
        with pytest.raises(ArithmeticError, match="at 0"):
            for_each_block(fail, (10, 10), threads)


def test_planes_lie_apart_until_they_are_released() -> None:
    workspace = Workspace()
    asked = [(2, (3, 5)), (1, (16, 16)), (4, (7,)), (3, (200, 300))]
    for _ in range(2):  # the second time from memory that is there already
        workspace.release()
        held = [workspace.planes(count, shape) for count, shape in asked]
        for number, planes in enumerate(held):
            planes[:] = number
        for number, ((count, shape), planes) in enumerate(zip(asked, held, strict=True)):
            assert planes.shape == (count, *shape)
            assert (planes == number).all()
            assert all(plane.ctypes.data % 64 == 0 for plane in planes)
    used = workspace.used
    first = workspace.planes(1, (8, 8))
    workspace.release(used)
    assert np.shares_memory(first, workspace.planes(1, (8, 8)))
