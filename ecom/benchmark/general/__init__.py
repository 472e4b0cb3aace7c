"""General tasks, by EleutherAI's lm-eval: `ecom benchmark RECIPE --general TASK,…`.

points.py     which models are asked: base, merged, awq, shares of what was learned
harness.py    the process in which lm-eval runs
job.py        each model's general and shopping scores -> table, picture, artifact
tradeoff.py   the table and the picture
export.py     ecom's evaluation rows -> lm-eval's tasks (metrics.py is copied beside them)
"""
