"""What a purge of the log's oldest rows says of itself, as a row of the log: proposed by one, carried out by another."""

from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from serving.security.access_log.key import Head, LogKey

PROPOSED: Final = "propose_log_purge"
PURGED: Final = "purge_log"
CLOCKS_DIFFER = timedelta(minutes=10)  # of two processes, or by a correction of the time


class Removal(BaseModel):
    """Rows from the front of the log, and why they may go; the `what` of a row of the log, as JSON.

    Attributes
    ----------
    kind : str
        Proposed, or carried out.
    first, last : int
        Numbers of the first and last row.
    last_hash : str
        Hash of the last row, which the first row that stays follows.
    dated_from, dated_to : str
        Of the earliest and latest row (ISO 8601, UTC).
    before : date
        Every row is dated before this day.
    kept_days : int
        The retention period.
    by, proposed_by : str
        Accounts of two people; the same one in a proposal.
    proposal : int
        Number of the row that proposed it; 0 in a proposal.
    clock_was_wrong : tuple of int
        Rows at which times run backwards or leap ahead, as both people looked into.
    at : str
        Of the row.
    seal : str
        By the log's key, over all of the above.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["propose_log_purge", "purge_log"]
    first: int
    last: int
    last_hash: str
    dated_from: str
    dated_to: str
    before: date
    kept_days: int
    by: str
    proposed_by: str
    proposal: int
    clock_was_wrong: tuple[int, ...] = ()
    at: str
    seal: str = ""

    @property
    def end(self) -> Head:
        """The last row that goes."""
        return self.last, self.last_hash

    @property
    def youngest_days(self) -> int:
        """Whole days between the latest row that went and the purge."""
        return (moment_of(self.at).date() - moment_of(self.dated_to).date()).days

    def sealed(self, key: LogKey) -> "Removal":
        return self.model_copy(update={"seal": key.seal(self.kind, self._content())})

    def is_sealed_by(self, key: LogKey) -> bool:
        return key.is_seal(self.seal, self.kind, self._content())

    def _content(self) -> dict[str, object]:
        return self.model_dump(mode="json", exclude={"seal"})

    def in_words(self) -> str:
        """Which rows, of when, by which period, and who."""
        return (
            f"rows {self.first:,} to {self.last:,}, of {self.dated_from[:10]} to {self.dated_to[:10]}, on {self.at[:10]} after a period of "
            f"{self.kept_days:,} days; proposed by {self.proposed_by}, carried out by {self.by}"
        )


def read_removal(what: str) -> Removal | None:
    """A removal from a row; None where the row says something else, as purges from before logs had keys do."""
    try:
        return Removal.model_validate_json(what)
    except ValidationError:
        return None


def moment_of(text: str) -> datetime:
    """The moment of a row; ValueError for what is none. Without an offset it is taken as UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def unsealed_words(head: Head) -> str:
    """How a purge from before logs had keys says where it stopped."""
    return f"rows up to {head[0]} removed, the last sealed {head[1]}"
