"""``itdose formulary``: the tools of those who keep a formulary."""

from __future__ import annotations

import click

from itdose.cli.lazy_group import LazyGroup

COMMANDS = {
    "validate": "Report every problem of a formulary, with file and line.",
    "lint": "Report what is allowed and still worth a look.",
    "test": "Run the regression cases.",
    "diff": "Say what is tightened, loosened, added and withdrawn.",
    "evidence": "List what sources disagree about, and where no figure was found.",
    "coverage": "Show which drugs, routes, modes and patients have rules.",
    "schema": "Print the JSON Schema of a formulary file, for editors.",
    "mutate": "Change every limit and see whether a regression case notices.",
    "sign-off": "Sign rules of a site's overlay as a named person.",
}


@click.group(
    "formulary",
    cls=LazyGroup,
    package="itdose.cli.formulary",
    lazy=COMMANDS,
    epilog="Exit codes: 0 nothing to look at, 1 a person must look, 2 usage error, "
    "5 the formulary is not valid or can't be read.",
)
def command() -> None:
    """Validate, lint, test, compare and sign a formulary.

    FORMULARY is a folder with a whole formulary, or a site's overlay file; left out, it is the
    formulary that came with itdose.
    """
