"""What goes wrong on the way: requests that fail, results that come late, twice or never. Knows no world and no API."""
