"""Inner loops over posting lists and doc values, compiled where that could be built, else numpy.

The compiled module is used if it is installed, unless ``KLASTRIOTSING_KERNELS=numpy`` is set.
"""

import importlib
import os
from typing import cast

from search.engines.whoosh.kernels import _numpy
from search.engines.whoosh.kernels.interface import Kernels


def load(name: str) -> Kernels | None:
    """The kernels ``compiled`` or ``numpy``, None if they were not built."""
    if name == "numpy":
        return cast(Kernels, _numpy)
    try:
        return cast(Kernels, importlib.import_module(f"{__name__}._{name}"))
    except ImportError:
        return None


#: The kernels of this process.
KERNELS = load(os.environ.get("KLASTRIOTSING_KERNELS") or "compiled") or cast(Kernels, _numpy)
