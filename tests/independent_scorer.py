"""A second ProQOL 5 scorer, written apart from the product's: a letter for each statement instead of lists.

Nothing of `assessments` is imported here. C, B and S say which scale a statement counts in; the small b is a
burnout statement that counts the other way round.
"""

KEY = "bSCbSCSBSBSCSSbCbCBCBCSCSBCSbC"
ORDER = ("CS", "BO", "STS")
LETTER_SCALE = {"C": "CS", "B": "BO", "b": "BO", "S": "STS"}
REVERSED = {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
LOWEST_AVERAGE, HIGHEST_AVERAGE = 23, 41


def score_row(answers: list[int | None]) -> list[tuple[int | None, str]]:
    """(sum, level) for CS, BO, STS; (None, "not scored") for a scale with a blank."""
    points: dict[str, list[int]] = {name: [] for name in ORDER}
    for letter, answer in zip(KEY, answers, strict=True):
        if answer in REVERSED:
            points[LETTER_SCALE[letter]].append(REVERSED[answer] if letter.islower() else answer)
    result: list[tuple[int | None, str]] = []
    for name in ORDER:
        if len(points[name]) == 10:
            result.append((sum(points[name]), label(sum(points[name]))))
        else:
            result.append((None, "not scored"))
    return result


def label(total: int) -> str:
    if total in range(LOWEST_AVERAGE, HIGHEST_AVERAGE + 1):
        return "average"
    return "low" if total < LOWEST_AVERAGE else "high"


def csv_line(number: int, answers: list[int | None]) -> str:
    """What the command prints for this respondent."""
    scored = score_row(answers)
    sums = ["" if total is None else str(total) for total, _ in scored]
    return ",".join([str(number), *sums, *(level for _, level in scored)])
