"""The model that is trained: a base with LoRA adapters, and the loss on its responses.

Shapes: B rows, T tokens, D hidden size, N response tokens of the batch, V vocabulary.
"""

from typing import TYPE_CHECKING, Any

from ecom.errors import InputError
from ecom.train.batches import IGNORED
from ecom.train.config import TrainConfig

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

_DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


def load_lora(base: str, config: TrainConfig, seed: int) -> "PeftModel":
    """Return the base in the recipe's precision with fresh LoRA layers in fp32.

    Raises InputError when a target module matches nothing.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    dtype = getattr(torch, _DTYPES[config.precision])
    model = AutoModelForCausalLM.from_pretrained(base, dtype=dtype)
    targets = config.target_modules
    lora = LoraConfig(
        task_type="CAUSAL_LM",
        r=config.rank,
        lora_alpha=config.alpha,  # type: ignore[arg-type]  # peft takes any number
        lora_dropout=config.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
    )
    try:
        return get_peft_model(model, lora)
    except ValueError as error:
        modules = model.named_modules()
        linear = {n.split(".")[-1] for n, m in modules if isinstance(m, torch.nn.Linear)}
        raise InputError(
            f"train.target_modules: {targets!r} cannot be adapted in {base}: {error}; "
            f"linear layers there: {', '.join(sorted(linear))}"
        ) from None


def response_loss(model: "PeftModel") -> "torch.nn.Module":
    """Wrap the model so that forward(batch) returns the summed cross-entropy of its responses.

    Only the N positions that predict a response token go through the (V, D) output layer: for a
    vocabulary of 152,000 that layer would else dwarf everything on the way.
    """
    import torch

    class ResponseLoss(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(
            self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
        ) -> torch.Tensor:
            causal: Any = self.model.get_base_model()
            decoder, output_layer = causal.get_decoder(), causal.get_output_embeddings()
            hidden = decoder(  # (B, T, D)
                input_ids=input_ids, attention_mask=attention_mask, use_cache=False
            ).last_hidden_state
            targets = labels[:, 1:]
            predicts = targets != IGNORED
            logits = output_layer(hidden[:, :-1][predicts])  # (N, V)
            return torch.nn.functional.cross_entropy(
                logits.float(), targets[predicts], reduction="sum"
            )

    return ResponseLoss()
