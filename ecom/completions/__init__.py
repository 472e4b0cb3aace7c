"""Ask any endpoint that speaks OpenAI's chat completions: retries, one budget, a cache.

    Request ─► client.py ─► a try (counted first) ─► Reply ─► cache.py: never asked again

The corpus stage asks a teacher for rows by it, predict asks baselines its questions.
"""
