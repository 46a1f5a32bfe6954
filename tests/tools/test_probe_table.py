"""The whole table through its command: EmoBox lists and shards, upstreams of every family, bad audio, resuming."""

import json
from pathlib import Path

import pytest
import yaml

from c2ser_lightning.models.upstreams import UpstreamError
from tests.models.upstreams.checkpoints import write
from tests.shards import write_split
from tests.tools.probing.corpus import session, write_audio, write_emobox
from tools import probe_table
from tools.corpora.base import CorpusError
from tools.probing.settings import ProbeTable

SIZES = {
    "convolutions": [[16, 10, 5], [16, 3, 2], [16, 3, 2], [16, 3, 2], [16, 3, 2], [16, 2, 2], [16, 2, 2]],
    "embed_dim": 32,
    "prenet_depth": 1,
    "depth": 1,
    "heads": 4,
    "position_groups": 4,
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Three sessions, one file missing and one damaged; shards of three emotions; three upstreams."""
    folder = tmp_path_factory.mktemp("table")
    sessions = {number: session(number, 12) for number in (1, 2, 3)}
    emobox = write_emobox(folder / "toy", sessions)
    audio = write_audio(folder / "audio", [item for rows in sessions.values() for item in rows])
    (audio / "Session1" / "Ses01F_impro01_F000.wav").unlink()
    (audio / "Session2" / "Ses02F_impro01_F001.wav").write_bytes(b"damaged")
    for split, count in (("train", 14), ("dev", 7), ("test", 7)):
        write_split(folder / "shards", split, [0.3] * count)
    return {
        "out": str(folder / "out"),
        "upstreams": [
            {"name": "ours", "source": "emotion2vec:random", "random_config": SIZES},
            {"name": "wav2vec 2.0", "source": f"wav2vec2:{write('wav2vec2', folder)}"},
            {"name": "mel bands", "source": "mel"},
        ],
        "corpora": [
            {"name": "toy", "emobox": str(emobox), "audio": str(audio), "folds": "leave_one_session_out"},
            {"name": "tones", "shards": str(folder / "shards")},
        ],
        "protocol": {"epochs": 3, "hidden": [8], "batch_size": 8},
        "features": {"cache": str(folder / "cache"), "device": "cpu"},
    }


def config(settings, folder: Path, **changes) -> list[str]:
    path = folder / "table.yaml"
    path.write_text(yaml.safe_dump({**settings, **changes}))
    return ["--config", str(path)]


@pytest.fixture(scope="module")
def finished(settings, tmp_path_factory) -> Path:
    probe_table.main(config(settings, tmp_path_factory.mktemp("config")))
    return Path(settings["out"])


def test_table_json_bars_and_ledger_are_written(finished, settings):
    text = (finished / "table.md").read_text()
    for name in ("ours", "wav2vec 2.0", "mel bands"):
        assert text.count(f"| {name} |") == 2
    assert "leave one session out, 3 folds, 36 test utterances listed" in text
    assert "| 34 of 36 |" in text
    assert "Not the full test lists" in text.split("## tones")[0]
    assert "Not the full test lists" not in text.split("## tones")[1]
    toy, tones = json.loads((finished / "table.json").read_text())
    assert [fold["fold"] for fold in toy["rows"][0]["folds"]] == ["session 1", "session 2", "session 3"]
    assert len(toy["rows"][0]["folds"][0]["trials"]) == 2
    assert tones["rows"][0]["scores"]["ua"]["sd"] is None
    for corpus in ("toy", "tones"):
        assert (finished / f"recall-{corpus}.png").stat().st_size > 5_000
    skips = [json.loads(line) for line in (finished / "ledger.jsonl").read_text().splitlines()]
    assert {(skip["key"], skip["reason"]) for skip in skips} == {
        ("toy-Ses01F_impro01_F000", "missing_file"),
        ("toy-Ses02F_impro01_F001", "undecodable"),
    }


def test_counts_are_of_the_utterances_that_were_used(finished):
    toy, _ = json.loads((finished / "table.json").read_text())
    for row in toy["rows"]:
        for fold in row["folds"]:
            assert sum(map(sum, fold["counts"])) == fold["used"]["test"]
            assert sum(fold["used"].values()) == 34


def test_a_finished_table_is_not_computed_again_and_another_protocol_is(finished, settings, tmp_path, monkeypatch):
    folds = sorted((finished / "folds").rglob("*.json"))
    written = [path.stat().st_mtime_ns for path in folds]
    before = json.loads((finished / "table.json").read_text())
    probe_table.main(config(settings, tmp_path))
    assert [path.stat().st_mtime_ns for path in folds] == written
    assert json.loads((finished / "table.json").read_text()) == before
    monkeypatch.setattr("tools.probing.extraction.FeatureStore.write", None)
    changed = {**settings, "out": str(tmp_path / "other"), "upstreams": settings["upstreams"][:1]}
    probe_table.main([*config(changed, tmp_path), "--protocol.epochs", "1"])
    assert json.loads((tmp_path / "other" / "table.json").read_text())[0]["rows"][0]["folds"]


def test_test_labels_do_not_reach_the_choice_through_the_whole_command(finished, settings, tmp_path):
    """Give the test list of one fold false labels: everything chosen for that fold stays, its score does not."""
    before = json.loads((finished / "folds" / "tones" / "ours" / "shards.json").read_text())["outcome"]
    for split, count in (("train", 14), ("dev", 7)):
        write_split(tmp_path / "shards", split, [0.3] * count)
    write_split(tmp_path / "shards", "test", [0.3] * 7, emotion="fear")
    changed = {
        "out": str(tmp_path / "out"),
        "upstreams": settings["upstreams"][:1],
        "corpora": [{"name": "tones", "shards": str(tmp_path / "shards")}],
    }
    probe_table.main(config({**settings, **changed}, tmp_path))
    (after,) = json.loads((tmp_path / "out" / "table.json").read_text())[0]["rows"][0]["folds"]
    assert (after["trials"], after["chosen"]) == (before["trials"], before["chosen"])
    assert after["counts"] != before["counts"]


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"upstreams": [{"name": "x", "source": "wavlm:nowhere.pt"}]}, UpstreamError, "no checkpoint file"),
        ({"corpora": [{"name": "x", "emobox": "nowhere", "audio": "."}]}, CorpusError, "no EmoBox corpus folder"),
    ],
)
def test_what_is_missing_ends_with_one_line_before_anything_is_computed(changes, error, said, settings, tmp_path):
    changes = {**changes, "out": str(tmp_path / "out")}
    with pytest.raises(SystemExit, match=f"error: .*{said}"):
        probe_table.main(config(settings, tmp_path, **changes))
    assert not (tmp_path / "out").exists()
    assert error in probe_table.USER_ERRORS or issubclass(error, probe_table.USER_ERRORS)


def test_a_corpus_without_any_audio_says_so(settings, tmp_path):
    corpora = [{**settings["corpora"][0], "audio": str(tmp_path)}]
    with pytest.raises(SystemExit, match=r"no fold has usable audio.*36 missing_file"):
        probe_table.main(config(settings, tmp_path, corpora=corpora, out=str(tmp_path / "out")))


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ({"protocol": {"epoch": 3}}, "epochs"),
        ({"corpora": [{"name": "x", "shard": "y"}]}, "shards"),
        ({"upstreams": [{"name": "x", "sourc": "y"}]}, "source"),
        ({"featurs": {"cache": "x"}}, "features"),
    ],
)
def test_a_typo_names_the_right_key(typo, meant, settings, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        probe_table.parse(config(settings, tmp_path, **typo))
    assert stopped.value.code == 2
    assert f"Did you mean {meant!r}" in capsys.readouterr().err


def test_settings_that_contradict_each_other_are_refused(settings, tmp_path, capsys):
    twice = [settings["upstreams"][0]] * 2
    for changes, said in (
        ({"upstreams": twice}, "stands there twice"),
        ({"upstreams": []}, "nothing to probe"),
        ({"protocol": {"validation_share": 1.5}}, "not between 0 and 1"),
        ({"protocol": {"hidden": []}}, "at least one value"),
        ({"corpora": [{"name": "x"}]}, "either emobox"),
    ):
        with pytest.raises(SystemExit):
            probe_table.parse(config(settings, tmp_path, **changes))
        assert said in capsys.readouterr().err


def test_options_override_the_file(settings, tmp_path):
    table = probe_table.parse([*config(settings, tmp_path), "--protocol.epochs", "7", "--out", "elsewhere"])
    assert isinstance(table, ProbeTable)
    assert (table.protocol.epochs, table.protocol.hidden, table.out) == (7, [8], "elsewhere")
