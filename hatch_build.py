"""What is built when the package is installed: the C library of the engine, if that can be."""

import runpy
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ROOM = Path("search/engines/whoosh/native")


class CustomBuildHook(BuildHookInterface[Any]):
    """Puts the library into the wheel, or beside its sources where these are installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the library; without it everything works, only slower."""
        building = runpy.run_path(str(Path(self.root) / _ROOM / "compiling.py"))
        reason = building["compile_library"]()
        if reason:
            self.app.display_warning(f"The engine's C library was not built: {reason}")
            return
        build_data["artifacts"].append(str(_ROOM / building["LIBRARY"]))
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
