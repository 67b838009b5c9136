"""The console: pages, API and streams over the hub. Nothing here decides anything."""
