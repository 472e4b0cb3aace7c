"""The model that is trained: a base with LoRA adapters (or all of it), and the loss on a batch.

Shapes: B rows, T tokens, D hidden size, N weighted tokens of the batch, V vocabulary.
"""

from typing import TYPE_CHECKING, Any

from ecom import hardware, logits
from ecom.errors import InputError
from ecom.models import attention, families
from ecom.train.config import TrainConfig

if TYPE_CHECKING:
    import torch
    from peft import LoraConfig
    from transformers import PretrainedConfig, PreTrainedModel

_DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


def load(base: str, config: TrainConfig, seed: int) -> "PreTrainedModel":
    """Return the base, prepared for the recipe's method; the same for the same seed.

    lora, qlora: peft's model, with adapters in fp32 over a base in the recipe's precision, or in 4
    bit. full: fp32 under ddp, where autocast halves what it can; DeepSpeed halves it itself.
    Raises InputError when a target module matches nothing.
    """
    import torch
    from transformers import AutoModelForCausalLM

    if not hardware.flash_attention(config.accelerator):
        _keep_attention_linear()
    torch.manual_seed(seed)
    dtype = getattr(torch, _DTYPES[config.number_format()])
    if config.method == "full" and config.strategy == "ddp":
        dtype = torch.float32
    kwargs: dict[str, Any] = _four_bit(dtype) if config.method == "qlora" else {}
    model = AutoModelForCausalLM.from_pretrained(base, dtype=dtype, use_safetensors=True, **kwargs)
    attention.cap(model)
    if config.accelerator == "cpu":
        attention.use_blocks(model)
    if config.method == "qlora":
        _settle_cpu_kernel(model)
    if config.gradient_checkpointing:
        # reentrant checkpointing would need inputs that require gradients
        model.gradient_checkpointing_enable({"use_reentrant": False})
    trained: PreTrainedModel = model if config.method == "full" else adapted(model, base, config)
    trained.train()
    return trained


def adapted(model: "PreTrainedModel", base: str, config: TrainConfig) -> Any:
    """Return the model with fresh LoRA layers. Raises InputError when a target matches nothing."""
    import torch
    from peft import get_peft_model

    try:
        made = get_peft_model(model, lora_config(config))
    except ValueError as error:
        modules = model.named_modules()
        linear = {n.split(".")[-1] for n, m in modules if isinstance(m, torch.nn.Linear)}
        raise InputError(
            f"train.target_modules: {config.target_modules!r} cannot be adapted in {base}: "
            f"{error}; linear layers there: {', '.join(sorted(linear))}"
        ) from None
    if config.strategy == "ddp":
        _leave_formats_to_autocast(made)
    return made


def _leave_formats_to_autocast(model: Any) -> None:
    """Stop peft from copying each adapter's inputs to fp32: autocast would copy them back."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    layers: list[Any] = [one for one in model.modules() if isinstance(one, BaseTunerLayer)]
    for layer in layers:
        layer.cast_input_dtype_enabled = False


def lora_config(config: TrainConfig) -> "LoraConfig":
    """Return peft's settings for the recipe's adapter."""
    from peft import LoraConfig

    targets = config.target_modules
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=config.rank,
        lora_alpha=config.alpha,  # type: ignore[arg-type]  # peft takes any number
        lora_dropout=config.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        use_rslora=config.rslora,
        use_dora=config.dora,
    )


def outline(base: str) -> "tuple[PretrainedConfig, PreTrainedModel]":
    """Return the base's config, and the base without weights, built from the config."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig

    try:
        if refused := families.refusal_to_train(PretrainedConfig.get_config_dict(base)[0]):
            raise InputError(f"base {base}: {refused}; name another base")
        shape = AutoConfig.from_pretrained(base)
    except (OSError, ValueError) as error:
        raise InputError(
            f"base {base}: no model that transformers can read: {error}; name another base"
        ) from None
    with torch.device("meta"):
        return shape, AutoModelForCausalLM.from_config(shape)


def _four_bit(dtype: "torch.dtype") -> dict[str, Any]:
    """Return settings of NF4 with quantized constants (QLoRA, arXiv 2305.14314)."""
    import torch
    from transformers import BitsAndBytesConfig

    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    device = torch.cuda.current_device() if torch.cuda.is_available() else "cpu"
    return {"quantization_config": quantization, "device_map": {"": device}}


def _keep_attention_linear() -> None:
    """Repeat key and value for each of their query heads, on GPUs without FlashAttention.

    transformers would leave that to torch, whose memory-efficient kernel does not support it, so
    torch would silently compute all scores: quadratic in a row's length.
    """
    from transformers.integrations import sdpa_attention

    sdpa_attention.use_gqa_in_sdpa = lambda *_: False


def _settle_cpu_kernel(model: "PreTrainedModel") -> None:
    """Disable bitsandbytes' inference kernel: after one eval forward it breaks the backward."""
    from bitsandbytes.nn.modules import Linear4bit

    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def weighted_loss(model: "PreTrainedModel") -> "torch.nn.Module":
    """Wrap the model so that forward(batch) returns the weighted sum of its cross-entropies.

    Only the N positions that predict a weighted token go through the (V, D) output layer.
    """
    import torch

    class WeightedLoss(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
            causal: Any = self.model
            causal = causal.get_base_model() if hasattr(causal, "get_base_model") else causal
            ahead = weights[:, 1:]
            predicts = ahead > 0
            losses = torch.nn.functional.cross_entropy(
                logits.predicting(causal, input_ids, predicts).float(),
                input_ids[:, 1:][predicts],
                reduction="none",
            )
            return (losses * ahead[predicts]).sum()

    return WeightedLoss()
