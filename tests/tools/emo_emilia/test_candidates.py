"""Choosing: the surest first, always the same ones, shortages by name."""

import csv
import json
import random
from dataclasses import replace

import pytest

from c2ser_lightning.emotions import EMOTIONS
from tests.tools.emo_emilia.made import candidate
from tools.corpora import CorpusError
from tools.emo_emilia.candidate import EmiliaError, read_candidates, sheet_id, write_candidates
from tools.emo_emilia.candidates import choose_candidates
from tools.emo_emilia.indices import with_indices

FIELDS = ("key", "file", "start", "end", "emotion", "corpus", "speaker", "language", "text")
CONFIDENCES = ("confidence", "speech_confidence", "text_confidence")


def row(number, **changes):
    language = ("en", "zh")[number % 2]
    values = (
        f"k{number}",
        f"a/{number}.wav",
        "",
        "",
        EMOTIONS[number // 2 % 7],
        "pod",
        f"s{number % 3}",
        language,
        "x",
    )
    made = dict(zip(FIELDS, values, strict=True)) | dict.fromkeys(CONFIDENCES, round((number * 37 % 100) / 100, 2))
    return made | changes


def manifest(path, rows):
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, (*FIELDS, *CONFIDENCES))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_surest_of_each_class_whatever_the_order_of_the_rows(tmp_path):
    rows = [row(number) for number in range(14 * 6)]
    rows.append(row(900, language="it"))
    rows.append(row(0, key="copy"))
    random.Random(3).shuffle(rows)
    path = manifest(tmp_path / "a" / "manifest.csv", rows)
    chosen = choose_candidates([path], 4, "confidence", 0)
    assert len(chosen.candidates) == 14 * 4
    for emotion in EMOTIONS:
        for language in ("en", "zh"):
            mine = [one.confidence for one in chosen.candidates if (one.emotion, one.language) == (emotion, language)]
            there = [float(r["confidence"]) for r in rows if (r["emotion"], r["language"]) == (emotion, language)]
            assert mine == sorted(mine, reverse=True)
            assert mine[0] == max(there)
    assert chosen.passed_over["in it"] == 1
    assert chosen.passed_over["listed before"] == 1
    again = choose_candidates([manifest(tmp_path / "a" / "manifest.csv", sorted(rows, key=str))], 4, "confidence", 0)
    assert {one.confidence for one in again.candidates} == {one.confidence for one in chosen.candidates}
    assert chosen.lines()[-2].startswith("enough of all")


def test_random_order_is_drawn_by_the_seed(tmp_path):
    path = manifest(tmp_path / "manifest.csv", [row(number) for number in range(14 * 30)])
    first, same, other = (
        [one.key for one in choose_candidates([path], 5, "random", seed).candidates] for seed in (0, 0, 1)
    )
    assert first == same
    assert first != other
    sure = [one.confidence for one in choose_candidates([path], 5, "confidence", 0).candidates]
    assert min(sure) > 0.6


def test_shortages_are_reported(tmp_path):
    path = manifest(tmp_path / "manifest.csv", [row(number) for number in range(12)])
    chosen = choose_candidates([path], 1, "confidence", 0)
    assert chosen.quota.shortages == {("fear", "zh"): 1, ("fear", "en"): 1}
    assert "too few: fear zh: 0 of 1" in chosen.lines()


def test_json_lines_segments_and_the_list_round_trip(tmp_path):
    lines = [row(1, start="1.5", end="2.25"), row(2, key="EN_B00012_S00345_W000001")]
    path = tmp_path / "in" / "manifest.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    chosen = choose_candidates([tmp_path / "in"], 1, "confidence", 0).candidates
    write_candidates(chosen, tmp_path / "out")
    back = read_candidates(tmp_path / "out")
    assert [replace(one, file="") for one in back] == [replace(one, file="") for one in chosen]
    assert {one.index for one in back} == {"ZH_B900000_S00000_W000000", "EN_B00012_S00345_W000001"}
    assert (tmp_path / "out" / back[0].file).resolve() == tmp_path / "in" / "a" / "1.wav"
    assert (back[0].recording.start, back[0].recording.end) == (1.5, 2.25)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"confidence": "high"}, "row 3: could not convert"),
        ({"confidence": "1.5"}, "row 3: a confidence is not between 0 and 1"),
        ({"emotion": "joyful"}, "row 3: emotion 'joyful' is none of"),
        ({"text_confidence": ""}, "row 3: no 'text_confidence'"),
        ({"start": "x"}, "row 3: start 'x' is no time"),
    ],
)
def test_a_bad_row_is_named(tmp_path, changes, message):
    path = manifest(tmp_path / "manifest.csv", [row(0), row(1, **changes)])
    with pytest.raises(EmiliaError, match=message):
        choose_candidates([path], 1, "confidence", 0)


def test_files_that_are_not_what_they_should_be(tmp_path):
    with pytest.raises(EmiliaError, match=r"write one with python -m tools.auto_label"):
        choose_candidates([tmp_path], 1, "confidence", 0)
    (tmp_path / "manifest.csv").write_text("file,emotion\na.wav,anger\n")
    with pytest.raises(CorpusError, match="has no column 'key'"):
        choose_candidates([tmp_path], 1, "confidence", 0)
    (tmp_path / "candidates.jsonl").write_text('{"index": 1}\n')
    with pytest.raises(EmiliaError, match="line 1: no candidate"):
        read_candidates(tmp_path)


def test_indices_are_unique_and_those_of_emilia_stay():
    given = [candidate(1), candidate(3, corpus="b", key="x"), candidate(5, corpus="a", key="x")]
    made = with_indices([*given, candidate(2, corpus="a", key="EN_B00001_S00001_W000001")])
    assert [one.index for one in made] == [
        "EN_B00001_S00001_W000001",
        "EN_B900001_S00001_W000002",
        "EN_B900000_S00000_W000001",
        "ZH_B900000_S00002_W000000",
    ]
    assert sheet_id(made) == sheet_id(made[::-1])
    assert sheet_id(made) != sheet_id(made[1:])
