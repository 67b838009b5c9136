"""A past day played again under other rules: who would have gone where."""
