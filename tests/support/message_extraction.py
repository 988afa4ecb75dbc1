"""Babel extractor that also finds the message templates of errors.

``pyproject.toml`` names this for ``pybabel extract`` (``make messages``); nothing else uses it.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from babel.messages.extract import extract_python

#: Parts of a message that are sentences of this program, and errors that visitors may see.
_SENTENCES = ("remedy", "reason", "problem")
_ON_THE_WEB = ("BadRequest", "QueryTooLong", "NoIndex", "IndexMismatch", "IndexDamaged")


def extract(
    file: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Sequence[str],
    options: Any,
) -> Iterator[tuple[Any, ...]]:
    """Yields all messages of a Python file: those found by Babel, and error templates.

    Each has its line, the function called, the message (or messages) and comments.
    """
    yield from extract_python(file, keywords, comment_tags, options)
    file.seek(0)
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.expr | ast.stmt):
            for text in _sentences(node):
                yield node.lineno, None, text, []


def _sentences(node: ast.expr | ast.stmt) -> Iterator[str]:
    """Message template of an error, or a sentence used in one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in _ON_THE_WEB:
            for each in node.keywords:
                if each.arg in _SENTENCES:
                    yield from _literal(each.value)
    elif isinstance(node, ast.AnnAssign | ast.Assign) and node.value is not None:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if isinstance(target, ast.Name) and target.id in ("template", *_SENTENCES):
            yield from _literal(node.value)


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
