"""The shard builder on good input and on every kind of bad input, through its command line."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.data.shard_index import ShardIndex
from tests.conftest import ROOT
from tests.shards import tone
from tests.tools.sounds import harmonic
from tools.make_shards import main


def write(path: Path, samples: np.ndarray, rate: int = 16_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate)


def manifest(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "manifest.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, sorted({key for row in rows for key in row}))
        writer.writeheader()
        writer.writerows(rows)
    return path


def good(folder: Path, count: int = 6) -> list[dict[str, str]]:
    rows = []
    for number in range(count):
        write(folder / f"a{number}.wav", tone(number, 0.6))
        split = ("train", "train", "train", "train", "dev", "test")[number % 6]
        facts = {"speaker": f"s{number}", "language": "en", "text": "cat", "split": split}
        rows.append({"file": f"a{number}.wav", "emotion": "happy", **facts})
    return rows


def build(data: Path, out: Path, *options: str, corpus: str = "csv") -> dict:
    main(["--corpus", corpus, "--data", str(data), "--out", str(out), "--workers", "1", *options])
    return json.loads((out / "info.json").read_text())


def record_of(out: Path, split: str, key: str) -> UtteranceRecord:
    index = ShardIndex.load(out, split)
    return index.read_record(index.position(key))


def skips(out: Path) -> dict[str, str]:
    lines = (out / "ledger.jsonl").read_text().splitlines()
    return {skip["key"]: skip["reason"] for skip in map(json.loads, lines)}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """One manifest with everything that can be wrong with a row, and six good rows around it."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = good(folder)
    write(folder / "short.wav", tone(0, 0.05))
    write(folder / "long.wav", tone(0, 21.0))
    write(folder / "silent.wav", np.zeros(16_000))
    write(folder / "stereo.wav", np.stack([tone(1, 1.2 * 44_100 / 16_000)] * 2, axis=1), 44_100)
    write(folder / "cut.flac", np.random.default_rng(0).normal(size=16_000) * 0.1)
    whole = (folder / "cut.flac").read_bytes()
    (folder / "cut.flac").write_bytes(whole[: len(whole) // 2])
    (folder / "noise.wav").write_text("no sound")
    for name in ("short.wav", "long.wav", "silent.wav", "stereo.wav", "cut.flac", "noise.wav", "gone.wav"):
        rows.append({"file": name, "emotion": "sad", "split": "train"})
    rows.append({"file": "a0.wav", "emotion": "sad", "split": "train"})
    rows.append({"file": "mood.wav", "emotion": "grumpy", "split": "train"})
    rows.append({"file": "calm.wav", "emotion": "calm", "split": "train"})
    rows.append({"file": "split.wav", "emotion": "sad", "split": "trian"})
    rows.append({"file": "", "emotion": "sad", "split": "train"})
    out = tmp_path_factory.mktemp("shards") / "mine"
    return manifest(folder, rows), out, build(manifest(folder, rows), out)


def test_every_bad_row_is_named_with_its_reason(built):
    named = skips(built[1])
    assert named.pop("cut") in {"truncated", "undecodable"}
    assert named == {
        "short": "too_short",
        "long": "too_long",
        "silent": "silent",
        "noise": "undecodable",
        "gone": "missing_file",
        "a0": "duplicate_key",
        "mood": "unknown_label",
        "calm": "label_left_out",
        "split": "unknown_split",
        "row 19": "no_file_named",
    }


def test_a_bad_row_says_where_it_stands_and_what_is_known(built):
    lines = map(json.loads, (built[1] / "ledger.jsonl").read_text().splitlines())
    (mood,) = [skip for skip in lines if skip["key"] == "mood"]
    assert "manifest.csv, row 16" in mood["source"]
    assert "grumpy" in mood["detail"]
    assert "happy" in mood["detail"]


def test_nothing_good_is_lost(built):
    _, out, info = built
    assert {split: part["utterances"] for split, part in info["splits"].items()} == {"train": 5, "dev": 1, "test": 1}
    index = ShardIndex.load(out, "train")
    records = {record.key: record for record in map(index.read_record, range(len(index)))}
    assert sorted(records) == ["a0", "a1", "a2", "a3", "stereo"]
    assert records["stereo"].duration == pytest.approx(1.2, abs=0.01)
    assert records["a0"].emotion == "happiness"
    assert records["a0"].emotion_original == "happy"
    assert '"cat"' in records["a0"].explicit


def test_levels_come_from_the_training_split(built):
    _, out, info = built
    index = ShardIndex.load(out, "train")
    pitches = [index.read_record(position).attributes.pitch_hz for position in range(len(index))]
    known = [pitch for pitch in pitches if pitch is not None]
    assert info["statistics"]["pitch_hz"]["count"] == len(known)
    assert info["statistics"]["pitch_hz"]["mean"] == pytest.approx(np.mean(known), rel=1e-4)
    assert info["statistics"]["pitch_hz"]["sd"] == pytest.approx(np.std(known), rel=1e-4)


def test_the_same_input_gives_the_same_checksums(built, tmp_path):
    source, out, info = built
    again = build(source, tmp_path / "mine")
    assert again == info
    assert all((out / name).read_bytes() == (tmp_path / "mine" / name).read_bytes() for name in ("train-000000.tar",))


def test_small_shards_and_no_stale_ones(tmp_path):
    source = manifest(tmp_path, good(tmp_path))
    assert len(build(source, tmp_path / "out", "--shard-utterances", "2")["splits"]["train"]["shards"]) == 2
    build(source, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.tar")) == [
        "dev-000000.tar",
        "test-000000.tar",
        "train-000000.tar",
    ]


def test_missing_splits_are_made_by_speaker_and_said(tmp_path, capsys):
    rows = [{key: value for key, value in row.items() if key != "split"} for row in good(tmp_path)]
    info = build(manifest(tmp_path, rows), tmp_path / "out")
    assert {split: len(part["speakers"]) for split, part in info["splits"].items()} == {"train": 4, "dev": 1, "test": 1}
    assert "split by speaker" in capsys.readouterr().out


def test_unlabelled_rows_are_kept_without_texts(tmp_path):
    rows = good(tmp_path)
    rows[0]["emotion"] = ""
    info = build(manifest(tmp_path, rows), tmp_path / "out")
    assert info["splits"]["train"]["emotions"] == {"happiness": 3, "unlabelled": 1}
    assert record_of(tmp_path / "out", "train", "a0").explicit is None


def test_ravdess_official_layout_is_read_from_file_names(tmp_path):
    for actor, emotion in ((1, "05"), (2, "02"), (21, "03"), (24, "08")):
        write(tmp_path / f"Actor_{actor:02d}" / f"03-01-{emotion}-01-02-01-{actor:02d}.wav", tone(actor, 1.5), 48_000)
    write(tmp_path / "Actor_01" / "notes.wav", tone(0, 0.5))
    info = build(tmp_path, tmp_path / "out", corpus="ravdess")
    assert {split: part["emotions"] for split, part in info["splits"].items()} == {
        "train": {"anger": 1},
        "dev": {"happiness": 1},
        "test": {"surprise": 1},
    }
    assert sorted(skips(tmp_path / "out").values()) == ["label_left_out", "unknown_file_name"]
    record = ShardIndex.load(tmp_path / "out", "test").read_record(0)
    assert (record.gender, record.transcript) == ("female", "Dogs are sitting by the door.")


def test_stretches_of_a_recording_with_votes_and_reader_options(tmp_path):
    """A Kaldi-style folder: two utterances of one file, in a split chosen on the command line."""
    write(tmp_path / "long.wav", np.concatenate([tone(1, 1.0), tone(5, 1.0)]))
    for name, text in (("wav.scp", "long long.wav\n"), ("segments", "a long 0 1\nb long 1 1.75\nc long 7 9\n")):
        (tmp_path / name).write_text(text)
    (tmp_path / "utt2emo").write_text("a A\nb T\nc T\n")
    options = ("--reader-option", "corpus=EMO-DB", "--reader-option", "split=dev", "--reader-option", "language=de")
    info = build(tmp_path, tmp_path / "out", *options, corpus="kaldi")
    assert info["splits"]["dev"]["emotions"] == {"sadness": 1, "fear": 1}
    index = ShardIndex.load(tmp_path / "out", "dev")
    first, second = (index.read_record(index.position(key)) for key in "ab")
    assert (first.duration, second.duration, first.language) == (1.0, 0.75, "de")
    assert first.attributes.pitch_hz != second.attributes.pitch_hz
    assert skips(tmp_path / "out") == {"c": "bad_segment"}


def test_votes_reach_the_shard(tmp_path):
    write(tmp_path / "a.wav", tone(1, 1.0))
    row = {"file": "a.wav", "emotion": "exc", "corpus": "IEMOCAP", "split": "test"}
    line = json.dumps(row | {"votes": {"Excited": 2, "Frustration": 1}})
    (tmp_path / "manifest.jsonl").write_text(line + "\n")
    build(tmp_path, tmp_path / "out", corpus="jsonl")
    record = ShardIndex.load(tmp_path / "out", "test").read_record(0)
    assert (record.emotion, record.votes) == ("happiness", {"happiness": 2, "other": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no manifest"),
        ("file,emotion\n", "lists no utterance"),
        ("path,emotion\na,b\n", "no column 'file'; its first line holds: path, emotion"),
        ("file,emotion\ngone.wav,happy\n", "no usable utterance"),
    ],
)
def test_an_unusable_corpus_ends_with_status_2_and_one_line(content, message, tmp_path, capsys):
    source = tmp_path / "manifest.csv"
    if content is not None:
        source.write_text(content)
    with pytest.raises(SystemExit) as stopped:
        main(["--corpus", "csv", "--data", str(source), "--out", str(tmp_path / "out"), "--workers", "1"])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "reason"),
    [({"file": "x.wav", "emotion": "grumpy"}, "unknown_label"), ({"file": "x.wav", "emotion": "sad"}, "missing_file")],
)
def test_strict_stops_at_the_first_bad_row_and_names_it(row, reason, tmp_path, capsys):
    source = manifest(tmp_path, [row, *good(tmp_path), row | {"file": "y.wav"}])
    with pytest.raises(SystemExit) as stopped:
        build(source, tmp_path / "out", "--strict")
    assert stopped.value.code == 2
    assert f"row 2: x: {reason}" in capsys.readouterr().err
    assert skips(tmp_path / "out") == {"x": reason}
    assert not (tmp_path / "out" / "info.json").exists()


