"""The released C2SER weights: their perception path alone, and the whole model read from the 16 GB file.

What the released model is, as far as it differs from the paper: Whisper's frames go through a causal 4x downsampler;
the ten acoustic vectors are padded with zeros from 768 to 1024 and put in front of them in time; there is no chat
template; the language model is the base Qwen2-7B. ``configs/model/released.yaml`` trains that variant.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.c2ser import C2SER, AcousticSettings
from c2ser_lightning.models.connector import Connector, ConnectorSettings
from c2ser_lightning.models.emotion2vec.load import load_emotion2vec
from c2ser_lightning.models.language_model import LanguageModelSettings, LoraSettings
from c2ser_lightning.models.released_names import ADAPTED_MODEL, LORA_LAYER, MARKS, POSITIONS, own_name, released_name
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings

QWEN2_ROPE_THETA = 1_000_000.0


class ReleasedWeightsError(BackboneError):
    """The file does not hold the released C2SER model; the message says what is missing or has another shape."""


@dataclass(slots=True)
class ReleasedReport:
    """What became of the released tensors.

    Attributes:
        used: Released keys whose tensors were loaded.
        ignored: Released keys without a use here.
        missing: Released keys that the file did not hold. Only the LoRA matrices may be missing, all of them.
    """

    used: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say it in one line."""
        ignored = f" ({', '.join(self.ignored[:4])}...)" if self.ignored else ""
        return f"{len(self.used)} tensors used, {len(self.ignored)} ignored{ignored}, {len(self.missing)} missing"


class ReleasedPerception(nn.Module):
    """From log-mel frames and acoustic vectors to what the language model is given between its speech marks."""

    def __init__(self, whisper: WhisperPerception, connector: Connector, vectors: int) -> None:
        """Keep both parts and the number of acoustic vectors."""
        super().__init__()
        self.whisper, self.connector, self.vectors = whisper, connector, vectors

    def forward(self, mel: Tensor, mel_lengths: Tensor, acoustic: Tensor) -> tuple[Tensor, Tensor]:
        """Perceive.

        Args:
            mel: ``[B, T, M]`` normalised log-mel frames at 100 Hz.
            mel_lengths: ``[B]`` valid frames of each.
            acoustic: ``[B, 10, D]`` acoustic vectors, as wide as the encoder or narrower (zeros are appended).

        Returns:
            ``[B, N, H]`` vectors, the acoustic ones first, and the mask ``[B, N]``, True where valid.

        Raises:
            ValueError: Not as many acoustic vectors as the model was trained with, or wider ones than the encoder's.
        """
        width = self.connector.width
        if acoustic.shape[1] != self.vectors or acoustic.shape[2] > width:
            raise ValueError(
                f"acoustic is {tuple(acoustic.shape)}; expected [B, {self.vectors}, D] with D of at most {width}"
            )
        valid = torch.arange(mel.shape[1], device=mel.device) < torch.as_tensor(mel_lengths, device=mel.device)[:, None]
        padded = F.pad(acoustic, (0, width - acoustic.shape[2]))
        everywhere = torch.ones(padded.shape[:2], dtype=torch.bool, device=padded.device)
        projected: tuple[Tensor, Tensor] = self.connector(self.whisper.encode(mel, valid), (padded, everywhere))
        return projected


_SIZES = (
    "encoder_dim",
    "whisper_blocks",
    "num_mel_bins",
    "connector_ffn",
    "connector_blocks",
    "llm_hidden",
    "downsample_rate",
)
"""Settings that the tensors tell too; both must agree."""


