"""Samples of any number type as uint8 or uint16 of full range."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError

__all__ = ["full_range", "sample_bits"]

# Filters overshoot a little; what lies further outside [0, 1] was never meant as such.
_OVERSHOOT = 0.01


def sample_bits(dtype: npt.DTypeLike) -> Any:
    """8 for uint8 and bool, otherwise 16."""
    return 8 if np.dtype(dtype) in (np.uint8, np.bool_) else 16


def full_range(samples: npt.NDArray[Any], name: str, bits: int | None = None) -> npt.NDArray[Any]:
    """Scales samples to the full range of uint8 or uint16.

    uint8 and uint16 stay, bool becomes 0 or 255, uint32 loses its lower half; floats are sRGB-encoded values in [0, 1];
    signed integers are 16-bit values kept in a larger type, 0 to 65535, which one of 8 bits is not.

    Args:
        samples: any shape.
        name: what to call the picture in messages.
        bits: significant bits of unsigned integers, if fewer than their type has (10, 12, 14).

    Raises:
        InputError: NaN, infinity, or values outside the range above; nothing is guessed.
    """
    samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    dtype = samples.dtype
    if bits is not None and dtype.kind == "u" and bits < 8 * dtype.itemsize:
        top = (1 << min(8 * dtype.itemsize, 16)) - 1
        scaled: npt.NDArray[Any] = np.rint(np.minimum(samples / ((1 << bits) - 1), 1) * top)
        return scaled.astype(np.uint8 if top == 255 else np.uint16)
    if dtype in (np.uint8, np.uint16):
        return samples
    if dtype == np.bool_:
        return samples.astype(np.uint8) * 255
    if dtype == np.uint32:
        return ((samples.astype(np.uint64) + 32768) // 65537).astype(np.uint16)
    if dtype.kind == "f":
        return _from_float(samples, name)
    if dtype == np.int8:
        raise InputError(f"{name} holds signed integers of 8 bits; convert them to unsigned ones, 0 to 255")
    if dtype.kind == "i":
        low, high = int(samples.min()), int(samples.max())
        if low < 0 or high > 65535:
            raise InputError(f"{name} holds signed integers from {low} to {high}; scale them to 0 ... 65535")
        return samples.astype(np.uint16)
    raise InputError(f"{name} holds samples of type {dtype}; give uint8, uint16 or float in [0, 1]")


def _from_float(samples: npt.NDArray[Any], name: str) -> npt.NDArray[np.uint16]:
    low, high = float(samples.min()), float(samples.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InputError(f"{name} holds NaN or infinite values; replace them by values in [0, 1]")
    if low < -_OVERSHOOT or high > 1 + _OVERSHOOT:
        raise InputError(f"{name} holds floats from {low:g} to {high:g}; scale them to [0, 1]")
    scaled: npt.NDArray[Any] = np.rint(np.clip(samples, 0, 1).astype(np.float64) * 65535)
    return scaled.astype(np.uint16)
