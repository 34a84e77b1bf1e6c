"""Spanish as it is written in the United States: decimal point, twelve hours, weeks from Sunday."""

DATE_FORMAT = "j b Y"  # 3 dic 2026
TIME_FORMAT = "g:i a"  # 2:03 p.m.; static/js/app.js writes the same
DATETIME_FORMAT = "j b Y, g:i a"
YEAR_MONTH_FORMAT = r"F \d\e Y"
MONTH_DAY_FORMAT = r"j \d\e F"
SHORT_DATE_FORMAT = "j b Y"  # never 3/12/2026, which half of the readers take for March 12
SHORT_DATETIME_FORMAT = "j b Y, g:i a"
FIRST_DAY_OF_WEEK = 0
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
# The first is what date fields of browsers understand; a typed one is read as on the forms of US agencies.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%m/%d/%Y"]
TIME_INPUT_FORMATS = ["%H:%M:%S", "%H:%M:%S.%f", "%H:%M"]
DATETIME_INPUT_FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
    "%m/%d/%Y %H:%M",
]
