"""Released survey figures in the words that every page and file uses."""

from django import template

from assessments.figures import people_text

register = template.Library()
register.filter("people", people_text)
