"""Sheets that are text: CSV, TSV and JSON Lines."""
