"""From words to a position, offline: streets, blocks, crossings, house numbers, names of places.

`gazetteer.py` is the door. It answers where, never who: names of people are not in it.
"""
