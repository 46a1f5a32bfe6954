"""Where a text names one of the seven emotions: words and stems of six languages. Data, and the search for them.

A star stands for any ending: ``smut*`` is smutny, smutna, smutku. Words that name two emotions, or none of the seven
(boredom, confusion, love), stand nowhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from c2ser_lightning.emotions import SYNONYMS

FURTHER_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "anger": "angers angrier angriest infuriat* exasperat* livid fuming hostil* indignan* indignation "
            "wrath wrathful resent* aggravat* aggressive* irritabl* frustrating rages raging irk irked outrage "
            "incensed",
            "happiness": "happier happiest joys overjoyed gleeful* glee jolly merry thrilled ecsta* upbeat enthusias* "
            "exhilarat* jubila* rejoic* cheer cheery cheerfulness optimis* euphori* bliss* enjoy enjoys enjoying "
            "enjoyment delightful* playful* satisfied satisfaction excitedly happily",
            "neutral": "calmness composed composure impassive* dispassionate* unmoved indifferen* deadpan",
            "sadness": "sadder saddest saddened miserabl* misery dejected* disappoint* hopeless* griev* mourn* "
            "despond* despair* downcast sorrows tearful* gloom gloomily melanchol* depress* heartbreak* woeful* "
            "desolate wistful* crestfallen",
            "surprise": "surprises astonish* amazes astound* stunned flabbergasted startl* dumbfounded "
            "disbelief shocks bewilder*",
            "disgust": "disgusts disgustedly disgustingly revolt* revolted revulsed repuls* repugnan* repelled nause* "
            "distaste* scorn* contemptuous* loath* averse abhor* disdain* sickened",
            "fear": "fears frighten* fright petrified apprehens* dread dreads dreading nervous* worried worry worries "
            "worrying panick* panicky alarmed terrifying horrif* horror scary scare scares anxiously anxieties "
            "uneasy uneasiness timid*",
        },
        "it": {
            "anger": "rabbia rabbios* arrabbiat* infuriat* furios* furia collera irritat* irritazione indignat* "
            "adirat* stizza stizzit*",
            "happiness": "felic* gioia gioie gioios* allegr* contento contenta contenti contente contentissim* "
            "lieto lieta lieti "
            "entusias* euforic*",
            "neutral": "neutro neutra neutri neutre neutralità tranquill* calmo calma calmi calme pacat* serena sereno",
            "sadness": "triste tristi tristes tristezz* tristez* tristement* tristissim* malinconi* "
            "addolorat* depress* afflitt* sconsolat* dispiaciut* delus*",
            "surprise": "sorpres* stupit* stupore stupefatt* meraviglia meravigliat* sbalordit* sconcert* attonit*",
            "disgust": "disgust* ribrezzo schifo schifat* schifos* nause* repulsione ripugnan* disprezzo",
            "fear": "paur* impaurit* spavent* timore timoros* terrore terrorizzat* ansia ansios* angoscia angosciat* "
            "preoccupat*",
        },
        "es": {
            "anger": "enfad* enoj* ira rabia cólera furios* furia irritad* irritación indignad* indignación molesto "
            "molesta molestos iracund* cabread*",
            "happiness": "feliz felices felizmente alegr* gozo gozos* contentos contentas contentísim* entusias* "
            "eufóric* ilusionad*",
            "neutral": "neutro neutra neutros neutras neutralidad tranquil* calmad* seren*",
            "sadness": "tristísim* entristec* abatid* deprimid* afligid* melancól* melancol* apenad* "
            "desanimad* decepcion*",
            "surprise": "sorpres* sorprend* asombr* atónit* estupefact* pasmad*",
            "disgust": "asco asque* repugn* repulsi* desagrad* repulsión",
            "fear": "miedo* asust* temor* temeros* aterr* pánico espant* ansiedad ansios* nervios* preocupad*",
        },
        "de": {
            "anger": "wut wütend* zorn zornig* ärger ärgerlich* verärger* gereizt* aufgebracht* empört* erzürn* "
            "aggressiv* rasend sauer entrüst*",
            "happiness": "freude freudig* freut freue freuen fröhlich* glücklich* froh frohe* heiter* begeister* "
            "vergnügt* erfreut* ausgelassen*",
            "neutral": "neutral* sachlich* ruhig* gelassen* nüchtern* emotionslos* ausgeglichen*",
            "sadness": "traurig* trauer trauernd* niedergeschlagen* betrübt* bedrückt* deprimiert* kummer "
            "melanchol* enttäusch* wehmütig* wehmut",
            "surprise": "überrasch* erstaun* verblüff* staunen staunend* verwundert* verwunderung",
            "disgust": "ekel ekelt ekelhaft* angeekelt* angewidert* abscheu abscheul* abneigung verachtung",
            "fear": "angst ängste ängstlich* furcht furchtsam* verängstigt* panik panisch* erschrocken* besorgt* "
            "nervös*",
        },
        "pl": {
            "anger": "złoś* zły zła złe złym złą złego złej wściek* gniew* rozgniew* rozzłoszcz* zirytowan* irytac* "
            "oburzon* oburzeni* zdenerwowan*",
            "happiness": "radoś* radosn* radość* szczęśliw* szczęści* wesoł* zadowol* ucieszon* "
            "entuzjast* entuzjazm* uradowan*",
            "neutral": "neutraln* spokój spokojn* spokojem opanowan* obojętn*",
            "sadness": "smut* zasmucon* nieszczęśliw* przygnębi* żal żalu żalem rozżalon* rozpacz* przygnęb* "
            "zrozpaczon* rozczarowan* melanchol*",
            "surprise": "zaskocz* zdziwi* zdumi* zdumie* niedowierz* osłupi*",
            "disgust": "wstręt* obrzydz* odraz* niesmak* zniesmacz* pogard*",
            "fear": "strach* lęk* przestrasz* przeraż* obaw* wystrasz* zaniepokoj* panik* trwog*",
        },
        "zh": {
            "anger": "火冒三丈 怒火 怒不可遏 不耐烦 怨气 愤懑 愤恨 愤然 暴躁 烦躁 大怒 激愤 怨恨 不满 发火 "
            "怒吼 咆哮 怒",
            "happiness": "乐呵呵 欢乐 舒畅 兴高采烈 愉悦 喜气洋洋 幸福 欣慰 喜出望外 开怀 雀跃 喜滋滋 乐观",
            "neutral": "平淡 淡定 冷淡 镇定 淡然 心平气和",
            "sadness": "哽咽 失望 低落 沉重 郁郁寡欢 伤感 难受 悲 哀 哭泣 绝望 心碎 痛苦 惋惜 消沉",
            "surprise": "大吃一惊 难以置信 惊诧 目瞪口呆 错愕 惊愕 惊叹 震撼 不敢相信 讶异 愕然 惊呆",
            "disgust": "嗤之以鼻 鄙夷 嫌恶 鄙视 轻蔑 不屑 作呕 憎恨 厌烦 唾弃",
            "fear": "吓坏 惊吓 害怕 忐忑 紧张 担忧 焦虑 担心 恐怖 慌张 胆怯 惶恐 不安 惧",
        },
    }
)
"""Words and stems beside ``emotions.SYNONYMS``, by language."""

EMOJI: Mapping[str, str] = MappingProxyType(
    {
        "anger": "😡😠🤬",
        "happiness": "😊😀😄😃😁😂🙂",
        "neutral": "😐",
        "sadness": "😔😢😭😞",
        "surprise": "😮😲😯",
        "disgust": "🤢🤮",
        "fear": "😰😨😱",
    }
)
"""Pictures that recognisers such as SenseVoice put in place of words."""

PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "neutral": r"\b(?:no|without|devoid of|lack(?:s|ing)?|free of|absence of|zero)\s+"
        r"(?:(?:any|an?|particular|obvious|clear|strong|discernible|noticeable|marked|visible|special)\s+)*(?:emotions?|feelings?)\b"
        r"|\bmatter[- ]of[- ]fact(?:ly)?\b|\bsenza emozion[ei]\b|\bsin emoción\b|\bohne emotion(?:en)?\b|\bbez emocji\b"
        r"|(?:没有|不带|无|缺乏)(?:什么|任何|明显的?|特别的?|强烈的?)*(?:情绪|感情|情感)(?:色彩|波动|起伏|倾向)?"
        r"|情绪(?:很|较|较为|比较)?(?:平稳|稳定)",
        "sadness": r"\b(?:close to|in) tears\b|(?<![既也并])(?:不高兴|不开心|不快乐)",
    }
)
"""What names an emotion by several words; the negation inside belongs to it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An emotion word in a text and where it stands."""

    emotion: str
    start: int
    end: int


def emotion_words(text: str) -> list[Mention]:
    """Return every place where a text in lower case names an emotion, denied or not, in order.

    Phrases come before their words.
    """
    found: list[Mention] = []
    for emotion, pattern in _PHRASES.items() if _MAY_HOLD_PHRASE.search(text) else ():
        found += [Mention(emotion, match.start(), match.end()) for match in pattern.finditer(text)]
    covered = [(mention.start, mention.end) for mention in found]
    for match in _TOKEN.finditer(text):
        named = _named(match.group())
        if named is not None and not any(start <= match.start() < end for start, end in covered):
            found.append(Mention(named, match.start(), match.end()))
    return sorted(found, key=lambda mention: mention.start)


def is_emotion_word(text: str) -> bool:
    """Whether a text in lower case is one emotion word and nothing else."""
    found = emotion_words(text)
    return len(found) == 1 and (found[0].start, found[0].end) == (0, len(text))


def _named(word: str) -> str | None:
    if word in WORDS:
        return WORDS[word]
    return next((_STEMS[word[:size]] for size in range(len(word), 2, -1) if word[:size] in _STEMS), None)


def _collected(wanted_stems: bool) -> dict[str, str]:
    table: dict[str, str] = {} if wanted_stems else {word: emotion for emotion, ws in SYNONYMS.items() for word in ws}
    for language in FURTHER_WORDS.values():
        for emotion, words in language.items():
            for word in words.split():
                if word.endswith("*") == wanted_stems:
                    table.setdefault(word.removesuffix("*"), emotion)
    if not wanted_stems:
        table |= {picture: emotion for emotion, pictures in EMOJI.items() for picture in pictures}
    return table


WORDS: Mapping[str, str] = MappingProxyType(_collected(wanted_stems=False))
_STEMS: Mapping[str, str] = MappingProxyType(_collected(wanted_stems=True))
_LONGEST_FIRST = sorted((word for word in WORDS if not word[0].isalpha() or word[0] >= "\u3400"), key=len, reverse=True)
_TOKEN = re.compile(r"[a-zß-ɏ]+|" + "|".join(map(re.escape, _LONGEST_FIRST)))
_PHRASES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {emotion: re.compile(pattern) for emotion, pattern in PHRASES.items()}
)
_MAY_HOLD_PHRASE = re.compile("emotion|feeling|fact|tears|emozion|emoción|emocji|[情感不]")
"""Without one of these no phrase can match; looking for them first is cheaper."""


def lowered(text: str) -> str:
    """Return a text in lower case with every position kept, which ``str.lower`` alone does not promise."""
    lower = text.lower()
    return (
        lower if len(lower) == len(text) else "".join(low if len(low := char.lower()) == 1 else char for char in text)
    )
