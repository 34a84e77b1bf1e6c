"""Single values of a roster file: names, dates, status words, and what a header means."""

from datetime import date

import pytest

from rollout.roster_columns import assign, field_of, guess_fields, looks_like_header
from rollout.roster_values import (
    ImpossibleDate,
    clean,
    has_hidden_characters,
    name_key,
    number_key,
    read_date,
    read_status,
    split_name,
    weigh_dates,
)

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Dana Whitehorse", "Dana", "Whitehorse"),
        ("Whitehorse, Dana", "Dana", "Whitehorse"),
        ("Zoë Van Dyke", "Zoë", "Van Dyke"),
        ("Van Dyke, Zoë", "Zoë", "Van Dyke"),
        ("Héctor de la Cruz", "Héctor", "de la Cruz"),
        ("de la Cruz, Héctor", "Héctor", "de la Cruz"),
        ("Keisha St. John", "Keisha", "St. John"),
        ("Keisha O'Brien", "Keisha", "O'Brien"),
        ("Aisha Johnson-Lee", "Aisha", "Johnson-Lee"),
        ("Mary Ann Smith", "Mary Ann", "Smith"),
        ("Smith, Mary Ann", "Mary Ann", "Smith"),
        ("Van Nguyen", "Van", "Nguyen"),
        ("  Dana \u00a0 Whitehorse ", "Dana", "Whitehorse"),
        ("John Smith Jr.", "John", "Smith Jr."),
        ("John Smith, Jr.", "John", "Smith Jr."),
        ("Smith, Jr., John", "John", "Smith Jr."),
        ("Jane Doe, LCSW", "Jane", "Doe"),
        ("Doe, Jane, Ph.D.", "Jane", "Doe"),
        ("Li, Ma", "Ma", "Li"),
        ("Li, MA", "MA", "Li"),
        ("Prince", "Prince", ""),
        ("", "", ""),
        (" , ", "", ""),
    ],
)
def test_a_full_name_is_cut_where_its_last_name_starts(full, first, last):
    assert split_name(full) == (first, last)


def test_text_is_composed_and_its_blanks_are_folded():
    assert clean(" Zoe\u0308\u00a0\u200b Van\u2003Dyke\n") == "Zoë Van Dyke"
    assert clean(1001.0) == "1001"
    assert clean(None) == ""


def test_capitals_are_left_as_they_are():
    assert clean("DANA WHITEHORSE") == "DANA WHITEHORSE"


def test_names_compare_without_case_accents_and_punctuation():
    assert name_key("Siobhán O’Brien-Lee") == name_key("SIOBHAN OBRIEN LEE")
    assert name_key("Keisha St. John") == name_key("keisha st john")
    assert name_key("Ana Lopez") != name_key("Ana Lobez")


def test_employee_numbers_compare_without_the_zeros_that_spreadsheets_drop():
    assert number_key("000123") == number_key("123")
    assert number_key("e1000") == number_key("E1000")
    assert number_key("0") == number_key("000") != number_key("")
    assert number_key("E0123") != number_key("E123")


def test_text_that_turns_direction_is_noticed_and_joiners_of_real_names_are_not():
    assert has_hidden_characters("Ana\u202eepoL")
    assert has_hidden_characters("Ana\x07")
    assert not has_hidden_characters("نیلوفر\u200cزاده")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2024-03-31", "mdy", date(2024, 3, 31)),
        ("2024/3/1", "mdy", date(2024, 3, 1)),
        ("2024-03-31T00:00:00", "mdy", date(2024, 3, 31)),
        ("03/04/2024", "mdy", date(2024, 3, 4)),
        ("03/04/2024", "dmy", date(2024, 4, 3)),
        ("3/4/24", "mdy", date(2024, 3, 4)),
        ("3/4/27", "mdy", date(2027, 3, 4)),
        ("3/4/28", "mdy", date(1928, 3, 4)),
        ("3/4/98", "mdy", date(1998, 3, 4)),
        ("3/4/2024 12:00:00 AM", "mdy", date(2024, 3, 4)),
        ("31.3.2024", "dmy", date(2024, 3, 31)),
        ("3 Mar 2024", "mdy", date(2024, 3, 3)),
        ("03-Mar-24", "mdy", date(2024, 3, 3)),
        ("Mar 3, 2024", "mdy", date(2024, 3, 3)),
        ("March 3rd, 2024", "mdy", date(2024, 3, 3)),
        ("3 de marzo de 2024", "mdy", date(2024, 3, 3)),
        ("20240303", "mdy", date(2024, 3, 3)),
        ("44464", "mdy", date(2021, 9, 25)),
        (44464, "mdy", date(2021, 9, 25)),
        (date(2021, 9, 25), "mdy", date(2021, 9, 25)),
        ("soon", "mdy", None),
        ("2024", "mdy", None),
        ("3/2024", "mdy", None),
    ],
)
def test_dates_are_read_as_people_and_payrolls_write_them(text, order, day):
    if day is None:
        with pytest.raises(ValueError, match=str(text)):
            read_date(text, order=order, today=TODAY)
    else:
        assert read_date(text, order=order, today=TODAY) == day


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2/30/2024", "13/13/2024", "30 Feb 2024", "2023-02-29", "20240230"]
)
def test_a_day_that_no_calendar_has_is_told_from_what_is_no_date(text):
    with pytest.raises(ImpossibleDate):
        read_date(text, order="mdy", today=TODAY)


