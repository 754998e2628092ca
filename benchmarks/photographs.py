"""Large photographs to measure with: an example photograph enlarged, with texture and film grain.

    python benchmarks/photographs.py MEGAPIXELS FILE     .jpg or .tif; a .tif has 16 bits
    python benchmarks/photographs.py MEGAPIXELS FILE --sepia

Grain and texture matter: they make the file as large, and its decoding and encoding as slow, as a scan's. The same
arguments give the same pixels.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image, ImageFilter

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "library_room.jpg"
ASPECT = 4 / 3
_STRIP_ROWS = 256
_GRAIN = 5.0  # standard deviation, of 255
_TEXTURE = 0.5  # share of the example's fine detail that repeats over the picture at its own size
_QUALITY = 92
_SEPIA = (1.0, 0.93, 0.8)

Plane = npt.NDArray[np.float32]


def photograph(megapixels: float, bits: int) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """A gray photograph of 4 : 3, (H, W), uint8 or uint16."""
    height = round((megapixels * 1e6 / ASPECT) ** 0.5)
    width = round(height * ASPECT)
    with Image.open(EXAMPLE) as opened:
        example = opened.convert("L")
    large = example.resize((width, height), Image.Resampling.BICUBIC)
    fine = np.asarray(example, np.float32) - np.asarray(example.filter(ImageFilter.GaussianBlur(3)), np.float32)
    tile = np.block([[fine, fine[:, ::-1]], [fine[::-1], fine[::-1, ::-1]]]) * np.float32(_TEXTURE)
    dtype: type[np.uint8] | type[np.uint16] = np.uint8 if bits == 8 else np.uint16
    unit = np.float32(np.iinfo(dtype).max / 255)
    columns = np.arange(width) % tile.shape[1]
    rng = np.random.default_rng(0)
    pixels = np.empty((height, width), dtype)
    for top in range(0, height, _STRIP_ROWS):
        strip: Plane = np.asarray(large.crop((0, top, width, min(top + _STRIP_ROWS, height))), np.float32)
        rows = np.arange(top, top + len(strip)) % tile.shape[0]
        grain = rng.standard_normal(strip.shape, np.float32) * np.float32(_GRAIN)
        pixels[top : top + len(strip)] = np.clip((strip + tile[np.ix_(rows, columns)] + grain), 0, 255) * unit
    return pixels


def write(path: Path, megapixels: float, sepia: bool) -> None:
    """Write a photograph as gray or sepia JPEG of 8 bits, or as gray TIFF of 16, uncompressed."""
    if path.suffix == ".tif":
        tifffile.imwrite(path, photograph(megapixels, 16), photometric="minisblack", rowsperstrip=64)
        return
    gray = Image.fromarray(photograph(megapixels, 8))
    if sepia:
        gray = Image.merge("RGB", [gray.point([int(v * share) for v in range(256)]) for share in _SEPIA])
    gray.save(path, quality=_QUALITY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("megapixels", type=float)
    parser.add_argument("file", type=Path)
    parser.add_argument("--sepia", action="store_true", help="an RGB file with a brown tint")
    arguments = parser.parse_args()
    write(arguments.file, arguments.megapixels, arguments.sepia)


if __name__ == "__main__":
    main()
