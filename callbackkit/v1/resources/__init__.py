"""The REST resources of v1, each declared once: what is read back, what is sent, and how.

A module has the models of a resource, a TypedDict of arguments for each operation that takes some,
and the operations. The client calls them and the carrier serves them.
"""
