"""Tables of other programs: Parquet, and queries to a database."""
