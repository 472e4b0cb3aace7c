"""A sample shop and a tiny base model, so that a laptop can go the whole way offline."""
