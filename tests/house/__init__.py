"""Tests of the house itself; each rule is also shown to catch what breaks it."""
