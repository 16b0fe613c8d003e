"""Where things stand, and how long light takes between them."""

from functools import cache
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_KM = 6371.0
FIBRE_KM_PER_MS = 200.0
"""Two thirds of the speed of light: what glass allows."""
DETOUR = 1.45
"""Cables follow roads and seas, not great circles."""


class Place(NamedTuple):
    """A town: degrees north and east, ISO country, hours that its clocks are ahead of UTC."""

    name: str
    country: str
    latitude: float
    longitude: float
    utc_offset: int


PLACES = {
    "dyu": Place("Dushanbe", "TJ", 38.5598, 68.787, 5),
    "lbd": Place("Khujand", "TJ", 40.2833, 69.6222, 5),
    "kqt": Place("Bokhtar", "TJ", 37.8364, 68.7803, 5),
    "tju": Place("Kulob", "TJ", 37.9119, 69.7808, 5),
    "khg": Place("Khorog", "TJ", 37.4896, 71.553, 5),
    "fru": Place("Bishkek", "KG", 42.8746, 74.5698, 6),
    "ala": Place("Almaty", "KZ", 43.2389, 76.8897, 5),
    "ast": Place("Astana", "KZ", 51.1694, 71.4491, 5),
    "pwq": Place("Pavlodar", "KZ", 52.2873, 76.9674, 5),
    "tas": Place("Tashkent", "UZ", 41.2995, 69.2401, 5),
    "kbl": Place("Kabul", "AF", 34.5553, 69.2075, 4),
    "mow": Place("Moscow", "RU", 55.7558, 37.6173, 3),
    "led": Place("Saint Petersburg", "RU", 59.9343, 30.3351, 3),
    "ist": Place("Istanbul", "TR", 41.0082, 28.9784, 3),
    "fra": Place("Frankfurt", "DE", 50.1109, 8.6821, 1),
    "ams": Place("Amsterdam", "NL", 52.3676, 4.9041, 1),
    "lon": Place("London", "GB", 51.5072, -0.1276, 0),
    "nyc": Place("New York", "US", 40.7128, -74.006, -5),
    "mia": Place("Miami", "US", 25.7617, -80.1918, -5),
}


@cache
def distance_km(first: str, second: str) -> float:
    """Great-circle distance of two places (haversine formula)."""
    one, two = PLACES[first], PLACES[second]
    north = radians(two.latitude - one.latitude) / 2
    east = radians(two.longitude - one.longitude) / 2
    chord = sin(north) ** 2 + cos(radians(one.latitude)) * cos(radians(two.latitude)) * sin(east) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(chord))


def round_trip_ms(first: str, second: str) -> float:
    """There and back over a cable between two places."""
    return 2 * DETOUR * distance_km(first, second) / FIBRE_KM_PER_MS
