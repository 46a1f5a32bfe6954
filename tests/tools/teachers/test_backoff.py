from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tools.teachers.backoff import LONGEST_ASKED, Backoff, retry_after

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("7", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("nan", 0),
        ("soon", 0),
        ("1e9", LONGEST_ASKED),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30),
        (format_datetime(NOW - timedelta(seconds=30), usegmt=True), 0),
    ],
)
def test_retry_after_as_seconds_or_date(header, seconds):
    assert retry_after(header, NOW) == pytest.approx(seconds)


def test_delays_double_up_to_the_longest_and_are_jittered_by_half():
    longest, shortest = Backoff(1.0, 10.0, lambda: 1.0), Backoff(1.0, 10.0, lambda: 0.0)
    assert [longest.delay(tries) for tries in range(1, 7)] == [1, 2, 4, 8, 10, 10]
    assert [shortest.delay(tries) for tries in range(1, 7)] == [0.5, 1, 2, 4, 5, 5]
    assert longest.delay(10_000) == 10


def test_what_the_server_asks_for_is_the_least():
    assert Backoff(1.0, 10.0, lambda: 0.0).delay(1, asked=42.0) == 42.0
