import json
from dataclasses import replace

import numpy as np
import pytest

from c2ser_lightning.data.record import Attributes, Levels
from tests.shards import record, write_tar
from tests.tools.inspection.folders import (
    NO_LEVELS,
    build,
    changed,
    edit_info,
    found,
    places,
    sound_of,
    speech_like,
    utterances,
)
from tools.inspection.findings import KINDS, Findings
from tools.inspection.inspection import Inspection, InspectionError


@pytest.fixture
def folder(tmp_path):
    return build(tmp_path / "toy")


def test_a_clean_folder_has_nothing_to_find(folder):
    made = Inspection(folder)
    assert made.findings.names() == []
    assert (made.tally.total().utterances, len(made.tars)) == (35, 4)
    assert made.tally.total().hours == pytest.approx(35 * 0.5 / 3600)
    assert made.stored.name == "toy"


def test_nothing_to_inspect_is_said(tmp_path):
    with pytest.raises(InspectionError, match="does not exist"):
        Inspection(tmp_path / "nowhere")
    with pytest.raises(InspectionError, match="holds no shards"):
        Inspection(tmp_path)


# --- broken folders


def test_one_flipped_bit_of_a_sound_is_found(folder):
    tar = folder / "dev-000000.tar"
    data = bytearray(tar.read_bytes())
    data[4000] ^= 1
    tar.write_bytes(data)
    assert "checksum" in found(folder)
    assert places(folder, "checksum").startswith("dev-000000.tar")


def test_a_changed_checksum_in_info_is_found(folder):
    edit_info(folder, lambda info: info["splits"]["dev"]["shards"][0].update(sha256="0" * 64))
    assert found(folder) == ["checksum"]


@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_a_tar_that_was_cut_off_is_found(folder, keep):
    tar = folder / "train-000001.tar"
    tar.write_bytes(tar.read_bytes()[: int(tar.stat().st_size * keep)])
    names = found(folder)
    assert {"checksum", "damaged_tar", "counts"} <= set(names)
    assert "bytes instead of" in places(folder, "checksum")


def test_a_tar_without_its_end_only_is_found(folder):
    tar = folder / "dev-000000.tar"
    tar.write_bytes(tar.read_bytes().rstrip(b"\0"))
    assert "damaged_tar" in found(folder)


def test_a_damaged_header_is_not_taken_for_the_end(folder):
    tar = folder / "dev-000000.tar"
    data = bytearray(tar.read_bytes())
    third = data.index(b"ustar", data.index(b"ustar", data.index(b"ustar") + 5) + 5)
    data[third - 100] ^= 0xFF
    tar.write_bytes(data)
    assert "1 utterances could be read" in places(folder, "damaged_tar")


def test_missing_unlisted_and_left_over_shards_are_named(folder):
    (folder / "train-000001.tar").rename(folder / "train-000007.tar")
    (folder / "dev-000001.tar.partial").touch()
    assert {"missing_shard", "unlisted_shard", "no_index", "unfinished"} <= set(found(folder))
    assert places(folder, "missing_shard") == "train-000001.tar"
    assert places(folder, "unlisted_shard") == "train-000007.tar"
    assert places(folder, "unfinished") == "dev-000001.tar.partial"


def _swap_first_rows(lines):
    lines[1], lines[2] = lines[2], lines[1]


def _drop_last_row(lines):
    lines.pop()


def _another_size(lines):
    lines[0] = json.dumps({"version": 1, "tar_bytes": 5})


def _no_json(lines):
    lines[0] = "{"


@pytest.mark.parametrize("damage", [_swap_first_rows, _drop_last_row, _another_size, _no_json])
def test_an_index_that_does_not_fit_its_tar_is_found(folder, damage):
    path = folder / "train-000000.index.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    damage(lines)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert found(folder) == ["index"]


def test_a_missing_index_is_a_warning(folder):
    (folder / "dev-000000.index.jsonl").unlink()
    assert found(folder) == ["no_index"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda info: info.pop("statistics"), "statistics is missing"),
        (lambda info: info["splits"]["dev"].update(utterances="7"), "splits.dev: utterances is of type str"),
        (lambda info: info["splits"]["dev"].update(utterances=True), "utterances is of type bool"),
        (lambda info: info["splits"]["dev"]["shards"][0].pop("sha256"), "shards: sha256 is missing"),
        (lambda info: info["labels"].reverse(), "class ids would be mixed up"),
        (lambda info: info["statistics"].pop("pitch_hz"), "holds no statistics of levels"),
    ],
)
def test_an_info_that_does_not_fit_the_schema_is_found(folder, change, said):
    edit_info(folder, change)
    assert "info" in found(folder)
    assert said in places(folder, "info")


