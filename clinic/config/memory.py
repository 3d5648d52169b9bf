"""What a server keeps for as long as it lives is not searched for garbage again and again."""

import gc


def settle() -> None:
    """Take everything loaded by now out of the garbage collector's sight; for processes that go on for long.

    Otherwise each full collection walks over all of Django to find nothing, in the middle of somebody's request.
    """
    gc.collect()
    gc.freeze()
