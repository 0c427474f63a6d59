"""HEALPix maps on Mollweide axes, without a projection library."""

import numpy as np
from ducc0.healpix import Healpix_Base

HALF_WIDTH, HALF_HEIGHT = 2.0, 1.0


def mollweide_pixels(nside: int, width: int = 1000) -> np.ndarray:
    """HEALPix pixel (RING) behind every point of a Mollweide picture; -1 outside the ellipse.

    Longitude 0 is in the middle and grows to the left, as on the sky seen from inside.

    Parameters
    ----------
    nside : int
        HEALPix resolution.
    width : int
        Points across; half as many down.

    Returns
    -------
    ndarray of int, shape (width // 2, width)
        First row: south pole.
    """
    inside, colatitude, longitude = mollweide_directions(width)
    pixels = np.full(inside.shape, -1, dtype=np.int64)
    pixels[inside] = Healpix_Base(nside, "RING").ang2pix(np.stack([colatitude, longitude], axis=-1))
    return pixels


def mollweide_directions(width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which points of a picture (width // 2, width) are in the ellipse, and the colatitude and longitude [rad] behind those."""
    x = (np.arange(width) + 0.5) / width * 2 * HALF_WIDTH - HALF_WIDTH
    y = (np.arange(width // 2) + 0.5) / (width // 2) * 2 * HALF_HEIGHT - HALF_HEIGHT
    x, y = np.meshgrid(x, y)
    inside = (x / HALF_WIDTH) ** 2 + (y / HALF_HEIGHT) ** 2 < 1
    auxiliary = np.arcsin(y[inside])
    colatitude = np.pi / 2 - np.arcsin((2 * auxiliary + np.sin(2 * auxiliary)) / np.pi)
    longitude = -np.pi * x[inside] / (HALF_WIDTH * np.cos(auxiliary))
    return inside, colatitude, np.mod(longitude, 2 * np.pi)


def mollweide_picture(grid: np.ndarray, width: int) -> np.ndarray:
    """Picture (width // 2, width) of a sky on a grid of equal cells, rows from latitude +90 down; NaN outside the ellipse.

    Parameters
    ----------
    grid : ndarray (rows, columns)
        As `sky_grid.sky_on_grid` gives it; the value of the nearest cell is shown.
    width : int
    """
    rows, columns = grid.shape
    inside, colatitude, longitude = mollweide_directions(width)
    picture = np.full(inside.shape, np.nan)
    row = np.minimum((colatitude / np.pi * rows).astype(int), rows - 1)
    picture[inside] = grid[row, (longitude / (2 * np.pi) * columns).astype(int) % columns]
    return picture


def mollweide_xy(longitude, latitude) -> tuple[np.ndarray, np.ndarray]:
    """Mollweide coordinates of directions [rad]; longitude grows to the left."""
    longitude = np.mod(np.asarray(longitude, dtype=float) + np.pi, 2 * np.pi) - np.pi
    latitude = np.asarray(latitude, dtype=float)
    auxiliary = latitude.copy()
    for _ in range(100):  # Newton's method, slow at the poles only
        slope = np.maximum(2 + 2 * np.cos(2 * auxiliary), 1e-12)
        auxiliary = np.clip(
            auxiliary - (2 * auxiliary + np.sin(2 * auxiliary) - np.pi * np.sin(latitude)) / slope, -np.pi / 2, np.pi / 2
        )
    return -HALF_WIDTH * longitude / np.pi * np.cos(auxiliary), np.sin(auxiliary)


def draw_sky(axes, values: np.ndarray, **image_settings):
    """Draw a HEALPix map (RING) as a Mollweide picture with a graticule; pixels that are NaN stay grey.

    Returns
    -------
    matplotlib.image.AxesImage
        For a colour bar.
    """
    pixels = mollweide_pixels(int(np.sqrt(len(values) / 12)))
    return draw_picture(axes, np.where(pixels >= 0, np.asarray(values)[pixels], np.nan), **image_settings)


def draw_picture(axes, picture: np.ndarray, graticule: bool = True, **image_settings):
    """Draw a picture in Mollweide projection, as `mollweide_picture` gives it; NaN inside the ellipse stays grey."""
    from matplotlib.patches import Ellipse

    extent = (-HALF_WIDTH, HALF_WIDTH, -HALF_HEIGHT, HALF_HEIGHT)
    outline = {"xy": (0, 0), "width": 2 * HALF_WIDTH, "height": 2 * HALF_HEIGHT, "transform": axes.transData}
    axes.set_xlim(-2.02, 2.02)
    axes.set_ylim(-1.01, 1.01)
    axes.add_patch(Ellipse(**outline, facecolor="#bbbbbb", edgecolor="none", zorder=0))
    settings = {"origin": "lower", "extent": extent, "interpolation": "nearest", "zorder": 1}
    image = axes.imshow(np.ma.masked_invalid(picture), **settings, **image_settings)
    image.set_clip_path(Ellipse(**outline))
    if graticule:
        _graticule(axes)
    axes.add_patch(Ellipse(**outline, facecolor="none", edgecolor="black", linewidth=1 if graticule else 0.6, zorder=4))
    axes.set_aspect("equal")
    axes.set_axis_off()
    return image


def _graticule(axes) -> None:
    """Parallels every 30 and meridians every 60 degrees, with their degrees; readable on dark and light."""
    from matplotlib.patheffects import withStroke

    line = {"color": "#808080", "linewidth": 0.6, "alpha": 0.8, "zorder": 3}
    label = {"fontsize": 9, "color": "black", "zorder": 5}
    halo = [withStroke(linewidth=2.2, foreground="white")]
    for latitude in range(-60, 90, 30):
        edge = float(mollweide_xy(np.pi - 1e-9, np.deg2rad(latitude))[0])
        height = float(mollweide_xy(0, np.deg2rad(latitude))[1])
        axes.plot([edge, -edge], [height, height], **line)
        axes.text(
            -abs(edge) - 0.05 - 0.05 * abs(height), height, f"{latitude:d}°".replace("-", "−"), ha="right", va="center", **label
        )
    latitudes = np.deg2rad(np.linspace(-90, 90, 91))
    for longitude in range(0, 360, 60):
        axes.plot(*mollweide_xy(np.full(91, np.deg2rad(longitude)), latitudes), **line)
        if longitude != 180:
            x, y = mollweide_xy(np.deg2rad(longitude), 0)
            axes.text(float(x), float(y) + 0.02, f"{longitude}°", ha="center", va="bottom", path_effects=halo, **label)
