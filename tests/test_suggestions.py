from c2ser_lightning.comparison import CascadeRecognizer
from c2ser_lightning.modules import EmotionProbe, ExplicitCoT
from c2ser_lightning.suggestions import setting_names, suggestion


def test_names_reach_into_nested_settings_of_inherited_constructors():
    names = set(setting_names([ExplicitCoT]))
    assert {"whisper", "layers", "ffn", "rank", "learning_rate", "checkpoint", "embed_dim"} <= names
    assert "hidden" in set(setting_names([EmotionProbe]))
    assert {"transcriber", "language", "reader", "max_new_tokens"} <= set(setting_names([CascadeRecognizer]))


def test_the_first_unknown_part_of_a_dotted_key_is_meant():
    message = "Option 'optimiser.learning_rate' is not accepted"
    assert suggestion(message, [ExplicitCoT], []) == "\nDid you mean 'optimizer' instead of 'optimiser'?"


def test_nothing_is_suggested_for_what_is_like_nothing_or_is_no_key():
    assert suggestion("Option 'qqqqqq' is not accepted", [ExplicitCoT], []) == ""
    assert suggestion("something else went wrong", [ExplicitCoT], []) == ""
