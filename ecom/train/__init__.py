"""Corpus -> Adapter: LoRA fine-tuning on Ray Train."""
