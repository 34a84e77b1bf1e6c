"""Texts of the libraries that our pages show and that the libraries themselves do not have in every language.

Named here, they stand in our own catalogs, which go before theirs.
"""

from django.utils.translation import gettext_noop

BORROWED = (gettext_noop("- Select an option -"),)
