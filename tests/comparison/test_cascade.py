"""Whisper's and Qwen2's real classes at a tiny size: what was heard, what was read, and the same in any batch."""

import pytest
import torch

from c2ser_lightning.comparison import CascadeRecognizer, ComparisonError
from c2ser_lightning.comparison.cascade import ReaderSettings
from c2ser_lightning.comparison.transcriber import TranscriberSettings
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.modules.prompted import Prompted
from tests.comparison.test_qwen2_audio import alone
from tests.comparison.tiny_systems import chat_model_folder, whisper_folder
from tests.tiny import batch, language_model_folder
from tests.tiny_runs import TEXTS

SECONDS = [0.5, 2.2, 0.9, 1.3]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("cascade")
    return whisper_folder(place / "whisper"), chat_model_folder(place / "reader")


def cascade(folders, language: str = "auto", **settings) -> CascadeRecognizer:
    whisper, reader = folders
    made = CascadeRecognizer(
        TranscriberSettings(str(whisper), language), ReaderSettings(str(reader), "float32", 6), **settings
    )
    made.configure_model()
    return made


@torch.no_grad()
def naive_transcript(system, waveform, language: str) -> str:
    """The most probable token that is no special one, from the whole sequence each time."""
    whisper, words = system.transcriber.whisper, system.transcriber.processor.tokenizer
    config = whisper.generation_config
    features = system.transcriber.processor.feature_extractor(
        waveform.numpy(), sampling_rate=16_000, return_tensors="pt"
    ).input_features
    start = ["<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>"]
    tokens = words.convert_tokens_to_ids(start)
    while len(tokens) < len(start) + config.max_length:  # transformers' Whisper counts what it writes
        logits = whisper(features, decoder_input_ids=torch.tensor([tokens])).logits[0, -1]
        logits[config.suppress_tokens] = -torch.inf
        tokens.append(int(logits.argmax()))
    return words.decode(tokens[len(start) :], skip_special_tokens=True).strip()


@torch.no_grad()
def naive_answer(system, prompt: str) -> str:
    ids = system.tokenizer(prompt, add_special_tokens=False)["input_ids"]
    ends, length = set(system.reader.generation_config.eos_token_id), len(ids)
    while len(ids) < length + 6:
        token = int(system.reader(input_ids=torch.tensor([ids])).logits[0, -1].argmax())
        if token in ends:
            break
        ids.append(token)
    return system.tokenizer.decode(ids[length:], skip_special_tokens=True).strip()


def test_a_batch_is_transcribed_and_read_like_naive_loops_do_each_alone(folders):
    system, data = cascade(folders, "zh"), batch(SECONDS)
    rows = system.recognize(data, EMOTIONS)
    assert len({row.heard for row in rows}) > 1  # otherwise the test would see no difference
    assert len({row.answer for row in rows}) > 1
    for place, row in enumerate(rows):
        assert row.heard == naive_transcript(system, data.waveforms[place, : data.lengths[place]], "zh")
        asked = f'Someone said: "{row.heard}"\nWhat emotion does the speaker convey? Choose one of these labels and '
        asked += f"answer with the label only: {', '.join(EMOTIONS)}."
        prompt = f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n"
        assert row.answer == naive_answer(system, prompt)
        assert system.recognize(alone(data, place), EMOTIONS)[0] == row


def test_languages_are_detected_each_or_taken_from_the_record(folders):
    data = batch(SECONDS)
    for record, language in zip(data.records, ("en", "zh", "it", "zh"), strict=True):
        object.__setattr__(record, "language", language)
    told = cascade(folders, "record").heard(data)
    by_code = {code: cascade(folders, code).heard(data) for code in ("en", "zh", "it")}
    assert told == [by_code[code][row] for row, code in enumerate(("en", "zh", "it", "zh"))]
    assert by_code["en"] != by_code["zh"]
    detected = cascade(folders, "auto").heard(data)
    assert all(words in {by_code[code][row] for code in by_code} for row, words in enumerate(detected))


def test_the_oracle_reads_the_reference_and_loads_no_whisper(folders):
    system = cascade(("/nowhere", folders[1]), transcripts="reference")
    data = batch([0.5, 35.0])  # no Whisper, no limit
    assert system.heard(data) == ["word 0", "word 1"]
    rows = system.recognize(data, EMOTIONS)
    assert [row.answer for row in rows] == [one.text for one in system.read(["word 0", "word 1"], EMOTIONS)]
    assert [row.heard for row in rows] == [None, None]


def test_a_transcript_with_braces_is_read_as_it_stands(folders):
    system = cascade(("/nowhere", folders[1]), transcripts="reference", question="{transcript}? {labels}")
    asked = []
    system.tokenizer.apply_chat_template = lambda turns, **_: asked.append(turns[0]["content"]) or "x"
    system.read(["{labels} {nothing}"], ("anger", "fear"))
    assert asked == ["{labels} {nothing}? anger, fear"]


def test_an_english_whisper_is_told_no_language(folders, tmp_path):
    english = whisper_folder(tmp_path / "en", multilingual=False)
    system = cascade((english, folders[1]))
    assert system.transcriber._request(["en"]) == {}
    with pytest.raises(ComparisonError, match=r"transcriber\.source: .* writes English only, not 'zh'"):
        cascade((english, folders[1]), "zh")


def test_what_cannot_be_is_said(folders, tmp_path):
    with pytest.raises(ComparisonError, match="Whisper knows no language 'klingon'"):
        cascade(folders, "klingon")
    with pytest.raises(ComparisonError, match=r"question needs \{transcript\}"):
        cascade(folders, question="Which emotion?")
    with pytest.raises(ComparisonError, match=r"reader\.source: no such folder"):
        cascade((folders[0], "/nowhere"))
    with pytest.raises(ComparisonError, match=r"transcriber\.source: .* cannot be read as WhisperProcessor"):
        cascade((folders[1], folders[1]))
    mixed = batch([0.5])
    object.__setattr__(mixed.records[0], "language", "mixed")
    with pytest.raises(ComparisonError, match=r"no language 'mixed' of these shards"):
        cascade(folders, "record").heard(mixed)
    plain = language_model_folder(tmp_path / "plain", TEXTS)
    with pytest.raises(ComparisonError, match=r"reader\.source has no chat template"):
        cascade((folders[0], plain)).recognize(batch([0.5]), EMOTIONS)
    with pytest.raises(ComparisonError, match=r"30 s at most"):
        cascade(folders).recognize(batch([30.5]), EMOTIONS)


def test_every_wording_can_be_asked_and_needs_the_words(folders):
    system = cascade(folders, transcripts="reference", question=["{transcript}?", "What of {transcript}: {labels}?"])
    assert isinstance(system, Prompted)
    first, second = system.wordings()
    answers = {}
    for wording in (first, second):
        system.ask_with(wording)
        answers[wording] = system.read(["word 1", "Please describe"], EMOTIONS)
        plain = cascade(folders, transcripts="reference", question=wording)
        assert plain.read(["word 1", "Please describe"], EMOTIONS) == answers[wording]
    assert answers[first] != answers[second]
    with pytest.raises(ComparisonError, match=r"needs {transcript}.*'Else'"):
        cascade(folders, transcripts="reference", question=[first, "Else"])
