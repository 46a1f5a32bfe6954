from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.confusion_figure import confusion_figure
from tests.results import result


def test_every_cell_shows_its_count():
    scores = result().scores
    axes = confusion_figure(scores).axes[0]
    assert [text.get_text() for text in axes.texts] == [str(count) for row in scores.confusion for count in row]
    assert [label.get_text() for label in axes.get_xticklabels()] == [*EMOTIONS, "unparsed"]