def test_one_number_over_twelve_settles_the_order_of_a_column_and_the_majority_wins():
    assert weigh_dates(["01/02/2024", "13/02/2024"]).order == "dmy"
    assert weigh_dates(["01/02/2024", "02/13/2024"]).order == "mdy"
    assert weigh_dates(["02/13/2024", "02/14/2024", "14/02/2024"]).order == "mdy"
    assert weigh_dates(["01/02/2024", "2024-01-13", "05/05/2024"]).order is None
    assert weigh_dates(["01/02/2024", "05/05/2024"]).unclear == 1


@pytest.mark.parametrize(
    ("word", "works"),
    [
        ("Active", True),
        ("On leave", True),
        ("ACTIVO", True),
        ("Terminated", False),
        ("laid-off", False),
        ("Zz", None),
    ],
)
def test_status_words_say_whether_somebody_works_here(word, works):
    assert read_status(word) is works


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("first name", "first_name"),
        ("First Name *", "first_name"),
        ("Surname", "last_name"),
        ("Apellidos", "last_name"),
        ("Name (Last, First)", "full_name"),
        ("Employee", "full_name"),
        ("Employee #", "employee_number"),
        ("Employee ID", "employee_number"),
        ("Work E-mail", "email"),
        ("EMAIL_ADDRESS", "email"),
        ("Correo electrónico", "email"),
        ("Title", "job_title"),
        ("Program / Team", "team"),
        ("Dept.", "team"),
        ("Reports To (ID)", "supervisor"),
        ("Hire\nDate", "hired_on"),
        ("Start", "hired_on"),
        ("Term Dt", "left_on"),
        ("Status", "status"),
        ("Ext.", None),
        ("Pay grade", None),
        ("", None),
    ],
)
def test_headers_are_understood_in_the_words_people_use(header, field):
    found = field_of(clean(header))
    assert (found[0] if found else None) == field


def test_the_better_of_two_headers_is_taken():
    headers = ["Title", "Job title", "Personal", "Name", "Email", "Work email"]
    guess = guess_fields(headers, [[]] * len(headers))
    assert guess == {0: None, 1: "job_title", 2: None, 3: "full_name", 4: None, 5: "email"}


def test_a_supervisors_number_counts_only_where_people_have_numbers():
    without = guess_fields(["Name", "Email", "Supervisor ID", "Supervisor"], [[]] * 4)
    assert (without[2], without[3]) == (None, "supervisor")
    having = guess_fields(["Name", "Email", "Supervisor ID", "Supervisor", "Employee ID"], [[]] * 5)
    assert (having[2], having[3]) == ("supervisor", None)


def test_name_beside_first_name_is_the_last_name():
    assert guess_fields(["Name", "First name", "Email"], [[]] * 3)[0] == "last_name"
    assert guess_fields(["Nombre", "Correo"], [[]] * 2)[0] == "full_name"
    assert guess_fields(["Nombre", "Apellidos", "Correo"], [[]] * 3)[0] == "first_name"


def test_a_column_full_of_addresses_is_the_email_column_whatever_it_is_called():
    samples = [["Ana Lopez", "Wei Chen"], ["ana@x.example", "wei@x.example"]]
    assert guess_fields(["Name", "Login"], samples)[1] == "email"
    two = [*samples, ["boss@x.example", "boss@x.example"]]
    assert "email" not in guess_fields(["Name", "Login", "Boss login"], two).values()


def test_a_choice_takes_a_field_from_where_it_was_guessed():
    guess = {0: "full_name", 1: "email", 2: None}
    assert assign(guess, {2: "email"}) == {0: "full_name", 1: None, 2: "email"}
    assert assign(guess, {1: None}) == {0: "full_name", 1: None, 2: None}


def test_data_and_titles_are_not_taken_for_a_header():
    assert looks_like_header(["Dana", "Whitehorse", "dana@x.example", "Supervisor", "Intake"]) == 0
    assert looks_like_header(["Staff list as of", "2026-11-02"]) == 0
    assert looks_like_header(["Name", "Title", "Email"]) == 3
    assert looks_like_header(["Vorname", "Zuname", "Email"]) == 1
