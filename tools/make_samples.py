"""Makes the sample photographs of static/samples out of scikit-image's pictures.

Run by hand: ``python tools/make_samples.py FOLDER``, where FOLDER is the ``skimage/data`` of an installed
scikit-image. What the photographs are, and whose, stands in static/samples/CREDITS.md.
"""

import argparse
from pathlib import Path

from PIL import Image

SAMPLES = Path(__file__).resolve().parent.parent / "static" / "samples"
# These four come inside scikit-image; others would be downloaded by it.
ORIGINALS = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")
LONGEST_SIDE_PX = 512
# Left, top, right, bottom in px: the face fills the picture, so that its features survive at 44 × 44 cells.
CROPS = {"chelsea": (75, 0, 375, 300)}
JPEG_QUALITY = 90


def make_sample(original: Path, folder: Path) -> Path:
    """Writes one picture as JPEG, cropped and reduced to LONGEST_SIDE_PX; answers the new path."""
    with Image.open(original) as picture:
        reduced = picture.convert("RGB").crop(CROPS.get(original.stem, (0, 0, *picture.size)))
    # Pillow would carry comments and profiles of the original over.
    reduced.info.clear()
    reduced.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
    path = folder / f"{original.stem}.jpg"
    # Full colour resolution: a kernel sees the blocks that chroma subsampling leaves.
    reduced.save(path, quality=JPEG_QUALITY, subsampling="4:4:4", optimize=True)
    return path


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make the sample photographs from scikit-image's pictures.")
    parser.add_argument("source", type=Path, help="folder skimage/data of an installed scikit-image")
    parser.add_argument("--output", type=Path, default=SAMPLES, help="folder to write into")
    arguments = parser.parse_args()
    for name in ORIGINALS:
        path = make_sample(arguments.source / name, arguments.output)
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
