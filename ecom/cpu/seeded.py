"""The random numbers of a request that has a seed, in vLLM's CPU engine.

When a prompt is read in several steps, vLLM samples a token after each of them, discards it and
sets the generator's offset back. Generators on a CPU have no offset, so one such request would end
the engine ("CPU Generator does not use offset", vLLM 0.29).
"""

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from vllm.v1.worker.cpu_model_runner import CPUModelRunner


class Seeded(torch.Generator):
    """A generator that starts over instead: only discarded tokens were drawn from it before."""

    def get_offset(self) -> int:
        """Return 0: no offset is kept."""
        return 0

    def set_offset(self, offset: int) -> torch.Generator:
        """Start over from the seed."""
        return self.manual_seed(self.initial_seed())


def install(runner: "type[CPUModelRunner]") -> None:
    """Make the runner's requests draw from such generators."""
    update = runner._update_states

    def update_states(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = update(self, *args, **kwargs)
        generators = self.input_batch.generators  # by the request's index in the batch
        for index, generator in list(generators.items()):
            if not isinstance(generator, Seeded):
                generators[index] = Seeded().manual_seed(generator.initial_seed())
                self.requests[self.input_batch.req_ids[index]].generator = generators[index]
        return result

    runner._update_states = update_states  # type: ignore[method-assign]
