import numpy as np
import pytest

from tools import hash_index
from tools.hash_index import HashIndex


@pytest.mark.parametrize("merge_every", [3, 1000])
def test_the_latest_place_of_every_hash_is_found(monkeypatch, merge_every):
    monkeypatch.setattr(hash_index, "MERGE_EVERY", merge_every)
    numbers, index, plain = np.random.default_rng(0), HashIndex(), {}
    for place in range(200):
        hashed = int(numbers.integers(0, 100)) * (2**64 // 100)
        assert index.get(hashed) == plain.get(hashed)
        index.note(hashed, place)
        plain[hashed] = place
    assert {hashed: index.get(hashed) for hashed in plain} == plain
    assert index.get(1) is None
    assert index.get(2**64 - 1) is None
