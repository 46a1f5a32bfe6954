from collections import Counter

import pytest

from c2ser_lightning.metrics.functional import METRICS
from tools.evaluating.paper_results import SETS, paper_results


def test_every_system_has_every_set_in_the_two_large_tables():
    for table, systems in (("V", 6), ("VI", 6)):
        rows = paper_results([table])
        assert Counter(one.system for one in rows) == dict.fromkeys({one.system for one in rows}, len(SETS))
        assert len({one.system for one in rows}) == systems
        assert {one.test_set for one in rows} == set(SETS)


def test_figures_that_the_text_repeats():
    found = {(one.table, one.system, one.test_set): one for one in paper_results()}
    implicit = found["VI", "C2SER (Implicit CoT)", "emo_emilia"]
    assert (implicit.ua, implicit.wa, implicit.macro_f1) == pytest.approx((0.69, 0.69, 0.6161))
    for table, system in (("VII", "C2SER (Implicit CoT)"), ("VIII", "C2SER")):
        assert found[table, system, "emo_emilia"].macro_f1 == implicit.macro_f1
    assert found["IX", "C2SER, not fine-tuned", "meld"].ua == found["VI", "C2SER (Implicit CoT)", "meld"].ua
    assert found["V", "Emotion2Vec-S", "casia"].ua == pytest.approx(0.6295)
    assert found["VI", "Qwen2-Audio", "emovdb"].wa == pytest.approx(0.9938)


def test_scores_are_shares_under_the_names_of_the_metrics():
    for one in paper_results():
        assert all(0 < getattr(one, name) < 1 for name in METRICS)
