import pytest
from torch.utils.tensorboard import SummaryWriter

from tools.studies.curves import Curve, curve_figure, read_curve


def write(folder, points: dict[int, float], name: str = "val/ua") -> None:
    with SummaryWriter(str(folder)) as writer:
        for step, value in points.items():
            writer.add_scalar(name, value, step)


def test_reads_all_tries_of_a_run_in_order_of_steps(tmp_path):
    write(tmp_path, {1: 0.1, 5: 0.2})
    write(tmp_path, {9: 0.4, 5: 0.3})
    curve = read_curve(tmp_path, "val/ua")
    assert curve.steps == (1, 5, 9)
    assert curve.values[::2] == pytest.approx((0.1, 0.4))
    assert read_curve(tmp_path, "val/loss") is None


def test_draws_the_mean_of_seeds_at_the_steps_they_share():
    seeds = [Curve((1, 2, 3), (0.0, 0.2, 0.4)), Curve((2, 3), (0.4, 0.6))]
    figure = curve_figure({"val/ua": {"linear": seeds, "cosine": seeds[:1]}, "train/loss": {"linear": seeds[1:]}})
    assert [axis.get_title() for axis in figure.axes] == ["val/ua", "train/loss"]
    mean, single = figure.axes[0].lines
    assert mean.get_xydata().tolist() == [[2, pytest.approx(0.3)], [3, pytest.approx(0.5)]]
    assert len(single.get_xdata()) == 3


def test_a_variant_has_one_colour_and_its_name_in_the_legend_whatever_it_logged():
    curve = [Curve((1, 2), (0.0, 1.0))]
    figure = curve_figure({"val/ua": {"linear": curve}, "train/loss": {"explicit": curve, "linear": curve}})
    (first,), (other, second) = (axis.lines for axis in figure.axes)
    assert first.get_color() == second.get_color() != other.get_color()
    (legend,) = figure.legends
    assert {text.get_text(): line.get_color() for text, line in zip(legend.texts, legend.get_lines(), strict=True)} == {
        "linear": first.get_color(),
        "explicit": other.get_color(),
    }
