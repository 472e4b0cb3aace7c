"""Every error that ecom raises on purpose.

    EcomError                 something failed; the command exits with 1
    ├── StageError            a stage could not finish (a replica that never came up, NaN loss, …)
    └── InputError            what the user gave is wrong; the command exits with 2
        ├── RecipeError       a recipe: dotted path, value, rule, remedy
        └── DataError         a file or its rows: file, line or row, value, rule, remedy

Input is checked before anything is spent: a check collects every offender and raises once.
"""


class EcomError(Exception):
    """Base of the tree. `exit_code` is what the `ecom` command returns."""

    exit_code = 1


class StageError(EcomError):
    """A stage started with good input and could not finish."""


class InputError(EcomError):
    """What the user gave is wrong and running again will not help."""

    exit_code = 2


class RecipeError(InputError):
    """A recipe names an unknown key, or a value breaks a rule."""


class DataError(InputError):
    """A file is missing, or its contents break a rule that cannot be skipped row by row."""
