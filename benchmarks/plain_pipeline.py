"""Colouring the plain way, step for step as the demonstration of richzhang/colorization does it; what ours is held to.

    python benchmarks/plain_pipeline.py INPUT OUTPUT.jpg

The whole picture goes through scikit-image's rgb2lab and lab2rgb in float64; the network of ECCV 2016 sees it at
256 x 256, in eager PyTorch; its ab is enlarged bilinearly. The weights are random, which costs what trained ones cost,
less the reading of their 129 MB file.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from photochrom.networks.eccv16 import Eccv16, upsample_ab

SIDE = 256


def colorize(source: Path, destination: Path) -> None:
    """Read, colour and write one picture."""
    network = Eccv16().eval()
    picture = np.asarray(Image.open(source))
    if picture.ndim == 2:
        picture = np.tile(picture[:, :, None], 3)
    small = np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), resample=Image.Resampling.BICUBIC))
    lightness = torch.Tensor(rgb2lab(picture)[:, :, 0])[None, None]
    small_lightness = torch.Tensor(rgb2lab(small)[:, :, 0])[None, None]
    with torch.no_grad():
        ab = upsample_ab(network(small_lightness).ab)
    ab = torch.nn.functional.interpolate(ab, size=lightness.shape[2:], mode="bilinear", align_corners=False)
    lab = torch.cat((lightness, ab), dim=1).numpy()[0].transpose((1, 2, 0))
    rgb = lab2rgb(lab)
    Image.fromarray((rgb * 255).astype(np.uint8)).save(destination, quality=95)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", message="Conversion from CIE-LAB")
    colorize(arguments.input, arguments.output)


if __name__ == "__main__":
    main()
