import pytest

from c2ser_lightning.text.prompts import EXPLICIT_PROMPT, IMPLICIT_PROMPT, PromptSettings


def test_chat_layout_is_chatml_around_the_speech():
    turn = PromptSettings(system="Be brief.").turn("explicit")
    assert turn.before == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
    assert turn.after == f"\n{EXPLICIT_PROMPT}<|im_end|>\n<|im_start|>assistant\n"
    assert turn.end == "<|im_end|>"
    assert PromptSettings(system="").turn("implicit").before == "<|im_start|>user\n"


def test_speech_first_layout_is_secaps_order_with_the_language_models_own_marks():
    settings = PromptSettings(explicit="How?", layout="speech_first")
    turn = settings.turn("explicit")
    assert (turn.before, turn.after, turn.end) == ("<s>", "How?", "</s>")
    turn = PromptSettings(implicit="What?", layout="speech_first", begin="", end="<|endoftext|>").turn("implicit")
    assert (turn.before, turn.after, turn.end) == ("", "What?", "<|endoftext|>")


def test_plain_layout_puts_the_question_before_the_speech():
    turn = PromptSettings(layout="plain").turn("implicit")
    assert (turn.before, turn.after, turn.end) == (IMPLICIT_PROMPT, "", "<|endoftext|>")


@pytest.mark.parametrize("emotion", ["anger", "fear"])
def test_candidates_fill_in_both_languages(emotion):
    english, chinese = PromptSettings().candidates(emotion)
    assert emotion in english
    assert chinese.startswith("这段语音")


def test_several_wordings_are_drawn_by_number_and_answering_takes_the_first():
    prompts = PromptSettings(layout="plain", explicit=["one", "two", "three"])
    assert [prompts.turn("explicit", draw).before for draw in (0, 1, 2, 3)] == ["one", "two", "three", "one"]
    assert prompts.turn("explicit").before == "one"
    assert [turn.before for turn in prompts.turns("explicit")] == ["one", "two", "three"]
    assert prompts.turns("implicit") == [prompts.turn("implicit")]
    with pytest.raises(ValueError, match="need a wording each"):
        PromptSettings(implicit=[])
