import pytest

from ecom import hardware


@pytest.mark.parametrize(
    ("card", "mib", "name"),
    [
        ("Tesla T4", 15_360, "T4"),
        ("Tesla V100-SXM2-16GB", 16_160, "V100"),
        ("Tesla V100-SXM2-32GB", 32_510, "any-gpu"),
        ("NVIDIA L4", 23_034, "L4"),
        ("NVIDIA L40S", 46_068, "L40S"),
        ("NVIDIA A10G", 23_028, "A10G"),
        ("NVIDIA A100-SXM4-40GB", 40_960, "A100-40G"),
        ("NVIDIA A100-SXM4-80GB", 81_920, "A100-80G"),
        ("NVIDIA H100 80GB HBM3", 81_559, "H100"),
        ("NVIDIA H200", 143_771, "H200"),
        ("NVIDIA B200", 183_359, "B200"),
        ("NVIDIA GeForce RTX 4090", 24_564, "any-gpu"),
    ],
)
def test_a_card_is_known_by_what_its_driver_calls_it(card: str, mib: int, name: str) -> None:
    assert hardware.name_of(card, mib * 2**20) == name
