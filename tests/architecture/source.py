"""The source of the program as syntax trees, so that rules about it are read from it and not from memory."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "audit", "disclosures", "privacy", "sealing")
# Where people, workers and shells come in. Below them nothing knows the hour, and nothing here fetches by itself.
EDGES = ("views", "forms", "templatetags", "management", "tasks", "admin", "urls", "middleware", "context", "sign_in",
         "adapter", "lockout", "step_up", "session_limits", "rates")  # fmt: skip


@dataclass(frozen=True)
class Module:
    path: Path
    text: str

    @property
    def parts(self) -> tuple[str, ...]:
        return self.path.relative_to(ROOT).with_suffix("").parts

    @property
    def name(self) -> str:
        return ".".join(self.parts)

    @property
    def is_edge(self) -> bool:
        return len(self.parts) > 1 and self.parts[1] in EDGES

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    def functions(self) -> Iterator[ast.FunctionDef]:
        """Those of the module itself; methods and inner functions are left out."""
        return (node for node in self.tree.body if isinstance(node, ast.FunctionDef))

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Each call with the dotted name that is called, as far as it is one."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, dotted(node.func)

    def at(self, node: ast.stmt | ast.expr | ast.ExceptHandler) -> str:
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


@cache
def modules(*, also: tuple[str, ...] = ()) -> tuple[Module, ...]:
    """Every module of the apps, migrations left out; `also` names further packages."""
    paths = (path for package in (*APPS, *also) for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(Module(path, path.read_text()) for path in paths if "migrations" not in path.parts)


def page(text: str) -> Module:
    """A page that somebody might write: rules are tried on it."""
    return Module(ROOT / "disclosures" / "views" / "imagined.py", text)


def edges() -> tuple[Module, ...]:
    return tuple(module for module in modules() if module.is_edge)


def services() -> tuple[Module, ...]:
    return tuple(module for module in modules() if module.parts[1:2] == ("services",))


def dotted(node: ast.expr) -> str:
    """`Request.objects.get` of that expression; what is called on the way counts as its name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return ""


def decorators(function: ast.FunctionDef) -> set[str]:
    return {dotted(decorator) for decorator in function.decorator_list}
