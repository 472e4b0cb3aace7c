"""Raw sources -> Corpus: rendered, tokenized Parquet shards."""
