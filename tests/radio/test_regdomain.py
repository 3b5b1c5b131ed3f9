from __future__ import annotations

import struct

from trilab.radio import regdomain


def rules(name: str) -> list[tuple[int, ...]]:
    """Read back as the kernel does: (flags, mBm, kHz, kHz, kHz) of every rule."""
    content = regdomain.database()
    offset = 8
    while content[offset : offset + 2] != name.encode():
        assert content[offset + 2 : offset + 4] != b"\0\0", f"no {name}"
        offset += 4
    place = 4 * struct.unpack_from(">H", content, offset + 2)[0]
    length, count, _ = struct.unpack_from("BBB", content, place)
    pointers = struct.unpack_from(f">{count}H", content, place + length)
    return [struct.unpack_from(">BBHIII", content, 4 * pointer)[1:] for pointer in pointers]


def test_channels_of_france_and_of_the_united_states() -> None:
    europe, america = rules("FR"), rules("US")
    assert europe[0] == (0, 2000, 2_400_000, 2_483_000, 40_000)
    assert europe[1][2:4] == (5_150_000, 5_250_000)
    thirteen = 2472  # MHz, centre of channel 13; 20 MHz wide
    assert (thirteen + 10) * 1000 <= europe[0][3]
    assert (thirteen + 10) * 1000 > america[0][3]


def test_the_list_of_countries_ends() -> None:
    content = regdomain.database()
    first = 4 * struct.unpack_from(">H", content, 10)[0]
    assert content[first - 4 : first] == bytes(4)
    assert content[:8] == b"RGDB" + struct.pack(">I", 20)
    assert len(content) % 4 == 0
