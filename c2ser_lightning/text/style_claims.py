"""What a text claims of the speaking style: which attribute at which level, by word order alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from c2ser_lightning.data.record import Level
from c2ser_lightning.text.style_words import STYLE_WORDS, AnswerLanguage, Attribute, StyleWords

REACH = 7
"""Most words between a noun and a level that speaks of it."""

ALTERNATIVES = frozenset(("and", "or", "to"))
ARTICLES = frozenset(("a", "an", "the"))


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a text.

    Attributes:
        attribute: What it speaks of.
        level: What it says of it.
        start: Where the level stands in the text.
    """

    attribute: Attribute
    level: Level
    start: int


def style_claims(text: str, language: AnswerLanguage) -> list[Claim]:
    """Return what a text says of pitch, loudness and speaking rate, in order; denied levels are left out.

    A level belongs to the noun it is said of ("the pitch is low"), else to the noun it stands before ("a low pitch"),
    else to the noun right before it ("pitch low"); nouns that are joined share it ("moderate pace and volume").

    Args:
        text: Text without quotations.
        language: Language of the text.
    """
    return list(_Sentences(text, STYLE_WORDS[language]).claims())


class _Sentences:
    """A text as words, with the search for the nouns of a level."""

    def __init__(self, text: str, words: StyleWords) -> None:
        matches = list(words.token.finditer(text))
        self.tokens: Sequence[str] = [match.group().lower().replace("’", "'") for match in matches]
        self.starts = [match.start() for match in matches]
        self.words = words

    def claims(self) -> Iterator[Claim]:
        words = self.words
        for place, token in enumerate(self.tokens):
            if not self._states_level(token) or self._denied(place):
                continue
            if token in words.specific:
                attribute, level = words.specific[token]
                yield Claim(attribute, level, self.starts[place])
                continue
            for noun in self._nouns_of(place):
                attribute = words.nouns[self.tokens[noun]]
                of, level = words.restricted.get(token) or (attribute, words.general[token])
                if of == attribute:
                    yield Claim(attribute, level, self.starts[place])

    def _states_level(self, token: str) -> bool:
        return token in self.words.specific or token in self.words.restricted or token in self.words.general

    def _denied(self, place: int) -> bool:
        """Whether one of the three words before denies a level, with no noun, other level or barrier between."""
        for before in reversed(self.tokens[max(0, place - 3) : place]):
            if before in self.words.negations or before.endswith("n't"):
                return True
            if before == "only" or before in self.words.nouns or self._states_level(before):
                return False
            if before in self.words.barriers and before not in ARTICLES:
                return False
        return False

    def _nouns_of(self, place: int) -> list[int]:
        """Return the places of the nouns a level speaks of."""
        behind, linked = self._behind(place)
        ahead, attributive = self._ahead(place)
        if behind is not None and linked:
            return self._joined_before(behind)
        if ahead is not None and (attributive or behind is None or not self.words.attributive):
            return self._joined_after(ahead)
        return [] if behind is None else self._joined_before(behind)

    def _behind(self, place: int) -> tuple[int | None, bool]:
        """Return the noun before a level, and whether a linking word ties them.

        A noun that has its level already is not tied: "a moderate volume at a high pitch".
        """
        linked = False
        for at in range(place - 1, max(-1, place - 1 - REACH), -1):
            token = self.tokens[at]
            if token in self.words.nouns:
                return at, linked and not (at and self._states_level(self.tokens[at - 1]))
            linked = linked or token in self.words.links
            if token not in self.words.links and token not in self.words.fillers and token not in ARTICLES:
                break
        return None, False

    def _ahead(self, place: int) -> tuple[int | None, bool]:
        """Return the noun after a level, and whether the attributive particle ties them."""
        words, attributive, free = self.words, False, 0
        for at in range(place + 1, min(len(self.tokens), place + 1 + REACH)):
            token = self.tokens[at]
            if token in words.nouns:
                return at, attributive
            attributive = attributive or (token == words.attributive != "")
            if token in words.fillers or token == "of":
                continue
            follower = self._past_fillers(at + 1)
            if token in ALTERNATIVES and self._needs_noun(follower):
                return self._ahead(follower)
            if token in words.joins and self._is_free(follower) and words.free_words:
                continue
            free += 1
            if free > words.free_words or not self._is_free(at):
                break
        return None, False

    def _past_fillers(self, place: int) -> int:
        while place < len(self.tokens) and self.tokens[place] in self.words.fillers:
            place += 1
        return place

    def _needs_noun(self, place: int) -> bool:
        """Whether a level stands here that takes its attribute from a noun ("low to medium pitch")."""
        token = self.tokens[place] if place < len(self.tokens) else ""
        return token in self.words.general or token in self.words.restricted

    def _is_free(self, place: int) -> bool:
        """Whether a word has no part in the search, so that it may describe the noun too ("a low, monotone pitch")."""
        words = self.words
        if place >= len(self.tokens):
            return False
        token = self.tokens[place]
        taken = (words.nouns, words.links, words.fillers, words.joins, words.barriers, words.negations)
        return not any(token in table for table in taken) and not self._states_level(token)

    def _joined_before(self, noun: int) -> list[int]:
        """Return a noun and those joined before it that have no level of their own."""
        found = [noun]
        at = noun
        while at >= 2 and self.tokens[at - 1] in self.words.joins and self.tokens[at - 2] in self.words.nouns:
            at -= 2
            if at >= 1 and self._states_level(self.tokens[at - 1]):
                break
            found.append(at)
        return found

    def _joined_after(self, noun: int) -> list[int]:
        """Return a noun and those joined after it of which nothing else is said."""
        found = [noun]
        at = noun
        last = len(self.tokens) - 1
        while at + 2 <= last and self.tokens[at + 1] in self.words.joins and self.tokens[at + 2] in self.words.nouns:
            at += 2
            if at + 1 <= last and (self.tokens[at + 1] in self.words.links or self._states_level(self.tokens[at + 1])):
                break
            found.append(at)
        return found
