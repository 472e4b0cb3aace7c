"""What an accelerator holds, in GiB."""

import os

from ecom.train.config import Accelerator

GIB = 2**30

# What torch reports as the total, which is less than the name says and than nvidia-smi shows: the
# "total capacity of … GiB" in its out-of-memory errors; of several figures the smallest.
USABLE_GIB: dict[Accelerator, float] = {
    "T4": 14.56,  # g4dn and others with ECC; nvidia-smi: 15,360 MiB
    "V100": 15.77,  # the 16 GB one; nvidia-smi: 16,160 MiB
    "A10G": 21.96,  # g5; nvidia-smi: 23,028 MiB
    "L4": 21.95,  # g6; nvidia-smi: 23,034 MiB
    "A100-40G": 39.38,  # p4d; nvidia-smi: 40,960 MiB
    "A100-80G": 79.14,  # nvidia-smi: 81,920 MiB
    "H100": 79.10,  # the 80 GB ones; nvidia-smi: 81,559 MiB
    "H200": 139.72,  # nvidia-smi: 143,771 MiB
    "B200": 178.35,  # nvidia-smi: 183,359 MiB
}


def usable_gib(accelerator: Accelerator, workers: int) -> float:
    """Return what one worker has: its GPU, or its share of this machine's memory."""
    if accelerator == "cpu":
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB / workers
    return USABLE_GIB[accelerator]
