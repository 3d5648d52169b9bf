"""The price list of the demo hospital."""

from collections.abc import Sequence

from clinic.models import Project

LIST_PRICES = {
    "breast-augmentation": 48000, "facial-contouring": 68000, "breast-reduction": 52000, "abdominoplasty": 46000,
    "liposuction": 22800, "facelift": 58000, "rhinoplasty": 32800, "fat-grafting": 18800, "chin-implant": 12800,
    "double-eyelid": 8800, "epicanthoplasty": 5800, "eye-bags": 7800, "lip-reshaping": 9800, "hair-transplant": 26000,
    "scar-revision": 4800, "mole-excision": 600, "thread-lift": 12800, "hyaluronic-filler": 3980,
    "collagen-stimulator": 9800, "botulinum-face": 2980, "botulinum-calf": 4980, "skin-booster": 1580,
    "ultrasound-lift": 15800, "radiofrequency": 3980, "fractional-laser": 2580, "picosecond-laser": 1980,
    "intense-light": 1280,
}  # fmt: skip


def tell_prices(projects: Sequence[Project]) -> None:
    """Put the projects on the price list, as far as it goes."""
    for project in projects:
        project.list_price = LIST_PRICES.get(project.code)
    Project.objects.bulk_update(projects, ["list_price"])
