"""The durable, provable record: stores, the hash tree, and the tools that check them."""
