"""The durable, provable record: stores, the hash tree, and the tools that check them."""

RECORD_FILE = "record.sqlite"
"""The name of a record in the data folder of a centre."""
