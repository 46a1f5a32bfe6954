"""Vectors from the shards: answers as with the encoder, which is not asked, and no other encoder's vectors."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from c2ser_lightning.data import EmotionDataModule
from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.c2ser import AcousticSettings
from c2ser_lightning.models.emotion2vec import Emotion2Vec
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.models.stored_vectors import check_stored_vectors
from tests.conftest import ROOT
from tests.shards import members, record, write_tar
from tests.tiny_runs import answers, cli, make_tiny
from tests.tools.auto_labels.corpus import save_encoder

SECONDS = [0.9, 0.6, 0.7, 0.5]
ALONE = ("--model.init_args.initialise_from=null", "--data.init_args.vectors=true")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory) -> Path:
    return save_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def shards(encoder, tmp_path_factory) -> Path:
    """A split whose utterances have vectors beside their sound, each by a plain call of the encoder."""
    folder = tmp_path_factory.mktemp("with_vectors")
    model, parts = load_emotion2vec(Emotion2VecSource(str(encoder))), []
    for number, seconds in enumerate(SECONDS):
        sound, text = members([record(number, seconds)])
        samples, _ = soundfile.read(io.BytesIO(sound[1]), dtype="float32")
        with torch.no_grad():
            tokens = model.extract_features(torch.from_numpy(samples)[None]).utterance_tokens[0]
        file = io.BytesIO()
        np.save(file, tokens.numpy().astype(np.float16))
        parts += [sound, text, (sound[0].replace(".flac", ".npy"), file.getvalue())]
    write_tar(folder / "test-000000.tar", parts)
    checksum = hashlib.sha256(encoder.read_bytes()).hexdigest()
    (folder / "info.json").write_text(json.dumps({"vectors": {"sha256": checksum}}))
    return folder


def checksums(folder: Path) -> dict[Path, str | None]:
    return EmotionDataModule(str(folder)).vector_checksums()


def test_what_the_shards_hold_is_what_the_encoder_would_say_and_it_is_not_asked(shards, encoder, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)
    options = [f"--model.init_args.acoustic.encoder.checkpoint={encoder}", f"--data.init_args.shards={shards}", *ALONE]
    with monkeypatch.context() as patch:
        patch.setattr(Emotion2Vec, "extract_features", None)
        made = cli("predict", ["stage2.yaml"], make_tiny(tmp_path / "tiny"), tmp_path / "out", *options)
    assert len(answers(tmp_path / "out")) == len(SECONDS)
    batch = next(iter(made.datamodule.predict_dataloader()))
    heard = Speech(batch.waveforms, batch.padding_mask, batch.lengths, batch.keys, batch.vectors)
    model = made.model.c2ser.eval()
    stored, asked = (model.perceive(speech)[0] for speech in (heard, replace(heard, vectors=None)))
    torch.testing.assert_close(stored, asked, atol=2e-3, rtol=0)
    exchanged = model.perceive(replace(heard, vectors=heard.vectors.flip(0)))[0]
    assert (exchanged - asked).abs().max() > 2e-2


def test_other_vectors_than_the_encoders_are_refused(shards, encoder, tmp_path):
    check_stored_vectors(checksums(shards), AcousticSettings(Emotion2VecSource(str(encoder))))
    other = tmp_path / "other.ckpt"
    other.write_bytes(encoder.read_bytes() + b"more")
    with pytest.raises(BackboneError, match=r"with_vectors.* another checkpoint than .*other\.ckpt"):
        check_stored_vectors(checksums(shards), AcousticSettings(Emotion2VecSource(str(other))))
    with pytest.raises(BackboneError, match=r"holds no vectors: .*--vectors"):
        check_stored_vectors(checksums(tmp_path), AcousticSettings(Emotion2VecSource(str(encoder))))


@pytest.mark.parametrize("change", [{"pooling": "mean"}, {"normalize": False}, {"checkpoint": None}])
def test_settings_that_stored_vectors_cannot_serve_are_refused(change, shards, encoder):
    source = {"checkpoint": str(encoder)} | {key: change[key] for key in ("checkpoint", "normalize") if key in change}
    with pytest.raises(BackboneError, match=r"data\.vectors: false"):
        check_stored_vectors(
            checksums(shards), AcousticSettings(Emotion2VecSource(**source), change.get("pooling", "tokens"))
        )


def test_vectors_are_of_recorded_speed():
    with pytest.raises(ValueError, match="leave out speeds, or vectors"):
        EmotionDataModule("shards", speeds=[0.9, 1.0], vectors=True)
