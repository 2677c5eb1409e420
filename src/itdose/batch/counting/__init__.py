"""Count a sheet without writing every report."""
