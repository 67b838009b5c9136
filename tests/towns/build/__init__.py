"""Tests of making a town from a map."""
