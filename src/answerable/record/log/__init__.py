"""The record as a transparency log: signed checkpoints, tiles, proofs (C2SP, RFC 6962)."""
