"""Speech classifiers from files: a released emotion2vec with its head, or a probe that was trained here."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.emotions import EMOTIONS, harmonise
from c2ser_lightning.models.backbone import identity
from c2ser_lightning.models.emotion2vec.checkpoint import build_from_content, read_checkpoint
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec
from c2ser_lightning.models.emotion2vec.load import CONFIG_KEY, Emotion2VecSource
from c2ser_lightning.models.probe_head import ProbeHeadConfig
from c2ser_lightning.modules.emotion_probe import EmotionProbe
from c2ser_lightning.modules.optimization import OptimizerConfig
from tools.auto_labels.settings import SpeechSettings

RELEASED_LABELS = ("angry", "disgusted", "fearful", "happy", "neutral", "other", "sad", "surprised", "<unk>")
"""The nine classes of emotion2vec+, in the order of its ``tokens.txt``."""
LABELS_FILE = "tokens.txt"
HEADS = ("proj", "classifier")
"""Names that a released file's linear head goes by."""


class SpeechLabelError(ValueError):
    """The speech classifier cannot be used; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class SpeechClassifier:
    """A classifier with what its classes mean.

    Attributes:
        module: From a :class:`Batch` of B utterances to logits ``[B, K]``.
        emotions: Emotion of each of the K classes; ``None`` for a class outside the seven.
        identity: Names the weights and the classes; labels in a journal are used for the same identity only.
    """

    module: nn.Module
    emotions: tuple[str | None, ...]
    identity: str

    @torch.inference_mode()
    def probabilities(self, batch: Batch) -> list[list[float]]:
        """Return the softmax over all K classes of each utterance."""
        device = next(self.module.parameters()).device
        logits: Tensor = self.module(batch.to(device))
        return [[float(value) for value in row] for row in logits.float().softmax(1).cpu()]


class ReleasedClassifier(nn.Module):
    """emotion2vec+ as released: the mean over an utterance's frames, then one linear layer."""

    def __init__(self, encoder: Emotion2Vec, head: nn.Linear) -> None:
        """Put the two together."""
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, batch: Batch) -> Tensor:
        """Return logits ``[B, K]``."""
        features = self.encoder.extract_features(batch.waveforms, batch.padding_mask)
        valid = (~features.padding_mask).unsqueeze(2).to(features.frames.dtype)
        logits: Tensor = self.head((features.frames * valid).sum(1) / valid.sum(1))
        return logits


def open_classifier(settings: SpeechSettings) -> SpeechClassifier:
    """Load the classifier that the settings name.

    Raises:
        SpeechLabelError: The file holds no classifier, or its classes are not known.
        BackboneError: The file, or the encoder of a probe, is missing or damaged.
        CheckpointError: The probe was trained on another encoder.
    """
    content = read_checkpoint(settings.checkpoint)
    weights = content.get("state_dict", {})
    if "head.classifier.weight" in weights:
        made = _probe(settings, content)
    elif CONFIG_KEY in content:
        raise SpeechLabelError(
            f"{settings.checkpoint} is an Emotion2Vec-S encoder without a classifier; train one on it with "
            "configs/probe.yaml and give that checkpoint, and this one as --speech-encoder"
        )
    else:
        made = _released(settings, content)
    device = settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
    made.module.to(device).requires_grad_(False).train(False)
    return made


def _probe(settings: SpeechSettings, content: dict[str, Any]) -> SpeechClassifier:
    path = settings.checkpoint
    if settings.encoder is None:
        trained_on = content.get("backbones", {}).get("emotion2vec", "an Emotion2Vec checkpoint")
        raise SpeechLabelError(
            f"{path} holds a probe's head alone: give its encoder ({trained_on}) as --speech-encoder"
        )
    frame_layer = content["state_dict"].get("head.frame_layer.weight")
    head = ProbeHeadConfig("linear", normalize=settings.normalize)
    if frame_layer is not None:
        head = ProbeHeadConfig("emobox", frame_layer.shape[0], settings.normalize)
    module = EmotionProbe(Emotion2VecSource(checkpoint=str(settings.encoder)), head, OptimizerConfig())
    module.configure_model()
    module.load_trained(str(path))
    named = f"probe {identity(str(path))} {settings.normalize} on {identity(str(settings.encoder))}"
    return SpeechClassifier(module, EMOTIONS, named)


def _released(settings: SpeechSettings, content: dict[str, Any]) -> SpeechClassifier:
    path = settings.checkpoint
    weights = content.get("model", content)
    found = [name for name in HEADS if isinstance(weights.get(f"{name}.weight"), Tensor)]
    if not found or weights[f"{found[0]}.weight"].ndim != 2:
        raise SpeechLabelError(
            f"{path} has no classifier ({' or '.join(f'{name}.weight [K, D]' for name in HEADS)}); the plus models and "
            "emotion2vec_base_finetuned have one, emotion2vec_base has none"
        )
    encoder, _ = build_from_content(content, path)
    encoder.decoder = None
    encoder.set_exact_padding(True)
    weight = weights[f"{found[0]}.weight"]
    if weight.shape[1] != encoder.config.embed_dim:
        raise SpeechLabelError(
            f"{path}: {found[0]}.weight has shape {tuple(weight.shape)}, frames have "
            f"{encoder.config.embed_dim} dimensions"
        )
    head = nn.Linear(weight.shape[1], weight.shape[0])
    head.load_state_dict({"weight": weight, "bias": weights.get(f"{found[0]}.bias", torch.zeros(len(weight)))})
    emotions = class_emotions(settings, len(weight))
    named = f"emotion2vec {identity(str(path))} {' '.join(emotion or '-' for emotion in emotions)}"
    return SpeechClassifier(ReleasedClassifier(encoder, head), emotions, named)


def class_emotions(settings: SpeechSettings, classes: int) -> tuple[str | None, ...]:
    """Return the emotion of each class: by ``labels``, else ``tokens.txt`` beside the file, else emotion2vec+'s nine.

    Raises:
        SpeechLabelError: The labels cannot be read, or are another number than the classes.
    """
    beside = settings.checkpoint.parent / LABELS_FILE
    listing = settings.labels or (beside if beside.is_file() else None)
    labels: tuple[str, ...] = RELEASED_LABELS
    if listing is not None:
        try:
            labels = tuple(line.strip() for line in listing.read_text(encoding="utf-8").splitlines() if line.strip())
        except (OSError, UnicodeDecodeError) as error:
            raise SpeechLabelError(f"no readable labels {listing}: {error}") from error
    where = listing or "the nine labels of emotion2vec+"
    if len(labels) != classes:
        raise SpeechLabelError(
            f"{settings.checkpoint} has {classes} classes, {where} has {len(labels)} labels; give a file with "
            "one label a line as --speech-labels"
        )
    emotions = tuple(_emotion(label) for label in labels)
    if not any(emotions):
        raise SpeechLabelError(f"{where} names none of the seven emotions")
    return emotions


def _emotion(label: str) -> str | None:
    """Read ``angry`` or ``生气/angry``; what is not an emotion (other, <unk>, unuse_0) has none."""
    try:
        return harmonise(label.rpartition("/")[2])
    except ValueError:
        return None
