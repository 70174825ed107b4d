"""Unique Pupil Numbers and names for children who do not exist."""

import numpy as np

from features.records.upn import LETTERS
from features.synthetic import assumptions as assume
from features.synthetic.figures import ETHNICITIES

OTHER_AUTHORITIES = np.array([330, 331, 332, 333, 334, 335, 336, 380, 856, 873, 891, 925])
SERIALS = 999

FORENAMES = {
    "south_asian": (
        "Aaliyah", "Aisha", "Amina", "Anaya", "Fatima", "Hafsa", "Iqra", "Maryam", "Sana", "Zainab",
        "Adam", "Ali", "Bilal", "Hamza", "Haris", "Ibrahim", "Rayyan", "Umar", "Yusuf", "Zayn",
    ),
    "black": (
        "Abigail", "Adaeze", "Chanel", "Esther", "Imani", "Keisha", "Naomi", "Precious", "Shanice", "Zuri",
        "Andre", "Daniel", "Emmanuel", "Isaiah", "Jayden", "Kwame", "Malachi", "Nathaniel", "Samuel", "Tyrese",
    ),
    "white": (
        "Amelia", "Charlotte", "Ella", "Evie", "Grace", "Holly", "Isla", "Lily", "Poppy", "Ruby",
        "Alfie", "Charlie", "George", "Harry", "Jack", "Leo", "Oliver", "Oscar", "Thomas", "Tyler",
    ),
    "european": (
        "Ana", "Daria", "Elena", "Ioana", "Julia", "Maja", "Natalia", "Sofia", "Weronika", "Zofia",
        "Andrei", "Bartek", "David", "Eryk", "Filip", "Jakub", "Luca", "Matei", "Stefan", "Szymon",
    ),
    "east_asian": (
        "Chloe", "Hui", "Jia", "Lina", "Mei", "Suki", "Wen", "Xin", "Ying", "Yuki",
        "Bo", "Chen", "Hao", "Jun", "Kai", "Lei", "Ming", "Ryan", "Wei", "Zhi",
    ),
    "arab": (
        "Dina", "Farah", "Hana", "Huda", "Layla", "Leen", "Noor", "Rania", "Salma", "Yasmin",
        "Ahmed", "Anas", "Hassan", "Karim", "Khalid", "Mustafa", "Omar", "Sami", "Tariq", "Younis",
    ),
}  # fmt: skip
SURNAMES = {
    "south_asian": ("Ahmed", "Akhtar", "Ali", "Begum", "Hussain", "Iqbal", "Khan", "Mahmood", "Patel", "Singh"),
    "black": ("Adeyemi", "Agyeman", "Bailey", "Campbell", "Grant", "Mensah", "Okafor", "Osman", "Reid", "Thompson"),
    "white": ("Baker", "Carter", "Evans", "Hughes", "Jones", "Murphy", "Smith", "Taylor", "Walker", "Wood"),
    "european": ("Dobre", "Ionescu", "Kowalski", "Lewandowski", "Marin", "Nowak", "Popescu", "Rusu", "Silva", "Zielinski"),
    "east_asian": ("Chan", "Chen", "Ho", "Lam", "Lee", "Li", "Ng", "Tran", "Wang", "Wong"),
    "arab": ("Abdi", "Aziz", "Farouk", "Haddad", "Hamdan", "Mansour", "Nasser", "Rahman", "Saleh", "Yassin"),
}  # fmt: skip
LISTS = tuple(FORENAMES)
USES = {  # the lists that families of an ethnic group draw on: forename list, surname list
    "APKN": "south_asian", "AIND": "south_asian", "ABAN": "south_asian", "AOTH": "south_asian",
    "CHNE": "east_asian", "WBRI": "white", "WIRI": "white", "WIRT": "white", "WOTH": "european",
    "WROM": "european", "BAFR": "black", "BCRB": "black", "BOTH": "black", "OOTH": "arab",
}  # fmt: skip
GROUP_LIST = np.array([LISTS.index(USES.get(code, "white")) for code in ETHNICITIES])
HALF = len(FORENAMES["white"]) // 2


def check_letters(bodies: np.ndarray) -> np.ndarray:
    """Check letters of many UPN bodies at once; `features.records.upn.check_letter`, vectorised.

    Parameters
    ----------
    bodies : (n, 12) int array
        The values of positions 2 to 13.
    """
    return np.array(list(LETTERS))[bodies @ np.arange(2, 14) % len(LETTERS)]


def digits(number: np.ndarray, places: int) -> np.ndarray:
    """The decimal digits of numbers, (n, places)."""
    return number[:, None] // 10 ** np.arange(places - 1, -1, -1) % 10


class Register:
    """Gives out UPNs, none twice.

    A UPN tells the authority, the school and the year that gave it. Children who come from elsewhere
    have one of another authority; the rare temporary one ends with a letter.
    """

    def __init__(self) -> None:
        self.given: dict[int, int] = {}
        self.from_elsewhere = 0

    def at_school(self, estab: np.ndarray, year: np.ndarray) -> np.ndarray:
        """UPNs for children first registered at a school (4 digits) in a calendar year."""
        key = estab.astype("int64") * 100 + year % 100
        order = np.argsort(key, kind="stable")
        groups, first, counts = np.unique(key[order], return_index=True, return_counts=True)
        start = np.array([self.given.get(int(group), 0) for group in groups], "int64")
        serial = np.empty(len(key), "int64")
        serial[order] = np.arange(len(key)) - np.repeat(first - start, counts) + 1
        self.given.update(zip(groups.tolist(), (start + counts).tolist(), strict=True))
        # A large year group of a secondary runs past 999: the next number of establishment takes over.
        return self.write(
            np.full(len(key), assume.LA_NUMBER), estab + serial // SERIALS * 10, year, serial % SERIALS + 1
        )

    def elsewhere(self, year: np.ndarray) -> np.ndarray:
        """UPNs for children first registered in another authority."""
        number = self.from_elsewhere + np.arange(len(year))
        self.from_elsewhere += len(year)
        authority = OTHER_AUTHORITIES[number % len(OTHER_AUTHORITIES)]
        number = number // len(OTHER_AUTHORITIES)
        return self.write(authority, 2000 + number // SERIALS, year, number % SERIALS + 1)

    def write(
        self, authority: np.ndarray, estab: np.ndarray, year: np.ndarray, serial: np.ndarray
    ) -> np.ndarray:
        parts = (digits(authority, 3), digits(estab, 4), digits(year % 100, 2), digits(serial, 3))
        body = np.concatenate(parts, axis=1)
        text = np.concatenate([check_letters(body)[:, None], body.astype("U1")], axis=1)
        return np.ascontiguousarray(text).view("U13").ravel()


def full_names(
    rng: np.random.Generator, ethnicity: np.ndarray, is_male: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Forenames and surnames plausible for an ethnic group (rows of `figures.ETHNICITIES`) and sex.

    One child in eight has a forename, and one in eight a surname, from any of the lists.
    """
    size = len(ethnicity)
    forenames = np.array([FORENAMES[name] for name in LISTS])
    surnames = np.array([SURNAMES[name] for name in LISTS])
    uses = GROUP_LIST[ethnicity]
    anywhere = rng.integers(0, len(LISTS), (2, size))
    first, last = np.where(rng.random((2, size)) < 0.125, anywhere, uses)
    forename = forenames[first, np.where(is_male, HALF, 0) + rng.integers(0, HALF, size)]
    return forename, surnames[last, rng.integers(0, surnames.shape[1], size)]
