"""The tiny base model: Qwen2's architecture and tokenizer type, trained on the sample shop's texts.

It is small, so a laptop trains it in two minutes, and real, so every later stage runs its
production code on it. Its `intermediate_size` is a multiple of the AWQ group size but not of
group size × 2, so that serving it with tensor parallel 2 really needs padding.
"""

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecom import progress
from ecom.quickstart.config import TinyBase

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM

END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

# Qwen2's own: words with their leading space, every digit alone, punctuation, line breaks.
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] }}<|im_end|>{% endgeneration %}\n"
    "{% else %}{{ message['content'] }}<|im_end|>\n{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def build_tokenizer(texts: Iterable[str], vocab_size: int) -> "PreTrainedTokenizerFast":
    """Return a byte-level BPE tokenizer with Qwen2's splitting, special tokens and chat form."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocab_size,
            special_tokens=[END_OF_TEXT, TURN_START, TURN_END],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=TURN_END,
        pad_token=END_OF_TEXT,
        chat_template=CHAT_TEMPLATE,
        model_max_length=1 << 20,
    )


def new_model(
    config: TinyBase, tokenizer: "PreTrainedTokenizerFast", seed: int
) -> "Qwen2ForCausalLM":
    """Return an untrained Qwen2 of the configured shape, the same for the same seed."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(seed)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=config.vocab_size,
            hidden_size=config.hidden_size,
            intermediate_size=config.intermediate_size,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.kv_heads,
            max_position_embeddings=config.max_position_embeddings,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.convert_tokens_to_ids(TURN_END),
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids(TURN_END)
    return model


def save(model: "Qwen2ForCausalLM", tokenizer: "PreTrainedTokenizerFast", path: Path) -> None:
    """Write an ordinary Hugging Face directory: safetensors, tokenizer, chat template, configs."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)


def train(
    model: "Qwen2ForCausalLM",
    tokenizer: "PreTrainedTokenizerFast",
    pages: Sequence[str],
    config: TinyBase,
) -> float:
    """Teach the model its shop's pages, each once, in plain torch; return the last steps' loss."""
    import torch

    optimizers = _optimizers(model, config.learning_rate)
    losses: list[float] = []
    model.train()
    with progress.bar() as bar:
        task = bar.add_task("quickstart: base model", total=config.steps, unit="steps")
        for step, batch in enumerate(_batches(pages, config.rows_per_step)):
            ended = [page + END_OF_TEXT for page in batch]
            inputs = tokenizer(ended, padding=True, return_tensors="pt")  # (B, T)
            labels = inputs.input_ids.masked_fill(inputs.attention_mask == 0, -100)
            warm = min(1.0, (step + 1) / (0.05 * config.steps))
            rate = config.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / config.steps))
            for group in (group for optimizer in optimizers for group in optimizer.param_groups):
                group["lr"] = rate
            # padding is on the right, which causal attention never sees: no mask is needed
            loss = model(input_ids=inputs.input_ids, labels=labels).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
            losses.append(loss.item())
            bar.update(task, advance=1, loss=losses[-1])
    model.eval()
    return sum(losses[-20:]) / len(losses[-20:])


def _batches(pages: Sequence[str], rows: int) -> Iterator[Sequence[str]]:
    """Yield batches of similar length: sorted within windows of 16 batches, then shuffled."""
    for start in range(0, len(pages), 16 * rows):
        window = sorted(pages[start : start + 16 * rows], key=len)
        batches = [window[first : first + rows] for first in range(0, len(window), rows)]
        yield from random.Random(start).sample(batches, len(batches))


def _optimizers(model: "Qwen2ForCausalLM", rate: float) -> "list[torch.optim.Optimizer]":
    """Return Muon for the layers' matrices, AdamW for the rest: half the steps of AdamW alone."""
    import torch

    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in named if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=rate, weight_decay=0.0, betas=(0.9, 0.98)),
    ]
