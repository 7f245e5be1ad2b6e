"""Weights of terms."""

from knowledge.search.bm25 import idf, weigh


def test_rare_terms_tell_more() -> None:
    assert idf(100, 1) > idf(100, 50) > idf(100, 100) > 0


def test_passage_has_stems_pairs_and_title() -> None:
    weights = weigh("Bags › Fees", "Heavy bags cost more", "en")
    assert set(weights) == {"heavi", "bag", "cost", "heavi bag", "bag cost", "#bag", "#fee"}
    assert weights["heavi bag"] * 2 == weights["heavi"]


def test_repetition_counts_less_each_time() -> None:
    once, twice, thrice = (
        weigh("", "dog " * count + "cat " * (6 - count), "en")["dog"] for count in (1, 2, 3)
    )
    assert thrice - twice < twice - once


def test_long_passage_dilutes() -> None:
    assert weigh("", "dog", "en")["dog"] > weigh("", "dog " + "word " * 200, "en")["dog"]


def test_empty_passage_weighs_nothing() -> None:
    assert weigh("", "", "en") == {}
