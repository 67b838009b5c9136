"""The record's public log on the console: signing every second, tiles, the page that explains."""
