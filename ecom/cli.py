"""The `ecom` command: one verb a stage, plus `run`, `plan`, `settings`, `doctor` and others.

    ecom run recipes/quickstart.yaml train.rank=32

Results go to stdout, progress and logs to stderr. Exit codes: 0 done, 1 failed, 2 the input or the
recipe is wrong. Nothing heavy is imported before a verb needs it, so `--help` answers at once.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ecom.errors import EcomError, InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ecom.artifact import Artifact

RecipePath = Annotated[Path, typer.Argument(metavar="RECIPE", help="a recipe's YAML file")]
Overrides = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]…", help="e.g. train.rank=32")
]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable results on stdout")]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a general language model into a shopping expert and serve it cheaply.\n\n"
    "Example: ecom run recipes/quickstart.yaml",
)
_console = Console(stderr=True, soft_wrap=True)  # a log keeps paths whole
INTERRUPTED = 130  # what shells return for a command ended by Ctrl-C


@app.command()
def run(recipe: RecipePath, overrides: Overrides = None, as_json: AsJson = False) -> None:
    """All stages in order; what is up to date is kept. Example: ecom run recipes/quickstart.yaml"""
    from ecom import pipeline

    loaded = _load(recipe, overrides)
    pipeline.check(loaded, recipe.parent)
    done = [_stage(loaded, stage) for stage in pipeline.stages(loaded)]
    _finish(done, as_json)
    if not as_json:
        _print_scores(loaded)
        _console.print(
            f"Artifacts: {loaded.workdir}   Report: {loaded.workdir}/evaluate/report.html\n"
            f"Serve the model: ecom serve {recipe}"
        )


def _stage_command(stage: str, summary: str) -> None:
    def command(recipe: RecipePath, overrides: Overrides = None, as_json: AsJson = False) -> None:
        _finish([_stage(_load(recipe, overrides), stage)], as_json)

    example = f"Example: ecom {stage} recipes/quickstart.yaml"
    app.command(name=stage, help=f"{summary} {example}")(command)


_stage_command("quickstart", "A sample shop and a tiny base model.")
_stage_command("train", "Corpus -> LoRA adapter.")
_stage_command("compress", "Adapter -> merged, padded, AWQ 4-bit model.")
_stage_command("predict", "Models + questions -> predictions.")


@app.command()
def corpus(
    recipe: Annotated[
        Path | None, typer.Argument(metavar="[RECIPE]", help="YAML file; not with --list")
    ] = None,
    overrides: Overrides = None,
    list_all: Annotated[
        bool, typer.Option("--list", help="the formats of sources, and all transforms")
    ] = False,
    export: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="write the rows as alpaca, sharegpt, messages, ecinstruct or shopbench; for "
            "LLaMA-Factory with dataset_info.json, for axolotl as type: chat_template (messages)",
        ),
    ] = None,
    review: Annotated[
        bool,
        typer.Option("--review", help="write a page on which people accept and reject its rows"),
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="ROWS", help="of each source, on that page: 200")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            help="the folder of an export, else WORKDIR/export/FORMAT; the file of a page, else "
            "WORKDIR/review.html"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Raw sources -> rendered, tokenized Parquet shards, with a data card.

    Examples: ecom corpus recipes/quickstart.yaml · ecom corpus --list
    · ecom corpus recipes/quickstart.yaml --export sharegpt
    · ecom corpus recipes/quickstart.yaml --review --sample 200
    """
    from ecom.corpus import catalogue
    from ecom.corpus import export as exports

    if list_all:
        _print(catalogue.listed(), as_json, catalogue.table)
        return
    if recipe is None:
        raise typer.BadParameter("give a RECIPE, or --list")
    if (export and review) or (to and not (export or review)) or (sample and not review):
        raise typer.BadParameter("give --export or --review; --sample is for --review alone")
    if export:
        exports.check(export)
    loaded = _load(recipe, overrides)
    found, reused = _stage(loaded, "corpus")
    done = [(found, reused)]
    if export:
        folder = to or Path(loaded.workdir) / "export" / export
        done.append(exports.write(found, export, folder, loaded.prompting, loaded.name))
    _finish(done, as_json)
    if review:
        _write_review(loaded, found.path, sample or 200, to)
    if not as_json:
        from ecom.corpus import card

        page = json.loads((found.path / "card.json").read_text(encoding="utf-8"))
        _out().print(card.table(page))
        _console.print(f"Data card: {found.path}/card.md")


