"""How names of people are put in order: by pinyin, surnames by their reading as surnames. Pure."""

from pypinyin import Style, lazy_pinyin

SURNAMES = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "任": "ren", "华": "hua",
    "朴": "piao", "盖": "ge", "尉迟": "yu chi", "单于": "chan yu", "万俟": "mo qi", "缪": "miao", "召": "shao",
    "员": "yun", "乐": "yue", "种": "chong", "洗": "xian", "折": "she", "黑": "he", "秘": "bi", "繁": "po",
    "宁": "ning", "燕": "yan", "应": "ying", "贾": "jia", "翟": "zhai", "覃": "qin", "隗": "wei", "令狐": "ling hu",
}  # fmt: skip


def sort_key(name: str) -> str:
    """Return pinyin syllables in lower case, or the name itself in lower case when it is not Chinese."""
    name = " ".join(name.split())
    for length in (2, 1):
        surname = SURNAMES.get(name[:length])
        if surname and (length == 1 or len(name) > 2):
            rest = lazy_pinyin(name[length:], style=Style.NORMAL)
            return " ".join([surname, *rest]).lower()[:120]
    return " ".join(lazy_pinyin(name, style=Style.NORMAL)).lower()[:120]
