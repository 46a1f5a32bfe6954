"""How hard the demo corpus is for a simple classifier: neither trivial nor hopeless, and not solved by wording."""

import csv

import numpy as np
import pytest
from scipy.fft import dct
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from c2ser_lightning.data.audio import SAMPLE_RATE, load_audio
from tools.make_demo_corpus import main

pytestmark = pytest.mark.slow
WINDOW, HOP = 640, 160


def frames(waveform):
    return np.lib.stride_tricks.sliding_window_view(waveform, WINDOW)[::HOP]


def log_f0(framed):
    """Octaves above 1 Hz of the frames whose normalised autocorrelation has a clear peak between 60 and 500 Hz."""
    power = np.abs(np.fft.rfft(framed * np.hanning(WINDOW), 2 * WINDOW)) ** 2
    correlation = np.fft.irfft(power)
    shortest, longest = SAMPLE_RATE // 500, SAMPLE_RATE // 60
    lags = correlation[:, shortest:longest].argmax(axis=1) + shortest
    clear = correlation[np.arange(len(lags)), lags] > 0.5 * correlation[:, 0]
    return np.log2(SAMPLE_RATE / lags[clear])


def cepstra(framed):
    edges = np.linspace(0, 1, 28) ** 1.7 * (SAMPLE_RATE / 2)
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    triangles = np.stack([np.interp(bins, edges[i : i + 3], [0, 1, 0]) for i in range(26)])
    power = np.abs(np.fft.rfft(framed * np.hanning(WINDOW))) ** 2
    return dct(np.log(power @ triangles.T + 1e-8), norm="ortho")[:, :13]


def features(waveform):
    framed = frames(waveform)
    level = 10 * np.log10((framed**2).mean(axis=1) + 1e-10)
    loud = level > level.max() - 25
    pitch = log_f0(framed[loud])
    pitch = pitch if len(pitch) > 3 else np.array([7.0, 7.0])
    inside = loud[np.flatnonzero(loud)[0] : np.flatnonzero(loud)[-1]]
    sound = [pitch.mean(), pitch.std(), *np.percentile(pitch, [5, 95]), level[loud].mean(), level[loud].std()]
    spectrum = cepstra(framed[loud])
    return np.array([*sound, len(waveform) / SAMPLE_RATE, 1 - inside.mean(), *spectrum.mean(0), *spectrum.std(0)])


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    main(["--out", str(folder)])
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        return folder, list(csv.DictReader(file))


def recall(classifier, inputs, rows):
    """Unweighted recall on the test voices after fitting on the training voices."""
    labels = np.array([row["emotion"] for row in rows])
    train, test = (np.array([row["split"] == split for row in rows]) for split in ("train", "test"))
    classifier.fit(inputs[train], labels[train])
    return balanced_accuracy_score(labels[test], classifier.predict(inputs[test]))


def test_sound_tells_most_emotions_of_unheard_voices_but_not_all(spoken):
    folder, rows = spoken
    inputs = np.stack([features(load_audio(folder / row["file"])) for row in rows])
    # Wide on purpose: with other usual features the same classifier came out 0.08 higher on the same recordings.
    assert 0.75 <= recall(make_pipeline(StandardScaler(), SVC(C=5)), inputs, rows) <= 0.95


def test_wording_helps_but_does_not_tell(spoken):
    rows = spoken[1]
    texts = np.array([row["text"] for row in rows])
    words = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 4)), LogisticRegression(C=30, max_iter=3000))
    assert 0.25 <= recall(words, texts, rows) <= 0.55


def test_utterances_are_of_usual_length(spoken):
    seconds = np.array([float(row["duration_s"]) for row in spoken[1]])
    assert seconds.min() > 0.7
    assert seconds.max() < 6.5
    assert np.mean((seconds >= 1) & (seconds <= 4)) > 0.95
