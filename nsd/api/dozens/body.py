"""The members that a request's body holds, in JSON or in XML."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from aiohttp import web
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from nsd.api.body import MAX_JSON, parse_json_object, read_octets
from nsd.errors import Invalid, Unparsable

Body = dict[str, Any]


async def read_members(request: web.Request) -> Body:
    """Read the body: XML where `Content-Type` says so, else JSON; an empty one has no members.

    Raises TooLarge, Unparsable, Invalid.
    """
    octets = await read_octets(request, MAX_JSON)
    if not octets.strip():
        return {}
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    is_xml = kind in ("application/xml", "text/xml") or kind.endswith("+xml")
    return parse_xml(octets) if is_xml else parse_json_object(octets)


def parse_xml(octets: bytes) -> Body:
    """Read the children of the root element, whatever its name, as members with text.

    Document types, and with them all entities of a document's own, are refused unread.
    Raises Unparsable, Invalid.
    """
    try:
        root = fromstring(octets, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unparsable(f"XML parse error: {error}") from error
    members: Body = {}
    for child in root:
        member = _local_name(child)
        if member in members:
            raise Invalid("This member is there twice.", field=member)
        members[member] = list(child) if len(child) else child.text or ""
    return members


def _local_name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
