"""A sample shop and a tiny base model, so that a laptop can run all stages offline."""
