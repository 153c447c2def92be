"""When Python looks for garbage: seldom while code is loaded, as usual in the work, not at the end.

To load the code makes hundreds of thousands of objects, and none of them is garbage.
"""

import gc
from typing import Final

_USUAL: Final = gc.get_threshold()
_SELDOM: Final = 20_000
"""How many new objects there must be before Python looks for garbage among them."""


def while_loading() -> None:
    """Look seldom."""
    gc.set_threshold(_SELDOM)


def while_working() -> None:
    """Look as often as usual. What is loaded by now is never looked at again."""
    gc.freeze()
    gc.set_threshold(*_USUAL)


def at_the_end() -> None:
    """Look no more: the process ends, and its memory with it. A last look takes 0.1 s."""
    gc.freeze()
