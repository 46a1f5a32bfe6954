import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from c2ser_lightning.models.label_tree import LabelTree, distinct_beginnings

CANDIDATES = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5), min_size=1, max_size=6)
CPU = torch.device("cpu")


@given(CANDIDATES)
def test_every_token_of_every_candidate_is_predicted_from_its_own_past(candidates):
    tree = LabelTree.grow(candidates, CPU)
    paths = {0: []}
    for node in range(len(tree.tokens)):
        ancestors = sorted(tree.visible[node].nonzero().flatten().tolist(), key=lambda one: int(tree.depths[one]))
        paths[node + 1] = [int(tree.tokens[one]) for one in ancestors]
        assert len(paths[node + 1]) == int(tree.depths[node]) + 1
    rebuilt = {owner: [] for owner in range(len(candidates))}
    for source, target, owner in zip(tree.sources.tolist(), tree.targets.tolist(), tree.owners.tolist(), strict=True):
        assert paths[source] == rebuilt[owner]
        rebuilt[owner].append(target)
    assert list(rebuilt.values()) == candidates


@given(CANDIDATES)
def test_no_beginning_is_computed_twice(candidates):
    beginnings = {tuple(ids[:count]) for ids in candidates for count in range(1, len(ids))}
    assert len(LabelTree.grow(candidates, CPU).tokens) == len(beginnings)


@given(CANDIDATES)
def test_a_node_sees_the_prompt_and_its_ancestors_and_no_padding(candidates):
    tree = LabelTree.grow(candidates, CPU)
    attention = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1]])
    mask = tree.mask(attention)[:, 0]
    for row in range(2):
        assert torch.equal(mask[row, 4:, 4:], tree.visible)
        assert (mask[row, 4:, :4] == attention[row].bool()).all()
        assert not mask[row, :4, 4:].any()
        for query in range(4):
            seen = [key for key in range(4) if key <= query and attention[row, key]] or [query]
            assert mask[row, query, :4].nonzero().flatten().tolist() == seen


@given(CANDIDATES)
def test_beginnings_tell_candidates_apart_and_are_as_short_as_can_be(candidates):
    cut = distinct_beginnings(candidates)
    for number, (ids, short) in enumerate(zip(candidates, cut, strict=True)):
        assert ids[: len(short)] == short
        others = candidates[:number] + candidates[number + 1 :]
        assert len(short) == len(ids) or all(other[: len(short)] != short for other in others)
        assert len(short) == 1 or any(other[: len(short) - 1] == short[:-1] for other in others)


@pytest.mark.parametrize("limit", [1, 1 << 26])
def test_scores_are_the_same_in_parts(monkeypatch, limit):
    monkeypatch.setattr("c2ser_lightning.models.label_tree.MOST_LOGITS", limit)
    head = torch.nn.Linear(6, 4, bias=False)
    tree = LabelTree.grow([[0, 1, 2], [0, 3], [2]], CPU)
    hidden = torch.randn(5, 1 + len(tree.tokens), 6)
    logs = head(hidden).log_softmax(-1)
    first = logs[:, 0, 0]
    expected = torch.stack([first + logs[:, 1, 1] + logs[:, 2, 2], first + logs[:, 1, 3], logs[:, 0, 2]], 1)
    torch.testing.assert_close(tree.scores(hidden, head), expected)
