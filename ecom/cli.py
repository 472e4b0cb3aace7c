"""The `ecom` command: one verb a stage, plus `run`, `plan`, `settings`, `doctor` and others.

    ecom run recipes/quickstart.yaml train.rank=32

Results go to stdout, progress and logs to stderr. Exit codes: 0 done, 1 failed, 2 the input or the
recipe is wrong. Heavy imports wait until a command needs them, so `--help` answers at once.
"""

import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
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
_console = Console(stderr=True, soft_wrap=True)  # paths are not broken over lines in a log
INTERRUPTED = 130  # what shells return for a command that Ctrl-C ended


@app.command()
def run(recipe: RecipePath, overrides: Overrides = None, as_json: AsJson = False) -> None:
    """All stages in order; up-to-date ones are kept. Example: ecom run recipes/quickstart.yaml"""
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


@app.command()
def corpus(
    recipe: Annotated[
        Path | None, typer.Argument(metavar="[RECIPE]", help="YAML file; not with --list")
    ] = None,
    overrides: Overrides = None,
    list_all: Annotated[
        bool, typer.Option("--list", help="list the source formats and all transforms")
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
        typer.Option("--review", help="write a page on which people accept or reject rows"),
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="ROWS", help="with --review: rows of each source; default: 200"
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            help="with --export: the folder to write; default: WORKDIR/export/FORMAT. "
            "With --review: the file to write; default: WORKDIR/review.html"
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
        raise typer.BadParameter("give --export or --review; --sample needs --review")
    if export:
        exports.check(export)
    loaded = _load(recipe, overrides)
    artifact, reused = _stage(loaded, "corpus")
    done = [(artifact, reused)]
    if export:
        folder = to or Path(loaded.workdir) / "export" / export
        done.append(exports.write(artifact, export, folder, loaded.prompting, loaded.name))
    _finish(done, as_json)
    if review:
        _write_review(loaded, artifact.path, sample or 200, to)
    if not as_json:
        from ecom.corpus import card

        page = json.loads((artifact.path / "card.json").read_text(encoding="utf-8"))
        _out().print(card.table(page))
        _console.print(f"Data card: {artifact.path}/card.md")


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


_stage_command("train", "Corpus -> LoRA adapter.")
_stage_command("compress", "Adapter -> merged, padded, AWQ 4-bit model.")
_stage_command("predict", "Models + questions -> predictions.")


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
        list[str] | None,
        typer.Option(metavar="METRIC=PATH", help="the folder of a metric's sentence encoder"),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="leave out gold rows that cannot be scored")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Predictions -> scores, or two runs compared.

    Examples: ecom evaluate recipes/quickstart.yaml
    · ecom evaluate --gold G.jsonl --predictions P.jsonl --json
    · ecom evaluate --gold G.jsonl --compare A.jsonl B.jsonl
    · ecom evaluate --compare runs/one runs/two:merged
    """
    if recipe and not (gold or predictions or compare or map_metric or encoder or skip_bad):
        loaded = _load(recipe, overrides)
        _finish([_stage(loaded, "evaluate")], as_json)
        if not as_json:
            _print_scores(loaded)
        return
    from ecom.evaluate import job

    config = _evaluate_config(map_metric, encoder, skip_bad)
    if compare and not (recipe or predictions):
        first, second = compare
        differences, names = (
            job.compare_files(gold, Path(first), Path(second), config)
            if gold
            else job.compare_runs(first, second, samples=config.bootstrap_samples)
        )
        _print(differences, as_json, lambda: job.compare_table(differences, names))
    elif gold and predictions and not recipe:
        scores = job.score_files(gold, predictions, config)
        _print(scores, as_json, lambda: job.table(scores))
    else:
        raise typer.BadParameter("give a RECIPE, or --gold and --predictions, or --compare A B")


@app.command()
def benchmark(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="one of --list, e.g. shopping-mmlu; a RECIPE with --general and --export-lm-eval",
        ),
    ] = None,
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="the authors' file, folder or .zip")
    ] = None,
    overrides: Overrides = None,
    list_all: Annotated[
        bool,
        typer.Option(
            "--list", help="all benchmarks: what they measure, where, under which licence"
        ),
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            help="a model's folder or hub name; with --recipe also base, merged or awq; with "
            "--general several of these three; default: base,merged,awq"
        ),
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(metavar="URL", help="a running `ecom serve`, as it prints its URL")
    ] = None,
    served_model: Annotated[
        str | None,
        typer.Option(help="name of a model behind any other endpoint; its URL then ends in /v1"),
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help='score these lines of {"id"?: …, "prediction": …}')
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="a recipe: its engine and prompting, changed by KEY=VALUE")
    ] = None,
    prompt: Annotated[
        str, typer.Option(help="whose words are asked: authors, ours or both")
    ] = "both",
    per_task: Annotated[
        int | None, typer.Option(min=1, help="the most questions of each task; default: all")
    ] = None,
    general: Annotated[
        str | None,
        typer.Option(
            metavar="TASK,…", help="ask the RECIPE's models these tasks of lm-eval, beside shopping"
        ),
    ] = None,
    tasks_dir: Annotated[
        Path | None,
        typer.Option(help="with --general: a folder of lm-eval tasks, looked into first"),
    ] = None,
    shares: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE,…",
            help="with --general: also the base with these shares of what was learned (WiSE-FT)",
        ),
    ] = None,
    chat: Annotated[
        bool,
        typer.Option("--chat", help="with --general: ask in the model's chat template"),
    ] = False,
    export_lm_eval: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="write the RECIPE's evaluation rows as tasks of lm-eval into DIR"
        ),
    ] = None,
    encoder: Annotated[
        list[str] | None,
        typer.Option(metavar="METRIC=PATH", help="the folder of a metric's sentence encoder"),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            help="the folder to write; default: benchmarks/NAME, with --general WORKDIR/general"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A public benchmark, asked in its authors' words and ours, scored by their rules and ours.

    Examples: ecom benchmark --list · ecom benchmark shopping-mmlu data --model MODEL
    · ecom benchmark intention-qa data --endpoint http://127.0.0.1:8000 --per-task 200
    · ecom benchmark ecinstruct ECInstruct.json --answers answers.jsonl --json
    · ecom benchmark recipes/quickstart.yaml --general arc_easy,hellaswag --shares 0.3,0.5,0.7
    · ecom benchmark recipes/quickstart.yaml --export-lm-eval lm-eval-tasks
    """
    from ecom.benchmark import job

    if list_all:
        _print(job.listed(), as_json, job.list_table)
        return
    if general or export_lm_eval:
        given = [one for one in (name, path, *(overrides or ())) if one]
        if not (recipe or given) or (general and export_lm_eval) or answers:
            raise typer.BadParameter("give a RECIPE, and --general TASK,… or --export-lm-eval DIR")
        loaded = _load(recipe or Path(given.pop(0)), given)
        if export_lm_eval:
            _export_lm_eval(loaded, export_lm_eval, as_json)
        else:
            whom = (endpoint, served_model, model, shares)
            _general(loaded, str(general), whom, (tasks_dir, per_task, chat), to, as_json)
        return
    if tasks_dir or shares or chat:
        raise typer.BadParameter("--tasks-dir, --shares and --chat need --general TASK,…")
    if name is None or path is None or [model, endpoint, answers].count(None) != 2:
        raise typer.BadParameter(
            "give NAME, PATH and one of --model, --endpoint and --answers; or --list"
        )
    loaded = _load(recipe, overrides) if recipe else None
    if overrides and not recipe:
        raise typer.BadParameter("KEY=VALUE changes a recipe; name it with --recipe")
    settings = job.Settings(
        job.check_prompt(prompt), per_task, _evaluate_config(None, encoder).encoders
    )
    who: Any = answers or job.answerer(model, endpoint, served_model, loaded)
    made, reused = job.run(name, Path(path), who, settings, to or Path("benchmarks") / name)
    scores = json.loads((made.path / "scores.json").read_text(encoding="utf-8"))
    _print(scores, as_json, lambda: job.table(scores))
    kept = " (kept: nothing has changed)" if reused else ""
    _console.print(f"Report: {made.path}/report.html{kept}", markup=False)


def _general(
    recipe: Any,
    tasks: str,
    who: tuple[str | None, str | None, str | None, str | None],
    how: tuple[Path | None, int | None, bool],
    to: Path | None,
    as_json: bool,
) -> None:
    from ecom.benchmark import job as benchmarks
    from ecom.benchmark.general import job, points, tradeoff

    endpoint, served_model, model, shares = who
    asked: Any
    if endpoint:
        if model or shares:
            raise typer.BadParameter("--endpoint answers alone; leave --model and --shares out")
        asked = benchmarks.answerer(None, endpoint, served_model, recipe)
    else:
        names = _listed(model) if model else points.MODELS
        asked = points.find(recipe, names, points.shares(_listed(shares or "")))
    settings = job.Settings(tuple(_listed(tasks)), *how)
    made, reused = job.run(recipe, settings, asked, to or Path(recipe.workdir) / "general")
    scores = json.loads((made.path / "scores.json").read_text(encoding="utf-8"))
    _print(scores, as_json, lambda: tradeoff.table(scores))
    kept = " (kept: nothing has changed)" if reused else ""
    _console.print(f"Report: {made.path}/report.md{kept}", markup=False)


def _export_lm_eval(recipe: Any, to: Path, as_json: bool) -> None:
    from ecom.benchmark.general import export

    found = export.write(recipe, to)
    _print(found, as_json, lambda: export.table(found))
    _console.print(f"Run them: {found['command']}", markup=False)


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


@app.command()
def contamination(
    corpus: Annotated[Path, typer.Argument(help="a corpus folder, or ShopBench rows")],
    evaluation: Annotated[Path, typer.Argument(help="ShopBench rows that models are scored on")],
    as_json: AsJson = False,
) -> None:
    """Which evaluation rows a corpus holds. Example: ecom contamination runs/q/corpus G.jsonl"""
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
            help="measured rate of one replica: predicts the minutes of the contest's five tracks",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Will it fit? GiB on each GPU to train and to serve, and what to change if not.

    Exit code 2 where it does not fit. Example:

    ecom plan recipes/qwen2.5-7b-4xt4.yaml engine.accelerator=L4
    """
    from ecom.plan import report

    made = report.make(_load(recipe, overrides), rate, recipe.parent)
    _print(report.to_json(made), as_json, lambda: report.table(made))
    if not made.fits:
        raise typer.Exit(InputError.exit_code)


@app.command()
def settings(
    prefix: Annotated[
        str, typer.Argument(metavar="PREFIX", help="a recipe key, e.g. train or train.rank")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Every key of a recipe: type, unit, default and meaning. Example: ecom settings train.rank"""
    from dataclasses import asdict

    from ecom import settings as known
    from ecom.recipe import Recipe

    chosen = known.below(list(known.listed(Recipe)), prefix)
    _print({"settings": [asdict(one) for one in chosen]}, as_json, lambda: known.table(chosen))


@app.command()
def doctor(
    short: Annotated[bool, typer.Option("--short", help="the verdict and what is missing")] = False,
    as_json: AsJson = False,
) -> None:
    """Can the quickstart run here? What this machine has, what it can do, and what to fix.

    Exit code 2 where it cannot. Example: ecom doctor
    """
    from ecom.doctor import report

    made = report.make()
    if short and not as_json:
        typer.echo(report.short(made))
    else:
        _print(report.to_json(made), as_json, lambda: report.table(made))
    if not made.quickstart:
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
        raise InputError(f"{model}: no model to serve; make it first: ecom run {recipe}")
    _console.print(f"starting {model}; the first answer takes about half a minute on a CPU")
    try:
        with running(model, loaded.serve, loaded.engine, loaded.prompting) as url:
            # set only now: Ray installs its own handler, which would end us without clean-up
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            _console.print(f"\nready at {url}; Ctrl-C stops it. Ask it from another terminal:\n")
            typer.echo(curl(url))
            with suppress(KeyboardInterrupt):
                signal.pause()
            _console.print("stopping: what is under way is answered first; Ctrl-C stops at once")
    except KeyboardInterrupt:
        pass
    _console.print("the endpoint has stopped")


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
    option: Annotated[
        list[str] | None,
        typer.Option(help="a text to choose from; once for each"),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(help="what is written for an option; once for each, in the same order"),
    ] = None,
    choose: Annotated[
        str | None,
        typer.Option(help="how many: one, any or a number"),
    ] = None,
    order: Annotated[bool, typer.Option("--order", help="all options, best first")] = False,
    choice: Annotated[
        str | None,
        typer.Option(help="how one is chosen: label, likelihood or likelihood_per_token"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    r"""Ask a running endpoint. Example: ecom ask "Is a boot a shoe?" --option yes --option no."""
    from ecom.serve.client import ask as ask_endpoint

    reply = ask_endpoint(
        url,
        question.replace("\\n", "\n"),
        is_multiple_choice=multiple_choice,
        options=option,
        labels=label,
        choose=int(choose) if choose and choose.isdecimal() else choose,
        order=order or None,
        choice=choice,
    )
    if reply.error:
        raise EcomError(reply.error)
    typer.echo(reply.model_dump_json() if as_json else reply.answer)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; turn every expected error into one message and its exit code."""
    _bypass_proxy_on_loopback()
    # deepspeed, which other packages import, warns on every machine without a GPU
    logging.getLogger("DeepSpeed").addFilter(lambda record: record.levelno >= logging.ERROR)
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # warns of missing kernels
    try:
        app(arguments)
    except EcomError as error:
        _console.print(f"[red]error:[/red] {_escape(str(error))}", highlight=False, soft_wrap=True)
        _exit(error.exit_code)


def _bypass_proxy_on_loopback() -> None:
    """Send requests to an endpoint on this machine, and their keys, past any proxy."""
    bypassed = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    if bypassed != "*":
        os.environ["no_proxy"] = ",".join(
            filter(None, [bypassed, "127.0.0.1", "localhost", "::1", "0.0.0.0"])
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
        _console.print("stopped; finished work is kept, and the next run resumes from it")
        raise typer.Exit(INTERRUPTED) from None


def _finish(done: "Sequence[tuple[Artifact, bool]]", as_json: bool) -> None:
    """Print the artifact of each stage: a table for people, JSON for machines."""
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
    paths = [_shown(artifact.path) for artifact, _ in done]
    table = Table(title="Stages")
    table.add_column("stage", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    # of 100 columns this leaves the result 20; longer paths are folded
    table.add_column("artifact", overflow="fold", no_wrap=max(map(len, paths)) <= 50)
    table.add_column("result", overflow="fold")
    for (artifact, reused), path in zip(done, paths, strict=True):
        seconds = "kept" if reused else f"{artifact.seconds:.0f}"
        table.add_row(artifact.stage, seconds, _escape(path), _summary(artifact.metrics))
    _out().print(table)


def _shown(path: Path) -> str:
    """Return the path relative to the current folder where it is inside it, else in full."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _print(result: dict[str, Any], as_json: bool, table: "Callable[[], RenderableType]") -> None:
    """Print JSON for machines, or a table for people."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    else:
        _out().print(table())


def _evaluate_config(
    map_metric: Sequence[str] | None, encoder: Sequence[str] | None, skip_bad: bool = False
) -> Any:
    """Return the settings of an evaluation without a recipe, from its KEY=VALUE options."""
    from pydantic import ValidationError

    from ecom.evaluate.config import EvaluateConfig

    pairs = {"map_metrics": map_metric or (), "encoders": encoder or ()}
    for option in (*pairs["map_metrics"], *pairs["encoders"]):
        if not all(option.partition("=")):
            raise InputError(f"{option!r}: write it as KEY=VALUE, e.g. --map-metric bool=rougel")
    settings = {name: dict(o.split("=", 1) for o in given) for name, given in pairs.items()}
    try:
        return EvaluateConfig.model_validate({"gold": "unused", "skip_bad": skip_bad, **settings})
    except ValidationError as error:
        fault = error.errors()[0]
        raise InputError(
            f"--encoder {fault['loc'][1]}: {fault['msg']}; give --encoder LANGUAGE=MODEL"
        ) from None


def _summary(metrics: dict[str, Any]) -> str:
    """The top-level metrics of a stage; nested ones are in artifact.json only."""
    formats = {int: ",", float: ".4g", bool: "", str: ""}
    return ", ".join(
        f"{key.replace('_', ' ')} {value:{formats[type(value)]}}"
        for key, value in metrics.items()
        if type(value) in formats
    )


def _print_scores(recipe: Any) -> None:
    from ecom import pipeline
    from ecom.evaluate import job

    folder = pipeline.directory(recipe, "evaluate")
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    _out().print(job.table(scores))
    if overlaps := scores.get("contamination", {}).get("overlaps"):
        _console.print(
            f"[bold red]WARNING: {len(overlaps)} of {scores['rows']} questions are in the corpus "
            f"that the models were trained on;[/bold red] their scores prove nothing. To see them: "
            f"{folder}/scores.json, or: ecom contamination {folder.parent}/corpus GOLD"
        )


def _out() -> Console:
    """Return a console on stdout: at least 120 columns on a terminal, else 100 of plain text."""
    if not sys.stdout.isatty():
        return Console(width=100, force_terminal=False)
    return Console(width=max(120, os.get_terminal_size().columns))


if __name__ == "__main__":
    main()
