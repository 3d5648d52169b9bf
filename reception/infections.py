"""What is asked about infections at the door, and when a visitor is set apart because of the answers."""

from dataclasses import dataclass
from decimal import Decimal

QUESTIONS = ("fever", "cough", "contact", "travel")
# From here on a temperature is a fever (37.3 °C, measured at the forehead or under the arm).
FEVER_FROM = Decimal("37.3")


@dataclass(frozen=True, slots=True)
class Answers:
    """What was measured (°C; None: not measured) and answered."""

    temperature: Decimal | None = None
    fever: bool = False
    cough: bool = False
    contact: bool = False
    travel: bool = False

    @property
    def anything(self) -> bool:
        """Say whether anything was measured, or answered with yes."""
        return self.temperature is not None or any(getattr(self, question) for question in QUESTIONS)

    @property
    def suspected(self) -> bool:
        """Say whether she is a suspected case: a fever, a contact, or a cough after having been where it spreads."""
        hot = self.temperature is not None and self.temperature >= FEVER_FROM
        return hot or self.fever or self.contact or (self.cough and self.travel)
