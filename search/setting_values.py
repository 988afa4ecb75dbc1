"""Validates and converts values of ``klastriotsing.toml``, one reader for each type of value.

A reader takes a value as TOML gives it and the directory of the file, and raises UnfitError with
advice for an invalid one. :mod:`search.configuration` assigns readers to keys.
"""

import re
from collections.abc import Callable
from pathlib import Path

#: Languages of the interface.
LANGUAGES = ("et", "en")
#: Fields that columns of a table can be mapped to.
COLUMNS = ("title", "date", "body", "url", "id", "language")
#: A mail address, in angle brackets behind a name or alone.
SENDER = re.compile(r"""(?:"?([^"<>]*?)"?\s*<(?=.*>$))?([\w.+-]+@[\w.-]+\w)>?""", re.ASCII)
#: An address of the web.
ADDRESS = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?", re.ASCII)
_SERVER = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class UnfitError(Exception):
    """Raised for an invalid value; ``remedy`` has no full stop."""

    def __init__(self, remedy: str) -> None:
        super().__init__(remedy)
        self.remedy = remedy


def text(value: object, _: Path) -> str:
    if not isinstance(value, str):
        raise UnfitError('Write a text in quotation marks, such as "Klastriotsing"')
    return value


def base_url(value: object, folder: Path) -> str:
    found = text(value, folder).rstrip("/")
    if found and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", found):
        raise UnfitError('Write the public address, such as "https://uudised.example.ee"')
    return found


def prefix(value: object, folder: Path) -> str:
    found = text(value, folder).rstrip("/")
    if found and not re.fullmatch(r"(/[\w.~-]+)+", found, re.ASCII):
        raise UnfitError('Write a path that begins with a slash, such as "/otsing"')
    return found


def choice(*choices: str) -> Callable[[object, Path], str]:
    def read(value: object, _: Path) -> str:
        if not isinstance(value, str) or value not in choices:
            raise UnfitError("Use " + " or ".join(f'"{each}"' for each in choices))
        return value

    return read


