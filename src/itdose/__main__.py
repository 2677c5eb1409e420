"""Run the command line with ``python -m itdose``."""

from itdose.cli import main

main()