def _write_review(recipe: Any, corpus: Path, per_source: int, to: Path | None) -> None:
    from ecom.corpus.review import page, sample

    rows = sample.draw(corpus, per_source, recipe.seed)
    path = to or Path(recipe.workdir) / "review.html"
    page.write(path, rows, f"Review of {recipe.name}")
    count = len({row.source for row in rows})
    sources = "1 source" if count == 1 else f"{count} sources"
    earlier = recipe.corpus.review_files
    name = f"verdicts-{len(earlier) + 1}.jsonl" if earlier else "verdicts.jsonl"
    files = f"[{', '.join([*earlier, name])}]" if earlier else name
    _console.print(
        f"{path}: {len(rows):,} rows of {sources}; open it in a browser, save the verdicts "
        f"as {name} and run the corpus again with 'corpus.review={files}'",
        markup=False,
    )


@app.command()
def evaluate(
    recipe: Annotated[
        Path | None, typer.Argument(metavar="[RECIPE]", help="YAML file; not with --gold")
    ] = None,
    overrides: Overrides = None,
    gold: Annotated[
        Path | None,
        typer.Option(help="ShopBench rows with their answers, or EcomInstruct folders"),
    ] = None,
    predictions: Annotated[Path | None, typer.Option(help='lines of {"prediction": …}')] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="two runs' folders, or with --gold two prediction files"),
    ] = None,
    map_metric: Annotated[
        list[str] | None, typer.Option(metavar="OLD=NEW", help="score an unknown metric by another")
    ] = None,
    encoder: Annotated[
        list[str] | None, typer.Option(metavar="METRIC=PATH", help="where a sentence encoder lies")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Predictions -> scores, or two runs compared.

    Examples: ecom evaluate recipes/quickstart.yaml
    · ecom evaluate --gold G.jsonl --predictions P.jsonl --json
    · ecom evaluate --gold G.jsonl --compare A.jsonl B.jsonl
    · ecom evaluate --compare runs/one runs/two:merged
    """
    if recipe and not (gold or predictions or compare or map_metric or encoder):
        loaded = _load(recipe, overrides)
        _finish([_stage(loaded, "evaluate")], as_json)
        if not as_json:
            _print_scores(loaded)
        return
    from ecom.evaluate import job

    config = _evaluate_config(map_metric, encoder)
    if compare and not (recipe or predictions):
        first, second = compare
        found, names = (
            job.compare_files(gold, Path(first), Path(second), config)
            if gold
            else job.compare_runs(first, second, samples=config.bootstrap_samples)
        )
        _print(found, as_json, lambda: job.compare_table(found, names))
    elif gold and predictions and not recipe:
        scores = job.score_files(gold, predictions, config)
        _print(scores, as_json, lambda: job.table(scores))
    else:
        raise typer.BadParameter("give a RECIPE, or --gold and --predictions, or --compare A B")


@app.command()
def contamination(
    corpus: Annotated[Path, typer.Argument(help="a corpus' folder, or ShopBench rows")],
    evaluation: Annotated[Path, typer.Argument(help="ShopBench rows to be scored on")],
    as_json: AsJson = False,
) -> None:
    """Which evaluation rows stand in a corpus. Example: ecom contamination runs/q/corpus G.jsonl"""
    from ecom import contamination as check

    report = check.find(corpus, evaluation)
    _print(check.to_json(report), as_json, lambda: check.table(report))


@app.command()
def plan(
    recipe: RecipePath,
    overrides: Overrides = None,
    rate: Annotated[
        float | None,
        typer.Option(
            metavar="QUESTIONS_PER_SECOND",
            help="of one replica, as measured: predicts the minutes of the contest's five tracks",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Will it fit? GiB on each GPU to train and to serve, and what to change if not.

    Exit code 2 where it does not fit. Example:

    ecom plan recipes/qwen2.5-7b-4xt4.yaml engine.accelerator=L4
    """
    from ecom.plan import report

    found = report.make(_load(recipe, overrides), rate, recipe.parent)
    _print(report.to_json(found), as_json, lambda: report.table(found))
    if not found.fits:
        raise typer.Exit(InputError.exit_code)


@app.command()
def settings(
    prefix: Annotated[
        str, typer.Argument(metavar="PREFIX", help="a key of a recipe, as train or train.rank")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Every key of a recipe: type, unit, default and meaning. Example: ecom settings train.rank"""
    from dataclasses import asdict

    from ecom import settings as known
    from ecom.recipe import Recipe

    found = known.below(list(known.listed(Recipe)), prefix)
    _print({"settings": [asdict(one) for one in found]}, as_json, lambda: known.table(found))


@app.command()
def doctor(
    short: Annotated[bool, typer.Option("--short", help="the verdict and what is missing")] = False,
    as_json: AsJson = False,
) -> None:
    """Can the quickstart run here? What this machine has, what follows, and what to do if not.

    Exit code 2 where it cannot. Example: ecom doctor
    """
    from ecom.doctor import report

    found = report.make()
    if short and not as_json:
        typer.echo(report.short(found))
    else:
        _print(report.to_json(found), as_json, lambda: report.table(found))
    if not found.quickstart:
        raise typer.Exit(InputError.exit_code)


@app.command()
def serve(recipe: RecipePath, overrides: Overrides = None) -> None:
    """Start the endpoint and keep it until Ctrl-C. Example: ecom serve recipes/quickstart.yaml"""
    import signal

    from ecom import pipeline
    from ecom.serve.launch import curl, running

    loaded = _load(recipe, overrides)
    model = Path(pipeline.models(loaded)["awq"])
    if not model.is_dir():
        raise InputError(f"{model}: no model there to serve; make it first: ecom run {recipe}")
    _console.print(f"starting {model}; the first answer takes about half a minute on a CPU")
    try:
        with running(model, loaded.serve, loaded.engine, loaded.prompting) as url:
            # only now: Ray puts a handler of its own in place, which would end us without clean-up
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            _console.print(f"\nready at {url}; Ctrl-C ends it. Ask it, in another terminal:\n")
            typer.echo(curl(url))
            signal.pause()
    except KeyboardInterrupt:
        _console.print("the endpoint is down")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="what to ask")],
    url: Annotated[str, typer.Option(help="the endpoint")] = "http://127.0.0.1:8000",
    multiple_choice: Annotated[
        bool | None,
        typer.Option(
            "--multiple-choice/--open-ended",
            help="default: inferred from the question",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""Ask a running endpoint. Example: ecom ask "Is a boot a shoe?\n0. yes\n1. no\nAnswer:"."""
    from ecom.serve.client import ask as ask_endpoint

    reply = ask_endpoint(url, question.replace("\\n", "\n"), is_multiple_choice=multiple_choice)
    if reply.error:
        raise EcomError(reply.error)
    typer.echo(reply.model_dump_json() if as_json else reply.answer)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; turn every expected error into one message and its exit code."""
    _spare_loopback()
    # deepspeed, imported by others along the way, warns of every machine without a GPU
    logging.getLogger("DeepSpeed").addFilter(lambda record: record.levelno >= logging.ERROR)
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # and bitsandbytes of other kernels
    try:
        app(arguments)
    except EcomError as error:
        _console.print(f"[red]error:[/red] {_escape(str(error))}", highlight=False, soft_wrap=True)
        _exit(error.exit_code)


def _spare_loopback() -> None:
    """Keep what is sent to an endpoint on this machine, keys included, from a proxy."""
    spared = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    if spared != "*":
        os.environ["no_proxy"] = ",".join(
            filter(None, [spared, "127.0.0.1", "localhost", "::1", "0.0.0.0"])
        )


def _exit(code: int) -> None:
    sys.stdout.flush()
    sys.exit(code)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _load(recipe: Path, overrides: Sequence[str] | None) -> Any:
    from ecom.recipe import load

    return load(recipe, overrides or ())


def _stage(recipe: Any, stage: str) -> "tuple[Artifact, bool]":
    from ecom import pipeline

    _console.rule(f"[bold]{stage}", align="left")
    try:
        return pipeline.run_stage(recipe, stage)
    except KeyboardInterrupt:
        _console.print("stopped; what was finished is kept, and the next run goes on from there")
        raise typer.Exit(INTERRUPTED) from None


def _finish(done: "Sequence[tuple[Artifact, bool]]", as_json: bool) -> None:
    """Print what each stage made: a table for people, JSON for machines."""
    if as_json:
        rows = [
            {
                "stage": a.stage,
                "path": str(a.path),
                "fingerprint": a.fingerprint,
                "reused": reused,
                "seconds": a.seconds,
                "metrics": a.metrics,
            }
            for a, reused in done
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    places = [_shown(found.path) for found, _ in done]
    table = Table(title="Stages")
    table.add_column("stage", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    # of 100 columns this leaves the result 20; longer paths go over several lines
    table.add_column("artifact", overflow="fold", no_wrap=max(map(len, places)) <= 50)
    table.add_column("result", overflow="fold")
    for (found, reused), place in zip(done, places, strict=True):
        seconds = "kept" if reused else f"{found.seconds:.0f}"
        table.add_row(found.stage, seconds, _escape(place), _summary(found.metrics))
    _out().print(table)


def _shown(path: Path) -> str:
    """Return a path from here where it lies below, else the whole of it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _print(found: dict[str, Any], as_json: bool, table: "Callable[[], RenderableType]") -> None:
    """Print JSON for machines, or a table for people."""
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _out().print(table())


def _evaluate_config(map_metric: Sequence[str] | None, encoder: Sequence[str] | None) -> Any:
    """Return the settings of an evaluation without a recipe, from its KEY=VALUE options."""
    from pydantic import ValidationError

    from ecom.evaluate.config import EvaluateConfig

    pairs = {"map_metrics": map_metric or (), "encoders": encoder or ()}
    for option in (*pairs["map_metrics"], *pairs["encoders"]):
        if not all(option.partition("=")):
            raise InputError(f"{option!r}: write it as KEY=VALUE, e.g. --map-metric bool=rougel")
    settings = {name: dict(o.split("=", 1) for o in given) for name, given in pairs.items()}
    try:
        return EvaluateConfig.model_validate({"gold": "unused", **settings})
    except ValidationError as error:
        fault = error.errors()[0]
        raise InputError(
            f"--encoder {fault['loc'][1]}: {fault['msg']}; give --encoder LANGUAGE=MODEL"
        ) from None


def _summary(metrics: dict[str, Any]) -> str:
    """The plain numbers of a stage; nested ones are left to artifact.json."""
    plain = {k: v for k, v in metrics.items() if isinstance(v, int | float | str)}
    shown = {k: f"{v:.4g}" if isinstance(v, float) else str(v) for k, v in plain.items()}
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in shown.items())


def _print_scores(recipe: Any) -> None:
    from ecom import pipeline
    from ecom.evaluate import job

    folder = pipeline.directory(recipe, "evaluate")
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    _out().print(job.table(scores))
    if overlaps := scores.get("contamination", {}).get("overlaps"):
        _console.print(
            f"[bold red]WARNING: {len(overlaps)} of {scores['rows']} questions stand in the corpus "
            f"that the models were trained on;[/bold red] their scores prove nothing. Which: "
            f"{folder}/scores.json, or: ecom contamination {folder.parent}/corpus GOLD"
        )


def _out() -> Console:
    """Return a console on stdout: 120 columns or more on a terminal, else plain text of 100."""
    if not sys.stdout.isatty():
        return Console(width=100, force_terminal=False)
    return Console(width=max(120, os.get_terminal_size().columns))


if __name__ == "__main__":
    main()