def languages(value: object, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise UnfitError('Write a list, such as ["et", "en"]')
    return tuple(dict.fromkeys(choice(*LANGUAGES)(each, folder) for each in value))


def path(value: object, folder: Path) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise UnfitError('Write a path in quotation marks, such as "uudised"')
    return folder / Path(value)


def location(value: object, folder: Path) -> str:
    if isinstance(value, str) and ADDRESS.fullmatch(value):
        return value
    return str(path(value, folder))


def smtp_host(value: object, folder: Path) -> str:
    host = text(value, folder)
    if not re.fullmatch(r"[\w.-]+|[\da-fA-F]*:[\da-fA-F]*:[\da-fA-F:.]*", host):
        raise UnfitError('Write the name of the server alone, such as "smtp.example.ee"')
    return host


def sender(value: object, folder: Path) -> str:
    found = text(value, folder)
    if not (found.isprintable() and SENDER.fullmatch(found)):
        raise UnfitError('Write an address, such as "Klastriotsing <otsing@example.ee>"')
    return found


def port(value: object, folder: Path) -> int:
    found = whole_number(1)(value, folder)
    if found > 65_535:
        raise UnfitError("Write a port, such as 587")
    return found


def whole_number(least: int) -> Callable[[object, Path], int]:
    def read(value: object, _: Path) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise UnfitError(f"Write a whole number from {least} upwards")
        return value

    return read


def tokens(value: object, folder: Path) -> int:
    number = whole_number(8)(value, folder)
    if number > 8192:
        raise UnfitError("Write a number of tokens from 8 to 8192, such as 512")
    return number


def megabytes(value: object, _: Path) -> float:
    # The comparison also rejects nan, which TOML has.
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise UnfitError("Write a number of megabytes above 0, such as 5.0")
    return float(value)


def yes_or_no(value: object, _: Path) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("Write true or false")
    return value


def share(value: object, _: Path) -> float:
    # The comparison also rejects nan, which TOML has.
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise UnfitError("Write a number from 0 (off) to 1, such as 0.2")
    return float(value)


def nearness(value: object, _: Path) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1:
        raise UnfitError("Write a cosine from 0 to below 1, such as 0.8")
    return float(value)


def address(value: object, _: Path) -> str:
    if not isinstance(value, str) or not ADDRESS.fullmatch(value):
        raise UnfitError('Write an address, such as "https://klaster.example/"')
    return value


def path_text(value: object, folder: Path) -> str:
    return str(path(value, folder))


def texts(value: object, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise UnfitError('Write a list of texts, such as ["/uudised/"]')
    return tuple(text(each, folder) for each in value)


def columns(value: object, folder: Path) -> dict[str, str]:
    found = names(value, folder)
    if unknown := next((each for each in found if each not in COLUMNS), None):
        raise UnfitError(f"There is no “{unknown}”; known are {', '.join(COLUMNS)}")
    return found


def names(value: object, folder: Path) -> dict[str, str]:
    if not isinstance(value, dict):
        raise UnfitError('Write names in braces, such as { "Uudise nimi" = "nimi" }')
    return {name: text(each, folder) for name, each in value.items()}


def language(value: object, _: Path) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2,3}", value):
        raise UnfitError('Write the code of a language, such as "et"')
    return value


def mail_address(value: object, folder: Path) -> str:
    address = text(value, folder).strip()
    # Nothing that could add a header or a second address to an e-mail.
    if address and not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", address):
        raise UnfitError('Write a mail address, such as "toimetus@klaster.example"')
    return address


def hosts(value: object, folder: Path) -> tuple[str, ...]:
    found = texts(value, folder)
    if not all(is_host(each) for each in found):
        raise UnfitError('Write hosts with or without port, such as ["127.0.0.1:8080"]')
    return found


def server_urls(value: object, folder: Path) -> tuple[str, ...]:
    found = tuple(each.rstrip("/") for each in texts(value, folder))
    # A password in an address would appear in every message that names the server.
    if not found or not all(_SERVER.fullmatch(each) for each in found):
        raise UnfitError(
            'Write addresses without user name and path, such as ["https://search.example:9200"]'
        )
    return tuple(dict.fromkeys(found))


def index_name(value: object, folder: Path) -> str:
    found = text(value, folder)
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,99}", found):
        raise UnfitError(
            "Write a name of small letters a to z, digits, - and _ that begins with a letter, "
            'such as "klastriotsing"'
        )
    return found


def origins(value: object, folder: Path) -> tuple[str, ...]:
    found = tuple(_origin(each) for each in texts(value, folder))
    if not all(_ORIGIN.fullmatch(each) for each in found):
        raise UnfitError('Write sites without a path, such as ["https://klaster.example"]')
    return tuple(dict.fromkeys(found))


def _origin(text: str) -> str:
    """Normalises an origin as browsers do: lower case, without the default port."""
    origin, port = text.lower().rstrip("/"), ":80" if text.lower().startswith("http:") else ":443"
    return origin.removesuffix(port)


def is_host(text: str) -> bool:
    """True for a host name or address, with or without a port."""
    return re.fullmatch(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?", text) is not None


def seconds(value: object, _: Path) -> float:
    # The comparison also rejects nan, which TOML has.
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 86_400:
        raise UnfitError("Write a number of seconds, such as 1.5")
    return float(value)


def time_limit(value: object, folder: Path) -> float:
    if not (limit := seconds(value, folder)):
        raise UnfitError("Write a number of seconds above 0, such as 10")
    return limit


def duration(value: object, _: Path) -> float:
    match = re.fullmatch(r"(\d+)\s*([smhd])", value) if isinstance(value, str) else None
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not seconds:
        raise UnfitError('Write a time, such as "30m", "1h" or "1d"')
    return float(seconds)
