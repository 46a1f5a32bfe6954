"""Statistics by group: one pass, parts that merge, and what serves where a group is too small."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c2ser_lightning.data.record import Attributes, Levels, UtteranceRecord
from tools.level_table import LEVEL_UNITS, LevelTable


def utterance(corpus="a", speaker="s", language="en", pitch=100.0, loudness=-20.0, rate=10.0, key="k"):
    attributes = Attributes(pitch, loudness, rate)
    return UtteranceRecord(key, corpus, speaker, language, "train", None, "", 1.0, attributes=attributes)


values = st.one_of(st.none(), st.floats(50, 600))
utterances = st.lists(
    st.builds(utterance, st.sampled_from("ab"), st.sampled_from("st"), st.sampled_from(["en", "zh"]), values),
    max_size=25,
)


def flat(table):
    """Every count, mean and sd of a table by name."""
    parts = {"all": table.overall} | {f"corpus {n}": p for n, p in table.corpora.items()}
    parts |= {f"group {n}": p for n, p in table.groups.items()}
    return {name: (p.pitch_hz.count, p.pitch_hz.mean, p.pitch_hz.sd) for name, p in parts.items()}


def same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        assert one[name] == pytest.approx(other[name], abs=1e-6)


@settings(deadline=None)
@given(utterances, st.sampled_from(LEVEL_UNITS))
def test_one_pass_agrees_with_numpy(records, by):
    table = LevelTable(by).add_all(records)
    groups = table.corpora if by == "corpus" else table.groups
    for name, statistics in groups.items():
        known = [r.attributes.pitch_hz for r in records if table.group_of(r) == name and r.attributes.pitch_hz]
        assert statistics.pitch_hz.count == len(known)
        if known:
            assert statistics.pitch_hz.mean == pytest.approx(np.mean(known))
            assert statistics.pitch_hz.sd == pytest.approx(np.std(known), abs=1e-6)


@settings(deadline=None)
@given(utterances, utterances, utterances, st.sampled_from(LEVEL_UNITS))
def test_merging_is_associative_and_agrees_with_the_whole(one, two, three, by):
    a, b, c = (LevelTable(by).add_all(part) for part in (one, two, three))
    whole = flat(LevelTable(by).add_all([*one, *two, *three]))
    same(flat(a.merge(b).merge(c)), whole)
    same(flat(a.merge(b.merge(c))), whole)


def test_tables_of_different_groups_do_not_merge():
    with pytest.raises(ValueError, match=r"by corpus \(20\) and by speaker"):
        LevelTable().merge(LevelTable("speaker"))


def spread(mean, count=20, **names):
    """Utterances whose pitch has this mean and a standard deviation of 10 Hz."""
    return [utterance(pitch=mean + (10 if number % 2 else -10), **names) for number in range(count)]


def test_a_speaker_is_judged_by_himself():
    records = spread(100.0, speaker="low") + spread(300.0, speaker="high")
    by_speaker, by_corpus = (LevelTable(by).add_all(records) for by in ("speaker", "corpus"))
    raised = utterance(speaker="low", pitch=115.0)
    assert by_speaker.levels(raised) == (Levels("high", "medium", "medium"), False)
    assert by_corpus.levels(raised)[0].pitch == "medium"


def test_same_id_in_two_corpora_is_two_speakers():
    table = LevelTable("speaker").add_all(spread(100.0, corpus="a") + spread(300.0, corpus="b"))
    assert list(table.groups) == ["a/s", "b/s"]


def test_a_small_group_takes_the_statistics_of_its_corpus():
    records = spread(100.0, speaker="many") + spread(300.0, 4, speaker="few") + spread(500.0, corpus="b")
    table = LevelTable("speaker").add_all(records)
    # Mean 133, sd 75 over corpus a: 150 is medium there, and would be low for the speaker of 300 Hz.
    assert table.levels(utterance(speaker="few", pitch=150.0)) == (Levels("medium", "medium", "medium"), True)
    assert table.levels(utterance(speaker="never met", pitch=150.0))[1] is True


def test_an_unknown_corpus_takes_the_statistics_of_all():
    table = LevelTable().add_all(spread(100.0, corpus="a") + spread(300.0, corpus="b"))
    assert table.levels(utterance(corpus="a", pitch=200.0)) == (Levels("high", "medium", "medium"), False)
    assert table.levels(utterance(corpus="c", pitch=200.0)) == (Levels("medium", "medium", "medium"), True)


def test_each_attribute_falls_back_by_itself():
    unvoiced = [utterance(speaker="w", pitch=None, rate=20.0) for _ in range(20)]
    table = LevelTable("speaker").add_all(spread(100.0) + unvoiced)
    assert table.levels(utterance(speaker="w", pitch=100.0, rate=20.0)) == (Levels("medium", "medium", "medium"), True)
    # Without a pitch there is nothing to fall back for.
    assert table.levels(utterance(speaker="w", pitch=None, rate=20.0))[1] is False


def test_without_statistics_there_are_no_levels():
    assert LevelTable().levels(utterance()) == (Levels(), True)
