"""The version of itdose. The formulary has its own."""

__version__ = "0.1.0"
