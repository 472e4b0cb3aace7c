"""Every error that ecom raises on purpose.

    EcomError                     something failed; the command exits with 1
    ├── StageError                a stage could not finish (a replica did not start, a loss of NaN)
    │   └── UnrecoverableError    a training worker failed, and would again: no new worker is tried
    │       └── LowMemoryError    Ray's memory monitor ended a process of training
    └── InputError                what the user gave is wrong; the command exits with 2
        ├── RecipeError           a recipe: dotted path, value, rule, remedy
        └── DataError             a file or its rows: file, line or row, value, rule, remedy
            └── EmptyError        a file has no row; where there are others it is skipped

Input is checked before anything is spent: a check collects every offender and raises once.

The others are caught by the module that asked and never end a command:

    AgainError       a request over HTTP failed and is tried again; it is raised after the last try
    BrokenError      a source's file ends or cannot be unpacked; what was read is kept
    CellError        a cell or a row of a source or benchmark breaks a rule; the row is rejected
    Closed           a request comes to an endpoint that is stopping; it gets 503
    Full             a request finds no room in the queue; it gets 429 and when to ask again
    PackedError      a request's body cannot be unpacked; it gets 400 or 415
    TooLargeError    a request's body is over the limit; it gets 413

tests/test_errors.py holds this list to the code.
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


class EmptyError(DataError):
    """A file has no row. A folder's other files may have some."""
