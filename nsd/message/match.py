"""Whether a response answers a question."""

from nsd.message.header import HEADER_LENGTH, QR, read_header
from nsd.zone import name


def is_answer(response: bytes, question: bytes) -> bool:
    """Compare IDs, opcodes and question sections; a response may leave the question out.

    Without it come errors of those who could not read it, and later messages of a transfer.
    """
    if len(response) < HEADER_LENGTH or response[:2] != question[:2]:
        return False
    header = read_header(response)
    if not header.flags & QR or header.opcode != read_header(question).opcode:
        return False
    if header.questions == 0:
        return True
    return header.questions == 1 and _question_of(response) == _question_of(question)


def _question_of(message: bytes) -> bytes | None:
    try:
        qname, at = name.read(message, HEADER_LENGTH)
    except ValueError:
        return None
    return qname.lower() + message[at : at + 4]
