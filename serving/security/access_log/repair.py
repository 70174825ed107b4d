"""What is done where a file of the access log is lost for good; each leaves a row that says who, and why."""

from collections.abc import Sequence

from serving.errors import LogRefused
from serving.security.access_log.chain import RECORDED, Entry, begin_seals, head_of
from serving.security.access_log.head import begin_head, read_note
from serving.security.access_log.key import Head, read_key
from serving.security.access_log.verify import verify
from serving.security.access_log.write import AccessLog


def new_head_file(
    log: AccessLog, kept_elsewhere: Sequence[Head], person: str, role: str, action: str, why: str
) -> Head:
    """Make a head file anew that is gone; one that is there stays, whatever it says: it is evidence.

    Returns
    -------
    (int, str)
        The head that it names.

    Raises
    ------
    LogRefused
        A head file is there, the chain is broken, or the log does not agree with a head that was kept elsewhere.
    """
    if read_note(log.head_file) is not None:
        raise LogRefused(
            f"{log.head_file} is there. Where it does not agree with the log it is evidence: keep it, and find out what happened with: "
            "pathways verify-log"
        )
    key = log.key()
    found = verify(log.database, None, key_file=log.key_file, sent=kept_elsewhere)
    if found.findings:
        raise LogRefused(*(f"The access log is not in order: {text}." for _, text in found.findings))
    begin_head(log.head_file, found.head, key)
    compared = f"compared with {len(kept_elsewhere)} heads kept elsewhere"
    log.write(
        Entry(
            person,
            role,
            action,
            f"head file made anew at row {found.head[0]}, {compared}: {why}",
            outcome=RECORDED,
        )
    )
    return found.head


def replace_key(log: AccessLog, person: str, role: str, action: str, why: str) -> None:
    """Make a new key for a log whose key is lost; how the log stands now is what the new key starts from.

    Raises
    ------
    LogRefused
        The key is there, or the chain is broken.
    """
    if read_key(log.key_file) is not None:
        raise LogRefused(
            f"{log.key_file} is there: the log's key is not lost. Find out what is wrong with: pathways verify-log"
        )
    found = verify(log.database)
    if found.findings:
        raise LogRefused(*(f"The access log is not in order: {text}." for _, text in found.findings))
    with log.database.writing() as session:
        kept = head_of(session)
        key = begin_seals(session, kept, log.head_file, log.key_file)
        lost, kept.key = kept.key, key.id
    log.write(
        Entry(person, role, action, f"new key {key.id} in place of {lost or 'none'}: {why}", outcome=RECORDED)
    )
