import torch

from c2ser_lightning.models.feature_cache import FeatureCache, pad_frames

CPU = torch.device("cpu")
LENGTHS = {"a": 3, "b": 5, "c": 2}


class Encoder:
    """Encodes utterance names into rows of a known length and remembers what it was asked."""

    def __init__(self, keys):
        self.keys, self.asked = keys, []

    def __call__(self, rows):
        names = [self.keys[row] for row in rows]
        self.asked += names
        features = torch.full((len(rows), max(LENGTHS.values()), 4), 9.0)
        for row, name in enumerate(names):
            features[row, : LENGTHS[name]] = float(ord(name))
        valid = torch.arange(features.shape[1]) < torch.tensor([LENGTHS[name] for name in names]).unsqueeze(1)
        return features, valid


def fetch(cache, *keys):
    encoder = Encoder(keys)
    features, valid = cache.fetch(keys, CPU, encoder)
    for name, row, mask in zip(keys, features, valid, strict=True):
        assert mask.sum() == LENGTHS[name]
        assert torch.equal(row[: LENGTHS[name]], torch.full((LENGTHS[name], 4), float(ord(name))))
        assert not mask[LENGTHS[name] :].any()
    return encoder.asked


def test_each_utterance_is_encoded_once_in_whatever_company_it_comes_back():
    cache = FeatureCache(1)
    assert fetch(cache, "a", "b") == ["a", "b"]
    assert fetch(cache, "c", "b") == ["c"]
    assert fetch(cache, "b", "c", "a") == []


def test_without_a_limit_everything_is_encoded_every_time():
    cache = FeatureCache(0)
    assert fetch(cache, "a") == ["a"]
    assert fetch(cache, "a") == ["a"]


def test_beyond_its_limit_it_keeps_what_it_has_and_encodes_the_rest():
    cache = FeatureCache(1)
    cache.limit = LENGTHS["a"] * 4 * 4
    fetch(cache, "a", "b")
    assert cache.size == cache.limit
    assert fetch(cache, "a", "b") == ["b"]


def test_kept_features_do_not_change_with_what_was_handed_out():
    cache = FeatureCache(1)
    keys = ("a",)
    cache.fetch(keys, CPU, Encoder(keys))[0].fill_(0.0)
    cache.fetch(keys, CPU, Encoder(keys))[0].fill_(0.0)
    assert fetch(cache, "a") == []


def test_features_of_different_precision_are_padded_in_the_wider_one():
    padded, valid = pad_frames([torch.ones(2, 3, dtype=torch.float16), torch.full((1, 3), 1e6)])
    assert padded.dtype == torch.float32
    assert padded[1].tolist() == [[1e6] * 3, [0.0] * 3]
    assert valid.tolist() == [[True, True], [True, False]]
