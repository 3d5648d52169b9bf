"""Names as the desk searches for them: Chinese names by character, pinyin and initials, other names by word.

Pure: text in, text out. A name itself is never changed here, only what it can be found by.
"""

import unicodedata
from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, pinyin

LONGEST_KEY = 200
MOST_READINGS = 24
# Of so many characters, syllables or words a beginning is a key of its own; who types more has narrowed it down.
BEGINNINGS = 4

# Surnames whose reading is not the character's first one, with every reading that people type, the surname's first;
# and very common surnames whose other dictionary readings nobody types.
SURNAMES: dict[str, tuple[str, ...]] = {
    "曾": ("zeng", "ceng"),
    "单": ("shan", "dan", "chan"),
    "解": ("xie", "jie"),
    "仇": ("qiu", "chou"),
    "区": ("ou", "qu"),
    "查": ("zha", "cha"),
    "盖": ("ge", "gai"),
    "尉": ("wei", "yu"),
    "任": ("ren",),
    "朴": ("piao", "pu"),
    "缪": ("miao", "mou"),
    "乐": ("yue", "le"),
    "员": ("yun", "yuan"),
    "洗": ("xian", "xi"),
    "冼": ("xian",),
    "种": ("chong", "zhong"),
    "重": ("chong", "zhong"),
    "折": ("she", "zhe"),
    "召": ("shao", "zhao"),
    "祭": ("zhai", "ji"),
    "翟": ("zhai", "di"),
    "黑": ("he", "hei"),
    "秘": ("bi", "mi"),
    "繁": ("po", "fan"),
    "覃": ("qin", "tan"),
    "晟": ("cheng", "sheng"),
    "隗": ("wei", "kui"),
    "訾": ("zi",),
    "宓": ("mi", "fu"),
    "逄": ("pang",),
    "幺": ("yao",),
    "么": ("yao", "me"),
    "华": ("hua",),
    "纪": ("ji",),
    "葛": ("ge",),
    "哈": ("ha",),
    "那": ("na",),
    "万": ("wan",),
    "谌": ("chen", "shen"),
    "车": ("che", "ju"),
    "都": ("du", "dou"),
    "撒": ("sa",),
    "燕": ("yan",),
    "宁": ("ning",),
    "曲": ("qu",),
    "令": ("ling",),
    "句": ("gou", "ju"),
    "郇": ("xun", "huan"),
    "阚": ("kan",),
    "郗": ("xi", "chi"),
    "盛": ("sheng", "cheng"),
    "石": ("shi",),
    "薄": ("bo", "bao"),
    "粘": ("nian", "zhan"),
    "褚": ("chu",),
    "殷": ("yin",),
    "牟": ("mou", "mu"),
    "赵": ("zhao",),
    "王": ("wang",),
    "李": ("li",),
    "张": ("zhang",),
    "刘": ("liu",),
    "陈": ("chen",),
    "杨": ("yang",),
    "黄": ("huang",),
    "吴": ("wu",),
    "周": ("zhou",),
    "徐": ("xu",),
    "孙": ("sun",),
    "马": ("ma",),
    "朱": ("zhu",),
    "胡": ("hu",),
    "郭": ("guo",),
    "何": ("he",),
    "林": ("lin",),
    "高": ("gao",),
    "罗": ("luo",),
    "郑": ("zheng",),
    "梁": ("liang",),
    "谢": ("xie",),
    "宋": ("song",),
    "唐": ("tang",),
    "许": ("xu",),
    "邓": ("deng",),
    "冯": ("feng",),
    "韩": ("han",),
    "曹": ("cao",),
    "彭": ("peng",),
    "贾": ("jia",),
    "沈": ("shen",),
    "余": ("yu",),
    "叶": ("ye",),
    "于": ("yu",),
    "俞": ("yu",),
    "肖": ("xiao",),
    "洪": ("hong",),
}
COMPOUND_SURNAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "欧阳": (("ou", "yang"),),
    "单于": (("chan", "yu"), ("shan", "yu"), ("dan", "yu")),
    "司马": (("si", "ma"),),
    "司徒": (("si", "tu"),),
    "司空": (("si", "kong"),),
    "上官": (("shang", "guan"),),
    "诸葛": (("zhu", "ge"),),
    "夏侯": (("xia", "hou"),),
    "皇甫": (("huang", "fu"),),
    "尉迟": (("yu", "chi"), ("wei", "chi")),
    "公孙": (("gong", "sun"),),
    "慕容": (("mu", "rong"),),
    "令狐": (("ling", "hu"),),
    "长孙": (("zhang", "sun"), ("chang", "sun")),
    "宇文": (("yu", "wen"),),
    "澹台": (("tan", "tai"), ("dan", "tai")),
    "拓跋": (("tuo", "ba"),),
    "轩辕": (("xuan", "yuan"),),
    "端木": (("duan", "mu"),),
    "独孤": (("du", "gu"),),
    "南宫": (("nan", "gong"),),
    "万俟": (("mo", "qi"), ("wan", "si")),
    "百里": (("bai", "li"),),
    "呼延": (("hu", "yan"),),
    "闻人": (("wen", "ren"),),
    "太叔": (("tai", "shu"),),
    "申屠": (("shen", "tu"),),
    "钟离": (("zhong", "li"),),
    "东方": (("dong", "fang"),),
    "赫连": (("he", "lian"),),
    "完颜": (("wan", "yan"),),
    "纳兰": (("na", "lan"),),
    "濮阳": (("pu", "yang"),),
    "淳于": (("chun", "yu"),),
    "公羊": (("gong", "yang"),),
    "鲜于": (("xian", "yu"),),
    "第五": (("di", "wu"),),
    "东郭": (("dong", "guo"),),
    "西门": (("xi", "men"),),
    "歐陽": (("ou", "yang"),),
    "司馬": (("si", "ma"),),
    "諸葛": (("zhu", "ge"),),
}
# Letters that do not come apart into a base letter and a mark.
LETTERS = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"})


