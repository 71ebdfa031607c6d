"""How people word requests, as small grammars in many languages.

Written for this project. The classifiers are trained from what these grammars
generate, each example carrying the template it came from.
"""
