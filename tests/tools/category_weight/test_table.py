from tools.category_weight.table import Outcome, weight_table


def test_weights_are_rows_with_spread_over_seeds():
    outcomes = [
        Outcome(weight, seed, 0.5, ua, 0.4, 0.1 * seed)
        for weight, uas in ((100.0, (0.7, 0.9)), (0.0, (0.5, 0.5)))
        for seed, ua in enumerate(uas)
    ]
    rows = weight_table(outcomes).splitlines()[2:]
    assert rows[0] == "| 0 (plain emotion2vec) | 0.500 ± 0.000 | 0.500, 0.500 | 0.400 ± 0.000 | 0.050 ± 0.071 |"
    assert rows[1] == "| 100 | 0.800 ± 0.141 | 0.700, 0.900 | 0.400 ± 0.000 | 0.050 ± 0.071 |"


def test_one_seed_has_no_spread():
    assert "| 1 | 0.250 | 0.250 |" in weight_table([Outcome(1.0, 0, 0.2, 0.25, 0.2, 0.0)])
