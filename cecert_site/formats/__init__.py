"""How dates, times and numbers are written, by language: docs/decisions/0010-us-spanish.md. English is Django's own."""
