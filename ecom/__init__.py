"""ecom turns a general language model into a shopping expert and serves it cheaply.

Importing this package loads nothing heavy: torch, transformers, vllm and ray are imported
where they are used.
"""

__version__ = "0.1.0"