def test_a_missing_or_unreadable_info_is_found(folder):
    (folder / "info.json").write_text("[]")
    assert "holds a list" in places(folder, "info")
    (folder / "info.json").write_text("{")
    assert "not JSON" in places(folder, "info")
    (folder / "info.json").unlink()
    assert found(folder) == ["info"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda dev: dev.update(utterances=8), "dev: utterances: said 8, found 7"),
        (lambda dev: dev.update(hours=1.0), "dev: hours: said 1.0, found 0.0010"),
        (lambda dev: dev["emotions"].update(anger=5), "dev: emotions: anger: said 5, found 1"),
        (lambda dev: dev["languages"].update(zh=1), "dev: languages: zh: said 1, found 0"),
        (lambda dev: dev["speakers"].append("ghost"), "1 not found ['ghost']"),
        (lambda dev: dev["shards"][0].update(utterances=9), "dev-000000.tar: utterances: said 9, found 7"),
    ],
)
def test_counts_that_differ_are_named(folder, change, said):
    edit_info(folder, lambda info: change(info["splits"]["dev"]))
    assert found(folder) == ["counts"]
    assert said in places(folder, "counts")


def test_a_ledger_that_disagrees_or_is_damaged_is_found(folder):
    (folder / "ledger.jsonl").write_text('{"key": "a", "reason": "silent"}\n')
    assert found(folder) == ["ledger"]
    (folder / "ledger.jsonl").write_text("broken\n")
    assert "no ledger" in places(folder, "ledger")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"duration": "long"}, "duration is 'long'"),
        ({"duration": 0.7}, "its sound lasts 0.5000"),
        ({"speaker": 3}, "speaker is 3, no text"),
        ({"language": ""}, "language is empty"),
        ({"levels": Levels("very high", "low", "low")}, "levels.pitch is 'very high'"),
        ({"attributes": Attributes("100", -20.0, 9.0)}, "attributes.pitch_hz is '100'"),
        ({"votes": {"anger": -1}}, "votes has 'anger': -1"),
        ({"votes": [1]}, "votes is [1]"),
        ({"split": "test"}, "its split is 'test', in a shard of 'dev'"),
        ({"key": "other"}, "its key is 'other'"),
        ({"typo": 1}, "unexpected keyword argument 'typo'"),
        ({"emotion": "joy"}, "emotion 'joy' is none of"),
    ],
)
def test_a_record_that_does_not_fit_the_schema_is_found(tmp_path, changes, said):
    from c2ser_lightning.data.audio import encode_flac

    item = record(1, 0.5, split="dev", attributes=Attributes(100.0, -20.0, 9.0))
    content = json.loads(item.to_json())
    content.update(
        json.loads(json.dumps(changes, default=lambda value: {n: getattr(value, n) for n in value.__slots__}))
    )
    members = [("utt001.flac", encode_flac(sound_of(item))), ("utt001.json", json.dumps(content).encode())]
    write_tar(tmp_path / "dev-000000.tar", members, index=False)
    assert said in places(tmp_path, "record")


def test_members_that_are_missing_or_undecodable_are_named(tmp_path):
    item = record(1, 0.5, split="dev")
    text = item.to_json().encode()
    other = replace(item, key="utt002").to_json().encode()
    members = [("utt001.json", text), ("utt002.flac", b"noise"), ("utt002.json", other), ("utt003.flac", b"")]
    write_tar(tmp_path / "dev-000000.tar", members, index=False)
    assert "utt001: no .flac" in places(tmp_path, "missing_member")
    assert "utt003: no .json" in places(tmp_path, "missing_member")
    assert "utt002: cannot be decoded" in places(tmp_path, "audio")


def test_two_utterances_of_one_key_are_found(tmp_path):
    records = utterances()
    records[3] = replace(records[3], key=records[4].key)
    assert "utt004 (sadness) = train-000000.tar: utt004 (surprise)" in places(build(tmp_path, records), "key_twice")


# --- warnings


def test_the_same_sound_in_two_splits_comes_first(tmp_path):
    records = utterances()
    twin = sound_of(records[0])
    speakers = {"train0": "everywhere", "dev1": "everywhere"}
    records = [replace(item, speaker=speakers.get(item.speaker, item.speaker)) for item in records]
    folder = build(tmp_path, records, sounds={"utt002": twin, "utt023": twin, "utt004": sound_of(records[5])})
    assert found(folder) == ["duplicate_across_splits", "speaker_in_two_splits", "duplicate_in_split"]
    across = places(folder, "duplicate_across_splits")
    assert all(key in across for key in ("train-000000.tar: utt000", "utt002", "dev-000000.tar: utt023"))
    assert "utt004 (surprise) = train-000000.tar: utt005 (disgust)" in places(folder, "duplicate_in_split")
    assert places(folder, "speaker_in_two_splits").startswith("toy/everywhere: 11 in train, ")


def test_a_sound_met_many_times_is_named_a_few_times(tmp_path):
    wave = speech_like()
    folder = build(tmp_path, sounds={f"utt{number:03d}": wave for number in range(21)})
    assert found(folder) == ["duplicate_in_split"]
    said = places(folder, "duplicate_in_split")
    assert (said.count("utt0"), said.endswith(" and 17 more")) == (4, True)


def test_speakers_without_a_name_are_not_one_speaker(tmp_path):
    assert found(build(tmp_path, [replace(item, speaker="unknown") for item in utterances()])) == []


