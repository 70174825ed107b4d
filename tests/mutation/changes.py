"""The small faults that can be put into a source: each is one expression written differently.

A whole number moves by 1 and another by one part in a hundred: a threshold that is off by so little must be seen.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.MatMult: ast.Mult,
}  # fmt: skip
NAMED = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}
SMALL = 1e-4  # a smaller number is a slack: one part in a hundred of it says nothing


@dataclass(frozen=True)
class Change:
    """One fault.

    Attributes
    ----------
    line : int
    inside : str
        The function or class it stands in, with dots; "" for the file itself.
    words : str
        What is written otherwise, as `old -> new`; numbered where one function holds the same several times.
    source : str
        The whole file with the fault.
    """

    line: int
    inside: str
    words: str
    source: str


def changes(source: str, only: tuple[str, ...] = ()) -> list[Change]:
    """Every fault of a source, in order of line.

    Parameters
    ----------
    only : tuple of str
        Functions and classes to keep to; all of the file where none is named.
    """
    raw, made, times = source.encode(), [], Counter[tuple[str, str]]()
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for inside, node, other in _walk(ast.parse(source), ""):
        if only and not any(inside == name or inside.startswith(f"{name}.") for name in only):
            continue
        begin, end = (
            starts[line - 1] + column
            for line, column in (
                (node.lineno, node.col_offset),
                (node.end_lineno or 0, node.end_col_offset or 0),
            )
        )
        words = f"{ast.unparse(node)} -> {other}"
        times[inside, words] += 1
        number = times[inside, words]
        whole = raw[:begin] + f"({other})".encode() + raw[end:]
        if not isinstance(node, ast.expr):
            whole = raw[:begin] + other.encode() + raw[end:]
        made.append(
            Change(
                node.lineno, inside, words if number == 1 else f"{words} (number {number})", whole.decode()
            )
        )
    return sorted(made, key=lambda each: each.line)


def _walk(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    """Where each fault stands, what it replaces and by what; no annotation, decorator or text is looked at."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        inside = f"{inside}.{node.name}".lstrip(".")
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.JoinedStr) or not isinstance(each, ast.AST):
                continue
            if isinstance(each, (ast.expr, ast.stmt)):
                yield from ((inside, each, other) for other in _others(each))
            if name in ("test", "ifs") and isinstance(each, ast.expr):
                yield inside, each, f"not ({ast.unparse(each)})"
            yield from _walk(each, inside)


def _others(node: ast.expr | ast.stmt) -> Iterator[str]:
    """What may stand in the place of one expression or statement."""
    match node:
        case ast.Compare(left, operators, right):
            for at, operator in enumerate(operators):
                for other in COMPARED[type(operator)]:
                    yield ast.unparse(
                        ast.Compare(left, [*operators[:at], other(), *operators[at + 1 :]], right)
                    )
        case ast.BoolOp(operator, values):
            yield ast.unparse(ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values))
        case ast.BinOp(left, operator, right) if type(operator) in RECKONED:
            yield ast.unparse(ast.BinOp(left, RECKONED[type(operator)](), right))
        case ast.AugAssign(target, operator, value) if type(operator) in RECKONED:
            yield ast.unparse(ast.AugAssign(target, RECKONED[type(operator)](), value))
        case ast.UnaryOp(ast.Not() | ast.Invert(), operand):
            yield ast.unparse(operand)
        case ast.UnaryOp(ast.USub(), operand) if not isinstance(operand, ast.Constant):
            yield ast.unparse(operand)
        case ast.Constant(bool() as value):
            yield str(not value)
        case ast.Constant(int() as value):
            yield from (str(value + 1), str(value - 1))
        case ast.Constant(float() as value):
            by = 1.0 if abs(value) < SMALL else abs(value) / 100
            yield from (repr(value + by), repr(value - by))
        case ast.Return(value) if value is not None and ast.unparse(value) != "None":
            yield "return None"
        case ast.Name(name) if name in NAMED and isinstance(node.ctx, ast.Load):
            yield NAMED[name]
        case ast.Attribute(value, name) if name in NAMED:
            yield ast.unparse(ast.Attribute(value, NAMED[name], ast.Load()))
