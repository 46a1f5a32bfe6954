"""The released weights: parity of the perception path, and the whole model read from a file of the released layout."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from c2ser_lightning.models.c2ser import AcousticSettings
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource
from c2ser_lightning.models.language_model import LanguageModelSettings
from c2ser_lightning.models.released import (
    ReleasedWeightsError,
    is_released,
    load_released_c2ser,
    load_released_perception,
)
from c2ser_lightning.models.released_names import own_name, released_name
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.models.whisper import WhisperSettings
from c2ser_lightning.text.prompts import PromptSettings
from tests.commands import python
from tests.models.released_file import FIXTURE, adapted_qwen2, released_weights, write_released
from tests.tiny import batch, emotion2vec_config, language_model_folder

CONFIG = json.loads((FIXTURE / "config.json").read_text())
PLAIN = PromptSettings(layout="plain").turn("implicit")
INNER = "llama_model.base_model.model."


@pytest.fixture(scope="module")
def tensors():
    return load_file(FIXTURE / "tensors.safetensors")


@pytest.fixture(scope="module")
def weights():
    return load_file(FIXTURE / "state_dict.safetensors")


@torch.no_grad()
@pytest.mark.parametrize("width", [24, 32])
def test_perception_equals_the_stored_numbers(tensors, weights, width):
    """Acoustic vectors at their own width and already padded; the second row ends before the batch does."""
    perception = load_released_perception(CONFIG, weights)
    assert not perception.training
    projected, valid = perception(tensors["mel"], tensors["mel_lengths"], tensors["ssl"][..., :width])
    assert valid.sum(1).tolist() == tensors["connector_lengths"].tolist() == [48, 38]
    torch.testing.assert_close(projected[valid], tensors["projected"][valid], atol=1e-5, rtol=0)
    frames, mask = perception.whisper.encode(tensors["mel"], torch.arange(300) < tensors["mel_lengths"].unsqueeze(1))
    assert torch.equal(mask, tensors["whisper_mask"][:, 0])
    torch.testing.assert_close(frames[mask], tensors["whisper_out"][mask], atol=1e-5, rtol=0)


@torch.no_grad()
def test_perception_is_the_same_alone_and_in_a_batch(tensors, weights):
    perception = load_released_perception(CONFIG, weights)
    mel = tensors["mel"].clone()
    mel[1, 221:] = 0.0
    both, valid = perception(mel, torch.tensor([300, 221]), tensors["ssl"])
    alone, every = perception(mel[1:, :221], torch.tensor([221]), tensors["ssl"][1:])
    assert every.all()
    torch.testing.assert_close(both[1][valid[1]], alone[0], atol=1e-5, rtol=0)


def test_perception_names_what_does_not_fit(tensors, weights):
    with pytest.raises(ReleasedWeightsError, match=r"speech_llama_proj\.weight"):
        load_released_perception(CONFIG, {k: v for k, v in weights.items() if not k.startswith("speech_llama_proj")})
    with pytest.raises(ReleasedWeightsError, match=r"1 tensors are missing, such as encoder\.after_norm\.bias"):
        load_released_perception(CONFIG, {k: v for k, v in weights.items() if k != "encoder.after_norm.bias"})
    with pytest.raises(ReleasedWeightsError, match="'llm_hidden'"):
        load_released_perception({k: v for k, v in CONFIG.items() if k != "llm_hidden"}, weights)
    with pytest.raises(ReleasedWeightsError, match="sizes"):
        load_released_perception({**CONFIG, "connector_ffn": 81}, weights)
    with pytest.raises(ValueError, match=r"expected \[B, 10, D\]"):
        load_released_perception(CONFIG, weights)(tensors["mel"], tensors["mel_lengths"], tensors["ssl"][:, :9])


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    texts = [f"{PLAIN.before} {number} This speech conveys anger. {PLAIN.end}" for number in range(30)]
    return language_model_folder(tmp_path_factory.mktemp("lm"), texts)


@pytest.fixture(scope="module")
def qwen2():
    torch.manual_seed(0)
    return adapted_qwen2(vocabulary=420)


@pytest.fixture(scope="module")
def file(qwen2, tmp_path_factory):
    return write_released(tmp_path_factory.mktemp("released") / "C2SER_llm.pt", released_weights(qwen2))


ACOUSTIC = AcousticSettings(Emotion2VecSource(random_config=emotion2vec_config(embed_dim=24)), pooling="first_frames")


def load(file, tokenizer, acoustic=ACOUSTIC, trainable=False):
    whisper = WhisperSettings(heads=4, trainable=trainable)
    language_model = LanguageModelSettings(heads=4, dtype="float32")
    return load_released_c2ser(file, acoustic, str(tokenizer), whisper, language_model=language_model)


def test_every_tensor_of_the_file_is_accounted_for(file, tokenizer):
    model, report = load(file, tokenizer)
    everything = torch.load(file, weights_only=True)
    assert sorted([*report.used, *report.ignored]) == sorted(everything)
    assert report.missing == []
    assert set(report.ignored) == {
        *(f"{name}.{part}" for name in ("speaker_head", "ln_speech") for part in ("weight", "bias")),
        "embed_tokens.weight",
        "lm_head.weight",
        "speech_transformer.embed.pos_enc.pe",
    }
    assert "7 ignored" in str(report)
    assert not [name for name, weight in model.named_parameters() if weight.is_meta]
    torch.testing.assert_close(model.speech_marks.detach(), everything["speech_token_emded.weight"][4097:])


@torch.no_grad()
def test_the_language_model_computes_what_pefts_own_does(file, tokenizer, qwen2):
    """Heads, rotary base, LoRA scaling and all weights: logits of the loaded model against the one that was saved."""
    model, _ = load(file, tokenizer)
    embeddings = torch.randn(2, 9, 40)
    expected = qwen2(inputs_embeds=embeddings).logits
    torch.testing.assert_close(model.language_model.causal(inputs_embeds=embeddings).logits, expected)


@torch.no_grad()
def test_the_whole_model_perceives_as_the_released_path_does(file, tokenizer, weights):
    model, _ = load(file, tokenizer)
    sound = batch([0.8, 0.5])
    vectors, counts = model.perceive(Speech(sound.waveforms, sound.padding_mask, sound.lengths))
    perception = load_released_perception(CONFIG, weights)
    mel, valid = model.whisper.log_mel(sound.waveforms, sound.lengths)
    acoustic, _ = model._acoustic(Speech(sound.waveforms, sound.padding_mask, sound.lengths))
    expected, _ = perception(mel, valid.sum(1), acoustic)
    for row, count in enumerate(counts):
        torch.testing.assert_close(vectors[row, 1 : count - 1], expected[row, : count - 2], atol=1e-5, rtol=0)


def test_it_trains_and_answers(file, tokenizer):
    model, _ = load(file, tokenizer, trainable=True)
    trained = {name.partition(".")[0] for name, weight in model.named_parameters() if weight.requires_grad}
    assert trained == {"whisper", "connector", "speech_marks", "language_model"}
    sound = batch([0.8, 0.5])
    speech = Speech(sound.waveforms, sound.padding_mask, sound.lengths)
    model.train()
    model.answer_loss(speech, [PLAIN] * 2, ["This speech conveys anger."] * 2).loss.backward()
    gradients = {n: weight.grad for n, weight in model.named_parameters() if weight.requires_grad}
    assert not [name for name, gradient in gradients.items() if gradient is None]
    assert len(model.eval().generate(speech, PLAIN, max_new_tokens=3)) == 2


def test_a_file_without_adapter_or_without_emotion2vec_says_so(qwen2, tokenizer, tmp_path):
    merged = released_weights(adapted_qwen2(420).merge_and_unload())
    path = write_released(tmp_path / "merged.pt", merged)
    with pytest.warns(UserWarning, match="without Emotion2Vec-S"):
        model, report = load(path, tokenizer, acoustic=None)
    assert report.missing == ["the LoRA matrices"]
    assert not [name for name, _ in model.named_parameters() if "lora" in name]


def test_a_missing_tensor_or_another_shape_is_named(file, tokenizer, tmp_path):
    weights = torch.load(file, weights_only=True)
    gone = f"{INNER}model.layers.1.mlp.up_proj.weight"
    torch.save({key: value for key, value in weights.items() if key != gone}, tmp_path / "a.pt")
    with pytest.raises(ReleasedWeightsError, match=rf"1 tensors are missing, such as {gone}"):
        load(tmp_path / "a.pt", tokenizer)
    torch.save({**weights, "down_sample_2.conv.4.weight": torch.zeros(32, 32, 5)}, tmp_path / "b.pt")
    with pytest.raises(ReleasedWeightsError, match=r"down_sample_2\.conv\.4\.weight has shape \(32, 32, 5\)"):
        load(tmp_path / "b.pt", tokenizer)
    with pytest.raises(ReleasedWeightsError, match="no such file"):
        load(tmp_path / "none.pt", tokenizer)
    (tmp_path / "damaged.pt").write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ReleasedWeightsError, match="cannot be read"):
        load(tmp_path / "damaged.pt", tokenizer)
    torch.save({"weight": torch.zeros(2)}, tmp_path / "other.pt")
    with pytest.raises(ReleasedWeightsError, match="is it a released C2SER model"):
        load(tmp_path / "other.pt", tokenizer)
    assert is_released(file)
    assert not is_released(tmp_path / "other.pt")
    assert not is_released(tmp_path / "run.ckpt")


def test_names_translate_both_ways(file):
    for key in torch.load(file, weights_only=True):
        own = own_name(key)
        assert own is None or released_name(own) == key


MEASURE = """
import sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import c2ser_lightning, accelerate, transformers, peft
from c2ser_lightning.models.released import load_released_c2ser
from tests.models.released_file import HEADS

