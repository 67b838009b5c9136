"""The tests; they mirror ``src/answerable``. ``story.py`` is the harness that the rooms share."""
