"""Jinja environments by language; texts are translated at compile time."""

import functools
import json
import re
from collections.abc import Callable, Hashable, MutableMapping
from typing import Any

from jinja2 import Environment, PackageLoader, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from webui.addresses.parameters import EXPORT_NAMES
from webui.fragments import SHAPES, bar_html, excluded_value, step_html, undo_button
from webui.localisation import Localisation

#: Cached fragments of HTML that pages share.
_MOST_KEPT = 256
_INDENTATION = re.compile(r"^[ \t]{2,}", re.MULTILINE)
_ESCAPED = re.compile("[&<>\"']")


def as_html(value: object) -> str:
    """Converts ``value`` to HTML like :func:`markupsafe.escape`, but without copying HTML."""
    kind = type(value)
    if kind is Markup or (kind is str and not _ESCAPED.search(value)):  # type: ignore[call-overload]
        return value  # type: ignore[return-value]
    return escape(value)


class _CodeGenerator(CodeGenerator):
    """Compiles templates that print by :func:`as_html`: a page prints about 300 values."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.as_html(")


class _Context(Context):
    """Calls functions directly: none of ours needs the calling template's context."""

    def call(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Calls ``function``."""
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return function(*args, **kwargs)


class SiteEnvironment(Environment):
    """Jinja environment of one language, with constant texts translated at compile time."""

    def __init__(self, here: Localisation) -> None:
        super().__init__(
            loader=PackageLoader("webui"),
            autoescape=True,
            auto_reload=False,
            cache_size=-1,  # keep all templates
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._here = here
        self.globals.update(
            _=here.gettext,
            ngettext=here.ngettext,
            language=here.language,
            shapes=SHAPES,
            step_html=step_html,
            bar_html=bar_html,
            export_names=EXPORT_NAMES,
            excluded_value=excluded_value,
            undo_button=undo_button,
            remembered=remembered,
            here=here,
        )
        self.policies["json.dumps_function"] = json.dumps
        self.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}

    code_generator_class = _CodeGenerator
    context_class = _Context
    as_html = staticmethod(as_html)
    #: Templates get existing attributes only, hundreds on a page; Jinja would also look up items.
    getattr = staticmethod(getattr)  # type: ignore[assignment]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Shares the globals among all templates, so that macros are not created for each page."""
        return {**self.globals, **d} if d else self.globals

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Replaces indentation by a blank, because fifty hits on a page would repeat it."""
        return _INDENTATION.sub(" ", super().preprocess(source, name, filename))

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        translated = _Translation(self._here).visit(source)
        return super()._generate(translated, name, filename, defer_init)


class _Translation(NodeTransformer):
    """Replaces each call of ``_`` with a constant text by its translation."""

    def __init__(self, here: Localisation) -> None:
        self._here = here

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        match node:
            case nodes.Call(
                node=nodes.Name(name="_"), args=[nodes.Const(value=str(text))], kwargs=[]
            ):
                return nodes.Const(self._here.gettext(text), lineno=node.lineno)
        return node


@functools.lru_cache(maxsize=_MOST_KEPT)
def remembered(macro: Macro, *values: Hashable) -> Markup:
    """Cache of the HTML of ``macro``, for parts with few variants on all pages."""
    return Markup(macro(*values))  # noqa: S704 - macros escape


@functools.cache
def environment(language: str) -> SiteEnvironment:
    """Templates in ``language``, compiled once for each process."""
    return SiteEnvironment(Localisation.of(language))


def render(template: str, language: str, **values: Any) -> str:
    """Renders ``template`` with ``values`` in ``language``."""
    return environment(language).get_template(template).render(values)
