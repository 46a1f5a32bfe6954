"""Rare emotions through the command line at the tiniest size: counts are learned, kept, and used."""

import pytest
import torch

from tests.tiny_runs import CONFIGS, answers, cli, make_tiny

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize("overlay", sorted(path.name for path in (CONFIGS / "imbalance").glob("*.yaml")))
def test_overlays_train_and_keep_the_counts(tiny, tmp_path, overlay):
    start = "--model.init_args.initialise_from=null"
    run = cli("fit", ["stage2.yaml", f"imbalance/{overlay}"], tiny, tmp_path / "fit", start)
    last = tmp_path / "fit" / "checkpoints" / "last.ckpt"
    counts = torch.load(last, weights_only=True)["class_counts"]
    assert counts == run.datamodule.training_counts() == dict.fromkeys(run.datamodule.emotions, 1)


def test_logit_adjustment_lifts_what_is_rare(tiny, tmp_path):
    start = "--model.init_args.initialise_from=null"
    cli("fit", ["stage2.yaml"], tiny, tmp_path / "fit", start)
    last = tmp_path / "fit" / "checkpoints" / "last.ckpt"
    checkpoint = torch.load(last, weights_only=True)
    checkpoint["class_counts"] = {**checkpoint["class_counts"], "fear": 1, "neutral": 999}
    torch.save(checkpoint, last)
    given = {}
    for tau in (0.0, 1.0):
        options = [start, "--model.init_args.answering.method=score", f"--ckpt_path={last}"]
        out = tmp_path / f"tau{tau}"
        cli("test", ["stage2.yaml"], tiny, out, *options, f"--model.init_args.answering.logit_adjustment={tau}")
        given[tau] = answers(out)
    for plain, adjusted in zip(given[0.0], given[1.0], strict=True):
        ratio = {
            row: one["probabilities"]["fear"] / one["probabilities"]["neutral"]
            for row, one in (("plain", plain), ("adjusted", adjusted))
        }
        assert ratio["adjusted"] == pytest.approx(999 * ratio["plain"], rel=1e-3)
