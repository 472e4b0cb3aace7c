"""The random numbers of a request that has a seed, in vLLM's CPU engine.

A prompt that is read in several steps is also sampled from after each of them. vLLM throws these
tokens away and sets the generator's offset back, which no generator on a CPU has: one such request
would end the engine ("CPU Generator does not use offset", vLLM 0.29).
"""

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from vllm.v1.worker.cpu_model_runner import CPUModelRunner


class Seeded(torch.Generator):
    """A generator that begins anew instead: nothing that counts was drawn from it before."""

    def get_offset(self) -> int:
        """Return what the offset is set back from; it is not kept."""
        return 0

    def set_offset(self, offset: int) -> torch.Generator:
        """Take back what was drawn."""
        return self.manual_seed(self.initial_seed())


def install(runner: "type[CPUModelRunner]") -> None:
    """Have the runner's requests draw from such generators."""
    update = runner._update_states

    def update_states(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = update(self, *args, **kwargs)
        held = self.input_batch.generators  # by the request's place
        for place, generator in list(held.items()):
            if not isinstance(generator, Seeded):
                held[place] = Seeded().manual_seed(generator.initial_seed())
                self.requests[self.input_batch.req_ids[place]].generator = held[place]
        return found

    runner._update_states = update_states  # type: ignore[method-assign]
