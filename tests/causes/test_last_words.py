"""Excerpts of real logs (Ray 2.60, vLLM 0.29), shortened, with what a user should read of each."""

import pytest

from ecom.causes import last_words

RAY_SIGILL = """\
:job_id:01000000
:actor_name:RayTrainWorker
*** SIGILL received at time=1796025984 on cpu 0 ***
PC: @     0x7f0159e5a267  (unknown)  kill
    @     0x7f0159e5a050  (unknown)  (unknown)
Fatal Python error: Illegal instruction

Stack (most recent call first):
  File "/venv/lib/python3.11/site-packages/vllm/kernels/cpu.py", line 12 in gemm
  File "/venv/lib/python3.11/site-packages/ray/util/tracing/tracing_helper.py", line 487 in _span
  File "/venv/lib/python3.11/site-packages/ray/_private/worker.py", line 1069 in main_loop
  File "/venv/lib/python3.11/site-packages/ray/_private/workers/default_worker.py", line 323 in <m>

Extension modules: msgpack._cmsgpack, google._upb._message, psutil._psutil_linux (total: 16)
"""

PYTHON_SIGBUS = """\
INFO 11-30 08:03:14 [core.py:123] Initializing a V1 LLM engine (v0.29.0) with config: model='m'
Fatal Python error: Bus error

Current thread 0x00007f2 (most recent call first):
  File "<frozen importlib._bootstrap>", line 1078 in _find_spec
  File "/venv/lib/python3.11/site-packages/vllm/distributed/shm.py", line 77 in enqueue
"""

# An engine prints its error to its log, then Python to stderr; the replica's own only refers to it.
MISSING_SHARD = """\
(EngineCore pid=9561) INFO 11-30 08:43:06 [cpu_model_runner.py:131] Starting to load model /m...
\rLoading safetensors checkpoint shards:  50% Completed | 1/2 [00:00<00:00, 12.1it/s]
(EngineCore pid=9561) ERROR 11-30 08:43:06 [core.py:1374] EngineCore failed to start.
(EngineCore pid=9561) ERROR 11-30 08:43:06 [core.py:1374] Traceback (most recent call last):
(EngineCore pid=9561) ERROR 11-30 08:43:06 [core.py:1374]   File "/v/lib/python3.11/site-packages/\
vllm/v1/engine/core.py", line 1336, in run_engine_core
(EngineCore pid=9561) ERROR 11-30 08:43:06 [core.py:1374]     engine_core = EngineCoreProc(*args)
(EngineCore pid=9561) ERROR 11-30 08:43:06 [core.py:1374]                   ^^^^^^^^^^^^^^^^^^^^^
(EngineCore pid=9561) ERROR 11-30 08:43:06 [core.py:1374]   File "/v/lib/python3.11/site-packages/\
vllm/model_executor/weight_utils.py", line 599, in filter_duplicate_files
(EngineCore pid=9561) ERROR 11-30 08:43:06 [core.py:1374]     raise FileNotFoundError(
(EngineCore pid=9561) ERROR 11-30 08:43:06 [core.py:1374] FileNotFoundError: Weight files \
referenced in index but missing: {'/m/model-00002-of-00002.safetensors'}
(EngineCore pid=9561) INFO 11-30 08:43:06 [core.py:1380] Waiting for shutdown
Traceback (most recent call last):
  File "/v/lib/python3.11/site-packages/vllm/v1/engine/utils.py", line 1320, in wait_for_startup
    raise RuntimeError(
RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
"""

# Ray's error of a call prints frames without "Traceback", and colours.
REMOTE = """\
\x1b[36mray::MapWorker(MapBatches(Replica)).__init__()\x1b[39m (pid=23250, ip=192.0.2.2)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/v/lib/python3.11/site-packages/ray/data/operators/actor_pool.py", line 738, in __init__
    self._init_udf_with_retries(ctx)
  File "/home/me/ecom/predict/replica.py", line 59, in __init__
    with starts.marked(questions.parent):
ecom.errors.StageError: ValueError: no chat template
  at transformers/chat.py:3 in render
"""


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            RAY_SIGILL,
            "SIGILL: the CPU lacks an instruction that this build uses\n"
            "  at vllm/kernels/cpu.py:12 in gemm\n"
            "  at ray/util/tracing/tracing_helper.py:487 in _span\n"
            "  at ray/_private/worker.py:1069 in main_loop",
        ),
        (
            PYTHON_SIGBUS,
            "SIGBUS: memory could not be allocated; often a full /dev/shm or disk\n"
            "  at vllm/distributed/shm.py:77 in enqueue",
        ),
        (
            MISSING_SHARD,
            "FileNotFoundError: Weight files referenced in index but missing: "
            "{'/m/model-00002-of-00002.safetensors'}\n"
            "  at vllm/model_executor/weight_utils.py:599 in filter_duplicate_files\n"
            "  at vllm/v1/engine/core.py:1336 in run_engine_core",
        ),
        (REMOTE, "ValueError: no chat template\n  at transformers/chat.py:3 in render"),
        (
            "(EngineCore pid=7) ERROR 11-30 08:43:06 [core.py:1] noise\n"
            "the engine died: EngineCore's process 7 ended by SIGKILL: often the kernel's\n",
            "the engine died: EngineCore's process 7 ended by SIGKILL: often the kernel's",
        ),
        (":job_id:01000000\n:actor_name:A\nINFO 11-30 08:02:01 [a.py:1] fine\n", ""),
        (":actor_name:A\nlast words\n", "last words"),
        (
            'Traceback (most recent call last):\n  File "/v/vllm/a.py", line 9, in read\n'
            "OSError: no space left\nShards:  50% Completed | 3/6 [00:00<00:00, 12.1it/s]\n",
            "OSError: no space left\n  at v/vllm/a.py:9 in read",
        ),
    ],
    ids=["sigill", "sigbus", "shard", "remote", "verdict", "nothing", "no error", "bar"],
)
def test_of_a_log_what_says_why_is_left(log: str, said: str) -> None:
    assert last_words.why(log) == said


def test_an_endless_message_is_cut() -> None:
    log = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n'
        f"RuntimeError: {'weights ' * 500}\n" + "size mismatch for layer\n" * 100
    )
    lines = last_words.why(log).splitlines()
    assert len(lines) <= last_words.LINES
    assert max(map(len, lines)) < 700
    assert lines[0].startswith("RuntimeError: weights")
    assert lines[-1] == "  at a.py:1 in f"


@pytest.mark.parametrize("name", ["SIGILL", "SIGKILL", "SIGSEGV", "SIGBUS", "SIGABRT", "SIGTERM"])
def test_every_signal_that_ends_processes_has_its_meaning(name: str) -> None:
    assert last_words.meaning(name) != last_words.meaning("SIGUSR1")
