"""The ten colours stay apart for readers without red or green cones; patterns help everybody.

Colours as the report shows them, mixed with black or white for its two schemes, are seen through
the matrices of Machado, Oliveira and Fernandes (2009, severity 1), and compared in CIELAB (Euclid's
distance; about 2.3 is just noticeable). Tritanopia, which one reader in ten thousand has, has a
lower bound. Where two colours come near, the line patterns and tags tell the devices apart; that
no two patterns are the same is tested in test_output.py.
"""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from framing.output.html import page
from framing.prediction import COLOURS

SIGHT = {
    "ordinary": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
LEAST = {"ordinary": 15, "protanopia": 10, "deuteranopia": 10, "tritanopia": 8}
_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_OKLAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip


def shades():
    """What the colours are mixed with: white or black, and how much of it, by scheme."""
    found = re.findall(r"--shade: (#000|#fff) (\d+)%;", page()[0])
    return {"light": found[0], "dark": found[1]}


def linear(colour):
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def mixed(colour, scheme):
    """Linear RGB of a colour as `color-mix(in oklab, ...)` makes it."""
    other, share = shades()[scheme]
    white = linear("#ffffff" if other == "#fff" else "#000000")
    both = [_OKLAB @ np.cbrt(_LMS @ each) for each in (linear(colour), white)]
    oklab = (1 - int(share) / 100) * both[0] + int(share) / 100 * both[1]
    return np.clip(np.linalg.solve(_LMS, np.linalg.solve(_OKLAB, oklab) ** 3), 0, 1)


def cielab(rgb):
    ratio = _XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def differences(colours, scheme, sight):
    seen = [cielab(SIGHT[sight] @ mixed(colour, scheme)) for colour in colours]
    return {
        (one, other): float(np.linalg.norm(a - b))
        for (one, a), (other, b) in combinations(zip(colours, seen, strict=True), 2)
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_no_two_devices_look_alike(sight, scheme):
    found = differences(COLOURS, scheme, sight)
    assert len(found) == 45
    pair, least = min(found.items(), key=lambda each: each[1])
    assert least > LEAST[sight], f"{pair}: {least:.1f}"


def test_red_and_green_of_one_lightness_would_be_noticed():
    assert min(differences(("#b06000", "#648200"), "light", "deuteranopia").values()) < 10
    assert min(differences(("#b06000", "#648200"), "light", "ordinary").values()) > 30


def test_conversions_of_known_colours():
    assert cielab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.02)
    assert cielab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert SIGHT["protanopia"] @ np.ones(3) == pytest.approx(1, abs=1e-4)
