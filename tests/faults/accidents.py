"""What happens to the bytes of a file: bits, lines, cells and names that are other, gone, or there twice."""

import random

from fluxtube.sim.config import Config

WORDS = [
    b"nan", b"inf", b"-inf", b"1e400", b"-1e-400", b"1D-8", b"1,5", b"", b" ", b"\t", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf",
    b"NA", "٣".encode(), "½".encode(), b"0x10", b"1_000", b"1e3000000", b"9" * 400, b"[" * 60, b"'", b'"', b"#", b"=", b"True",
    b"-", b";", b"\r",
]  # fmt: skip


def configuration_words() -> list[bytes]:
    """Names of all sections, keys and choices that a configuration has, and lines that set a key to the name of a choice."""
    words = []
    for section, field in Config.model_fields.items():
        words.append(f"[{section}]".encode())
        for key in field.annotation.known_keys():
            words += [key.encode(), f"{key} = 1".encode(), f'{key} = "1 pc"'.encode()]
        for key, registry in getattr(field.annotation, "choices", {}).items():
            words += [f'"{name}"'.encode() for name in registry] + [f'{key} = "{name}"'.encode() for name in registry]
    return words


def swapped(content: bytes, draw: random.Random, names: list[bytes]) -> bytes:
    """A line more, or another name of a key or a choice in the place of one that is there."""
    lines = content.split(b"\n")
    here = draw.randrange(len(lines))
    if draw.random() < 0.5 or b"=" not in lines[here]:
        lines.insert(here, draw.choice([name for name in names if b" = " in name]))
    else:
        key, _, value = lines[here].partition(b"=")
        lines[here] = draw.choice([b"%s=%s" % (draw.choice(names), value), b"%s= %s" % (key, draw.choice(names))])
    return b"\n".join(lines)


def damaged(content: bytes, draw: random.Random, text: bool) -> bytes:
    """The content with one to four accidents."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        kind = draw.randrange(7 if text else 4)
        here = draw.randrange(len(data) + 1)
        if kind == 0 and data:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        elif kind == 1:
            data[here : here + draw.choice([1, 3, 40, 400])] = b""
        elif kind == 2:
            data[here:here] = draw.choice(WORDS)
        elif kind == 3:
            size = draw.choice([1, 8, 80])
            data[here : here + size] = bytes(draw.randrange(256) for _ in range(min(size, len(data) - here)))
        else:
            _damage_lines(data, draw, kind)
    return bytes(data)


def _damage_lines(data: bytearray, draw: random.Random, kind: int) -> None:
    """Replace a cell, swap two lines, or repeat one."""
    lines = bytes(data).split(b"\n")
    i, j = draw.randrange(len(lines)), draw.randrange(len(lines))
    if kind == 4:
        cells = lines[i].split(b",") if b"," in lines[i] else lines[i].split(b"=")
        cells[draw.randrange(len(cells))] = draw.choice(WORDS)
        lines[i] = (b"," if b"," in lines[i] else b"=").join(cells)
    elif kind == 5:
        lines[i], lines[j] = lines[j], lines[i]
    else:
        lines.insert(i, lines[j])
    data[:] = b"\n".join(lines)
