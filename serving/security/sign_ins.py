"""Signing in as the access log sees it: right or wrong, it is a row; many wrong ones are an alarm, and are slow.

A right code or token is never kept waiting, whatever others tried before from the same address: a stranger can lock
out nobody. Codes and tokens are 256 random bits and cannot be guessed; what is slowed is the trying.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from serving.database.connection import Database
from serving.errors import NotSignedIn
from serving.http.metrics import MANY_WRONG_SIGN_INS, WRONG_SIGN_INS
from serving.security import accounts
from serving.security.access import Action, Person
from serving.security.access_log.chain import RECORDED, REFUSED, Entry
from serving.security.access_log.write import AccessLog

LOOKED_BACK_S = 600.0
MANY = 20  # wrong ones in that time, of all callers: an alarm
FREE = 5  # wrong ones of one address in that time before it is slowed: people mistype
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 8.0
ROWS_A_MINUTE = (
    60  # beyond them wrong ones are counted in the next row, so that nobody can fill the disk with rows
)
MOST_ADDRESSES = 10_000


class WrongSignIns:
    """Sign-ins of one process that were refused.

    Parameters
    ----------
    clock : callable of no arguments to float
        Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._of_all: deque[float] = deque()
        self._of_address: OrderedDict[str, deque[float]] = OrderedDict()
        self._rows: deque[float] = deque()
        self._without_row = 0

    def refused(self, log: AccessLog, what: str, request: str = "") -> None:
        """Count one, and write its row; beyond some a minute, the next row says how many had none.

        Raises
        ------
        LogRefused
        """
        WRONG_SIGN_INS.inc()
        with self._lock:
            now = self._clock()
            _since(self._of_all, now - LOOKED_BACK_S).append(now)
            if len(_since(self._rows, now - 60.0)) >= ROWS_A_MINUTE:
                self._without_row += 1
                return
            self._rows.append(now)
            more, self._without_row = self._without_row, 0
        if more:
            what = f"{what}; {more} more before it have no row of their own"
        log.write(Entry("", "", Action.SIGN_IN, what, outcome=REFUSED, request=request))

    def wait_s(self, address: str) -> float:
        """Count one more of an address, and say how long its answer waits, in seconds."""
        place = network_of(address)
        with self._lock:
            now = self._clock()
            of = self._of_address.setdefault(place, deque())
            self._of_address.move_to_end(place)
            _since(of, now - LOOKED_BACK_S).append(now)
            while len(self._of_address) > MOST_ADDRESSES:
                self._of_address.popitem(last=False)
            over = min(len(of) - FREE, 16)
        return min(FIRST_WAIT_S * 2 ** (over - 1), LONGEST_WAIT_S) if over > 0 else 0.0

    @property
    def are_many(self) -> bool:
        """Whether somebody may be guessing."""
        with self._lock:
            return len(_since(self._of_all, self._clock() - LOOKED_BACK_S)) > MANY


def _since(times: deque[float], start: float) -> deque[float]:
    while times and times[0] <= start:
        times.popleft()
    return times


def network_of(address: str) -> str:
    """An address, or the network of an IPv6 one: whoever has one of those has 2^64 of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    # An IPv4 address as a server of both kinds sees it: all of them would be one network.
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


WRONG = WrongSignIns()
MANY_WRONG_SIGN_INS.set_function(lambda: float(WRONG.are_many))


def sign_in_with_code(database: Database, log: AccessLog, code: str, where: str, request: str = "") -> str:
    """Exchange a one-time code for a sign-in's token; the row is on disk before the code is used.

    Parameters
    ----------
    where : str
        In what way, for the log.

    Raises
    ------
    NotSignedIn
        The code is not known, was used, or has run out.
    LogRefused
        The row could not be written; the code still works.
    """
    try:
        with database.reading() as session:
            person = accounts.holder(session, code)
    except NotSignedIn:
        WRONG.refused(log, f"one-time code not known, {where}", request)
        raise
    log.write(
        Entry(
            person.name,
            person.role,
            Action.SIGN_IN,
            f"one-time code, {where}",
            outcome=RECORDED,
            request=request,
        )
    )
    with database.writing() as session:
        return accounts.redeem(session, code)


def sign_in_once(database: Database, log: AccessLog, code: str, where: str) -> Person:
    """Who a one-time code is of; it is used up, and no sign-in is left open."""
    token = sign_in_with_code(database, log, code, where)
    with database.writing() as session:
        person = accounts.person_of(session, token)
        accounts.sign_out(session, token)
    return person
