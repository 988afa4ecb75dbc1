"""Login at a server: user name and password, from the environment or from a file of two lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from search.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, which is not shown."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Login(…)"


@dataclass(frozen=True, slots=True)
class LoginPlace:
    """Where a login is configured: two environment variables, or a file named by a table."""

    user_variable: str
    password_variable: str
    table: str

    def read(self, file: Path | None, environment: Mapping[str, str]) -> Login | None:
        """The login from ``environment``, else from ``file``; None without either.

        Raises ConfigurationError.
        """
        if environment.get(self.user_variable):
            password = environment.get(self.password_variable, "")
            return Login(environment[self.user_variable], password)
        return self._of_file(file) if file else None

    def _of_file(self, file: Path) -> Login:
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                file=file,
                problem=f"cannot be read ({getattr(error, 'strerror', None) or 'no UTF-8'})",
                remedy=f"Check “login” of [{self.table}]",
            ) from None
        if len(lines) < 2:
            raise ConfigurationError(
                file=file, problem="is no login", remedy="Write two lines: user name and password"
            )
        return Login(lines[0].strip(), lines[1].strip())
