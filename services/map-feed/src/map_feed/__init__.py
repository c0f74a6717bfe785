"""Shows the public the labelled events: a map, a list, a page for each, and GeoJSON."""
