import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from c2ser_lightning.models.attention import block_diagonal
from c2ser_lightning.models.sequence import Row, lay_out, pack

IDS = st.lists(st.integers(1, 99), max_size=4)
ROWS = st.lists(
    st.builds(Row, IDS, st.integers(2, 5), IDS, st.lists(st.integers(1, 99), min_size=1, max_size=4)),
    min_size=1,
    max_size=4,
)


@given(ROWS, st.sampled_from(["left", "right"]))
def test_layout_says_where_everything_is(rows, side):
    layout = lay_out(rows, side=side)
    width = max(row.length for row in rows)
    assert layout.tokens.shape == layout.speech.shape == layout.attention.shape == (len(rows), width)
    for number, row in enumerate(rows):
        valid = layout.attention[number].bool()
        assert valid.tolist() == sorted(valid.tolist(), reverse=side == "right")
        assert layout.positions[number][valid].tolist() == list(range(row.length))
        text = layout.tokens[number][valid & (layout.speech[number] < 0)].tolist()
        assert text == [*row.before, *row.after, *row.answer]
        speech = layout.speech[number]
        assert speech[speech >= 0].tolist() == list(range(row.speech))
        assert valid[speech >= 0].all()


@given(ROWS, st.sampled_from(["left", "right"]))
def test_label_rows_are_one_before_the_labels(rows, side):
    layout = lay_out(rows, side=side)
    flat = layout.tokens.flatten()
    assert layout.labels.tolist() == [token for row in rows for token in row.answer]
    assert flat[layout.label_rows + 1].tolist() == layout.labels.tolist()


def test_the_first_label_is_predicted_from_the_last_prompt_position():
    layout = lay_out([Row([1], 2, [5, 6], [7, 8])], side="right")
    assert layout.tokens.tolist() == [[1, 0, 0, 5, 6, 7, 8]]
    assert layout.label_rows.tolist() == [4, 5]


def test_padding_share_counts_positions():
    rows = [Row([1], 2, [], [3]), Row([1], 4, [2], [3, 4])]
    assert lay_out(rows, side="left").padding_share == pytest.approx(1 - 12 / 16)


@given(ROWS, st.integers(1, 40))
def test_packed_rows_hold_every_utterance_once_and_whole(rows, width):
    layout = pack(rows, width)
    assert layout.tokens.shape[1] == max(width, *(row.length for row in rows))
    assert len(layout.tokens) <= len(rows)
    for number, row in enumerate(rows):
        own = layout.owner == number
        assert own.any(1).sum() == 1
        assert layout.positions[own].tolist() == list(range(row.length))
        assert layout.tokens[own & (layout.speech < 0)].tolist() == [*row.before, *row.after, *row.answer]
    flat = layout.tokens.flatten()
    assert flat[layout.label_rows + 1].tolist() == layout.labels.tolist()
    assert sorted(layout.labels.tolist()) == sorted(token for row in rows for token in row.answer)


@given(ROWS, st.integers(1, 40))
def test_packed_positions_attend_to_their_own_past_only(rows, width):
    owner = pack(rows, width).owner
    mask = block_diagonal(owner)[:, 0]
    for row, own in enumerate(owner.tolist()):
        for query in range(len(own)):
            expected = [own[key] == own[query] and key <= query for key in range(len(own))]
            assert mask[row, query].tolist() == expected
    assert mask.any(-1).all()
    assert mask.dtype == torch.bool
