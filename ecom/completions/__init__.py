"""Ask any endpoint that speaks OpenAI's chat completions: retries, one budget, a cache.

    Request ─► client.py ─► a try (counted first) ─► Reply ─► cache.py: never asked again

The corpus stage uses it to ask a teacher for rows, predict to ask baselines its questions.
"""
