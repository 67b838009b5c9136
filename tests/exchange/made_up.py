"""A made-up source: its mapping, its columns, and rows of it."""

MAPPING = """
[source]
name = "A made-up town"
zone = "America/Los_Angeles"

[columns]
call = "call"
unit = "unit"
unit_separator = "+"
kind = "kind"
priority = "priority"
disposition = "end"
lon = "lon"
lat = "lat"
place = "place"

[place]
missing = [[0.0, 0.0]]

[time]
rollover = "repair"

[codes.kind]
MED = "Medical Incident"

[[stage]]
column = "received"
steps = ["rung", "answered"]
required = true

[[stage]]
column = "entered"
steps = ["opened"]

[[stage]]
column = "sent"
steps = ["sent"]

[[stage]]
column = "there"
steps = ["arrived"]

[[stage]]
column = "clear"
steps = ["cleared"]
"""

HEADER = "call,unit,kind,priority,end,lon,lat,place,received,entered,sent,there,clear"


def row(
    call="1",
    unit="E1",
    received="2018-06-01 10:00:00",
    entered="2018-06-01 10:01:00",
    sent="2018-06-01 10:02:00",
    there="2018-06-01 10:06:00",
    clear="2018-06-01 10:30:00",
    kind="MED",
    lon="-122.4",
    lat="37.7",
    end="Done",
    place="1 Block",
):
    cells = (call, unit, kind, "3", end, lon, lat, place, received, entered, sent, there, clear)
    return ",".join(cells)
