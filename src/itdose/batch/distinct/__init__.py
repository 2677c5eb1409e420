"""Check the distinct orders of a sheet, found and joined back by an engine."""
