"""The arithmetic of the factory's benchmark, and what it sees of a process."""

import csv
import multiprocessing

import pytest
import soundfile

from benchmarks.augmented_corpus import AugmentedCorpus
from benchmarks.factory import PAPER_HOURS, PAPER_UTTERANCES, Run, Speed, bound, core_hours, projection, scaling
from benchmarks.watching import Watched, watch
from tests.benchmarks.holding import SECONDS, hold, hold_in_a_child
from tests.shards import tone

SEEN = Watched(1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


def made(measure: float, texts: float) -> Run:
    """A run of 100 utterances of 2 s each, with such times of two stages."""
    times = {"measure": measure, "texts": texts}
    stages = [Speed(name, 100, seconds, 100 / seconds, 200 / seconds, seconds / 2) for name, seconds in times.items()]
    return Run(100, 200.0, 1, stages, SEEN, disturbed=False)


def test_measuring_is_projected_by_length_and_texts_by_number():
    hours = projection(made(measure=20.0, texts=0.5))
    assert hours["measure"] == pytest.approx(PAPER_HOURS / 10, rel=1e-3)
    assert hours["texts"] == pytest.approx(PAPER_UTTERANCES / 200 / 3600, rel=1e-2)
    assert hours["all"] == pytest.approx(hours["measure"] + hours["texts"], abs=0.01)


def test_core_hours_are_of_processor_time_and_the_bound_of_what_is_shared():
    alone = made(measure=20.0, texts=2.0)
    assert core_hours(alone)["measure"] == pytest.approx(PAPER_HOURS / 20, rel=1e-3)
    shared = made(measure=0.0 + 1e-9, texts=2.0)
    assert bound(alone, shared) == pytest.approx(11 / (1 + 10 / 2))


def test_scaling_is_the_ratio_of_times():
    assert scaling(made(20.0, 1.0), made(10.0, 2.0)) == {"measure": 2.0, "texts": 0.5, "all": 1.75}


def test_a_corpus_of_any_size_is_made_of_a_small_one(tmp_path):
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "emotion", "language", "text"])
        for number in range(2):
            soundfile.write(tmp_path / "data" / f"{number}.wav", tone(number, 2.0), 16_000)
            writer.writerow([f"{number}.wav", "sad", "en", "words"])
    corpus = AugmentedCorpus.make(tmp_path / "data", tmp_path / "many", 30, 0.5)
    lengths = [soundfile.info(path).duration for path in sorted(corpus.folder.glob("*.wav"))]
    assert len(lengths) == corpus.utterances == 30
    assert sum(lengths) == pytest.approx(corpus.seconds)
    assert all(1 / 3 - 1e-3 <= length <= 2 / 3 + 1e-3 for length in lengths)
    with (corpus.folder / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["text"] for row in rows}) == 30
    assert {row["split"] for row in rows} == {"train", "dev", "test"}


def test_memory_of_a_process_and_of_what_it_starts_is_seen():
    context = multiprocessing.get_context("spawn")
    alone = watch(context.Process(target=hold, args=(1,)), every=SECONDS / 20)
    large = watch(context.Process(target=hold, args=(301,)), every=SECONDS / 20)
    assert large.peak_megabytes_main - alone.peak_megabytes_main == pytest.approx(300, abs=30)
    below = watch(context.Process(target=hold_in_a_child, args=(301,)), every=SECONDS / 20)
    assert below.peak_megabytes_all - below.peak_megabytes_main > 300
    assert 0 <= below.share_of_others <= 1


def test_a_failed_build_is_no_measurement():
    with pytest.raises(RuntimeError, match="status 1"):
        watch(multiprocessing.get_context("spawn").Process(target=hold, args=("x",)))
