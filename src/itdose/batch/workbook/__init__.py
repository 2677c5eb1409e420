"""Workbooks: XLSX and ODS, cell by cell."""
