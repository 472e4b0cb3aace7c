"""parity.md: parity.json's numbers as a page, with two charts."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import pages
from ecom.compress.layers import FP16_MAX

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMES = {"merged": "merged, 16 bit", "awq": "AWQ, 4 bit", "rtn": "round-to-nearest, 4 bit"}


def write(report: Mapping[str, Any], folder: Path) -> None:
    """Write parity.md, errors.png and fp16.png."""
    _draw(report["layers"], folder)
    (folder / "parity.md").write_text(markdown(report), encoding="utf-8")


def warnings(report: Mapping[str, Any]) -> list[str]:
    """Return what a user must know before serving this model on a T4; [] where all is well."""
    fp16, found = report["fp16"], []
    outputs, sums = fp16["overflows"], fp16["may_overflow_in_sums"]
    if outputs:
        found.append(
            f"{len(outputs)} layers give numbers beyond fp16's {FP16_MAX:,.0f} (the first: "
            f"{outputs[0]}): on a T4 answers turn to '!!!!'; serve on a GPU with bfloat16"
        )
    elif sums:
        found.append(
            f"in {len(sums)} layers partial sums may exceed fp16's {FP16_MAX:,.0f} (the first: "
            f"{sums[0]}): with a kernel that accumulates in fp16 try the model on a T4 before it "
            "goes live"
        )
    loss = report["perplexity"]
    if loss["awq"] > loss["rtn"]:
        found.append(
            f"AWQ's perplexity {loss['awq']:.4f} is above round-to-nearest's {loss['rtn']:.4f}: "
            "raise compress.calibration_rows"
        )
    return found


def verdict(loss: Mapping[str, float]) -> str:
    """Return whether what 4 bits lost is more than the choice of rows explains."""
    low, high, mean = loss["low"], loss["high"], loss["mean"]
    interval = f"95 % interval over rows {low:.4f} to {high:.4f}"
    change = "cost" if mean >= 0 else "gained"
    if low > 0:
        why = "a real loss, larger than its interval"
    elif high < 0:
        why = "a real gain, larger than its interval"
    else:
        why = "no larger than its interval, which contains 0: these rows show no difference"
    return f"4 bits {change} {abs(mean):.4f} nats per response token ({interval}): {why}."


def markdown(report: Mapping[str, Any]) -> str:
    """Return parity.md."""
    forms = {"all": {"rows": report["held_out_rows"], **report}, **report["by_form"]}
    return pages.render(
        "ecom.compress",
        "parity.md.j2",
        report=report,
        warnings=warnings(report),
        verdict=verdict(report["loss"]),
        kinds=_NAMES,
        forms=forms,
    )


def _draw(layers: Mapping[str, Mapping[str, float]], folder: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    _draw_errors(axes, layers)
    figure.savefig(folder / "errors.png", dpi=120, bbox_inches="tight")
    pyplot.close(figure)
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    _draw_range(axes, layers)
    figure.savefig(folder / "fp16.png", dpi=120, bbox_inches="tight")
    pyplot.close(figure)


def _draw_errors(axes: "Axes", layers: Mapping[str, Mapping[str, float]]) -> None:
    from matplotlib.ticker import MaxNLocator

    parts = {"self_attn": "attention", "mlp": "MLP"}
    for number, (part, label) in enumerate(parts.items()):
        own = {_number(n): found for n, found in layers.items() if n.endswith(f".{part}")}
        for key, style in (("awq_error", "o-"), ("rtn_error", "x:")):
            kind = "AWQ" if key == "awq_error" else "round-to-nearest"
            axes.plot(
                list(own),
                [found[key] for found in own.values()],
                style,
                color=f"C{number}",
                label=f"{label}, {kind}",
            )
    axes.set(xlabel="decoder layer", ylabel="relative error of the output", yscale="log")
    axes.set_title("What 4 bits cost each layer")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _draw_range(axes: "Axes", layers: Mapping[str, Mapping[str, float]]) -> None:
    from matplotlib.ticker import MaxNLocator

    kinds = {
        "linear layers' outputs": ("largest_output", True),
        "linear layers' sums of absolute products": ("largest_sum", True),
        "hidden states": ("largest_output", False),
    }
    for label, (key, is_linear) in kinds.items():
        largest: dict[int, float] = {}
        for name, found in layers.items():
            if key in found and ("largest_sum" in found) == is_linear:
                largest[_number(name)] = max(largest.get(_number(name), 0.0), found[key])
        axes.plot(list(largest), list(largest.values()), ".-", label=label)
    axes.axhline(FP16_MAX, color="tab:red", linestyle="--", label=f"fp16: {FP16_MAX:,.0f}")
    axes.set(xlabel="decoder layer", ylabel="largest absolute number", yscale="log")
    axes.set_title("What fp16 must hold")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _number(name: str) -> int:
    return next(int(part) for part in name.split(".") if part.isdigit())
