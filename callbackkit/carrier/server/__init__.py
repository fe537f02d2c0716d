"""The REST server of a carrier, for every dialect: routes, bodies, errors, rate limits, pages.

A dialect brings its operations, a table of error templates, one of rates, and a subclass of
`ApiServer` for what its platform does in a way of its own.
"""
