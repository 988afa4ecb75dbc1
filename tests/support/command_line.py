"""Runs the command line for tests, with a few articles."""

import json

from click.testing import CliRunner, Result

from indexer.cli import klastriotsing

NEWS = {
    "2016/konverents.txt": """Klastrid arutasid ringmajandust

Ringmajanduse konverents toimus 2. detsembril 2016 Tartus. Rohepööre sai hoogu juurde.
""",
    "turundus.txt": """---
date: 2014-05
organisations: [Võrumaa Puiduklaster]
---
Puiduklaster alustas ühisturundust

Ettevõtted lähevad messile üheskoos.
""",
    "aastata.txt": """Klaster otsib juhti

Avaldusi oodatakse kontorisse.
""",
}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(klastriotsing, arguments)


def printed(*arguments: str) -> dict[str, object]:
    """Runs a command; returns the JSON object that it prints."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert isinstance(data, dict)
    return data
