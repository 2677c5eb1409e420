"""The formats that the reports of a sheet are written in."""
