"""Generated settings of an access point, put onto a factory configuration."""

from __future__ import annotations

import string
from ipaddress import IPv4Address, IPv4Interface

from hypothesis import strategies as st

from trilab.nos.features.aaa.model import Aaa, Group, Server
from trilab.nos.features.macfilter import MacLists, Rule
from trilab.nos.model import Config, Interface, Radio, Ssid
from trilab.nos.names import sort_key

names = st.text(string.ascii_letters + string.digits + " éà'-_", min_size=1, max_size=16).map(str.strip).filter(bool)
words = st.text(string.ascii_letters, min_size=1, max_size=8).filter(
    lambda word: not "default".startswith(word.lower())
)
keys = st.text(string.ascii_letters + string.digits + " !#%", min_size=8, max_size=63).filter(
    lambda key: key == key.strip()
)
hidden = st.binary(min_size=32, max_size=32).map(bytes.hex)
macs = st.binary(min_size=6, max_size=6).map(lambda octets: ":".join(f"{octet:02x}" for octet in octets))
places = st.integers(0x0A000001, 0x0AFFFFFE).map(IPv4Address)
udp = st.integers(0, 65535)


def put(draw: st.DrawFn, config: Config) -> None:
    """Draw everything that an access point has of its own."""
    vlans = draw(st.lists(st.integers(2, 4000), max_size=4, unique=True))
    for name in draw(st.lists(names, max_size=4, unique=True)):
        config.ssids[name] = draw(_ssid(name))
    for ssid, vlan in zip(config.ssids.values(), [*vlans, None], strict=False):
        ssid.vlan = vlan
    bound = list(config.ssids)[: len(vlans) + 1]
    config.radio = Radio(
        draw(st.permutations(bound)),
        draw(st.sets(st.none() | st.sampled_from([1, *vlans]))),
        draw(st.none() | st.integers(1, 13)),
        draw(st.none() | st.sampled_from([2, 5, 8, 11, 14, 17, 20])),
        draw(st.booleans()),
        draw(st.sampled_from([None, "both", "indoor", "outdoor"])),
    )
    for number, vlan in enumerate(vlans, 2):
        for main in ("Dot11Radio0", "GigabitEthernet0"):
            if draw(st.booleans()):
                sub = Interface(
                    f"{main}.{number}", encapsulation=vlan, bridge_group=number, shutdown=draw(st.booleans())
                )
                sub.protected = main == "Dot11Radio0" and draw(st.booleans())
                config.interfaces[sub.name] = sub
    config.interfaces = dict(sorted(config.interfaces.items(), key=lambda item: sort_key(item[0])))
    config.interfaces["Dot11Radio0"].shutdown = draw(st.booleans())
    config.interfaces["BVI1"].address = draw(st.none() | st.just(IPv4Interface("10.0.0.5/24")))
    config.parts.put(draw(_lists()))
    config.parts.put(draw(_aaa()))


@st.composite
def _ssid(draw: st.DrawFn, name: str) -> Ssid:
    ssid = Ssid(name, open=draw(st.booleans()), psk=draw(st.none() | keys | hidden))
    ssid.eap = draw(st.none() | words) if ssid.open else None
    ssid.network_eap = draw(st.none() | words)
    ssid.key_management = draw(st.sampled_from(["none", "wpa2", "wpa3", "wpa2-wpa3"]))
    ssid.pmf = draw(st.sampled_from(["none", "optional", "required"]))
    ssid.mbssid_guest_mode = draw(st.booleans())
    return ssid


@st.composite
def _lists(draw: st.DrawFn) -> MacLists:
    rules = st.lists(st.builds(Rule, st.sampled_from(["permit", "deny"]), st.none() | macs), min_size=1, unique=True)
    lists = draw(st.dictionaries(st.integers(700, 799), rules.map(tuple), max_size=2))
    return MacLists(tuple(sorted(lists.items())), draw(st.none() | st.integers(700, 799)))


@st.composite
def _aaa(draw: st.DrawFn) -> Aaa:
    named = draw(st.lists(st.builds(Server, words, st.none() | places, key=st.none() | keys), max_size=2,
                          unique_by=lambda server: server.name))  # fmt: skip
    named = [server if server.address is None else draw(_ports(server)) for server in named]
    hosts = draw(st.lists(st.builds(Server, st.just(""), places, udp, udp, st.none() | keys), max_size=2,
                          unique_by=lambda server: (server.address, server.auth_port)))  # fmt: skip
    servers, key = (*named, *hosts), draw(st.none() | keys)
    if not draw(st.booleans()):
        return Aaa(servers=servers, key=key)
    members = st.lists(words | st.tuples(places, udp, udp), max_size=2, unique=True).map(tuple)
    groups = draw(st.lists(st.builds(Group, words.filter(lambda word: word != "radius"), members), max_size=2,
                           unique_by=lambda group: group.name))  # fmt: skip
    asked = st.just("group radius") | words.filter(lambda word: word != "tacacs").map("group {}".format)
    methods = st.lists(
        asked | st.sampled_from(["local", "enable", "line", "none"]), min_size=1, max_size=4, unique=True
    )
    logins = draw(st.dictionaries(words, methods.map(tuple), max_size=2))
    return Aaa(
        True, servers, tuple(groups), tuple(logins.items()), key=key, timeout=draw(st.integers(1, 9)),
        retransmit=draw(st.integers(0, 9)), enable=draw(st.just(()) | st.just(("group radius", "enable"))),
        execs=draw(st.just(()) | st.just(("group radius", "local", "if-authenticated"))),
    )  # fmt: skip


@st.composite
def _ports(draw: st.DrawFn, server: Server) -> Server:
    return Server(server.name, server.address, draw(udp), draw(udp), server.key)