def load_released_perception(config: Mapping[str, Any], state_dict: Mapping[str, Tensor]) -> ReleasedPerception:
    """Build the released perception path at any size.

    Args:
        config: ``encoder_dim``, ``attention_heads``, ``connector_ffn``, ``connector_blocks``, ``llm_hidden``,
            ``num_mel_bins``, ``whisper_blocks``, ``downsample_rate``, ``ssl_tokens`` and ``ssl_dim``;
            ``connector_heads`` where the connector has other heads than the encoder.
        state_dict: Tensors under the released names; the language model's may be among them and are not used.

    Returns:
        The module in eval mode.

    Raises:
        ReleasedWeightsError: A setting or tensor is missing, or a tensor has another shape than the settings say.
    """
    try:
        heads = config["attention_heads"]
        connector_heads = ConnectorSettings(heads=config.get("connector_heads", heads))
        settings = _perception_settings(state_dict, WhisperSettings(heads=heads), connector_heads)
        told = tuple(config[name] for name in _SIZES)
        vectors, acoustic = config["ssl_tokens"], config["ssl_dim"]
    except KeyError as error:
        raise ReleasedWeightsError(f"the perception config or its tensors lack {error.args[0]!r}") from error
    whisper, connector, output = settings
    found = (whisper.width, whisper.layers, whisper.mels, connector.ffn, connector.layers, output, 4)
    if told != found or acoustic > whisper.width:
        raise ReleasedWeightsError(f"the config tells sizes {told} (acoustic {acoustic}), the tensors are of {found}")
    perception = ReleasedPerception(
        WhisperPerception(whisper), Connector(connector, whisper.width, whisper.width, output), vectors
    )
    parts = ("whisper.", "connector.")
    _fill(perception, ((key, value) for key, value in state_dict.items() if (own_name(key) or "").startswith(parts)))
    return perception.eval()


def is_released(path: str | Path) -> bool:
    """Whether a file holds the released model's state dict (any other file, or none, is not)."""
    return Path(path).suffix in (".pt", ".pth", ".bin") and MARKS in _open(Path(path))


def load_released_c2ser(
    path: str | Path,
    acoustic: AcousticSettings | None = None,
    tokenizer: str = "Qwen/Qwen2-7B",
    whisper: WhisperSettings | None = None,
    connector: ConnectorSettings | None = None,
    language_model: LanguageModelSettings | None = None,
    cache_megabytes: int = 0,
) -> tuple[C2SER, ReleasedReport]:
    """Read the released ``C2SER_llm.pt`` into a model, in eval mode.

    The file is mapped, not read: frozen tensors of the wanted type stay where they are in it, so that nothing is held
    twice, and only the tensors to be trained are copied, one after the other, in float32.

    Args:
        path: The file.
        acoustic: Emotion2Vec-S, which the file does not hold; its pooling should be ``first_frames``. Without it the
            model hears through Whisper alone.
        tokenizer: Hub name or folder of Qwen2's tokenizer, which the file does not hold either.
        whisper: What the file does not tell of the encoder: its heads, and whether it is trained on. Sizes in these
            three settings are replaced by the file's.
        connector: The same of the connector: its heads and dropout.
        language_model: The same of the language model: its heads, the type of its frozen weights, LoRA's dropout.
        cache_megabytes: As of :class:`~c2ser_lightning.models.c2ser.C2SER`.

    Raises:
        ReleasedWeightsError: The file is missing or damaged, or holds something else.
    """
    weights = _open(Path(path))
    if acoustic is None:
        warnings.warn(f"{path}: without Emotion2Vec-S (acoustic=...) the model only hears Whisper", stacklevel=2)
    try:
        encoder, link, _ = _perception_settings(weights, whisper or WhisperSettings(), connector or ConnectorSettings())
        causal = _language_model_settings(weights, language_model or LanguageModelSettings())
    except KeyError as error:
        raise ReleasedWeightsError(f"{path} lacks {error.args[0]}; is it a released C2SER model?") from error
    causal = replace(causal, tokenizer=tokenizer)
    model = _without_weights(encoder, acoustic, link, causal, cache_megabytes)
    report = _fill(model, weights.items())
    if causal.lora is None:
        report.missing = ["the LoRA matrices"]
    return model.eval(), report


def _open(path: Path) -> dict[str, Tensor]:
    """Map a file of named tensors into memory; nothing in it is executed."""
    if not path.is_file():
        raise ReleasedWeightsError(f"no such file: {path}; download C2SER_llm.pt from the model's page first")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        raise ReleasedWeightsError(f"{path} cannot be read as tensors only: {error}") from error
    return dict(content) if isinstance(content, Mapping) else {}


def _perception_settings(
    weights: Mapping[str, Tensor], whisper: WhisperSettings, connector: ConnectorSettings
) -> tuple[WhisperSettings, ConnectorSettings, int]:
    """Read the sizes of encoder and connector from the tensors; returns both and the language model's width."""
    width, mels, _ = weights["encoder.embed.conv.0.weight"].shape
    encoder = replace(
        whisper,
        source=None,
        width=width,
        layers=_count(weights, "encoder.encoders."),
        ffn=weights["encoder.encoders.0.feed_forward.w_1.weight"].shape[0],
        mels=mels,
    )
    link = replace(
        connector,
        layers=_count(weights, "speech_transformer.encoders."),
        ffn=weights["speech_transformer.encoders.0.feed_forward.w_1.weight"].shape[0],
        downsample=True,
        acoustic_input="pad",
    )
    return encoder, link, weights["speech_llama_proj.weight"].shape[0]


