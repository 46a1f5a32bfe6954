"""Sums that do not depend on the order of their terms, so that two processes give the very figures of one."""

from torch import Tensor

UNIT = 2.0**-32
"""Real numbers are added up as whole multiples of this: exact to 1e-9 a term, and good for two milliards of units."""


def to_units(values: Tensor) -> Tensor:
    """Return values as int64 multiples of :data:`UNIT`."""
    return (values.double() / UNIT).round().long()


def from_units(total: Tensor) -> Tensor:
    """Return a sum of units as float64."""
    return total.double() * UNIT
