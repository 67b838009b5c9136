"""The town's basemap: water, land use, buildings, streets and names as one PMTiles file."""
