"""Who is asked about: one pupil, in every form in which a file or a database could hold them."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.records.identities import names_for, pseudonym, read_key, spelled
from serving.errors import RecordsRefused
from serving.wording import pseudonym as as_code

UPN = re.compile(r"[A-Z]\d{11}[0-9A-Z]")
CODE = re.compile(r"[0-9a-f]{4}(-[0-9a-f]{4}){3}")


@dataclass(frozen=True)
class Identity:
    """One pupil.

    Attributes
    ----------
    pupil : int
        The pseudonym.
    upns : tuple of str
        The UPN of today and former ones; empty where the identities do not hold them.
    forename, surname : str
        Empty where no name is held.
    is_name_shared : bool
        Another pupil has the same name: finding it then proves nothing.
    """

    pupil: int
    upns: tuple[str, ...] = ()
    forename: str = ""
    surname: str = ""
    is_name_shared: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The pseudonym as text: as a number, as pages spell it, and both without their hyphens."""
        spellings = (as_code(self.pupil), spelled(self.pupil))
        return (str(self.pupil), *spellings, *(each.replace("-", "") for each in spellings))

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that is this pupil and nobody else; a UPN as people type one, too."""
        return (*self.upns, *(upn.lower() for upn in self.upns), *self.codes)

    @property
    def names(self) -> tuple[str, ...]:
        """The name as pages and tables write it; empty where it could be somebody else's."""
        if self.is_name_shared or not (self.forename and self.surname):
            return ()
        return (f"{self.forename} {self.surname}", f"{self.surname}, {self.forename}")

    @property
    def written(self) -> tuple[str, ...]:
        """Every text and the name as files write them: plain, as JSON does with and without escapes, and as pages do."""
        found = []
        for text in (*self.texts, *self.names):
            escaped = html.escape(text)  # of an apostrophe it makes &#x27;, the pages' templates &#39;
            found += [text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]]
            found += [escaped, escaped.replace("&#x27;", "&#39;").replace("&quot;", "&#34;")]
        return tuple(dict.fromkeys(found))

    @property
    def raw(self) -> tuple[bytes, ...]:
        """The pseudonym as databases and uncompressed tables keep it: eight bytes, either end first."""
        return (self.pupil.to_bytes(8, "big", signed=True), self.pupil.to_bytes(8, "little", signed=True))


def find_pupil(asked: str, identities: Path | None) -> Identity:
    """A pupil from a UPN, a code as pages spell it, or a pseudonym as a number.

    Parameters
    ----------
    identities : Path or None
        Folder of the key and names; None knows pseudonyms only.

    Raises
    ------
    RecordsRefused
        It is none of these, or a UPN without the identities.
    IdentitiesRefused
        The folder is not one of ours.
    """
    text = asked.strip()
    if UPN.fullmatch(text.upper()):
        if identities is None:
            raise RecordsRefused(
                "A UPN can be looked up only with the identities. Name their folder with --identities, or give the code from a page."
            )
        return _known(_pupil_of(text.upper(), identities), identities, text.upper())
    if CODE.fullmatch(text.lower()):
        return _known(_signed(int(text.replace("-", ""), 16)), identities)
    if re.fullmatch(r"-?\d{1,19}", text):
        return _known(int(text), identities)
    raise RecordsRefused(
        "That is no pupil. Give a UPN, a code as pages spell it (1a2b-3c4d-5e6f-7a8b), or a pseudonym as a number."
    )


def _signed(bits: int) -> int:
    return bits - 2**64 if bits >= 2**63 else bits


def _pupil_of(upn: str, identities: Path) -> int:
    """The pseudonym of a UPN, former ones too; of one never imported, the one it would have."""
    key = read_key(identities)
    pairs = pq.read_table(identities / "upn.parquet", filters=pc.field("upn") == upn)
    return int(pairs["pupil"][0].as_py()) if len(pairs) else pseudonym(key, upn)


def _known(pupil: int, identities: Path | None, upn: str = "") -> Identity:
    if identities is None:
        return Identity(pupil)
    names = names_for(identities)
    pairs = pq.read_table(identities / "upn.parquet", filters=pc.field("pupil") == pupil)
    upns = tuple(sorted({*pairs["upn"].to_pylist(), *filter(None, (upn,))}))
    if pupil not in names.index:
        return Identity(pupil, upns)
    forename, surname = str(names.loc[pupil, "forename"]), str(names.loc[pupil, "surname"])
    same = (names["forename"] == forename) & (names["surname"] == surname)
    return Identity(pupil, upns, forename, surname, int(same.sum()) > 1)
