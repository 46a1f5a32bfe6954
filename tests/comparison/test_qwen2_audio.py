"""Qwen2-Audio's real class at a tiny size against a loop that has neither batch, padding, cache nor generate()."""

import pytest
import torch

from c2ser_lightning.comparison import ComparisonError, Qwen2AudioRecognizer
from c2ser_lightning.comparison.generation import Answer
from c2ser_lightning.comparison.questions import ZERO_SHOT_QUESTION, Questions
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.modules.prompted import Prompted
from c2ser_lightning.report.scoring import score
from c2ser_lightning.text.prompts import EXPLICIT_PROMPT, IMPLICIT_PROMPT
from tests.comparison.tiny_systems import qwen2_audio_folder
from tests.tiny import batch

SECONDS = [0.5, 2.2, 0.9, 1.3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return qwen2_audio_folder(tmp_path_factory.mktemp("qwen2_audio"))


def recognizer(folder, **settings) -> Qwen2AudioRecognizer:
    made = Qwen2AudioRecognizer(str(folder), dtype="float32", **{"max_new_tokens": 8, **settings})
    made.configure_model()
    return made


def alone(data, row):
    one = batch([data.lengths[row] / 16_000])
    one.waveforms, one.records = data.waveforms[row : row + 1, : data.lengths[row]], [data.records[row]]
    return one


@torch.no_grad()
def naive(system, data, row) -> str:
    """The most probable token, again and again, from the whole sequence each time."""
    inputs = system.inputs(alone(data, row), system.questions.wording(system.style, EMOTIONS))
    ends, said = set(system.model.generation_config.eos_token_id), []
    while len(said) < system.max_new_tokens:
        token = int(system.model(**inputs).logits[0, -1].argmax())
        if token in ends:
            break
        said.append(token)
        inputs["input_ids"] = torch.cat([inputs["input_ids"], torch.tensor([[token]])], dim=1)
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    return system.processor.tokenizer.decode(said, skip_special_tokens=True).strip()


def test_a_batch_of_four_is_answered_like_each_alone_and_like_a_naive_loop(folder):
    system, data = recognizer(folder), batch(SECONDS)
    together = system.answers(data, EMOTIONS)
    assert len({one.text for one in together}) == len(SECONDS)  # otherwise the test would see no difference
    assert together == [system.answers(alone(data, row), EMOTIONS)[0] for row in range(len(SECONDS))]
    assert [one.text for one in together] == [naive(system, data, row) for row in range(len(SECONDS))]
    assert all(0 < one.tokens <= 8 for one in together)


def test_every_wording_can_be_asked_and_is_what_is_asked(folder):
    system, data = recognizer(folder, questions=Questions(zero_shot=["{labels}?", "Name one."])), batch(SECONDS[:1])
    assert isinstance(system, Prompted)
    assert system.wordings() == ["{labels}?", "Name one."]
    first = system.inputs(data, system.questions.wording("zero_shot", ("anger", "fear")))["input_ids"]
    assert "anger, fear?" in system.processor.tokenizer.decode(first[0])
    system.ask_with("Name one.")
    assert (system.wordings(), system.questions.explicit) == (["Name one."], EXPLICIT_PROMPT)
    asked = system.inputs(data, system.questions.wording("zero_shot", EMOTIONS))["input_ids"]
    assert "Name one." in system.processor.tokenizer.decode(asked[0])


def test_shorter_prompts_are_padded_on_the_left(folder):
    inputs = recognizer(folder).inputs(batch(SECONDS), "?")
    mask = inputs["attention_mask"]
    assert mask[:, -1].all()
    assert mask.sum(1).argmax() == 1
    assert (mask.diff(dim=1) >= 0).all()
    assert inputs["input_features"].shape[2] == 3000  # 30 s, as the audio tower was trained


@pytest.mark.parametrize(
    ("style", "asked"),
    [("explicit", EXPLICIT_PROMPT), ("implicit", IMPLICIT_PROMPT), ("zero_shot", ZERO_SHOT_QUESTION.split("{")[0])],
)
def test_styles_ask_what_they_are_called_inside_the_chat_template(folder, style, asked):
    system = recognizer(folder, style=style)
    inputs = system.inputs(batch([0.5]), system.questions.wording(style, ("anger", "fear")))
    text = system.processor.tokenizer.decode(inputs["input_ids"][0])
    assert asked in text
    assert ("anger, fear." in text) == (style == "zero_shot")
    assert text.startswith("<|im_start|>system\n")
    assert "<|audio_bos|><|AUDIO|>" in text
    assert text.endswith("<|im_end|>\n<|im_start|>assistant\n")


def test_wordings_are_settings():
    assert Questions(zero_shot="Which of {labels}?").wording("zero_shot", ("fear", "anger")) == "Which of fear, anger?"


def test_a_longer_clip_than_30_s_is_refused_by_name(folder):
    system = recognizer(folder)
    with pytest.raises(ComparisonError, match=r"toy/utt001 has 30\.5 s.*30 s at most.*filters\.max_seconds"):
        system.recognize(batch([0.5, 30.5]), EMOTIONS)


def test_an_empty_batch_and_a_missing_folder(folder):
    assert recognizer(folder).recognize(batch([]), EMOTIONS) == []
    with pytest.raises(ComparisonError, match=r"model\.init_args\.source: no such folder: /nowhere"):
        Qwen2AudioRecognizer("/nowhere").configure_model()


def test_an_unreachable_hub_name_names_the_key():
    with pytest.raises(ComparisonError, match=r"model\.init_args\.source: 'nobody/nothing' is no local folder"):
        Qwen2AudioRecognizer("nobody/nothing").configure_model()


def test_another_kind_of_model_is_refused(folder, tmp_path):
    from tests.comparison.tiny_systems import chat_model_folder

    with pytest.raises(ComparisonError, match=r"model\.init_args\.source: .* cannot be read as"):
        Qwen2AudioRecognizer(str(chat_model_folder(tmp_path / "text"))).configure_model()


class Explaining(Qwen2AudioRecognizer):
    """Random weights explain nothing, so this one is given its words."""

    def answers(self, batch, emotions):
        text = 'The speaker spoke at a fast pace, with a low pitch: "word 1". The emotion was inferred to be anger.'
        return [Answer(text, 20) for _ in batch.records]


def test_explicit_answers_are_held_against_the_measured_style():
    rows = Explaining(style="explicit").recognize(batch([0.5, 0.6]), EMOTIONS)
    assert [row.predicted for row in rows] == ["anger", "anger"]
    assert rows[0].reference.startswith("The speaker spoke")
    further = score(rows, EMOTIONS)[1]
    assert further.grounding.explicit == 2
    assert further.grounding.attributes["rate"].accuracy == 1.0  # measured: pitch low, loudness medium, rate high
    assert further.grounding.wer == pytest.approx(1 / 4)  # "word 0" and "word 1" were said
