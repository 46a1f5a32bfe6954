import time

from tools.building.progress import Stages


def test_known_work_moves_the_bar_and_not_the_rate(capsys):
    stages = Stages()
    with stages.shown("measure", "measuring", total=100) as bar:
        bar.skip(90)
        time.sleep(0.2)
        bar.advance(10)
        bar.show(left_out=3)
    (stage,) = stages.all
    assert (stage.done, stage.known) == (10, 90)
    assert 0.2 <= stage.seconds < 5
    assert stage.processor_seconds < stage.seconds
    (line,) = stages.lines()
    assert "90 known from an earlier run" in line
    shown = capsys.readouterr().err.split("\r")[-1]
    assert "100/100" in shown
    rate = float(shown.split("utt/s")[0].split()[-1].lstrip("[,"))
    assert rate <= 50
