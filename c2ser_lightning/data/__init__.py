"""Utterances from tar shards to batches: schema, decoding, indexing, bucketing, collation and the DataModule."""
