import os
import sys

import numpy as np
import pytest
import soundfile

from c2ser_lightning.data.audio import AudioError, load_audio
from tests.tools.corpora.miniature import speak
from tests.tools.sounds import sine
from tools.corpora.recording import Segment, load_recording, recording_seconds


def test_a_file_is_what_load_audio_reads(tmp_path):
    path = speak(tmp_path / "a.wav")
    assert np.array_equal(load_recording(path), load_audio(path))
    assert recording_seconds(path) == 0.5


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize(("start", "end"), [(0.0, 0.5), (0.25, 1.0), (1.5, None), (1.0, 9.0)])
def test_a_segment_holds_exactly_its_samples(tmp_path, suffix, start, end):
    path = tmp_path / f"a.{suffix}"
    samples = np.random.default_rng(0).integers(-3000, 3000, 32_000) / 32768
    soundfile.write(path, samples, 16_000)
    wanted = load_audio(path)[round(start * 16_000) : None if end is None else round(end * 16_000)]
    segment = Segment(path, start, end)
    assert np.array_equal(load_recording(segment), wanted)
    if end != 9.0:
        assert recording_seconds(segment) == pytest.approx(len(wanted) / 16_000)


def test_a_segment_of_stereo_at_another_rate(tmp_path):
    left, right = sine(300.0, 3.0), np.zeros(48_000, np.float32)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), 48_000)
    cut = load_recording(Segment(tmp_path / "a.wav", 0.25, 0.75))
    assert len(cut) == 8_000
    assert np.abs(cut).max() == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize(
    ("start", "end", "reason"), [(3.0, 4.0, "bad_segment"), (1.0, 0.5, "bad_segment"), (0.0, 0.05, "too_short")]
)
def test_a_segment_that_cannot_be(tmp_path, start, end, reason):
    with pytest.raises(AudioError) as wrong:
        load_recording(Segment(speak(tmp_path / "a.wav", 2.0), start, end))
    assert wrong.value.reason == reason


@pytest.mark.parametrize(
    "made", [lambda path: path, lambda path: Segment(path, 0.0, 1.0), lambda path: Segment(path, 0.0)]
)
def test_what_is_missing_or_no_sound(tmp_path, made):
    for load in (load_recording, recording_seconds):
        with pytest.raises(AudioError) as wrong:
            load(made(tmp_path / "gone.wav"))
        assert wrong.value.reason == "missing_file"
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(AudioError) as wrong:
        load_recording(made(tmp_path / "a.wav"))
    assert wrong.value.reason == "undecodable"


def test_a_video_without_ffmpeg_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.mp4").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AudioError, match="install ffmpeg, or convert it to WAV") as wrong:
        load_recording(tmp_path / "a.mp4")
    assert wrong.value.reason == "no_ffmpeg"


STAND_IN = """#!{python}
import shutil, sys
source, target = sys.argv[sys.argv.index("-i") + 1], sys.argv[-1]
if open(source, "rb").read(4) != b"RIFF":
    sys.exit("moov atom not found")
shutil.copy(source, target)
"""


def test_a_video_goes_through_ffmpeg(tmp_path, monkeypatch):
    """A program of that name stands in for ffmpeg, which machines without video do not have."""
    program = tmp_path / "ffmpeg"
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    speak(tmp_path / "a.wav", 2.0).rename(tmp_path / "a.mp4")
    assert len(load_recording(tmp_path / "a.mp4")) == 32_000
    assert recording_seconds(tmp_path / "a.mp4") == 2.0
    assert len(load_recording(Segment(tmp_path / "a.mp4", 0.5, 1.0))) == 8_000
    (tmp_path / "b.mp4").write_text("broken")
    with pytest.raises(AudioError, match=r"ffmpeg cannot read .*: moov atom not found") as wrong:
        load_recording(tmp_path / "b.mp4")
    assert wrong.value.reason == "undecodable"
