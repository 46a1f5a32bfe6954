"""What an explicit answer says of style and emotion, without the words that were spoken."""

import re

from c2ser_lightning.text.quotations import read

# What `read` leaves of a quotation is a full stop and at least two spaces.
_BEFORE_A_MARK = re.compile(r"[\s:：,，]*\.\s{2,}(?=[.。!！?？,，;；、])")
_AT_THE_END = re.compile(r"[\s:：,，]*\.\s{2,}$")
_BETWEEN = re.compile(r"\s*\.\s{2,}")


def style_caption(explicit: str, transcript: str) -> str:
    """Return an explicit text without its quotations of the transcript; unquoted words of it stay."""
    text = read(explicit, transcript).prose
    text = _AT_THE_END.sub(".", _BEFORE_A_MARK.sub("", text))
    return " ".join(_BETWEEN.sub(" ", text).split())
