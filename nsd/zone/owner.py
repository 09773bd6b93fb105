"""Owners of records as people write and read them: relative to their zone, or bare."""

from nsd.errors import Invalid
from nsd.zone import name
from nsd.zone.name import WireName, is_at_or_below, lower


def from_text(text: str, apex: WireName) -> WireName:
    """Read a record's name: `@`, empty, relative, or an FQDN inside the zone.

    Raises Invalid with the field `name`.
    """
    text = text.strip()
    if text in ("", "@"):
        return apex
    if " " in text or not text.isprintable():
        raise Invalid(
            rf"{text!r} is not a domain name: a blank or control character is written as \DDD",
            field="name",
        )
    try:
        absolute = lower(name.from_text(text))
        relative = absolute if text.endswith(".") else lower(name.from_text(text, apex))
    except Invalid as error:
        raise Invalid(error.detail, field="name") from error
    owner = absolute if is_at_or_below(absolute, apex) else relative
    if not is_at_or_below(owner, apex):
        raise Invalid(f"'{text}' is outside the zone '{bare_text(apex)}'", field="name")
    return owner


def bare_text(owner: WireName) -> str:
    """Show a name without its closing dot; the root is the dot itself."""
    return name.to_text(owner)[:-1] or "."


def relative_text(owner: WireName, apex: WireName) -> str:
    """Show an owner as `@` or relative to its zone."""
    if owner == apex:
        return "@"
    label = owner[1 : len(owner) - len(apex)]
    if len(label) == owner[0] and name.is_plain_label(label):
        return label.decode()
    return name.to_text(WireName(owner[: len(owner) - len(apex)] + b"\x00"))[:-1]
