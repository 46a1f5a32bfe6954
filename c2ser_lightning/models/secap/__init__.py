"""SECap (Xu et al., AAAI 2024, arXiv 2312.10381): HuBERT hears, a Q-Former picks out emotion, a language model says it.

What is as published and what is ours: docs/secap.md.
"""
