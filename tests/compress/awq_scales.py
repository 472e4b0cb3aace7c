"""python awq_scales.py TYPE …: what auto-round's AWQ scales in a random model of each type.

Prints one JSON line: by type, how many pairs of layers are scaled, and the largest difference that
their scales make to the logits, which scaling must not change. A process of its own, since
auto-round changes torch and transformers when it is imported.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from auto_round.algorithms.transforms.awq.base import AWQTransform
from auto_round.algorithms.transforms.awq.mappings import resolve_mappings
from transformers import AutoConfig, AutoModelForCausalLM

from ecom.compress.quantizers.autoround import scaled

SHAPE = {
    "vocab_size": 64,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,  # as many as heads: only then is v_proj scaled with o_proj
    "head_dim": 16,
    "initializer_range": 0.1,
    "pad_token_id": 0,
}


def look(kind: str) -> tuple[int, float]:
    """Return the pairs that are scaled, and the largest difference of logits."""
    torch.manual_seed(0)
    ids = torch.randint(0, 64, (2, 12))
    with TemporaryDirectory() as folder, torch.no_grad():
        AutoConfig.for_model(kind, **SHAPE).save_pretrained(folder)
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder)).eval()
        before = model(input_ids=ids).logits
        pairs = resolve_mappings(model, scaled(Path(folder)))
        for pair in pairs:
            scales = 0.5 + torch.rand(pair.balance_layers[0].in_features)
            for layer in pair.balance_layers:
                layer.weight.mul_(scales)
            AWQTransform._fold_scales_into_smooth_layer(pair.smooth_layer, scales)
        return len(pairs), (model(input_ids=ids).logits - before).abs().max().item()


print(json.dumps({kind: look(kind) for kind in sys.argv[1:]}))