def _language_model_settings(
    weights: Mapping[str, Tensor], language_model: LanguageModelSettings
) -> LanguageModelSettings:
    """Read the sizes of the language model and of its adapter from the tensors."""
    found = [(match[1], key) for key in weights if (match := LORA_LAYER.search(key))]
    lora = None
    if found:
        rank = weights[found[0][1]].shape[0]
        targets = sorted({target for target, _ in found})
        lora = replace(language_model.lora or LoraSettings(), rank=rank, targets=targets)
    inner = f"{ADAPTED_MODEL}base_model.model." if found else ADAPTED_MODEL
    layer = f"{inner}model.layers.0."
    base = ".base_layer" if lora and "k_proj" in lora.targets else ""
    vocabulary, width = weights[f"{inner}model.embed_tokens.weight"].shape
    head = width // language_model.heads
    return replace(
        language_model,
        source=None,
        quantization=None,
        lora=lora,
        width=width,
        layers=_count(weights, f"{inner}model.layers."),
        key_value_heads=weights[f"{layer}self_attn.k_proj{base}.weight"].shape[0] // head,
        ffn=weights[f"{layer}mlp.up_proj.weight"].shape[0],
        vocabulary=vocabulary,
        rope_theta=QWEN2_ROPE_THETA,
    )


def _count(weights: Mapping[str, Tensor], prefix: str) -> int:
    return len({key.removeprefix(prefix).partition(".")[0] for key in weights if key.startswith(prefix)})


def _without_weights(
    whisper: WhisperSettings,
    acoustic: AcousticSettings | None,
    connector: ConnectorSettings,
    language_model: LanguageModelSettings,
    cache_megabytes: int,
) -> C2SER:
    """Build the model without memory for its weights, apart from Emotion2Vec-S, which has weights of its own."""
    from accelerate import init_empty_weights

    with init_empty_weights(include_buffers=False):
        model = C2SER(whisper, acoustic, connector, language_model, cache_megabytes)
    if acoustic is not None:
        model.acoustic = load_emotion2vec(acoustic.encoder).requires_grad_(False)
    return model


def _fill(model: nn.Module, tensors: Any) -> ReleasedReport:
    """Put released tensors into their places, one at a time.

    Raises:
        ReleasedWeightsError: A parameter of the model is missing in the file or has another shape there.
    """
    report = ReleasedReport()
    wanted = dict(_parameters(model))
    for key, value in tensors:
        name = own_name(key)
        if name is None or name not in wanted:
            report.ignored.append(key)
            continue
        _place(model, name, key, _shaped(key, value, wanted.pop(name)))
        report.used.append(key)
    if wanted:
        missing = [released_name(name) for name in wanted]
        raise ReleasedWeightsError(
            f"{len(missing)} tensors are missing, such as {', '.join(missing[:3])}; "
            f"found: {len(report.used)} used, {len(report.ignored)} without a use"
        )
    return report


def _parameters(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """Yield the parameters that the file must hold: all but those of Emotion2Vec-S."""
    return ((name, parameter) for name, parameter in model.named_parameters() if not name.startswith("acoustic."))


def _shaped(key: str, value: Tensor, wanted: Tensor) -> Tensor:
    if key == POSITIONS:
        value = value[0]
    if key == MARKS:
        value = value[-2:]
    if value.shape != wanted.shape:
        raise ReleasedWeightsError(f"{key} has shape {tuple(value.shape)}, the model needs {tuple(wanted.shape)}")
    return value


def _place(model: nn.Module, name: str, key: str, value: Tensor) -> None:
    """Make a tensor the model's parameter: as it lies in the file where it is frozen, as a copy where it is trained."""
    module, _, part = name.rpartition(".")
    owner = model.get_submodule(module)
    old: nn.Parameter = getattr(owner, part)
    trained = old.requires_grad
    value = value.to(old.dtype)
    if trained or key == MARKS:
        value = value.clone()
    setattr(owner, part, nn.Parameter(value, requires_grad=trained))