def clean_name(text: str) -> str:
    """Return the name without what nobody sees: control and direction marks, stray and doubled spaces.

    What is visible stays exactly as typed. Joiners stay: they hold emoji and some scripts together.
    """
    seen = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or character in "\u200c\u200d"
        or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    tidy = " ".join(seen.split())
    return tidy if tidy.strip("\u200c\u200d") else ""


def fold(text: str) -> str:
    """Return the text as keys are written: one width, one case, without spaces, dots, marks and quotes."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(character for character in plain if _counts(character))
    return unicodedata.normalize("NFC", kept)[:LONGEST_KEY]


def _counts(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character)[0] not in "CZP"


def is_chinese(character: str) -> bool:
    """Say whether the character is a Han character."""
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or "\U00020000" <= character <= "\U0003ffff"
        or "\uf900" <= character <= "\ufaff"
    )


def latin(text: str) -> str:
    """Return letters and digits of the text without accents (`Ngô Thị` → `ngothi`), other scripts as they are."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    return fold(bare)


def name_keys(name: str) -> set[str]:
    """Return the folded full name."""
    full = fold(name)
    return {full} if full else set()


def beginning_keys(name: str) -> set[str]:
    """Return what people type of a name before it is whole: its first characters, syllables, words and initials.

    王小美 → 王, 王小, wang, wangxiao, w, wx. At most BEGINNINGS of each. What is a whole name itself is left out.
    """
    full = fold(name)
    readings = _name_readings(full)
    found: set[str] = set()
    if readings is None:
        words = name.split()
        spelled = [tuple(map(fold, words)), tuple(map(latin, words))]
    else:
        found = {full[:length] for length in range(1, BEGINNINGS + 1)}
        spelled = readings
    for parts in spelled:
        for length in range(1, BEGINNINGS + 1):
            found |= {"".join(parts[:length]), "".join(part[:1] for part in parts[:length])}
    found = {key[:LONGEST_KEY] for key in found if key}
    return found - name_keys(name) - pinyin_keys(name) - initials_keys(name)


def given_name_keys(name: str) -> set[str]:
    """Return the given names, written and in pinyin; of a name of several words every word but the first."""
    full = fold(name)
    if surnames := _surnames(full):
        given = {full.removeprefix(surname) for surname in surnames}
        spoken = {reading for rest in given for reading in _joined(_readings(rest))}
        return {key[:LONGEST_KEY] for key in given | spoken if key}
    words = name.split()
    return {key for word in words[1:] for key in (fold(word), latin(word)) if key}


def pinyin_keys(name: str) -> set[str]:
    """Return every reading of the whole name without spaces."""
    readings = _name_readings(fold(name))
    if readings is None:
        plain = latin(name)
        return {plain} if plain else set()
    return {key[:LONGEST_KEY] for key in _joined(readings) if key}


def initials_keys(name: str) -> set[str]:
    """Return the first letters of every reading (王小美 → `wxm`), or of every word of another name."""
    readings = _name_readings(fold(name))
    if readings is None:
        letters = "".join(latin(word)[:1] for word in name.split())
        return {letters} if letters else set()
    return {"".join(syllable[:1] for syllable in reading)[:LONGEST_KEY] for reading in readings} - {""}


def _surnames(full: str) -> tuple[str, ...]:
    """Return the surnames the folded name may begin with, the likelier first; none when it is no Chinese name."""
    if not full or not is_chinese(full[0]):
        return ()
    if full[:2] in COMPOUND_SURNAMES:
        return (full[:2], full[0]) if full[0] in SURNAMES else (full[:2],)
    return (full[0],)


Reading = tuple[str, ...]


def _surname_readings(surname: str) -> list[Reading]:
    if surname in COMPOUND_SURNAMES:
        return [tuple(reading) for reading in COMPOUND_SURNAMES[surname]]
    if surname in SURNAMES:
        return [(reading,) for reading in SURNAMES[surname]]
    return _readings(surname)


def _name_readings(full: str) -> list[Reading] | None:
    surnames = _surnames(full)
    if not surnames:
        return _readings(full) if any(is_chinese(character) for character in full) else None
    found: dict[Reading, None] = {}
    for surname in surnames:
        rest = _readings(full.removeprefix(surname))
        for second, first in islice(product(rest, _surname_readings(surname)), MOST_READINGS):
            found[first + second] = None
    return list(found)


@lru_cache(maxsize=10_000)
def _readings(text: str) -> list[Reading]:
    """Return the readings of a text syllable by syllable, at most MOST_READINGS, the usual one first.

    They are remembered: each is asked for several times a name, and nobody may change the list.
    """
    if not text:
        return [()]
    each = [_spellings(syllables) for syllables in pinyin(text, style=Style.NORMAL, heteronym=True)]
    return [tuple(latin(syllable) for syllable in reading) for reading in islice(product(*each), MOST_READINGS)]


def _spellings(syllables: list[str]) -> list[str]:
    """Return the syllables with ü also as passports (lyu) and careless typists (lu) write it."""
    found: dict[str, None] = {}
    for syllable in syllables:
        found[syllable] = None
        if syllable in ("lv", "nv", "lve", "nve"):
            found[syllable.replace("v", "yu", 1)] = None
            found[syllable.replace("v", "u", 1)] = None
    return list(found)


def _joined(readings: list[Reading]) -> set[str]:
    return {"".join(reading) for reading in readings}
