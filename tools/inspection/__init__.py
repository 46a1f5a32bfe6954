"""What ``tools.inspect_shards`` looks at: checksums, schema, counts, levels, sound, texts; and the page."""
