import pytest

from c2ser_lightning.data.record import Levels
from tests.shards import record
from tests.tools.inspection.folders import utterances
from tools.inspection.tally import Tally


@pytest.fixture
def tally():
    made = Tally()
    for item in utterances():
        made.add(item)
    made.add(record(0, 1800.0, emotion=None, language="zh", speaker="x", levels=Levels("low", None, "high")))
    return made


def test_totals_and_parts(tally):
    total = tally.total()
    assert (total.utterances, total.languages, total.splits["train"]) == (36, {"en": 35, "zh": 1}, 22)
    assert total.hours == pytest.approx(0.5 + 35 * 0.5 / 3600)
    assert len(total.speakers) == 7
    assert tally.split("dev").speaker_names == {"dev0", "dev1"}
    assert tally.split("nowhere").utterances == 0
    assert list(tally.by("language")) == [("en",), ("zh",)]


def test_emotions_in_their_order_unlabelled_last(tally):
    assert tally.emotions()[0] == "anger"
    assert tally.emotions()[-1] == "unlabelled"
    assert len(tally.emotions()) == 8


def test_levels_of_some_emotions(tally):
    assert tally.levels("loudness", ["unlabelled"]) == {"low": 0, "medium": 0, "high": 0, "unknown": 1}
    assert tally.levels("pitch", tally.emotions()) == {"low": 36, "medium": 0, "high": 0, "unknown": 0}
