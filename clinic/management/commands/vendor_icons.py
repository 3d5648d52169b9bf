"""Build the icon sprite from the published Bootstrap Icons package."""

import re
import tarfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SHAPE = re.compile(r"<svg[^>]*>(.*?)</svg>", re.DOTALL)


class Command(BaseCommand):
    """`vendor_icons bootstrap-icons-1.13.2.tgz` writes `static/vendor/icons.svg` with the icons of `icons.txt`."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the package as published (.tgz)."""
        parser.add_argument("package", type=Path)

    def handle(self, *args: Any, package: Path, **options: Any) -> None:
        """Write one symbol for each name, sorted, without white space that is not needed."""
        folder = Path(settings.BASE_DIR) / "static" / "vendor"
        names = sorted(set((folder / "icons.txt").read_text().split()))
        symbols = []
        with tarfile.open(package) as archive:
            for name in names:
                try:
                    member = archive.extractfile(f"package/icons/{name}.svg")
                except KeyError:
                    raise CommandError(f"{name} is not in {package.name}") from None
                shape = SHAPE.search(member.read().decode()) if member else None
                if shape is None:
                    raise CommandError(f"{name}.svg in {package.name} is not a picture")
                inside = re.sub(r">\s+<", "><", shape[1].strip())
                symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{inside}</symbol>')
        text = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
        (folder / "icons.svg").write_text(text)
        self.stdout.write(f"{len(names)} icons, {len(text)} bytes")
