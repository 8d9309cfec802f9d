"""Phone numbers: read by the world's numbering plans, kept as E.164 (ITU-T), shown masked."""

from __future__ import annotations

from core.errors import RefusedError


def read_phone(text: str, country: str) -> str:
    """The number in E.164 form, such as `+8613812345678`.

    Args:
        country: where a number without a country code is from (ISO 3166-1 alpha-2).

    Raises:
        RefusedError: `bad_phone` for what is no mobile number; the text is no part of it.
    """
    # Imported late: its tables are large, and most scans are no phones.
    import phonenumbers
    from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

    try:
        number = phonenumbers.parse(text, country)
    except (NumberParseException, UnicodeError):
        raise RefusedError("bad_phone") from None
    mobile = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in mobile:
        raise RefusedError("bad_phone")
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def masked_phone(phone: str) -> str:
    """A number in E.164 form as others may see it: `138****1234`."""
    import phonenumbers
    from phonenumbers import NumberParseException

    try:
        digits = phonenumbers.national_significant_number(phonenumbers.parse(phone))
    except NumberParseException:
        # Of a country that has no plan: all of it is hidden but for the ends.
        digits = phone.lstrip("+")
    hidden = max(4, len(digits) - 7)
    front = (len(digits) - hidden) // 2
    return f"{digits[:front]}{'*' * hidden}{digits[front + hidden :]}"


def masked_name(name: str) -> str:
    """A name as others may see it: the first sign of each word."""
    return " ".join(word[0] + "*" * min(len(word) - 1, 3) for word in name.split())
