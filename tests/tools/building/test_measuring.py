from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from c2ser_lightning.data.audio import SAMPLE_RATE, decode_audio
from tests.tools.building.corpus import manifest_rows
from tests.tools.sounds import harmonic
from tools.attributes.pitch import PitchSettings
from tools.building import measuring
from tools.building.engine import ThisProcess
from tools.building.measuring import AnnotationSettings, Decoded, Unusable, decode, measure_units, read_measured
from tools.building.planning import Unit
from tools.building.row_file import write_rows
from tools.building.work_folder import open_work_folder

SETTINGS = AnnotationSettings()


def measured(folder, rows, settings=SETTINGS):
    """What is on disk after measuring the rows in units of three."""
    with open_work_folder(folder / "out") as work:
        units = []
        for number, start in enumerate(range(0, len(rows), 3)):
            part = rows[start : start + 3]
            write_rows(work.rows(number), part)
            units.append(Unit(number, len(part), f"unit{number}"))
        skips = [skip for _, named in measure_units(units, work, settings, ThisProcess()) for skip in named]
        outcomes = [one for unit in units for one in read_measured(work.measured(unit.key))]
        sounds = [work.sound(unit.key).read_bytes() for unit in units]
    return outcomes, sounds, skips


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    made = manifest_rows(folder, 8)
    made[2].audio.write_text("no sound")
    for number in (0, 5):
        soundfile.write(made[number].audio, harmonic(120.0 + 10 * number, 160.0, 0.5), SAMPLE_RATE)
    return made


def test_clips_lie_where_they_are_said_to(rows, tmp_path):
    outcomes, sounds, skips = measured(tmp_path, rows)
    assert [(skip.key, skip.reason, skip.source) for skip in skips] == [("a002", "undecodable", "row 2")]
    for number, (row, one) in enumerate(zip(rows, outcomes, strict=True)):
        if number == 2:
            assert isinstance(one, Unusable)
            continue
        data = sounds[number // 3][one.clip.offset : one.clip.offset + one.clip.size]
        expected, _ = soundfile.read(row.audio, dtype="float32")
        assert np.abs(decode_audio(data) - expected).max() <= 1 / 32_768
        assert one.seconds == round(len(expected) / SAMPLE_RATE, 4)
    assert outcomes[0].attributes.pitch_hz == pytest.approx(140, rel=0.02)


def test_clips_at_once_do_not_change_a_digit(rows, tmp_path, monkeypatch):
    together = measured(tmp_path, rows)
    monkeypatch.setattr(measuring, "CLIPS_AT_ONCE", 1)
    assert measured(tmp_path, rows) == together


def test_with_a_gpu_others_decode_and_this_process_measures_pitch(rows, tmp_path, monkeypatch):
    """The way of a GPU, on the processor: only the question for the device is answered differently."""
    expected, asked = measured(tmp_path, rows), []
    monkeypatch.setattr(AnnotationSettings, "on_gpu", property(lambda _: True))
    monkeypatch.setattr(measuring, "measure_unit", lambda *_: asked.append("whole unit elsewhere"))
    assert measured(tmp_path, rows) == expected
    assert not asked


def test_this_process_keeps_its_threads(rows, tmp_path):
    torch.set_num_threads(2)
    measured(tmp_path, rows[:1])
    assert torch.get_num_threads() == 2


def test_a_clip_of_any_length_is_measured(tmp_path):
    """Lengths at which a block of BS.1770 rounds up to more than the clip."""
    path = tmp_path / "a.wav"
    for samples in (2007, 3999, 6399):
        soundfile.write(path, harmonic(200.0, 200.0, 1.0)[:samples], SAMPLE_RATE)
        made = decode(path, AnnotationSettings(min_seconds=0.1))
        assert isinstance(made, Decoded)
        assert made.attributes.loudness_lufs is not None


def test_the_recipe_is_of_what_is_measured_and_not_of_where_weights_lie(tmp_path):
    for name, content in (("a.pt", b"1"), ("b.pt", b"1"), ("c.pt", b"2")):
        (tmp_path / name).write_bytes(content)
    by_weights = [
        replace(SETTINGS, pitch=PitchSettings(weights=str(tmp_path / name))) for name in ("a.pt", "b.pt", "c.pt")
    ]
    first, same, other = (settings.recipe() for settings in by_weights)
    assert first == same
    changed = [
        replace(SETTINGS, max_seconds=10.0),
        replace(SETTINGS, pitch=PitchSettings(hop_seconds=0.01)),
        replace(SETTINGS, pitch=PitchSettings(backend="swift")),
    ]
    recipes = [SETTINGS.recipe(), first, other, *(settings.recipe() for settings in changed)]
    assert len(set(recipes)) == len(recipes)
