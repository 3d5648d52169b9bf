"""Names where others read them. Pure."""

from reception.names import is_chinese


def called_name(name: str) -> str:
    """Return a name that its bearer knows and a stranger does not: 王小美 → 王*美, 王美 → 王*, O'Brien Lee → O* L*."""
    if any(is_chinese(one) for one in name):
        kept = "".join(name.split())
        return f"{kept[0]}*{kept[-1]}" if len(kept) > 2 else f"{kept[0]}*"
    first = [next((one for one in word if one.isalnum()), "") for word in name.split()]
    return " ".join(f"{one.upper()}*" for one in first if one) or "*"


def masked_name(name: str) -> str:
    """Return a visitor's name as it may stand where others look at it: the first character and a star."""
    return f"{name[:1]}*" if len(name) > 1 else "*" * len(name)
