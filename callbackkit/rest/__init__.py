"""The description of a REST API: its operations and their arguments, declared once.

A client checks and sends what is declared, and a server of the same API reads it.
"""

from callbackkit.rest.arguments import Arguments, arguments_of, at
from callbackkit.rest.operation import Operation, operations_in
from callbackkit.rest.rules import (
    ANY_CASE,
    ArgumentRule,
    Flag,
    Name,
    Number,
    Together,
    Url,
    at_least_one,
    checked,
    exactly_one,
    excludes,
    moment,
    needs,
    number,
    text,
    together,
    whole,
    written,
)

__all__ = [
    "ANY_CASE",
    "ArgumentRule",
    "Arguments",
    "Flag",
    "Name",
    "Number",
    "Operation",
    "Together",
    "Url",
    "arguments_of",
    "at",
    "at_least_one",
    "checked",
    "exactly_one",
    "excludes",
    "moment",
    "needs",
    "number",
    "operations_in",
    "text",
    "together",
    "whole",
    "written",
]
