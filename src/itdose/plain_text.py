"""How quantities are shown: a leading zero, no trailing zero, no exponent, nothing cut off."""

from __future__ import annotations

from fractions import Fraction

from itdose.quantity import Quantity, Unit

# Units of one kind, each a thousand times the next.
_FAMILIES = (
    ("g", "mg", "mcg"),
    ("g elemental", "mg elemental", "mcg elemental"),
    ("mol", "mmol"),
    ("L", "mL"),
)
_WORDS = frozenset({"day", "week", "month", "year"})
_STEP = 1000
# Four decimals as written, two steps of a thousand up.
_MOST_DECIMALS = 10
_DIGITS_WHEN_ROUNDED = 4


def number(amount: Fraction) -> str:
    """Write a number in full; one without an end is rounded and says "about"."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 1)
    decimals = _decimals(rest)
    if decimals is not None:
        return f"{sign}{whole}.{decimals}".rstrip(".")
    # Never for a dose as written: only a quotient, such as a rate, has no end.
    digits = max(_DIGITS_WHEN_ROUNDED - len(str(whole)), 1)
    while not whole and rest * 10**digits < 10 ** (_DIGITS_WHEN_ROUNDED - 1):
        digits += 1
    shifted = f"{round(abs(amount) * 10**digits):0{digits + 1}d}"
    return f"about {sign}{shifted[:-digits]}.{shifted[-digits:]}".rstrip("0").rstrip(".")


def _decimals(rest: Fraction) -> str | None:
    for places in range(_MOST_DECIMALS + 1):
        scaled = rest * 10**places
        if scaled.denominator == 1:
            return f"{scaled.numerator:0{places}d}" if places else ""
    return None


def plain(quantity: Quantity) -> str:
    """Write a quantity in its own unit: ``500 mg``."""
    symbol = quantity.unit.symbol.removesuffix(" bodyweight")
    if symbol in _WORDS and quantity.amount != 1:
        symbol += "s"
    elif symbol.startswith("units") and quantity.amount == 1:
        symbol = symbol.replace("units", "unit", 1)
    return f"{number(quantity.amount)} {symbol}"


def preferred(quantity: Quantity) -> Quantity:
    """Return the quantity in the largest unit of its family in which it is at least 1."""
    symbol, slash, below = quantity.unit.symbol.partition("/")
    family = next((family for family in _FAMILIES if symbol in family), (symbol,))
    place = family.index(symbol)
    amount = quantity.amount
    while amount < 1 and place + 1 < len(family):
        amount, place = amount * _STEP, place + 1
    while amount >= _STEP and place > 0:
        amount, place = amount / _STEP, place - 1
    size = quantity.unit.size * quantity.amount / amount if amount else quantity.unit.size
    return Quantity(amount, Unit(f"{family[place]}{slash}{below}", quantity.unit.dimension, size))


def shown(quantity: Quantity) -> str:
    """Write a quantity in the unit that needs no decimals before its first digit."""
    return plain(preferred(quantity))


def beside(quantity: Quantity, other: Quantity) -> str:
    """Write a quantity in the unit of another one, so that the two can be compared at sight."""
    if quantity.unit.dimension != other.unit.dimension:
        return shown(quantity)
    same = quantity.to(other.unit)
    few_digits = Fraction(1, 10) <= same.amount < _STEP * _STEP
    return plain(same) if few_digits else shown(quantity)
