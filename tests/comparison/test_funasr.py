"""SenseVoice's and emotion2vec's classes as FunASR builds them, from tiny folders; skipped without the extra."""

import importlib.util
import logging
import sys

import pytest
import torch
import yaml

from c2ser_lightning.cli import run
from c2ser_lightning.comparison import ComparisonError, Emotion2VecPlusRecognizer, SenseVoiceRecognizer
from c2ser_lightning.comparison.funasr import labels_of
from c2ser_lightning.comparison.sense_voice import TAGS, emotion_tag, without_tags
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.models.emotion2vec.checkpoint import load_released_checkpoint
from c2ser_lightning.report.results import Result
from tests.comparison.test_qwen2_audio import alone
from tests.conftest import ROOT
from tests.shards import write_split
from tests.tiny import batch
from tests.tiny_runs import TRAINER

SECONDS = [0.5, 2.2, 0.9, 1.3]
needs_funasr = pytest.mark.skipif(
    importlib.util.find_spec("funasr") is None, reason="needs FunASR: pip install 'c2ser_lightning[funasr]'"
)


def built(kind, folder, **settings):
    made = kind(str(folder), **settings)
    made.configure_model()
    return made


def test_tags_and_labels_are_read():
    text = "<|en|><|HAPPY|><|Speech|><|woitn|>so it is"
    assert (emotion_tag(text), without_tags(text)) == ("<|HAPPY|>", "so it is")
    assert emotion_tag("<|zh|><|EMO_UNKNOWN|><|BGM|>") == "<|EMO_UNKNOWN|>"
    assert emotion_tag("<|nospeech|><|Event_UNK|>") == ""
    assert set(TAGS) == set(EMOTIONS)
    assert labels_of(["生气/angry", "Happy", "<unk>"]) == ["angry", "happy", "<unk>"]


def test_without_funasr_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "funasr", None)
    for kind in (SenseVoiceRecognizer, Emotion2VecPlusRecognizer):
        with pytest.raises(ComparisonError, match=r"pip install 'c2ser_lightning\[funasr\]'"):
            kind("somewhere").configure_model()


@pytest.fixture(scope="module")
def emotion2vec(tmp_path_factory):
    from tests.comparison.funasr_folders import emotion2vec_plus_folder

    return emotion2vec_plus_folder(tmp_path_factory.mktemp("funasr") / "plus")


@pytest.fixture(scope="module")
def sense_voice(tmp_path_factory):
    from tests.comparison.funasr_folders import sense_voice_folder

    return sense_voice_folder(tmp_path_factory.mktemp("funasr") / "sense", bias=dict.fromkeys(["SAD", "HAPPY"], 4.0))


@pytest.fixture(scope="module")
def talkative(tmp_path_factory):
    from tests.comparison.funasr_folders import sense_voice_folder

    return sense_voice_folder(tmp_path_factory.mktemp("funasr") / "talkative")


@needs_funasr
@torch.no_grad()
def test_emotion2vec_plus_is_the_classifier_on_our_own_encoder(emotion2vec):
    """The same weights in this project's encoder, averaged over frames and multiplied by hand."""
    data = batch(SECONDS)
    weights = torch.load(emotion2vec / "model.pt", weights_only=True)["model"]
    encoder = load_released_checkpoint(emotion2vec / "model.pt")[0].eval()
    rows = built(Emotion2VecPlusRecognizer, emotion2vec, answering="score").recognize(data, EMOTIONS)
    named = built(Emotion2VecPlusRecognizer, emotion2vec).recognize(data, EMOTIONS)
    columns = {"anger": 0, "happiness": 3, "neutral": 4, "sadness": 6, "surprise": 7, "disgust": 1, "fear": 2}
    for place, row in enumerate(rows):
        frames = encoder.extract_features(data.waveforms[place : place + 1, : data.lengths[place]]).frames[0]
        scores = frames.mean(0) @ weights["proj.weight"].T
        expected = scores[list(columns.values())].softmax(0)
        assert list(row.probabilities) == list(EMOTIONS) == list(columns)
        torch.testing.assert_close(torch.tensor(list(row.probabilities.values())), expected, atol=1e-4, rtol=1e-3)
        best = {**{place: name for name, place in columns.items()}, 5: None, 8: None}[int(scores.argmax())]
        assert named[place].predicted == best


