"""The drugs a hospital begins with; each hospital changes them afterwards. Pure data."""

from typing import NamedTuple


class StartingDrug(NamedTuple):
    """A drug with the unit its dose is written in."""

    code: str
    name: str
    name_en: str
    unit: str


DRUGS: tuple[StartingDrug, ...] = (
    StartingDrug("botulinum-toxin", "A型肉毒毒素", "Botulinum toxin type A", "U"),
    StartingDrug("hyaluronic-acid", "注射用透明质酸钠", "Hyaluronic acid filler", "ml"),
    StartingDrug("hyaluronic-booster", "水光透明质酸", "Hyaluronic acid skin booster", "ml"),
    StartingDrug("collagen", "注射用胶原蛋白", "Collagen", "ml"),
    StartingDrug("poly-lactic-acid", "聚左旋乳酸", "Poly-L-lactic acid", "mg"),
    StartingDrug("lidocaine-cream", "复方利多卡因乳膏", "Lidocaine and prilocaine cream", "g"),
    StartingDrug("lidocaine", "盐酸利多卡因注射液", "Lidocaine for injection", "ml"),
    StartingDrug("ropivacaine", "盐酸罗哌卡因", "Ropivacaine", "ml"),
    StartingDrug("adrenaline", "盐酸肾上腺素", "Adrenaline", "mg"),
    StartingDrug("hyaluronidase", "玻璃酸酶", "Hyaluronidase", "U"),
    StartingDrug("triamcinolone", "曲安奈德", "Triamcinolone", "mg"),
    StartingDrug("tranexamic-acid", "氨甲环酸", "Tranexamic acid", "mg"),
)
