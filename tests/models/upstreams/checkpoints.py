"""Tiny random-weight checkpoints in the forms that s3prl reads, and a tiny Whisper folder."""

from dataclasses import asdict
from pathlib import Path

import torch

from c2ser_lightning.models.upstreams.s3prl import import_s3prl

CONVOLUTIONS = "[(8,10,5)] + [(8,3,2)] * 4 + [(8,2,2)] * 2"
SIZES = {
    "conv_feature_layers": CONVOLUTIONS,
    "encoder_layers": 2,
    "encoder_embed_dim": 16,
    "encoder_ffn_embed_dim": 32,
    "encoder_attention_heads": 2,
    "conv_pos": 16,
    "conv_pos_groups": 4,
}
WIDTH = 16


def write(kind: str, folder: Path) -> Path:
    """Write the checkpoint of a kind; its frames have width 16 at 50 Hz."""
    import_s3prl()
    torch.manual_seed(0)
    return {
        "wavlm": _wavlm,
        "hubert": _hubert,
        "wav2vec2": _wav2vec2,
        "data2vec": _data2vec,
        "hf_hubert": _hf,
        "hf_wav2vec2": _hf,
        "whisper": _whisper,
    }[kind](kind, folder)


def _saved(kind: str, folder: Path, content: object) -> Path:
    torch.save(content, folder / f"{kind}.pt")
    return folder / f"{kind}.pt"


def _wavlm(kind: str, folder: Path) -> Path:
    from s3prl.upstream.wavlm.WavLM import WavLM, WavLMConfig

    sizes = {**SIZES, "extractor_mode": "default", "normalize": False, "relative_position_embedding": True}
    return _saved(kind, folder, {"cfg": sizes, "model": WavLM(WavLMConfig(sizes)).state_dict()})


def _hubert(kind: str, folder: Path) -> Path:
    from s3prl.upstream.hubert.hubert_model import HubertConfig, HubertModel, HubertPretrainingConfig

    task, sizes, symbols = (
        HubertPretrainingConfig(),
        HubertConfig(label_rate=50.0, **SIZES, final_dim=8),
        [["a", "b", "c"]],
    )
    weights = HubertModel(sizes, task, symbols).state_dict()
    content = {"task_cfg": asdict(task), "model_cfg": asdict(sizes), "model_weight": weights}
    return _saved(kind, folder, {**content, "dictionaries_symbols": symbols})


def _wav2vec2(kind: str, folder: Path) -> Path:
    from s3prl.upstream.wav2vec2.wav2vec2_model import AudioPretrainingConfig, Wav2Vec2Config, Wav2Vec2Model

    task, sizes = AudioPretrainingConfig(normalize=True), Wav2Vec2Config(**SIZES, final_dim=8, quantize_targets=False)
    weights = Wav2Vec2Model(sizes).state_dict()
    return _saved(kind, folder, {"task_cfg": asdict(task), "model_cfg": asdict(sizes), "model_weight": weights})


def _data2vec(kind: str, folder: Path) -> Path:
    from s3prl.upstream.data2vec.data2vec_model import Data2VecAudioConfig, Data2VecAudioModel
    from s3prl.upstream.wav2vec2.wav2vec2_model import AudioPretrainingConfig

    task, sizes = AudioPretrainingConfig(normalize=True), Data2VecAudioConfig(**SIZES, average_top_k_layers=2)
    model = Data2VecAudioModel(sizes)
    model.remove_pretraining_modules()
    weights = {**model.state_dict(), "_ema": {}}
    return _saved(kind, folder, {"task_cfg": asdict(task), "model_cfg": asdict(sizes), "model_weight": weights})


def _hf(kind: str, folder: Path) -> Path:
    import transformers

    name = {"hf_hubert": "Hubert", "hf_wav2vec2": "Wav2Vec2"}[kind]
    config = getattr(transformers, f"{name}Config")(
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
    )
    getattr(transformers, f"{name}Model")(config).save_pretrained(folder / kind)
    transformers.Wav2Vec2FeatureExtractor(return_attention_mask=True).save_pretrained(folder / kind)
    return folder / kind


def _whisper(kind: str, folder: Path) -> Path:
    from transformers import WhisperConfig, WhisperModel

    sizes = WhisperConfig(
        d_model=WIDTH,
        encoder_layers=2,
        encoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
        vocab_size=60,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
    )
    WhisperModel(sizes).save_pretrained(folder / kind)
    return folder / kind