@needs_funasr
def test_the_processs_own_logging_is_left_alone(emotion2vec, capfd):
    root = logging.getLogger()
    before = (root.level, list(root.handlers), root.manager.disable)
    built(Emotion2VecPlusRecognizer, emotion2vec).recognize(batch([0.5]), EMOTIONS)
    assert (root.level, list(root.handlers), root.manager.disable) == before
    said = "".join(capfd.readouterr())
    assert "ckpt" not in said
    assert "ffmpeg" not in said


@needs_funasr
def test_a_class_outside_the_label_set_is_unparsed_unless_labels_are_scored(tmp_path):
    from tests.comparison.funasr_folders import LABELS, emotion2vec_plus_folder

    folder = emotion2vec_plus_folder(tmp_path / "other")
    content = torch.load(folder / "model.pt", weights_only=True)
    for label in ("其他/other", "难过/sad"):
        content["model"]["proj.bias"] = torch.zeros(9)
        content["model"]["proj.bias"][LABELS.index(label)] = 1e3
        torch.save(content, folder / "model.pt")
        row = built(Emotion2VecPlusRecognizer, folder).recognize(batch([0.5]), ("anger", "fear"))[0]
        assert (row.predicted, row.answer, row.probabilities) == (None, label.partition("/")[2], None)
        row = built(Emotion2VecPlusRecognizer, folder, answering="score").recognize(batch([0.5]), ("anger", "fear"))[0]
        assert row.predicted in {"anger", "fear"}
        assert sum(row.probabilities.values()) == pytest.approx(1.0)


@needs_funasr
def test_a_label_set_beyond_the_classes_is_refused(tmp_path):
    from tests.comparison.funasr_folders import LABELS, emotion2vec_plus_folder

    folder = emotion2vec_plus_folder(tmp_path / "few", labels=[label for label in LABELS if "fear" not in label])
    system = built(Emotion2VecPlusRecognizer, folder)
    assert system.recognize(batch([0.5]), ("anger", "sadness"))
    with pytest.raises(ComparisonError, match=r"few has no label for fear, .* data\.init_args\.emotions"):
        system.recognize(batch([0.5]), EMOTIONS)


@needs_funasr
@pytest.mark.parametrize("answering", ["tag", "score"])
def test_sense_voice_answers_alike_in_a_batch_alone_and_again(talkative, answering):
    system, data = built(SenseVoiceRecognizer, talkative, answering=answering), batch(SECONDS)
    together = system.recognize(data, EMOTIONS)
    assert len({row.heard for row in together}) == len(SECONDS)
    assert [row.heard for row in system.recognize(data, EMOTIONS)] == [row.heard for row in together]
    for place, row in enumerate(together):
        single = system.recognize(alone(data, place), EMOTIONS)[0]
        assert (single.predicted, single.heard, single.answer) == (row.predicted, row.heard, row.answer)
        if answering == "score":
            assert single.probabilities == pytest.approx(row.probabilities, abs=1e-5)
            assert sum(row.probabilities.values()) == pytest.approx(1.0, abs=1e-5)


@needs_funasr
@torch.no_grad()
def test_scores_are_read_where_sense_voice_writes_the_tag(sense_voice):
    """The tag of a text and the largest score must name the same emotion whenever a tag stands in second place."""
    data = batch(SECONDS)
    tagged = built(SenseVoiceRecognizer, sense_voice).recognize(data, EMOTIONS)
    scored = built(SenseVoiceRecognizer, sense_voice, answering="score").recognize(data, EMOTIONS)
    assert {row.predicted for row in tagged} <= {"sadness", "happiness"}
    system = built(SenseVoiceRecognizer, sense_voice)
    for place, row in enumerate(scored):
        seen = {}
        watching = system.model.ctc.ctc_lo.register_forward_hook(lambda *call, kept=seen: kept.update(logits=call[-1]))
        system.infer(alone(data, place))
        watching.remove()
        logits = seen["logits"][0, 1]
        ids = [system.tokenizer.sp.PieceToId(TAGS[emotion]) for emotion in EMOTIONS]
        expected = dict(zip(EMOTIONS, logits[ids].softmax(0).tolist(), strict=True))
        assert row.probabilities == pytest.approx(expected, abs=1e-5)


