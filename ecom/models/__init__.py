"""The architectures of bases, for every stage.

families.py      the names of a decoder layer's tensors, one entry a family
divisibility.py  which sizes of a model must divide, and what padding makes of them
miniature.py     a few random layers of a base, to test a stage on
experts.py       recognises a mixture of experts, which is refused
stored.py        how a config.json says that its weights are quantized
"""
