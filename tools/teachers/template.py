"""The teacher that is always there: the fixed wordings of :mod:`tools.cot_templates`."""

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.text.style_words import AnswerLanguage
from tools.cot_templates import write_texts
from tools.teachers.prompts import WORDINGS

IDENTITY = "template"


def template_texts(record: UtteranceRecord, language: AnswerLanguage) -> tuple[str, str]:
    """Return the explicit and the implicit text of a labelled utterance.

    Raises:
        ValueError: The utterance has no emotion.
    """
    texts = write_texts(record, WORDINGS[language])
    if texts is None:
        raise ValueError(f"{record.key} has no emotion, so no text can be written")
    return texts
