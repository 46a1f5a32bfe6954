"""How long to wait before a request is sent again: exponential, jittered, and never less than the server asks for."""

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_ASKED = 600.0
"""Seconds of a ``Retry-After`` that are obeyed; a server that asks for more gets a new try after these."""


def retry_after(header: str | None, now: datetime | None = None) -> float:
    """Return the seconds a ``Retry-After`` header asks for, given as seconds or as a date; 0 without a usable one."""
    if not header:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return 0.0
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_ASKED) if seconds == seconds else 0.0  # noqa: PLR0124 - not a NaN


class Backoff:
    """Delays of one client's requests; a pause that the server asks for holds for all of them."""

    def __init__(self, first: float, longest: float, draw: Callable[[], float] = random.random) -> None:
        """Wait ``first`` seconds and then twice as long each time, up to ``longest``, times 0.5 to 1 by ``draw``."""
        self.first = first
        self.longest = longest
        self.draw = draw
        self._paused_until = 0.0

    def delay(self, tries: int, asked: float = 0.0) -> float:
        """Return the seconds to wait after ``tries`` failed ones (1, 2, ...), at least ``asked``."""
        usual = min(self.longest, self.first * 2.0 ** min(tries - 1, 30))
        return max(asked, usual * (0.5 + 0.5 * self.draw()))

    def pause(self, seconds: float) -> None:
        """Let nobody send for so long."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    async def permission(self) -> None:
        """Return when no pause holds."""
        while (left := self._paused_until - time.monotonic()) > 0:
            await asyncio.sleep(left * (1 + 0.1 * self.draw()))
