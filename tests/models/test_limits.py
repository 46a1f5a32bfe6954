import pytest

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.c2ser import C2SER
from c2ser_lightning.models.connector import ConnectorSettings
from c2ser_lightning.models.language_model import LanguageModel, LanguageModelSettings
from c2ser_lightning.models.limits import ContextError, check_context, check_vocabulary, end_token
from c2ser_lightning.models.sequence import Row
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.models.whisper import WhisperSettings
from c2ser_lightning.text.prompts import PromptSettings, Turn
from tests.tiny import batch, language_model_folder

TEXTS = [f'The speaker spoke fast: "word {number}". The emotion is anger.' for number in range(40)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return language_model_folder(tmp_path_factory.mktemp("lm"), TEXTS)


def random_model(folder, **sizes) -> LanguageModelSettings:
    small = {"width": 32, "layers": 1, "heads": 2, "key_value_heads": 1, "ffn": 32, "dtype": "float32", **sizes}
    return LanguageModelSettings(source=None, tokenizer=str(folder), **small)


def test_a_tokenizer_with_more_tokens_than_embeddings_is_refused(folder):
    with pytest.raises(BackboneError, match=r"vocabulary mismatch.*has token ids up to \d+.*50 embeddings.*tokenizer"):
        LanguageModel(random_model(folder, vocabulary=50))
    model = LanguageModel(random_model(folder))
    check_vocabulary(model.tokenizer, len(model.tokenizer), "x")
    with pytest.raises(BackboneError, match="tokenizer of x"):
        check_vocabulary(model.tokenizer, len(model.tokenizer) - 1, "x")


def test_an_end_mark_the_tokenizer_splits_is_refused(folder):
    tokenizer = LanguageModel(random_model(folder)).tokenizer
    assert tokenizer.decode([end_token(tokenizer, "<|im_end|>")]) == "<|im_end|>"
    with pytest.raises(BackboneError, match=r"splits the end mark '</s>'.*prompts\.layout"):
        end_token(tokenizer, "</s>")


def test_the_longest_row_is_named_with_its_parts():
    rows = [Row([1], 3, [1], [5, 5]), Row([1, 2], 30, [3], [5] * 4)]
    check_context(rows, None, context=37)
    with pytest.raises(ContextError, match=r"clip-b needs 37 positions \(3 of the question, 30 of speech, 4 of the"):
        check_context(rows, ["clip-a", "clip-b"], context=36)
    with pytest.raises(ContextError, match=r"row 1 .*9 to be generated.*filters\.max_seconds"):
        check_context(rows, None, context=40, new_tokens=9)


def test_training_answering_and_scoring_stop_before_the_context_is_exceeded(folder):
    whisper = WhisperSettings(source=None, width=32, layers=1, heads=2, ffn=32)
    model = C2SER(whisper, None, ConnectorSettings(layers=1, ffn=8), random_model(folder))
    turn: Turn = PromptSettings(system="").turn("implicit")
    sound = batch([0.4, 0.9])
    speech = Speech(sound.waveforms, sound.padding_mask, sound.lengths, sound.keys)
    longest = max(model._row(turn, count, []).length for count in model.perceive(speech)[1])
    model.language_model.context = longest + 5
    assert len(model.generate(speech, turn, max_new_tokens=5)) == 2
    with pytest.raises(ContextError, match="toy/utt001 needs"):
        model.generate(speech, turn, max_new_tokens=6)
    with pytest.raises(ContextError, match="toy/utt001 needs"):
        model.score(speech, turn, ["far too long to be scored here", "a"])
    with pytest.raises(ContextError, match="toy/utt001 needs"):
        model.answer_loss(speech, [turn] * 2, ["short", "a much longer answer than fits"])
