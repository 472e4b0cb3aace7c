"""Files as people have them -> rows: the one reader of corpus, predict and evaluate."""
