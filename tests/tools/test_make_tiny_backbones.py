import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

from c2ser_lightning.models.secap.hubert import HubertPerception, HubertSettings
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings
from c2ser_lightning.text.prompts import PromptSettings
from tests.shards import write_split
from tools.make_tiny_backbones import main, train_tokenizer, training_texts, warm_up


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("backbones")
    write_split(made / "shards", "train", [0.3] * 14)
    write_split(made / "shards", "test", [0.3] * 3, transcript="never seen in training")
    main(["--shards", str(made / "shards"), "--out", str(made / "out"), "--steps", "2"])
    return made


def test_folders_load_by_from_pretrained(folder):
    model = AutoModelForCausalLM.from_pretrained(folder / "out" / "language_model")
    tokenizer = AutoTokenizer.from_pretrained(folder / "out" / "language_model")
    assert isinstance(model, Qwen2ForCausalLM)
    assert model.config.vocab_size == len(tokenizer)
    assert WhisperPerception(WhisperSettings(source=str(folder / "out" / "whisper"))).width == 128
    assert HubertPerception(HubertSettings(source=str(folder / "out" / "hubert"))).width == 128


def test_only_training_texts_are_used(folder):
    texts = training_texts(folder / "shards", PromptSettings(system=""))
    assert len(texts) == 28
    assert not any("never seen" in text for text in texts)


def test_answers_can_be_looked_up_in_shuffled_notes_where_the_speech_will_be(folder):
    turn = PromptSettings(system="").turn("explicit")
    texts = [text for text in training_texts(folder / "shards", PromptSettings(system="")) if turn.after in text]
    assert len(texts) == 14
    for text in texts:
        notes, answer = text.removeprefix(turn.before).removesuffix(turn.end).split(turn.after)
        assert set(answer.split()) <= set(notes.split())
        assert answer not in notes


def test_any_text_survives_the_tokenizer_and_special_tokens_are_single(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder / "out" / "language_model")
    for text in ("Kids are talking.", "推测情绪为快乐。", "zażółć gęślą jaźń", "🙂"):
        assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text
    assert len(tokenizer.encode("<|im_end|>", add_special_tokens=False)) == 1


def test_warming_up_lowers_the_loss():
    torch.manual_seed(0)
    texts = [f"<|im_start|>This speech conveys {word}.<|im_end|>" for word in ("anger", "fear", "sadness")] * 4
    tokenizer = train_tokenizer(texts, 300)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=64,
    )
    sequences = [tokenizer.encode(text) for text in texts]
    first = warm_up(Qwen2ForCausalLM(config), sequences, 1)
    model = Qwen2ForCausalLM(config)
    assert warm_up(model, sequences, 120) < 0.5 * first


def test_missing_shards_are_one_line(tmp_path):
    with pytest.raises(SystemExit, match="no shard folder"):
        main(["--shards", str(tmp_path / "nowhere"), "--out", str(tmp_path)])
