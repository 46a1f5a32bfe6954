"""Features on disk: whole or not there, exact enough, told apart by content."""

import numpy as np
import pytest
import torch

from tools.probing.feature_store import FeatureStore, sound_digest


@pytest.fixture
def store(tmp_path):
    return FeatureStore(tmp_path, "print")


def test_frames_come_back_in_half_precision(store):
    frames = torch.randn(7, 5)
    store.write("ab12", frames)
    assert store.holds("ab12")
    torch.testing.assert_close(store.read("ab12").float(), frames, rtol=1e-3, atol=1e-3)
    assert store.read("ab12").dtype == torch.float16


def test_values_beyond_half_precision_are_kept_in_single(store):
    store.write("ab12", torch.tensor([[1e6, -2.0]]))
    torch.testing.assert_close(store.read("ab12"), torch.tensor([[1e6, -2.0]]))


def test_what_was_cut_short_counts_as_missing_and_is_replaced(store):
    store.write("ab12", torch.randn(7, 5))
    whole = store.path("ab12").read_bytes()
    for size in (0, 20, len(whole) - 1):
        store.path("ab12").write_bytes(whole[:size])
        assert not store.holds("ab12")
    store.write("ab12", torch.ones(2, 5))
    assert store.holds("ab12")
    assert not store.holds("cd34")


def test_a_write_that_fails_leaves_neither_features_nor_rubbish(store, monkeypatch):
    def full(*_arguments, **_settings):
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="no space"):
        store.write("ab12", torch.ones(2, 5))
    assert not list(store.path("ab12").parent.iterdir())


def test_a_sound_is_named_by_its_bytes_and_what_of_them_is_meant():
    names = {sound_digest(b"one", ""), sound_digest(b"two", ""), sound_digest(b"one", "1(0.0, 1.0)")}
    assert len(names) == 3
    assert sound_digest(b"one", "") in names
