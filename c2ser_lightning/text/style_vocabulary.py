"""Words an explanation may use without inventing anything: how speech is described, and words without content. Data.

A star stands for any ending.
"""

from collections.abc import Mapping
from types import MappingProxyType

from c2ser_lightning.text.style_words import AnswerLanguage

FUNCTION_WORDS: Mapping[AnswerLanguage, str] = MappingProxyType(
    {
        "en": (
            "a about above across after again against all almost along already also although always am among an "
            "and any are around as at away back be became because become been before being below between both "
            "but by came can cannot could did do does doing done down during each either else even ever every "
            "for from further get gets give given gives had has have having he hence her here hers herself him "
            "himself his how however i if in into is it its itself just kind least less let like likely made "
            "make makes many may maybe me might mine more most much must my myself near neither no nor not "
            "nothing now of off often on once one only onto or other others our out over own per perhaps quite "
            "rather really s same see seem seems several shall she should since so some something somewhat "
            "still such t than that the their them then there therefore these they this those though through "
            "throughout thus to together too toward towards two under until up upon us use used using very via "
            "was way we well were what when where whether which while who whole whom whose why will with within "
            "without would yes yet you your yours"
        ),
        "zh": (
            "的 了 是 在 和 与 及 以 并 也 都 而 但 但是 这 那 这种 那种 这个 那个 一个 一种 一位 一段 一条 "
            "一句 这段 这条 这句 他 她 它 他们 她们 我 你 我们 你们 自己 对方 对 于 对于 从 到 把 被 将 让 使 "
            "使得 因为 因此 所以 由于 如果 虽然 可以 可能 能 能够 会 应该 应 应是 就 还 又 再 很 非常 十分 较 "
            "较为 比较 更 最 有 有些 有点 没有 不 没 无 个 种 位 段 条 句 上 下 中 里 内 外 时 时候 后 前 之 其 "
            "某种 某些 所 着 过 得 地 吗 呢 吧 啊 等 或 或者 则 即 如 像 似乎 仿佛 好像 进行 通过 根据 基于 由 "
            "由此 可见 来 去 出 起来 来看 来说 而言 整体 整个 同时 其中 以及 且 并且 一丝 一些 一定 一点 些 为 "
            "向 给 用 请 说 道 说道 讲 话"
        ),
    }
)
"""Words without content of their own."""

DESCRIPTION_WORDS: Mapping[AnswerLanguage, str] = MappingProxyType(
    {
        "en": (
            "speak* spoke spoken speech* speaker* said say* saying talk* voice* vocal* utter* tone tones tonal "
            "style* content* word* phrase* sentence* statement* text* transcript* pitch* volume* loud* quiet* "
            "soft* pace* tempo rate rates speed* rhythm* level* energy energ* intensit* intonation* timbre "
            "prosod* acoustic* characteristic* feature* analy* base* infer* conclu* indicat* suggest* reflect* "
            "convey* express* reveal* show* imply impli* sound* hear* heard audio clip recording record* "
            "emotion* feel* felt mood* sense* state label* manner* deliver* describ* consider* judg* combin* "
            "overall person man woman male female young old adult child* boy girl language tell* ask* question* "
            "exclaim* shout* yell* whisper* pronounc* articulat* emphas* stress* hesita* paus* breath* laugh* "
            "sigh* cry* cries sob* tremb* shak* strong* weak* clear* slight* moderate* normal medium average "
            "high* low* fast* slow* rapid* quick* steady stead* stable flat rising falling rise* fall* "
            "variation* vari* range raised harsh* rough* bright* dark* warm* cold* gentle gently firm* tense "
            "tension accompan* mean* meaning context* situation* towards possibl* probabl* evident* obvious* "
            "particular* certain* note noted noticeabl* hint* touch trace* impression* atmosphere natural* "
            "relativ* general* typical* positive* negative* arous* valence describe direct* start* end* begin* "
            "final* follow* reading read*"
        ),
        "zh": (
            "说话者 说话人 说话 讲话 讲述 表述 表示 语音 语速 语调 语气 语言 语句 语义 声音 嗓音 音调 音高 音量 "
            "响度 音色 口吻 节奏 速度 速率 风格 特征 特点 内容 文本 话语 话 句子 台词 情绪 情感 感情 心情 态度 "
            "状态 状况 类别 标签 分析 推测 推断 判断 判定 得出 结合 综合 表明 表现 表达 体现 传达 传递 透露 "
            "流露 反映 显示 显得 听起来 听出 听到 感受 感到 感觉 觉得 带有 带着 带 充满 高昂 高 低 低沉 中等 "
            "适中 正常 平均 快 慢 缓慢 急促 迅速 快速 轻柔 轻 响亮 洪亮 大 小 强烈 强 弱 微弱 明显 清晰 平稳 "
            "稳定 起伏 变化 上扬 下降 升高 降低 停顿 哭腔 叹息 笑声 笑 颤抖 男性 女性 年轻 男 女 人 声 水平 "
            "程度 整体 氛围 意味 意思 情境 场景 描述 方面 特别 略 偏 稍 方式 方法 性 者 女声 男声 呈现 伴随 "
            "真诚 自然 直接"
        ),
    }
)
"""Words with which speech and its analysis are described; pitch, loudness and pace are in ``style_words``."""
