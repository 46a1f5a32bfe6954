"""From a corpus to a shard folder in stages that can be killed, resumed and spread over machines.

plan -> measure -> describe -> (vectors) -> texts -> pack. Every stage but plan and texts works on one unit or one shard
at a time, finds its input in files, and writes files whose names are hashes of all that they depend on. See
docs/factory.md.
"""
