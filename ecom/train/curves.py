"""loss.png: the loss of every step and of every validation, and the scores by form beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SMOOTHED = 50  # approximate number of points of a running mean


def draw(
    steps: Sequence[Mapping[str, Any]], validations: Sequence[Mapping[str, Any]], path: Path
) -> None:
    """Draw the records of log.jsonl and validation.jsonl."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    scored = [found for found in validations if found["scores"]]
    figure, panels = pyplot.subplots(
        1, 2 if scored else 1, figsize=(12 if scored else 7, 4), squeeze=False
    )
    left = panels[0][0]
    numbers, losses = [s["step"] for s in steps], [s["loss"] for s in steps]
    left.plot(numbers, losses, color="tab:blue", alpha=0.3, linewidth=0.8)
    left.plot(numbers, _smooth(losses), color="tab:blue", label="training")
    if validations:
        left.plot(
            [v["step"] for v in validations],
            [v["loss"] for v in validations],
            "o-",
            color="tab:orange",
            label="validation",
        )
    left.set(xlabel="step", ylabel="loss per response token", title="Loss")
    left.set_ylim(bottom=0)
    left.grid(alpha=0.3)
    left.legend()
    if scored:
        right = panels[0][1]
        for form in scored[0]["scores"]:
            points = [(v["step"], v["scores"][form]) for v in scored]
            right.plot(*zip(*points, strict=True), "o-", label=form.replace("_", " "))
        right.set(xlabel="step", ylabel="score", ylim=(0, 1), title="Held-out questions")
        right.grid(alpha=0.3)
        right.legend()
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)


def _smooth(losses: Sequence[float]) -> list[float]:
    """Return the running mean over the last n losses, n being a SMOOTHED-th of all."""
    window = max(1, len(losses) // SMOOTHED)
    starts = [max(0, end - window) for end in range(1, len(losses) + 1)]
    return [sum(losses[a:b]) / (b - a) for b, a in enumerate(starts, 1)]
