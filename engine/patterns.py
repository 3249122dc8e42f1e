"""Pictures drawn by formula, each made to show one thing about a kernel.

A photograph shows what a kernel does; these show why: a bar of known angle, a wave of known length, one
bright pixel. Every function takes ``size`` as (rows, columns) in px, both at least 1, and returns gray
values as uint8 (rows, columns), 0 black and 255 white. The same arguments give the same bytes.

Angles are in degrees from the column axis towards the row axis, so they turn clockwise on the screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError
from engine.types import Pair

Picture: TypeAlias = npt.NDArray[np.uint8]
_Plane: TypeAlias = npt.NDArray[np.float64]
_Point: TypeAlias = tuple[float, float]
_T = TypeVar("_T")


def edges(size: Pair = (96, 96)) -> Picture:
    """Bars 2, 4 and 8 px wide in four directions, light on dark, one direction per quarter.

    Vertical and horizontal bars stand in the upper quarters, diagonals (falling, then rising to the right)
    in the lower ones. The sides are anti-aliased, so a diagonal is a line and not a staircase.

    >>> edges((96, 96)).shape, edges()[24, 8:14].tolist()
    ((96, 96), [32, 224, 224, 32, 32, 32])
    """
    _check(size)
    quarters = [[0.0, 90.0], [135.0, 45.0]]
    return _to_picture(_tiles(size, quarters, _bars))


def gratings(size: Pair = (128, 128)) -> Picture:
    """Sine waves: four directions side by side, wavelengths of 4, 8 and 16 px from top to bottom.

    From left to right the brightness changes along 0° (upright stripes), 45°, 90° (level stripes) and 135°.
    A Gabor kernel answers to the patch of its own direction and wavelength.

    >>> gratings((96, 128))[0, :5].tolist()
    [255, 128, 0, 128, 255]
    """
    _check(size)
    directions = (0.0, 45.0, 90.0, 135.0)
    patches = [[(angle, wavelength) for angle in directions] for wavelength in (4.0, 8.0, 16.0)]
    return _to_picture(_tiles(size, patches, _wave))


def zone_plate(size: Pair = (128, 128)) -> Picture:
    """Rings around the centre, finer and finer: every direction and every frequency at once.

    The frequency along each axis grows evenly to half a cycle per px at the border, the finest that pixels
    can hold: a stride or a pooling without smoothing makes false rings appear.

    >>> plate = zone_plate((64, 64))
    >>> int(plate[32, 32]), bool((plate[32, 1:] == plate[32, :0:-1]).all())
    (255, True)
    """
    _check(size)
    height, width = size
    row, column = _grid(size)
    # phase = π d² / extent, so its slope, the frequency, is d / extent: 1/2 at d = extent / 2.
    phase = np.pi * ((row - height // 2) ** 2 / height + (column - width // 2) ** 2 / width)
    return _to_picture((1.0 + np.cos(phase)) / 2.0)


def checkerboard(size: Pair = (64, 64), cell_px: int = 8) -> Picture:
    """Squares of ``cell_px`` px, black and white in turn, the first one black.

    Args:
        size: (rows, columns) in px.
        cell_px: side of a square, at least 1; squares at the lower and right border may be cut.

    >>> checkerboard((2, 4), cell_px=1)
    array([[  0, 255,   0, 255],
           [255,   0, 255,   0]], dtype=uint8)
    """
    _check(size)
    if cell_px < 1:
        raise EngineError("invalid-argument", "cell_px", cell_px, "an integer of at least 1")
    row, column = np.indices(size)
    return _to_picture(((row // cell_px + column // cell_px) % 2).astype(np.float64))


def impulse(size: Pair = (15, 15)) -> Picture:
    """One white pixel on black, at (rows // 2, columns // 2).

    Cross-correlation answers with the kernel turned by 180°; convolution (``flip=True``) with
    the kernel itself.

    >>> impulse((3, 3))
    array([[  0,   0,   0],
           [  0, 255,   0],
           [  0,   0,   0]], dtype=uint8)
    """
    _check(size)
    picture = np.zeros(size, np.uint8)
    picture[size[0] // 2, size[1] // 2] = 255
    return picture


def ramp(size: Pair = (64, 64)) -> Picture:
    """Black at the left border to white at the right one, in even steps.

    A derivative kernel answers with the same number everywhere but at the border, up to rounding.

    >>> ramp((1, 6))
    array([[  0,  51, 102, 153, 204, 255]], dtype=uint8)
    """
    _check(size)
    return _to_picture(np.broadcast_to(np.linspace(0.0, 1.0, size[1]), size))


def digit(size: Pair = (28, 28)) -> Picture:
    """A figure 5 as if drawn by pen, white on black, in the manner of the MNIST digits.

    At 28×28 the figure fills the middle 20 rows. Other sizes draw the same figure larger or smaller.

    >>> picture = digit()
    >>> rows = picture.max(axis=1).nonzero()[0]
    >>> picture.shape, int(rows[0]), int(rows[-1])
    ((28, 28), 4, 23)
    """
    _check(size)
    height, width = size
    scale = min(size) / 28.0
    row, column = _grid(size)
    # The pen's path is given on a 28×28 field, whose centre goes to the centre of the picture.
    point_row = (row - (height - 1) / 2.0) / scale + 13.5
    point_column = (column - (width - 1) / 2.0) / scale + 13.5
    distance = np.full(size, np.inf)
    for stroke in _figure_five():
        for start, stop in pairwise(stroke):
            np.minimum(distance, _distance_to_segment(point_row, point_column, start, stop), out=distance)
    half_width = 1.25
    # Coverage of a pixel by a straight edge: all of it half a pixel inside, none half a pixel outside.
    return _to_picture((half_width - distance) * scale + 0.5)


PATTERNS: dict[str, Callable[[], Picture]] = {
    "checkerboard": checkerboard,
    "digit": digit,
    "edges": edges,
    "gratings": gratings,
    "impulse": impulse,
    "ramp": ramp,
    "zone-plate": zone_plate,
}
"""Name → function; called without arguments, each draws its picture at the size that suits it."""


def _check(size: Pair) -> None:
    if min(size) < 1:
        raise EngineError("invalid-argument", "size", size, "[rows, columns], each at least 1")


def _grid(size: Pair) -> tuple[_Plane, _Plane]:
    row: _Plane
    column: _Plane
    row, column = np.indices(size, dtype=np.float64)
    return row, column


def _to_picture(level: _Plane) -> Picture:
    """[0, 1] to 0 … 255, halves rounded up; what lies outside is clipped."""
    # Rounded first: sines differ in their last bit between machines, and 127.5 is a common value here.
    return np.floor(np.round(np.clip(level, 0.0, 1.0) * 255.0, 6) + 0.5).astype(np.uint8)


def _tiles(size: Pair, arguments: list[list[_T]], draw: Callable[[Pair, _T], _Plane]) -> _Plane:
    """A table of drawings that fills ``size``; the borders between tiles are rounded to whole px."""
    rows = np.linspace(0, size[0], len(arguments) + 1).round().astype(int)
    columns = np.linspace(0, size[1], len(arguments[0]) + 1).round().astype(int)
    plane = np.empty(size)
    for i, line in enumerate(arguments):
        for j, argument in enumerate(line):
            part = plane[rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
            part[...] = draw((part.shape[0], part.shape[1]), argument)
    return plane


def _bars(size: Pair, angle_deg: float) -> _Plane:
    """Three bars across ``angle_deg``, thin to thick; 0° crosses upright bars."""
    row, column = _grid(size)
    angle = math.radians(angle_deg)
    across = (row - (size[0] - 1) / 2) * math.sin(angle) + (column - (size[1] - 1) / 2) * math.cos(angle)
    coverage = np.zeros(size)
    for centre, width in ((-14.0, 2.0), (-3.0, 4.0), (13.0, 8.0)):
        coverage = np.maximum(coverage, np.clip(width / 2 + 0.5 - np.abs(across - centre), 0.0, 1.0))
    dark, light = 32 / 255, 224 / 255
    return dark + (light - dark) * coverage


def _wave(size: Pair, direction_and_wavelength: tuple[float, float]) -> _Plane:
    angle_deg, wavelength_px = direction_and_wavelength
    row, column = _grid(size)
    angle = math.radians(angle_deg)
    across = row * math.sin(angle) + column * math.cos(angle)
    return (1.0 + np.cos(2.0 * np.pi * across / wavelength_px)) / 2.0


def _figure_five() -> Iterable[list[_Point]]:
    """The pen's strokes on a 28×28 field, as (row, column) points joined by straight lines."""
    yield [(5.0, 18.5), (5.2, 9.8)]
    bowl = [
        (16.9 + 5.3 * np.sin(angle), 12.3 + 5.9 * np.cos(angle))
        for angle in np.radians(np.arange(-115, 141, 15))
    ]
    yield [(5.2, 9.8), (12.4, 9.0), *bowl]


def _distance_to_segment(row: _Plane, column: _Plane, start: _Point, stop: _Point) -> _Plane:
    """Distance in px of every point to the nearest point of the straight line from start to stop."""
    delta_row, delta_column = stop[0] - start[0], stop[1] - start[1]
    along = (row - start[0]) * delta_row + (column - start[1]) * delta_column
    share = np.clip(along / (delta_row**2 + delta_column**2), 0.0, 1.0)
    distance: _Plane = np.hypot(row - start[0] - share * delta_row, column - start[1] - share * delta_column)
    return distance
