"""The picture on the README's first screen: example photographs above, their colours below.

    python docs/images/before_after.py

Writes before_after.jpg beside this file, with what the embedded network gives by itself.
"""

from pathlib import Path

from PIL import Image

import photochrom as pc

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
SHOWN = ("barn_under_clouds", "canoe_on_a_lake", "library_room", "vintage_car")
SIDE = 299
GAP = 8


def main() -> None:
    colorizer = pc.Colorizer("compact")
    sheet = Image.new("RGB", (len(SHOWN) * (SIDE + GAP) - GAP, 2 * SIDE + GAP), "white")
    for column, name in enumerate(SHOWN):
        photograph = EXAMPLES / f"{name}.jpg"
        left = column * (SIDE + GAP)
        with Image.open(photograph) as gray:
            sheet.paste(gray, (left, 0))
        sheet.paste(colorizer.colorize(photograph).image, (left, SIDE + GAP))
    sheet.save(HERE / "before_after.jpg", quality=85)


if __name__ == "__main__":
    main()
