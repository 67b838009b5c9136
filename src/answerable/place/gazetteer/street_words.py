"""What streets are called besides their names: avenue, Strasse, rua, katu, 街, and how short.

Plain tables. A kind of street is known by its English short form; all languages share them, so
that "rue", "Str." and "street" are one kind. English puts the kind after the name, French and
Portuguese before it, German and Finnish join it on.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


KINDS: dict[str, str] = {
    "st": "st str street streets strt calle rue rua strasse stradale katu gatan gata via",
    "ave": "av ave aven avenue avenida avda avn",
    "blvd": "bl blv blvd boulevard bd bulevard bulevar bulevardi bulevarden",
    "rd": "rd road tie vagen vag route estrada chemin",
    "dr": "dr drv drive",
    "ct": "ct court cour patio",
    "pl": "pl place platz platzl praca praceta piazza tori torget",
    "plz": "plz pz plaza",
    "ln": "ln lane ruelle viela",
    "ter": "ter terr terrace tr",
    "way": "wy way weg",
    "aly": "al aly alley aley gasse gassli kuja granden beco travessa tv",
    "cir": "cir cr circle kaari bagen rotunda rond-point",
    "hwy": "hwy hy highway",
    "sq": "sq square",
    "pkwy": "pkwy parkway",
    "park": "pk park puisto parken",
    "path": "path polku stigen sentier",
    "steps": "stps steps stwy stairway escalier escaliers escadas portaat",
    "row": "row",
    "loop": "loop lp",
    "walk": "walk wk",
    "quay": "quai cais ranta kajen laituri quay",
    "esp": "esplanade esplanadi esplanaden promenade",
    "lgo": "largo",
    "alm": "alameda allee alle",
    "pas": "passage passagen",
    "tunl": "tunl tunnel",
    "off": "of off",
}
KIND_OF: dict[str, str] = {word: kind for kind, told in KINDS.items() for word in told.split()}

BEFORE = _set(
    "rue rua calle via avenue avenida av boulevard bd place praca praceta quai cais "
    "travessa tv beco largo alameda passage chemin sentier route estrada escalier escaliers "
    "escadas square promenade ruelle viela rotunda impasse piazza al cour allee"
)
"""Kinds that may stand before the name."""

JOINED: tuple[tuple[str, str], ...] = (
    ("strasse", "st"), ("gasse", "aly"), ("platz", "pl"), ("weg", "way"), ("allee", "alm"),
    ("str", "st"), ("katu", "st"), ("kuja", "aly"), ("polku", "path"), ("tori", "pl"),
    ("ranta", "quay"), ("kaari", "cir"), ("tie", "rd"), ("gatan", "st"), ("vagen", "rd"),
    ("torget", "pl"), ("granden", "aly"), ("stigen", "path"), ("kajen", "quay"),
    ("puisto", "park"), ("bulevardi", "blvd"), ("esplanadi", "esp"),
)  # fmt: skip
"""Endings that are a kind of street written as one word with the name."""

SMALL = _set(
    "the of de da do das dos du des la le les l d del della e y et am an der den zum zur im"
)
"""Words that carry no name; "Rua de Santa Catarina" is found by "Santa Catarina"."""

ALIKE: dict[str, str] = {
    "north": "n", "south": "s", "east": "e", "west": "w", "nor": "n", "sou": "s",
    "northbound": "nb", "southbound": "sb", "eastbound": "eb", "westbound": "wb",
    "saint": "st", "sankt": "st", "sao": "st", "sainte": "ste", "santa": "sta", "mount": "mt",
    "fort": "ft", "doctor": "dr", "doutor": "dr", "junior": "jr", "senior": "sr",
    "sergeant": "sgt", "professor": "prof", "engenheiro": "eng", "general": "gen",
}  # fmt: skip
"""Words that are said in full and written short, or the other way about."""

WAYS = frozenset(("n", "s", "e", "w"))

HAN_KINDS: tuple[tuple[str, str], ...] = (
    ("大街", "st"), ("街道", "st"), ("大道", "ave"), ("大马路", "ave"), ("公路", "hwy"),
    ("街", "st"), ("路", "rd"), ("道", "rd"), ("巷", "aly"), ("弄", "aly"), ("胡同", "aly"),
    ("广场", "plz"), ("廣場", "plz"),
)  # fmt: skip
