"""Names of the members of containers, as parts of their ids."""


def member_id(text: str) -> str:
    """``text``, such as a guid or a value of an id column, as the last part of an id.

    The id becomes a path of the web, so empty and dotted steps and unprintable characters go.
    """
    line = "".join(each for each in " ".join(text.split()) if each.isprintable())
    steps = [step for each in line.split("/") if (step := each.strip()) not in ("", ".", "..")]
    return "/".join(steps)[:200]
