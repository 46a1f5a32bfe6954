import pytest
import torch
from torch import nn

from c2ser_lightning.modules.checkpointing import CheckpointError, TrainedWeightsModule


class Half(TrainedWeightsModule):
    """Half frozen, half trained, each half with a buffer."""

    def __init__(self, backbone: str = "a", width: int = 2) -> None:
        super().__init__()
        self.frozen = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).requires_grad_(False)
        self.trained = nn.Sequential(nn.Linear(2, width), nn.BatchNorm1d(width))
        self.backbone = backbone

    def backbone_identities(self) -> dict[str, str]:
        return {"frozen": self.backbone}


def saved(module: Half) -> dict:
    checkpoint = {"state_dict": module.state_dict()}
    module.on_save_checkpoint(checkpoint)
    return checkpoint


def test_a_checkpoint_holds_trained_weights_and_buffers_only():
    names = saved(Half())["state_dict"].keys()
    assert names
    assert all(name.startswith("trained.") for name in names)
    assert "trained.1.running_mean" in names


def test_trained_weights_return_and_frozen_ones_stay(tmp_path):
    source, target = Half(), Half()
    torch.save(saved(source), tmp_path / "a.ckpt")
    frozen = target.frozen[0].weight.clone()
    target.load_trained(str(tmp_path / "a.ckpt"))
    assert torch.equal(target.trained[0].weight, source.trained[0].weight)
    assert torch.equal(target.frozen[0].weight, frozen)


def test_missing_and_unexpected_weights_are_named():
    checkpoint = saved(Half())
    checkpoint["state_dict"]["trained.9.weight"] = checkpoint["state_dict"].pop("trained.0.weight")
    with pytest.raises(CheckpointError, match=r"trained\.0\.weight.*trained\.9\.weight"):
        Half().on_load_checkpoint(checkpoint)


def test_another_backbone_is_refused():
    with pytest.raises(CheckpointError, match="trained on frozen a, but this run uses b"):
        Half("b").on_load_checkpoint(saved(Half("a")))


def test_a_missing_checkpoint_says_what_to_do(tmp_path):
    with pytest.raises(CheckpointError, match="train that stage first"):
        Half().load_trained(str(tmp_path / "none.ckpt"))


class Adapted(TrainedWeightsModule):
    """A trained part with or without an adapter."""

    def __init__(self, lora: bool) -> None:
        super().__init__()
        self.connector = nn.Linear(2, 2)
        self.language_model = nn.ParameterDict({"q_proj": nn.Parameter(torch.ones(2), requires_grad=False)})
        if lora:
            self.lm = nn.ModuleDict({"lora_A": nn.Linear(2, 2, bias=False)})


def test_a_missing_adapter_is_called_that():
    with pytest.raises(CheckpointError, match=r"the adapter is missing.*lm\.lora_A\.weight.*language_model\.lora"):
        Adapted(lora=True).on_load_checkpoint(saved(Adapted(lora=False)))
    with pytest.raises(CheckpointError, match=r"holds an adapter of 1 LoRA weights that this model lacks"):
        Adapted(lora=False).on_load_checkpoint(saved(Adapted(lora=True)))


def test_a_wrong_backbone_names_the_option():
    class Whole(Half):
        def backbone_identities(self) -> dict[str, str]:
            return {"language_model": self.backbone}

    with pytest.raises(CheckpointError, match=r"wrong backbone.*set model\.init_args\.language_model\.source"):
        Whole("b").on_load_checkpoint(saved(Whole("a")))
