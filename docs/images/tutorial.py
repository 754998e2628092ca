"""The pictures of docs/tutorial.md: what its commands make of two examples, before one has typed them.

    python docs/images/tutorial.py

Writes tutorial_*.webp beside this file; the session is the tutorial's own.
"""

import json
import re
from pathlib import Path

from PIL import Image

import photochrom as pc

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
GAP = 8


def main() -> None:
    colorizer = pc.Colorizer("compact")
    swing = colorizer.open(EXAMPLES / "couple_in_a_swing.jpg")
    write("hint", [gray("couple_in_a_swing"), swing.render().image, swing.replay(session()).image])
    car = colorizer.open(EXAMPLES / "vintage_car.jpg")
    usual, quiet = car.render().image, car.render(decode="accurate").image
    car.render()
    write("other_colours", [usual, quiet, *(variant.image for variant in car.variants(3)[1:])])


def session() -> pc.Session:
    """The session that the tutorial shows."""
    (block,) = re.findall(r"^```json\n(.*?)^```$", (HERE.parent / "tutorial.md").read_text("utf-8"), re.M | re.S)
    return pc.Session.from_dict(json.loads(block))


def gray(name: str) -> Image.Image:
    with Image.open(EXAMPLES / f"{name}.jpg") as image:
        return image.convert("RGB")


def write(name: str, pictures: list[Image.Image]) -> None:
    """Puts pictures of one size side by side."""
    width, height = pictures[0].size
    sheet = Image.new("RGB", (len(pictures) * (width + GAP) - GAP, height), "white")
    for column, picture in enumerate(pictures):
        sheet.paste(picture, (column * (width + GAP), 0))
    sheet.save(HERE / f"tutorial_{name}.webp", quality=85, method=6)


if __name__ == "__main__":
    main()
