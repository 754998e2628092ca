"""The pictures of docs/how-it-works.md, from the example photographs and the embedded network.

    python docs/images/how_it_works.py

Writes how_*.webp beside this file. What they show is computed, nothing is drawn by hand.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import photochrom as pc
from photochrom.color import FloatArray, ab_bins, fit_gamut, gray_to_lightness, in_gamut, lab_to_srgb, srgb_to_lab
from photochrom.distribution import probabilities
from photochrom.pipeline import read_reference

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
INCH = 2.6
MARK: dict[str, Any] = {"marker": "o", "fillstyle": "none", "markersize": 11, "markeredgewidth": 2}


def main() -> None:
    colorizer = pc.Colorizer("compact")
    two_ways(colorizer.open(EXAMPLES / "bird_on_a_wire.jpg"), x=0.5, y=0.42)
    hints(colorizer.open(EXAMPLES / "couple_in_a_swing.jpg"))
    references(colorizer.open(EXAMPLES / "canoe_on_a_lake.jpg"), ("barn_under_clouds", "coffee_and_tart"))
    lightness(colorizer.open(EXAMPLES / "coffee_and_tart.jpg"), saturation=2.0)
    gamut((30, 60, 90))
    edges(colorizer.open(EXAMPLES / "bird_on_a_wire.jpg"), left=120, top=25, side=100)


def two_ways(work: pc.Work, x: float, y: float) -> None:
    """One place's distribution, and the two colours that the two papers make of such a thing."""
    prediction = work.predict()
    assert prediction.logits is not None and prediction.vivid is not None and prediction.accurate is not None
    rows, columns = prediction.logits.shape[:2]
    cell = int(y * rows), int(x * columns)
    shares = probabilities(prediction.logits[cell])
    figure, axes = panels(
        4, "the photograph, one place marked", "what colour is there? a distribution", "vivid", "accurate"
    )
    photograph(axes[0], work)
    height, width = work.photograph.gray.shape
    axes[0].plot(x * width, y * height, color="#d62728", **MARK)
    bins = ab_bins()
    colors = lab_to_srgb(np.column_stack([np.full(len(bins), 65.0), fit_gamut(65.0, bins)])).clip(0, 1)
    axes[1].scatter(bins[:, 0], bins[:, 1], s=2 + 900 * shares, c=colors, edgecolors="#00000040", linewidths=0.4)
    for name, ab, symbol in (("vivid", prediction.vivid[cell], "X"), ("accurate", prediction.accurate[cell], "P")):
        axes[1].plot(*ab, symbol, color="black", markeredgecolor="white", markersize=10, label=name)
    axes[1].legend(loc="lower left", fontsize=8)
    plane(axes[1])
    for axis, decode in zip(axes[2:], ("vivid", "accurate"), strict=True):
        show(axis, work.render(decode=decode).image)
    write(figure, "two_ways")


def hints(work: pc.Work) -> None:
    """A hint, where it changes colours, and what two more make of that."""
    shirt = pc.Hint(x=0.35, y=0.45, color="#3f6ea5", radius=0.02)
    hair = [
        pc.Hint(x=0.56, y=0.22, color="#4a3628", radius=0.02),
        pc.Hint(x=0.25, y=0.14, color="#3f2d22", radius=0.02),
    ]
    before, after, last = work.render(), work.render([shirt]), work.render([shirt, *hair])
    figure, axes = panels(
        4, "without hints", "one hint: the shirt was blue", "how far it moved colours", "two more: brown hair"
    )
    for axis, result in zip((axes[0], axes[1], axes[3]), (before, after, last), strict=True):
        show(axis, result.image)
        height, width = work.photograph.gray.shape
        for hint in result.hints:
            axis.plot(hint.x * width, hint.y * height, color="white", **MARK)
    show(axes[2], np.hypot(*np.moveaxis(after.ab - before.ab, -1, 0)), cmap="Reds", vmin=0)
    write(figure, "hints")


def references(work: pc.Work, names: tuple[str, str]) -> None:
    """The same photograph with the palettes of two others."""
    figure, axes = panels(5, "without a reference", "a reference", "with its palette", "another", "with that one's")
    show(axes[0], work.render().image)
    for place, name in enumerate(names):
        path = HERE / "originals" / f"{name}.webp"
        with Image.open(path) as original:
            show(axes[1 + 2 * place], original)
        show(axes[2 + 2 * place], work.render(reference=read_reference(path)).image)
    write(figure, "references")


