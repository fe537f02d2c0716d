"""The graph of a call flow, as Mermaid and DOT."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Kind = Literal["start", "listens", "rings", "end", "failure"]


@dataclass(frozen=True, slots=True)
class Node:
    """A point of a call flow: one where something listens or rings, or an end."""

    id: str
    kind: Kind
    label: str


@dataclass(frozen=True, slots=True)
class Edge:
    """The inputs that lead from one point to another, and what is heard on the way."""

    source: str
    target: str
    inputs: tuple[str, ...]
    heard: tuple[str, ...] = ()


def label(inputs: Iterable[str]) -> str:
    """Return inputs in few words: "1, 3-9, silence"."""
    digits = sorted({int(one) for one in inputs if one.isdigit()})
    parts = []
    for _, group in groupby(enumerate(digits), lambda pair: pair[1] - pair[0]):
        run = [digit for _, digit in group]
        parts.append(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]))
    return ", ".join([*parts, *(one for one in inputs if not one.isdigit())])


def _together(edges: Iterable[Edge]) -> dict[tuple[str, str], list[str]]:
    """Return all inputs from one point to another, regardless of what is heard on the way."""
    found: dict[tuple[str, str], list[str]] = {}
    for edge in edges:
        found.setdefault((edge.source, edge.target), []).extend(edge.inputs)
    return found


def mermaid(nodes: Iterable[Node], edges: Iterable[Edge]) -> str:
    """Return a Mermaid flowchart."""
    shapes = {"start": ("([", "])"), "rings": ("[[", "]]"), "end": ("((", "))")}
    lines = ["flowchart TD"]
    for node in nodes:
        before, after = shapes.get(node.kind, ("[", "]"))
        lines.append(f'    {node.id}{before}"{_mermaid(node.label)}"{after}')
        if node.kind == "failure":
            lines.append(f"    style {node.id} stroke:#c00,stroke-width:2px")
    for (source, target), inputs in _together(edges).items():
        words = _mermaid(label(inputs))
        arrow = f'-->|"{words}"|' if words else "-->"
        lines.append(f"    {source} {arrow} {target}")
    return "\n".join(lines) + "\n"


def dot(nodes: Iterable[Node], edges: Iterable[Edge]) -> str:
    """Return a graph in DOT, the language of Graphviz."""
    shapes = {"start": "oval", "rings": "component", "end": "doublecircle"}
    lines = ["digraph calls {", "    node [shape=box];"]
    for node in nodes:
        colour = ", color=red" if node.kind == "failure" else ""
        shape = shapes.get(node.kind, "box")
        lines.append(f'    {node.id} [label="{_dot(node.label)}", shape={shape}{colour}];')
    for (source, target), inputs in _together(edges).items():
        words = _dot(label(inputs))
        lines.append(f'    {source} -> {target} [label="{words}"];')
    return "\n".join([*lines, "}"]) + "\n"


def _mermaid(text: str) -> str:
    # Entities, as Mermaid has no other way to write these in a label.
    for character, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(character, entity)
    return " ".join(text.split())


def _dot(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace('"', '\\"').split())