def test_a_list_without_rows_is_in_the_ledger(tmp_path):
    (tmp_path / "manifest.csv").write_text("file,emotion\n")
    with pytest.raises(SystemExit):
        build(tmp_path / "manifest.csv", tmp_path / "out")
    assert skips(tmp_path / "out") == {"manifest.csv": "unusable_corpus"}


def test_a_failed_rebuild_leaves_the_finished_folder_with_its_ledger(tmp_path):
    source = manifest(tmp_path, good(tmp_path))
    build(source, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(SystemExit):
        build(manifest(tmp_path, [{"file": "x.wav", "emotion": "sad"}]), tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert "missing_file" in (tmp_path / "out.work" / "ledger.jsonl").read_text()


def test_the_command_line_uses_several_processes(tmp_path):
    source = manifest(tmp_path, good(tmp_path))
    command = [sys.executable, "-m", "tools.make_shards", "--corpus", "csv", "--data", str(source), "--workers", "2"]
    command += ["--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "nothing was left out" in done.stdout
    assert "utt/s" in done.stderr


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.make_shards", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("corpus", "message"), [("ravdess", "no folder"), ("demo", "python -m tools.make_demo_corpus")]
)
def test_a_missing_folder_ends_the_process_with_status_2_and_no_traceback(corpus, message, tmp_path):
    done = run("--corpus", corpus, "--data", str(tmp_path / "gone"), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--max-secnds", "20", "did you mean --max-seconds?"),
        ("--shard-utterances", "0", "not a whole number above zero"),
        ("--pitch-hop-ms", "0", "not a number above zero"),
        ("--min-seconds", "30", "--min-seconds 30 is not below --max-seconds 20"),
        ("--corpus", "iemocpa", "did you mean 'iemocap'?"),
        ("--pitch", "crepe", "invalid choice: 'crepe'"),
        ("--levels", "gender", "invalid choice: 'gender'"),
        ("--levels-form", "shards/x", "did you mean --levels-from?"),
        ("--levels-fewest", "0", "not a whole number above zero"),
        ("--periodicity", "-1", "not a number of zero or more"),
    ],
)
def test_a_wrong_option_says_what_is_right(option, value, message, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--corpus", "csv", "--data", "x", "--out", str(tmp_path / "out"), option, value])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_a_language_without_phonemes_is_said_and_counted(tmp_path, capsys):
    rows = good(tmp_path)
    rows[0]["language"] = "xx"
    info = build(manifest(tmp_path, rows), tmp_path / "out", "--name", "mine")
    assert info["unmeasured"]["speaking_rate"] == 1
    assert "no speaking rate for language xx" in capsys.readouterr().out
    assert (info["name"], info["synthetic"], len(info["labels"])) == ("mine", False, 7)
    assert "pace" not in record_of(tmp_path / "out", "train", "a0").explicit


def test_a_corpus_that_is_only_tested_brings_its_own_statistics(tmp_path):
    rows = [row | {"split": "test"} for row in good(tmp_path)]
    info = build(manifest(tmp_path, rows), tmp_path / "out")
    assert list(info["splits"]) == ["test"]
    assert info["statistics"]["loudness_lufs"]["count"] == 6


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--levels-from", "gone", "no gone/info.json; give a folder that tools.make_shards wrote"),
        ("--pitch-weights", "gone.pt", "no file of PENN weights gone.pt"),
        ("--device", "cuda:99", "no device 'cuda:99'"),
    ],
)
def test_what_measuring_needs_is_asked_before_the_corpus_is_read(option, value, message, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--corpus", "csv", "--data", "never read", "--out", str(tmp_path / "out"), option, value])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_a_test_set_takes_the_levels_of_training_shards(tmp_path, capsys):
    source = manifest(tmp_path, good(tmp_path))
    train = build(source, tmp_path / "train", "--levels", "speaker", "--levels-fewest", "2")
    assert sorted(name[-3:] for name in train["levels"]["fallbacks"]) == [f"/s{number}" for number in range(6)]
    loud = [row | {"split": "test"} for row in good(tmp_path)]
    for number in range(6):
        write(tmp_path / f"a{number}.wav", 5 * tone(number, 0.6))
    tested = build(manifest(tmp_path, loud), tmp_path / "test", "--levels-from", str(tmp_path / "train"))
    assert "of training split of train" in capsys.readouterr().out
    assert tested["statistics"] == train["statistics"]
    assert (tested["levels"]["by"], tested["levels"]["source"]) == ("speaker", "training split of train")
    index = ShardIndex.load(tmp_path / "test", "test")
    assert {index.read_record(position).levels.loudness for position in range(6)} == {"high"}


def test_shards_say_how_they_were_measured_and_hold_the_range_of_pitch(tmp_path):
    rows = good(tmp_path)
    write(tmp_path / "a0.wav", harmonic(150.0, 250.0, 1.0))
    info = build(manifest(tmp_path, rows), tmp_path / "out", "--periodicity", "0.2", "--pitch-hop-ms", "10")
    pitch = info["settings"]["pitch"]
    assert (pitch["backend"], pitch["periodicity"], pitch["hop_seconds"]) == ("penn", 0.2, 0.01)
    attributes = record_of(tmp_path / "out", "train", "a0").attributes
    assert attributes.pitch_range_hz == pytest.approx(90, rel=0.05)
    assert attributes.pitch_semitones == pytest.approx(34.2, abs=0.3)


def test_an_interrupted_rebuild_leaves_no_info_that_claims_the_folder_is_whole(tmp_path, monkeypatch):
    source = manifest(tmp_path, good(tmp_path))
    build(source, tmp_path / "out")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tools.building.packing.write_shard", killed)
    rows = [row | {"text": "dog"} for row in good(tmp_path)]
    with pytest.raises(KeyboardInterrupt):
        build(manifest(tmp_path, rows), tmp_path / "out")
    assert not (tmp_path / "out" / "info.json").exists()


def test_label_noise_makes_training_labels_wrong_before_their_texts_are_written(tmp_path):
    data, out = manifest(tmp_path, good(tmp_path)), tmp_path / "shards"
    assert "label_noise" not in build(data, out)["settings"]
    clean = {path.name: path.read_bytes() for path in out.glob("*.tar")}
    assert build(data, out, "--label-noise", "1")["settings"]["label_noise"] == 1
    for number in range(4):
        record = record_of(out, "train", f"a{number}")
        assert record.emotion != "happiness"
        assert record.emotion_original == "happy"
        assert record.emotion in record.explicit
    assert record_of(out, "test", "a5").emotion == "happiness"
    changed = {path.name for path in out.glob("*.tar") if path.read_bytes() != clean[path.name]}
    assert changed == {"train-000000.tar"}  # sound, levels, labels and texts of the test split are the very same bytes