def lightness(work: pc.Work, saturation: float) -> None:
    """Vivid colours beyond what sRGB holds: clipped, and as they are fitted here; each with what became of L*."""
    result = work.render(saturation=saturation)
    kept = np.asarray(result.image)
    L = gray_to_lightness(work.photograph.gray / np.float32(255))
    height, width = L.shape
    wide = np.stack([resized(plane * saturation, width, height) for plane in np.moveaxis(result.ab, -1, 0)], axis=-1)
    clipped = np.round(lab_to_srgb(np.dstack([L, wide])).clip(0, 1) * 255).astype(np.uint8)
    moved = [np.abs(srgb_to_lab(picture / np.float32(255))[..., 0] - L) for picture in (clipped, kept)]
    figure, axes = panels(
        4,
        f"chroma x {saturation:g}, clipped to sRGB",
        f"its change of L*: up to {moved[0].max():.1f}",
        "as Photochrom fits it",
        f"its change of L*: up to {moved[1].max():.2f}",
    )
    for axis, picture in zip(axes[::2], (clipped, kept), strict=True):
        show(axis, picture)
    for axis, change in zip(axes[1::2], moved, strict=True):
        show(axis, change, cmap="Reds", vmin=0, vmax=10)
    write(figure, "lightness")


def gamut(lightnesses: tuple[float, ...]) -> None:
    """Which a and b sRGB has at a lightness, and where the others go."""
    figure, axes = panels(len(lightnesses), *(f"all of sRGB at L* = {L:g}" for L in lightnesses))
    a, b = np.meshgrid(np.linspace(-110, 110, 441, dtype=np.float32), np.linspace(-110, 110, 441, dtype=np.float32))
    ab = np.dstack([a, b])
    for axis, L in zip(axes, lightnesses, strict=True):
        picture = lab_to_srgb(np.dstack([np.full_like(a, L), ab])).clip(0, 1)
        picture[~in_gamut(L, ab)] = 0.93
        axis.imshow(picture, origin="lower", extent=(-110, 110, -110, 110))
        angles = np.linspace(0, 2 * np.pi, 12, endpoint=False) + 0.2
        wishes = 100 * np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
        for wish, fitted in zip(wishes, fit_gamut(L, wishes), strict=True):
            axis.annotate("", fitted, wish, arrowprops={"arrowstyle": "->", "color": "#333333"})
        plane(axis)
    write(figure, "gamut")


def edges(work: pc.Work, left: int, top: int, side: int) -> None:
    """A part of a photograph: the network's cells, those enlarged as they are, and enlarged along edges."""
    result = work.render()
    height, width = work.photograph.gray.shape
    L = gray_to_lightness(work.photograph.gray / np.float32(255))
    part = slice(top, top + side), slice(left, left + side)
    figure, axes = panels(
        4, "the photograph (a part)", "the network's cells", "enlarged bilinearly", "along the photograph's edges"
    )
    axes[0].imshow(work.photograph.gray[part], cmap="gray", vmin=0, vmax=255)
    for axis, way in zip(axes[1:3], (Image.Resampling.NEAREST, Image.Resampling.BILINEAR), strict=True):
        ab = np.stack([resized(p, width, height, way) for p in np.moveaxis(result.ab, -1, 0)], axis=-1)
        flat = np.full_like(L, 70) if way is Image.Resampling.NEAREST else L
        axis.imshow(lab_to_srgb(np.dstack([flat, fit_gamut(flat, ab)])).clip(0, 1)[part])
    axes[3].imshow(np.asarray(result.image)[part])
    write(figure, "edges")


def panels(count: int, *titles: str) -> tuple[Figure, list[Axes]]:
    """A row of pictures, each with its title."""
    figure = Figure(figsize=(INCH * count, INCH * 1.1), dpi=150, layout="constrained")
    axes = list(figure.subplots(1, count))
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
    return figure, axes


def plane(axis: Axes) -> None:
    """Makes a panel the plane of a and b."""
    axis.set_axis_on()
    axis.set(aspect="equal", xlim=(-110, 110), ylim=(-110, 110), xticks=(), yticks=())
    axis.set_xlabel("a: green to red", fontsize=8)
    axis.set_ylabel("b: blue to yellow", fontsize=8)


def show(axis: Axes, picture: Image.Image | npt.NDArray[np.generic], **settings: Any) -> None:
    axis.imshow(np.asarray(picture), **settings)


def photograph(axis: Axes, work: pc.Work) -> None:
    axis.imshow(work.photograph.gray, cmap="gray", vmin=0, vmax=255)


def resized(
    values: FloatArray, width: int, height: int, way: Image.Resampling = Image.Resampling.BILINEAR
) -> FloatArray:
    return np.asarray(Image.fromarray(values).resize((width, height), way))


def write(figure: Figure, name: str) -> None:
    figure.savefig(HERE / f"how_{name}.webp", pil_kwargs={"quality": 85, "method": 6})


if __name__ == "__main__":
    main()
