"""The paper's setting at its real size, built without memory for its weights: what is trained, and how much that is."""

import pytest
import yaml
from accelerate import init_empty_weights

from c2ser_lightning.models.c2ser import C2SER
from c2ser_lightning.models.connector import ConnectorSettings
from c2ser_lightning.models.language_model import LanguageModelSettings, LoraSettings
from c2ser_lightning.models.whisper import WhisperSettings
from tests.conftest import ROOT
from tests.tiny import language_model_folder


@pytest.fixture(scope="module")
def counts(tmp_path_factory) -> dict[str, int]:
    """Trained parameters by part."""
    tokenizer = language_model_folder(tmp_path_factory.mktemp("lm"), [f"word {number}" for number in range(40)])
    arguments = yaml.safe_load((ROOT / "configs" / "stage1.yaml").read_text())["model"]["init_args"]
    lora = LoraSettings(**arguments["language_model"]["lora"])
    language_model = LanguageModelSettings(source=None, tokenizer=str(tokenizer), lora=lora, vocabulary=152_064)
    with init_empty_weights(include_buffers=False):
        whisper = WhisperSettings(source=None, trainable=arguments["whisper"]["trainable"])
        model = C2SER(whisper, None, ConnectorSettings(**arguments["connector"]), language_model)
    found: dict[str, int] = {}
    for name, weight in model.named_parameters():
        part = name.partition(".")[0]
        found[f"all of {part}"] = found.get(f"all of {part}", 0) + weight.numel()
        if weight.requires_grad:
            found[part] = found.get(part, 0) + weight.numel()
    return found


def test_trained_parts_have_the_released_sizes(counts):
    assert counts["language_model"] == pytest.approx(15.14e6, rel=1e-3)
    assert counts["connector"] == pytest.approx(51.96e6, rel=1e-3)
    assert counts["speech_marks"] == 2 * 3584
    assert "whisper" not in counts


def test_backbones_have_their_real_sizes(counts):
    assert counts["all of language_model"] - counts["language_model"] == 7_615_616_512
    # 1500 positions of the table are no weights of the released count
    assert counts["all of whisper"] == pytest.approx(305.68e6 + 1500 * 1024, rel=1e-2)


def test_a_checkpoints_weights_take_an_eighth_of_a_gigabyte_in_bf16(counts):
    trained = counts["language_model"] + counts["connector"] + counts["speech_marks"]
    assert 2 * trained / 1e9 == pytest.approx(0.134, abs=0.001)
