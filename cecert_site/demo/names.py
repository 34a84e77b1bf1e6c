"""Invented names, teams and job titles. Nobody here is or was anybody."""

from random import Random

FIRST = """
Adaeze Alba Amos Anneke Arturo Astrid Bashir Beatriz Bram Camille Cato Celia Dagny Damaris Darius Delphine Desmond
Edda Efren Elodie Emeka Esme Ezra Farida Fergus Fiona Galen Gilda Greta Hamid Hattie Hollis Ilse Inez Ivo Jada
Jorah Juno Kai Keziah Lars Leocadia Linnea Lorcan Lupe Mabel Magnus Marisol Mei Milo Nadia Nerys Nils Noemi Odell
Ottilie Paloma Perrin Quill Rafi Ramona Reuben Rhea Rosalind Saskia Selim Sunniva Talia Tobias Ulla Vidal Wanda
Wilhelmina Ximena Yusra Zadie Zoltan
""".split()

LAST = """
Abernathy Achterberg Adeoye Alcantara Amberly Arrowood Ashdown Balcombe Barraza Begaye Bellweather Bergqvist Birdsong
Blackhorse Brambila Braithwaite Calderwood Cantrell Carrasco Castleman Chavarria Claybourne Coldwater Cordova Crabtree
Dandridge Delacroix Dinwiddie Dovetail Eastwick Echevarria Elkins Escalante Fairbairn Farnsworth Featherstone Figueroa
Fitzwater Galbraith Gallegos Garrity Goldfinch Greenhalgh Haldorsen Hathaway Hawkfeather Heatherly Holloway
Huckabee Ibarra Ingersoll Jankowski Jaramillo Kettleman Kingfisher Kowalczyk Lachance Larkspur Leatherwood Llewellyn
Lovelace Madrigal Maplethorpe Marchetti Merriweather Montoya Nakashima Nightingale Nordahl Oakhurst Obregon Okonjo
Olmstead Ortolan Overstreet Pemberton Penhaligon Pettigrew Plumeri Quesada Quillen Ravenscroft Redwing Renfro
Rosewater Rutherglen Sablan Sandoval Satterfield Silverthorn Snowdon Stillwater Strickler Summerlin Swiftwater
Tallchief Tamayo Thistlewood Thornquist Tillery Tsosie Underhill Valdespino Vandersloot Villanueva Wainwright
Weatherby Whippoorwill Wickersham Winterbourne Woolery Yarborough Yellowtail Zamarripa Zimmerli
""".split()


def full_name(number: int) -> tuple[str, str]:
    """The numbered invented person, first and last name; no two of the first thousands share both."""
    cycle, place = divmod(number, len(LAST))
    return FIRST[(number * 29 + cycle * 7) % len(FIRST)], LAST[place]


def chance(seed: int) -> Random:
    """The same invented choices at every seeding."""
    return Random(seed)  # noqa: S311 - nothing secret hangs on it


CASEWORK = ("Caseworker", "Caseworker", "Senior Caseworker", "Case Aide", "Visitation Specialist")
HOMES = ("Family Support Specialist", "Home Visitor", "Caseworker", "Parent Educator")
CLINIC = ("Therapist", "Therapist", "Clinical Intern", "Intake Coordinator", "Care Coordinator")
NIGHTS = ("Residential Counselor", "Night Counselor")
