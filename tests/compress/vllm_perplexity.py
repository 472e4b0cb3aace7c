"""python vllm_perplexity.py MODEL TENSOR_PARALLEL DTYPE ROWS.json: perplexity as vLLM sees it.

Prints one JSON line. A process of its own, since one process can hold only one engine.
"""

import json
import math
import os
import sys

from ecom.engine import EngineConfig, engine_env, engine_kwargs


def main(model: str, tensor_parallel: int, dtype: str, rows_file: str) -> None:
    config = EngineConfig(tensor_parallel=tensor_parallel, max_model_len=512)
    os.environ.update(engine_env(config))
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # one process less that imports vLLM
    from vllm import LLM, SamplingParams, TokensPrompt

    with open(rows_file) as stream:  # noqa: PTH123
        rows = json.load(stream)
    settings = engine_kwargs(config) | {"dtype": dtype}
    engine = LLM(model=model, skip_tokenizer_init=True, **settings)
    prompts = [TokensPrompt(prompt_token_ids=prompt + response) for prompt, response in rows]
    params = SamplingParams(max_tokens=1, prompt_logprobs=0, detokenize=False)
    total, count = 0.0, 0
    for (prompt, response), output in zip(rows, engine.generate(prompts, params), strict=True):
        logprobs = (output.prompt_logprobs or [])[len(prompt) :]
        for token, found in zip(response, logprobs, strict=True):
            assert found is not None
            total -= found[token].logprob
            count += 1
    quantization = engine.llm_engine.vllm_config.model_config.quantization
    print(json.dumps({"perplexity": math.exp(total / count), "quantization": quantization}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
