"""Numbers as JSON knows them."""

import math


def without_nan(value: object) -> object:
    """Replace NaN, which JSON does not know, by null."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
