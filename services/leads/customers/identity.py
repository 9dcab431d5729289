"""What a customer is known by: telephones, an identity number, WeChat and open ids, each held once (L-03).

Every way in which a customer is written holds keys here, one transaction at a time for each key: two desks that write
the same person down at once end with one record. The database refuses a key that is held already, should anything come
past that. A merged customer's keys are the survivor's (L-04).

Keys are kept as they are, in one form per kind, and nobody reads one: those who keep the records see that there is one,
masked and without a way to reveal or to search it. A keyed hash would protect less than it seems: the telephone has to
be in the customer's record in full to be called, an eleven-digit number is found from its hash by trying, and the
review of similar customers compares the last digits. Others learn of keys only by the look-up, which answers with one
word and is counted.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

import phonenumbers
import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from services.chassis.privacy import looked_up
from services.chassis.process import Process
from services.chassis.records import Record
from services.chassis.work import Work
from services.contracts.errors import ValidationFailed
from services.contracts.masks import mask
from services.contracts.roles import Role
from services.contracts.vocabulary.common import CustomerKind, CustomerUid
from services.contracts.vocabulary.sales import KeyKind, KeyValue
from services.leads.customers.customer import Customer, customers

REGION = "CN"
#: Who may ask whose a number is only so often: sales, and whoever answers the telephone.
ASKING = [Role.SALES_AGENT, Role.SITE_SALES_LEAD, Role.HOTLINE_OPERATOR]
#: Weights and check characters of the resident identity number (GB 11643).
WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


class CustomerKey(Record):
    """One thing that one customer is known by; `backwards` is a telephone from its end, for what it ends with."""

    __table_args__ = (
        sa.Index(
            "uq_customer_key_held",
            "kind",
            "value",
            unique=True,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        ),
        sa.Index(None, "backwards"),
    )

    kind: Mapped[KeyKind]
    value: Mapped[KeyValue]
    backwards: Mapped[KeyValue | None]
    uid: Mapped[CustomerUid]


#: Said in the statement itself and not beside it: only so does SQLite know that the unique index has all of them.
HELD = CustomerKey.state == sa.literal_column("'held'")

customer_keys = Process(
    CustomerKey,
    readers=[Role.DATA_STEWARD, Role.CUSTOMER_AFFAIRS],
    title="kind",
    listed=["kind", "value", "uid"],
    filters=["uid", "kind"],
)


@customer_keys.create("held", by=[Role.SYSTEM])
def hold(uid: CustomerUid, kind: KeyKind, value: KeyValue) -> CustomerKey:
    """From now on the customer is known by this (L-03)."""
    return CustomerKey(uid=uid, kind=kind, value=value, backwards=value[::-1] if kind == KeyKind.PHONE else None)


@customer_keys.move("held", "released", by=[Role.SYSTEM])
def release(key: CustomerKey) -> None:
    """It was written down wrongly, or belongs to somebody else by now."""


def hold_key(work: Work, customer: Customer, kind: KeyKind, value: str, *, field: str) -> None:
    """Have a customer known by a key in its normal form. Raises ValidationFailed if somebody else is."""
    known = holder_of(work, kind, value, to_hold=True)
    if known is None:
        work.perform(hold, uid=customer.id, kind=kind, value=value)
        work.session.flush()
    elif known.uid != customer.id:
        raise ValidationFailed.of(field, "key_taken")


def let_go(work: Work, customer: Customer, kind: KeyKind, value: str) -> bool:
    """Whether the customer was known by this key until now."""
    known = holder_of(work, kind, value)
    if known is None or known.uid != customer.id:
        return False
    work.perform(release, known)
    work.session.flush()
    return True


def holder_of(work: Work, kind: KeyKind, value: str, *, to_hold: bool = False) -> CustomerKey | None:
    """Who is known by this key, which has its normal form. With `to_hold` it stays so until this transaction ends:
    whoever writes the same person down at the same moment is waited for."""
    if to_hold:
        work.alone("customer_key", kind, value)
    return work.first(CustomerKey, HELD, kind=kind, value=value)


def asked_after(work: Work, kind: KeyKind, value: str) -> Customer | None:
    """Who is known by a key that somebody asks after, which is written down and limited (L-03, X-65)."""
    known = holder_of(work, kind, value)
    customer = work.get(Customer, known.uid) if known is not None else None
    looked_up(work, customers, kind, shown(kind, value), customer)
    return customer


def shown(kind: KeyKind, value: str) -> str:
    """What is seen of a key."""
    return str(mask("phone" if kind == KeyKind.PHONE else "id_no", value))


def keys_of(given: Mapping[str, Any], of: CustomerKind) -> dict[KeyKind, str]:
    """What a command names that customers are known by, in normal form; its parameters are called as the kinds are."""
    named = {kind: given.get(kind) for kind in KeyKind}
    return {kind: normalised(kind, value, of, field=kind) for kind, value in named.items() if value}


def normalised(kind: KeyKind, value: str, of: CustomerKind = CustomerKind.PERSON, *, field: str) -> str:
    """The one form of a key. Raises ValidationFailed that names the field, and its rule."""
    if kind == KeyKind.PHONE:
        return normalised_phone(value, field=field)
    if kind == KeyKind.ID_NO:
        return normalised_id_no(value, of, field=field) or ""
    plain = re.sub(r"\s", "", value)
    if not re.fullmatch(r"[A-Za-z0-9_-]{6,80}", plain):
        raise ValidationFailed.of(field, "invalid_account")
    # Whoever looks for a WeChat account may write it in either case; open ids are told apart by it.
    return plain.lower() if kind == KeyKind.WECHAT else plain


@functools.lru_cache(maxsize=256)
def normalised_phone(phone: str, *, field: str = "phone") -> str:
    """One form per telephone: the national digits in China, E.164 elsewhere. Raises ValidationFailed for no number."""
    try:
        parsed = phonenumbers.parse(phone, REGION)
    except phonenumbers.NumberParseException:
        raise ValidationFailed.of(field, "invalid_phone") from None
    if not phonenumbers.is_valid_number(parsed):
        raise ValidationFailed.of(field, "invalid_phone")
    if phonenumbers.region_code_for_number(parsed) != REGION:
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return re.sub(r"\D", "", national)


def normalised_id_no(id_no: str | None, kind: str, *, field: str = "id_no") -> str | None:
    """In capitals, without blanks. Raises ValidationFailed for a resident's number with a wrong check digit (L-05)."""
    if not id_no:
        return None
    plain = re.sub(r"\s", "", id_no).upper()
    if kind == CustomerKind.PERSON and re.fullmatch(r"\d{17}[\dX]", plain):
        total = sum(int(digit) * weight for digit, weight in zip(plain, WEIGHTS, strict=False))
        if CHECKS[total % 11] != plain[17]:
            raise ValidationFailed.of(field, "invalid_id_no")
    return plain