def test_labels_out_of_balance(tmp_path):
    records = [replace(item, emotion="anger" if item.split == "train" and n != 1 else item.emotion)
               for n, item in enumerate(utterances())]  # fmt: skip
    folder = build(tmp_path, records)
    assert found(folder) == ["label_skew"]
    said = places(folder, "label_skew")
    assert "train: 20 anger, 1 happiness: 20 to 1" in said
    assert "train: no disgust, no fear, no neutral, no sadness, no surprise" in said


def test_unlabelled_speech_is_no_skew(tmp_path):
    records = [replace(item, emotion=None) if item.split == "dev" else item for item in utterances()]
    assert found(build(tmp_path, records)) == []


def test_clipped_sound(tmp_path):
    loud = np.clip(3 * sound_of(utterances()[3]), -0.5, 0.5)
    folder = build(tmp_path, sounds={"utt003": loud})
    assert found(folder) == ["clipping"]
    assert "utt003: " in places(folder, "clipping")
    assert "flat tops at -6.0 dBFS" in places(folder, "clipping")


@pytest.mark.parametrize("factor", [0.0, 0.01])
def test_silent_sound(tmp_path, factor):
    folder = build(tmp_path, sounds={"utt003": factor * speech_like()})
    assert found(folder) == ["silence"]


def test_sound_that_is_silent_but_for_a_click(tmp_path):
    wave = 0.0005 * speech_like()
    wave[4000:4100] = 0.5 * np.sin(np.arange(100))
    folder = build(tmp_path, sounds={"utt003": wave})
    assert found(folder) == ["silence"]
    assert "4% of 0.5 s sounds" in places(folder, "silence")


def test_transcript_too_long_for_its_sound(tmp_path):
    folder = build(tmp_path, changed(3, transcript="a whole paragraph in half a second", speaker="train1"))
    assert found(folder) == ["transcript_too_long"]
    assert "28 letters in 0.5 s" in places(folder, "transcript_too_long")


def test_attributes_and_levels_missing(tmp_path):
    folder = build(tmp_path / "a", changed(3, attributes=Attributes(None, -27.0, None)))
    assert found(folder) == ["attributes_missing"]
    assert places(folder, "attributes_missing") == "train: utt003: pitch_hz, speaking_rate"
    folder = build(
        tmp_path / "b", finish=lambda item: replace(item, levels=NO_LEVELS) if item.key == "utt003" else item
    )
    assert found(folder) == ["levels_missing"]
    assert places(folder, "levels_missing") == "train: utt003: pitch, loudness, rate"


def test_levels_other_than_the_statistics_give(tmp_path):
    wrong = Levels("low", "low", "low")
    folder = build(tmp_path, finish=lambda item: replace(item, levels=wrong) if item.key == "utt003" else item)
    assert found(folder) == ["levels_differ"]


def test_texts_missing(tmp_path):
    folder = build(tmp_path, changed(3, explicit=None, implicit=""))
    assert found(folder) == ["texts_missing"]
    assert places(folder, "texts_missing") == "train: utt003: no explicit and no implicit text"


def test_what_was_left_out_and_left_to_the_template(tmp_path):
    texts = {"explicit": {"asked": 35, "fallbacks": 3}, "implicit": {"asked": 35, "fallbacks": 0}}
    teacher = {"teacher": "chat model", "texts": texts}
    folder = build(tmp_path, left_out={"silent": 2, "too_long": 5}, teacher=teacher)
    assert found(folder) == ["left_out", "teacher_fallback"]
    assert set(places(folder, "left_out").split("; ")) == {"2 silent", "5 too_long"}
    assert places(folder, "teacher_fallback") == "explicit: 3 of 35 that chat model was asked for"


def test_sound_of_another_format(tmp_path):
    import io

    import soundfile

    item = record(1, 0.5, split="dev", attributes=Attributes(100.0, -20.0, 9.0))
    buffer = io.BytesIO()
    soundfile.write(buffer, np.stack([speech_like(), speech_like(seed=1)], 1), 16_000, format="WAV")
    members = [("utt001.flac", buffer.getvalue()), ("utt001.json", item.to_json().encode())]
    write_tar(tmp_path / "dev-000000.tar", members)
    assert "16000 Hz, 2 channels" in places(tmp_path, "sound_format")


def test_many_places_are_counted_and_few_kept():
    findings = Findings()
    for number in range(100):
        findings.add("clipping", str(number))
    (one,) = findings
    assert (one.count, len(one.places), one.more) == (100, 12, 88)
    findings.add("left_out", "31 too_long", count=31)
    assert [(one.count, one.more) for one in findings][1] == (31, 0)
    with pytest.raises(KeyError):
        findings.add("cliping", "")


def test_kinds_are_named_once_errors_first():
    names = [kind.name for kind in KINDS]
    severities = [kind.severity for kind in KINDS]
    assert len(set(names)) == len(names)
    assert severities == sorted(severities)
    assert names[severities.index("warning")] == "duplicate_across_splits"
