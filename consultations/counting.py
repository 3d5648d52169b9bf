"""Which receptions stand in the figures of a consultant (T8). Pure."""

# Nothing could be sold: the hospital does not offer it.
NEVER_COUNTED = frozenset({"not_offered"})
# Announced for something else, and then she only came to fetch a product.
NOT_COUNTED_IF_PRE_REPORTED = frozenset({"product"})


def counts(*, entered: bool, outcome: str, pre_reported: bool) -> bool:
    """Say whether a consultation counts in conversion and average spend.

    `entered`: the visitor came into the room; `outcome`: one of `Consultation.Outcome`, empty while there is none, as
    for who was taken out of the room because she belongs to another (K3, K6); `pre_reported`: she was announced.
    """
    if not entered or not outcome or outcome in NEVER_COUNTED:
        return False
    return not (pre_reported and outcome in NOT_COUNTED_IF_PRE_REPORTED)
