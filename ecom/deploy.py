"""The endpoint of a recipe, as `serve deploy serve_config.yaml` builds it on a running cluster.

    serve_config.yaml ─► build({"recipe": PATH}) ─► ecom/serve/app.py ─► replicas and ingress

Like cli.py and pipeline.py it knows the whole recipe, which serve/ does not.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import recipe
from ecom.errors import InputError
from ecom.serve.app import application

if TYPE_CHECKING:
    from ray.serve import Application


def build(args: dict[str, Any]) -> "Application":
    """Return the application of a recipe.

    args: {"recipe": PATH, "overrides"?: ["key=value", …]}. Raises InputError.
    """
    if unknown := sorted(set(args) - {"recipe", "overrides"}):
        raise InputError(f"args.{unknown[0]} is unknown; give `recipe` and, if needed, `overrides`")
    if "recipe" not in args:
        raise InputError("args.recipe is missing; give the path of a recipe")
    path = Path(args["recipe"]).absolute()
    loaded = recipe.load(path, args.get("overrides", ()))
    model = Path(loaded.workdir).absolute() / "compress" / "model"
    if not model.is_dir():
        raise InputError(f"{model}: no compressed model there yet; make it with `ecom run {path}`")
    return application(model, loaded.serve, loaded.engine, loaded.prompting)
