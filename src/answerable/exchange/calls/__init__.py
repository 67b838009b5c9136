"""Call records from other systems (CSV, Parquet): read, timed, planned and replayed as commands."""