@needs_funasr
def test_unknown_is_unparsed_unless_it_is_banned(tmp_path):
    from tests.comparison.funasr_folders import sense_voice_folder

    folder = sense_voice_folder(tmp_path / "unknown", bias={"EMO_UNKNOWN": 60.0, "SAD": 30.0})
    row = built(SenseVoiceRecognizer, folder).recognize(batch([0.5]), EMOTIONS)[0]
    assert (row.predicted, row.answer, row.heard) == (None, "<|EMO_UNKNOWN|>", "")
    row = built(SenseVoiceRecognizer, folder, ban_emo_unk=True).recognize(batch([0.5]), EMOTIONS)[0]
    assert (row.predicted, row.answer) == ("sadness", "<|SAD|>")
    row = built(SenseVoiceRecognizer, folder, ban_emo_unk=True).recognize(batch([0.5]), ("anger", "fear"))[0]
    assert (row.predicted, row.answer) == (None, "<|SAD|>")
    row = built(SenseVoiceRecognizer, folder, answering="score").recognize(batch([0.5]), ("anger", "fear"))[0]
    assert row.predicted in {"anger", "fear"}


@needs_funasr
def test_a_vocabulary_without_a_tag_is_refused(tmp_path):
    from tests.comparison.funasr_folders import TAGS as KNOWN
    from tests.comparison.funasr_folders import sense_voice_folder

    tags = [tag if tag != "FEARFUL" else "NOTHING" for tag in KNOWN]
    system = built(SenseVoiceRecognizer, sense_voice_folder(tmp_path / "few", tags=tags))
    with pytest.raises(ComparisonError, match="has no label for fear"):
        system.recognize(batch([0.5]), EMOTIONS)


@needs_funasr
def test_weights_that_would_be_random_are_refused(tmp_path, emotion2vec, sense_voice):
    from tests.comparison.funasr_folders import emotion2vec_plus_folder

    with pytest.raises(ComparisonError, match=r"lacks 2 weights of the model, such as proj\.weight"):
        built(Emotion2VecPlusRecognizer, emotion2vec_plus_folder(tmp_path / "headless", without=r"^proj\."))
    for place, missing in (("gone", "model.pt"), ("empty", "config.yaml")):
        folder = emotion2vec_plus_folder(tmp_path / place)
        (folder / missing).unlink()
        with pytest.raises(ComparisonError, match=r"model\.init_args\.source"):
            built(Emotion2VecPlusRecognizer, folder)
    folder = emotion2vec_plus_folder(tmp_path / "narrow")
    content = torch.load(folder / "model.pt", weights_only=True)
    content["model"]["proj.weight"] = torch.zeros(9, 7)
    torch.save(content, folder / "model.pt")
    with pytest.raises(ComparisonError, match="size mismatch"):
        built(Emotion2VecPlusRecognizer, folder)
    with pytest.raises(ComparisonError, match="holds a SenseVoiceSmall, not a Emotion2vec"):
        built(Emotion2VecPlusRecognizer, sense_voice)
    with pytest.raises(ComparisonError, match="no such folder: /nowhere"):
        built(SenseVoiceRecognizer, "/nowhere")
    assert built(SenseVoiceRecognizer, sense_voice).recognize(batch([]), EMOTIONS) == []


@needs_funasr
@pytest.mark.parametrize(("system", "hears"), [("emotion2vec_plus", False), ("sense_voice", True)])
def test_they_are_tested_like_c2ser(system, hears, emotion2vec, talkative, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)
    write_split(tmp_path / "shards", "test", SECONDS)
    data = {"shards": str(tmp_path / "shards"), "loader": {"workers": 0}, "batch": {"max_utterances": 3}}
    source = str(talkative if hears else emotion2vec)
    model = {"init_args": {"source": source, "answering": "score"}}
    content = {"trainer": TRAINER, "model": model, "data": {"init_args": data}}
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(content))
    configs = ROOT / "configs"
    files = [configs / "eval_meld.yaml", configs / "compare" / f"{system}.yaml", tmp_path / "tiny.yaml"]
    run(["test", *(part for file in files for part in ("--config", str(file))), f"--run_dir={tmp_path / 'out'}"])
    result = Result.read(tmp_path / "out")
    assert len(result.predictions) == len(SECONDS)
    assert result.further.calibration.n == len(SECONDS)
    assert (result.further.hearing is not None) == hears