def resident(name):
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024

load_released_c2ser(sys.argv[2], tokenizer=sys.argv[3], **HEADS)  # what imports and first calls cost
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = resident("VmRSS")
model, _ = load_released_c2ser(sys.argv[1], tokenizer=sys.argv[3], **HEADS)
total = sum(float(weight.detach().flatten()[::512].double().sum()) for weight in model.parameters())
print(resident("VmHWM") - before, total)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="reads the peak of memory as Linux tells it")
def test_the_file_is_held_once(tokenizer, tmp_path):
    """Peak memory of loading and touching every weight, against the size of a file of 200 MB."""
    with torch.device("meta"):
        large = adapted_qwen2(420, intermediate_size=400_000)
    weights = released_weights(large.to_empty(device="cpu"))
    files = [
        write_released(tmp_path / "large.pt", weights, torch.bfloat16),
        write_released(tmp_path / "small.pt", released_weights(adapted_qwen2(420)), torch.bfloat16),
    ]
    del large, weights
    grown = float(python("-c", MEASURE, *files, tokenizer).stdout.split()[0])
    size = files[0].stat().st_size
    assert size > 190e6
    # the file itself, and LoRA in float32, which at this odd shape is a quarter of it
    assert 0.9 * size < grown < 1.5 * size, f"{grown / 1e6:.0f} MB for a file of {size / 1e6:.0f} MB"
