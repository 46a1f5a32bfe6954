"""All metrics over predictions: each only where the data has what it needs, and two processes as one."""

import math
from dataclasses import asdict, replace

import pytest
import torch.multiprocessing as mp

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.further import read_further
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.results import Result
from c2ser_lightning.report.scoring import Scoring, score
from tests.distributed import in_process_group
from tests.results import result
from tests.shards import record


def rows(count: int = 40) -> list[Prediction]:
    made = []
    for number in range(count):
        item = record(number, 1.0, votes={EMOTIONS[number % 7]: 2, EMOTIONS[(number + 1) % 7]: 1 + number % 3})
        named = EMOTIONS[(number + (number % 3 == 0)) % 7]
        shares = {emotion: 1 / 14 + 0.5 * (emotion == named) for emotion in EMOTIONS}
        answer = f'Spoken with a low pitch and a fast pace: "word {number}". A dragon sounds {named}.'
        made.append(replace(Prediction.scored(item, shares), answer=answer))
    return made


def test_everything_is_measured_where_the_data_allows():
    scores, further = score(rows(), EMOTIONS)
    assert scores.wa == pytest.approx(26 / 40)
    assert further.speakers.speakers == 3
    assert further.annotators.any_annotator.wa == 1.0
    assert further.soft_labels.n == further.calibration.n == 40
    assert math.isnan(further.soft_labels.entropy_correlation)  # every answer is equally sure
    assert further.calibration.bins[8].accuracy == 26 / 40
    grounding = further.grounding
    assert grounding.attributes["pitch"].accuracy == 1.0
    assert grounding.attributes["rate"].accuracy == 1.0
    assert grounding.attributes["loudness"].claims == 0
    assert (grounding.wer, grounding.contradiction_rate) == (0.0, 0.0)
    assert grounding.fabrication_rate == pytest.approx(40 / grounding.content_words)
    assert further.efficiency is None


def test_nothing_is_measured_of_what_is_missing():
    bare = [replace(row, votes={}, probabilities=None, answer="", speaker="one") for row in rows()]
    _, further = score(bare, EMOTIONS)
    assert set(asdict(further).values()) == {None}


def test_an_answer_outside_the_label_set_is_seen_by_macro_f1_seen_alone():
    made = [replace(row, predicted=None, answer="It is disgust.") for row in rows(3)]
    made += [replace(row, answer="") for row in rows(3)]
    scores, _ = score(made, EMOTIONS[:5])
    assert scores.macro_f1_seen == pytest.approx(scores.macro_f1 * 5 / 4)  # three labels, and disgust
    assert scores.unparsed_rate == 0.5


def test_what_a_system_left_unparsed_stays_so():
    made = [replace(row, predicted=None, answer=f"It is {row.emotion}.") for row in rows(7)]
    scores, _ = score(made, EMOTIONS)
    assert (scores.wa, scores.unparsed_rate) == (0.0, 1.0)


def test_further_scores_survive_the_disk(tmp_path):
    scores, further = score(rows(), EMOTIONS)
    kept = replace(result(rows=rows()), scores=scores, further=further)
    kept.write(tmp_path)
    again = Result.read(tmp_path)
    assert math.isnan(again.further.grounding.attributes["loudness"].accuracy)
    assert str(again.further) == str(further)
    assert str(again.scores) == str(scores)


def test_files_of_earlier_versions_have_none():
    assert set(asdict(read_further({"wa": 1.0})).values()) == {None}


def _of_rank(rank: int, port: int, folder) -> None:
    with in_process_group(rank, 2, port):
        scoring = Scoring(EMOTIONS)
        if rank == 0:  # the other has nothing at all
            scoring.update(rows()[:25])
            scoring.update(rows()[25:])
        uneven = Scoring(EMOTIONS)
        uneven.update(rows()[rank * 7 : 7 if rank == 0 else None])
        (folder / f"{rank}.txt").write_text(f"{scoring.compute()}\n{uneven.compute()}")


def test_two_processes_give_the_very_figures_of_one(tmp_path, free_port):
    mp.spawn(_of_rank, args=(free_port, tmp_path), nprocs=2)
    expected = str(score(rows(), EMOTIONS))
    for rank in range(2):
        assert (tmp_path / f"{rank}.txt").read_text().splitlines() == [expected, expected]
