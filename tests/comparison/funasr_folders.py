"""Folders as FunASR's hubs hold them, at a tiny size and with random weights; needs the extra 'funasr'."""

import json
import re
from pathlib import Path

import torch
import yaml
from safetensors.torch import load_file

from tests.conftest import ROOT

LABELS = [
    *("生气/angry", "厌恶/disgusted", "恐惧/fearful", "开心/happy", "中立/neutral"),
    *("其他/other", "难过/sad", "吃惊/surprised", "<unk>"),
]
EMOTION2VEC = ROOT / "tests" / "fixtures" / "emotion2vec_tiny"
TAGS = ["HAPPY", "SAD", "ANGRY", "NEUTRAL", "FEARFUL", "DISGUSTED", "SURPRISED", "EMO_OTHER", "EMO_UNKNOWN"]
FIRST_TAG = 25_001
"""SenseVoice's code has the ids of its tags written into it."""


def emotion2vec_plus_folder(folder: Path, *, without: str = r"\.decoder\.", labels: list[str] = LABELS) -> Path:
    """The stored encoder with a random classifier; official checkpoints lack the pretraining decoder too."""
    folder.mkdir(parents=True)
    weights = load_file(EMOTION2VEC / "state_dict.safetensors")
    width = json.loads((EMOTION2VEC / "model_conf.json").read_text())["embed_dim"]
    generator = torch.Generator().manual_seed(3)
    weights["proj.weight"] = torch.randn(len(labels), width, generator=generator)
    weights["proj.bias"] = torch.zeros(len(labels))
    kept = {name: value for name, value in weights.items() if not re.search(without, name)}
    torch.save({"model": kept}, folder / "model.pt")
    config = {
        "model": "Emotion2vec",
        "model_conf": json.loads((EMOTION2VEC / "model_conf.json").read_text()),
        "tokenizer": "CharTokenizer",
        "tokenizer_conf": {"unk_symbol": "<unk>", "split_with_space": True},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "tokens.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    return folder


def sense_voice_folder(folder: Path, *, tags: list[str] = TAGS, bias: dict[str, float] | None = None) -> Path:
    """SenseVoice's classes; ``bias`` makes tags likely."""
    from funasr.models.sense_voice.model import SenseVoiceSmall

    folder.mkdir(parents=True)
    places = _pieces(folder / "bpe.model", tags)
    encoder = {"output_size": 16, "attention_heads": 2, "linear_units": 16, "num_blocks": 2, "tp_blocks": 1}
    config = {
        "model": "SenseVoiceSmall",
        "encoder": "SenseVoiceEncoderSmall",
        "encoder_conf": {**encoder, "kernel_size": 11, "sanm_shfit": 0, "selfattention_layer_type": "sanm"},
        "model_conf": {"length_normalized_loss": True, "sos": 1, "eos": 2, "ignore_id": -1},
        "tokenizer": "SentencepiecesTokenizer",
        "tokenizer_conf": {"unk_symbol": "<unk>", "split_with_space": True},
        "frontend": "WavFrontend",
        "frontend_conf": {"fs": 16000, "window": "hamming", "n_mels": 16, "lfr_m": 7, "lfr_n": 6},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    torch.manual_seed(1)
    model = SenseVoiceSmall(
        encoder="SenseVoiceEncoderSmall", encoder_conf=config["encoder_conf"], input_size=16 * 7, vocab_size=25_055
    )
    for tag, value in (bias or {}).items():
        model.ctc.ctc_lo.bias.data[places[f"<|{tag}|>"]] += value
    torch.save(model.state_dict(), folder / "model.pt")
    return folder


def _pieces(file: Path, tags: list[str]) -> dict[str, int]:
    """Write a sentencepiece model of 25,055 pieces: letters, fillers, and the tags at their ids."""
    from sentencepiece import sentencepiece_model_pb2 as layout

    model = layout.ModelProto()
    kinds = layout.ModelProto.SentencePiece
    names = ["<unk>", "<s>", "</s>", "▁", *"abcdefghijklmnopqrstuvwxyz"]
    names += [f"▁w{number}" for number in range(len(names), FIRST_TAG)]
    names += [f"<|{tag}|>" for tag in tags]
    names += [f"▁x{number}" for number in range(len(names), 25_055)]
    special = {"<unk>": kinds.UNKNOWN, "<s>": kinds.CONTROL, "</s>": kinds.CONTROL}
    for name in names:
        kind = special.get(name, kinds.USER_DEFINED if name.startswith("<|") else kinds.NORMAL)
        model.pieces.append(kinds(piece=name, score=-1.0, type=kind))
    model.trainer_spec.model_type = layout.TrainerSpec.BPE
    model.trainer_spec.vocab_size = len(names)
    file.write_bytes(model.SerializeToString())
    return {name: place for place, name in enumerate(names)}
