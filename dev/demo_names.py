"""Names of businesses that do not exist, for the demo data."""

PLACES = [
    "Maple Street",
    "Harbour View",
    "Old Mill",
    "North Gate",
    "River Bend",
    "Clock Tower",
    "Green Valley",
    "Station Road",
    "Market Square",
    "Hill Top",
    "Willow Lane",
    "Lighthouse",
    "Copper Kettle",
    "Sunny Side",
    "Cedar Grove",
    "White Bridge",
    "Silver Lake",
    "Garden Gate",
    "Windmill",
    "Castle Hill",
    "Meadow",
    "Quayside",
    "Orchard Road",
    "Mill Pond",
]

TRADES = [
    "Bakery",
    "Books",
    "Florist",
    "Hardware",
    "Coffee House",
    "Bicycles",
    "Pharmacy",
    "Toys",
    "Interiors",
    "Grocers",
    "Stationers",
    "Nursery",
    "Opticians",
    "Outfitters",
    "Ceramics",
    "Music Shop",
    "Joinery",
    "Tea Room",
    "Butchers",
    "Shoes",
    "Haberdashery",
    "Wine Cellar",
    "Pottery",
    "Framing",
]

WISHES = [
    "Shelves for the sales floor",
    "Refit of the shop window",
    "Counter and till furniture",
    "Tables for the terrace",
    "Lighting of the showroom",
    "Storage for the back room",
    "Seating for the waiting area",
    "Signs for two new branches",
]


def businesses():
    """All names, each with an address in a domain that is reserved for examples.

    :rtype: list[tuple[str, str]]
    """
    names = [f"{place} {trade}" for place in PLACES for trade in TRADES]
    return [(name, f"hello@{name.replace(' ', '').lower()}.example") for name in names]
