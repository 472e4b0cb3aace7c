import torch

from ecom.cpu import batched


class Kernel:
    """As vLLM's: it takes the second dimension of the states for their size."""

    def apply_weights(
        self, layer: torch.Tensor, x: torch.Tensor, bias: torch.Tensor | None = None
    ) -> torch.Tensor:
        assert x.shape[1] == layer.shape[1]
        return torch.nn.functional.linear(x.reshape(-1, x.shape[-1]), layer, bias)


def test_states_of_any_dimensions_are_multiplied() -> None:
    batched.install(Kernel)
    weight, bias, x = torch.rand(3, 8), torch.rand(3), torch.rand(2, 5, 8)
    for states in (x, x[0], x[:, :0]):
        made = Kernel().apply_weights(weight, states, bias)
        assert torch.equal(made, torch.nn.functional.linear(states, weight, bias))
