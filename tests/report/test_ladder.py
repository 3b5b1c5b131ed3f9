"""Ladder diagrams."""

from __future__ import annotations

from xml.etree import ElementTree

from tests.report.sample import DHCP, SIP
from trilab.grading.model import Row
from trilab.report.ladder import ladder_rows, ladders

_SVG = "{http://www.w3.org/2000/svg}"


def _texts(drawing: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(drawing).iter(f"{_SVG}text")]


def test_a_sip_dialog_has_one_column_per_host_and_one_line_per_message() -> None:
    (drawing,) = ladders(SIP, "a")
    texts = _texts(drawing)
    assert texts[:3] == ["tel1", "ipbx", "tel2"]
    assert len(texts) == 3 + 3 * len(SIP)
    assert "4,739 s" in texts and "VLAN 120 · DSCP 24 (CS3)" in texts and "401 Unauthorized" in texts
    title = ElementTree.fromstring(drawing).find(f"{_SVG}title")
    assert title is not None and title.text == "Diagramme d'échanges entre tel1, ipbx, tel2"


def test_arrows_point_from_the_sender_to_the_receiver() -> None:
    rows = [
        Row(time=0, source="a", destination="b", label="BYE x"),
        Row(time=1, source="b", destination="a", label="200"),
    ]
    (drawing,) = ladders(rows, "a")
    paths = [node.get("d", "") for node in ElementTree.fromstring(drawing).iter(f"{_SVG}path")]
    lines = [path for path in paths if "H" in path]
    heads = [path for path in paths if path.endswith("z")]
    (left, right) = (path.split()[0][1:] for path in lines)
    assert float(left) < float(right)
    assert heads[0].startswith(f"M{right} ") and heads[1].startswith(f"M{left} ")


def test_a_dhcp_client_is_one_column_before_and_after_its_lease() -> None:
    (drawing,) = ladders(DHCP, "a")
    assert _texts(drawing)[:2] == ["client (10.7.110.30)", "10.7.110.1"]
    assert any("diffusion" in one for one in _texts(drawing))


def test_unanswered_broadcasts_of_one_host_are_drawn_inside_the_picture() -> None:
    rows = [Row(time=0, source="0.0.0.0", destination="255.255.255.255", label="DHCP Discover", dscp=0)]
    (drawing,) = ladders(rows, "a")
    root = ElementTree.fromstring(drawing)
    (details,) = (node for node in root.iter(f"{_SVG}text") if "diffusion" in (node.text or ""))
    (lifeline,) = (node.get("x", "") for node in root.iter(f"{_SVG}text") if node.text == "0.0.0.0")
    half = len(details.text or "") * 5.5 / 2  # pixels, in the widest usual font
    assert float(details.get("x", "")) + half <= float(root.get("width", ""))
    assert float(details.get("x", "")) - half >= float(lifeline)


def test_a_dhcp_relay_keeps_its_own_column() -> None:
    relayed = (
        Row(time=0, source="0.0.0.0", destination="255.255.255.255", label="DHCP Discover"),
        Row(time=0.1, source="10.0.0.1", destination="10.0.9.5", label="DHCP Discover"),
        Row(time=0.2, source="10.0.9.5", destination="10.0.0.1", label="DHCP Offer"),
    )
    assert _texts(ladders(relayed, "a")[0])[:3] == ["0.0.0.0", "10.0.0.1", "10.0.9.5"]


def test_a_station_that_joins_is_a_ladder_without_tags() -> None:
    said = [("Authentification", "demande"), ("Demande d'association", ""), ("SAE confirmation", "secret refusé")]
    said += [(f"EAPOL {number}/4", "") for number in (1, 2, 3, 4)] + [("Désauthentification", "la station s'en va")]
    rows = [Row(time=0.1, source="sonde1", destination="PRO", label=label, note=note) for label, note in said]
    assert ladder_rows(rows) == tuple(rows)
    texts = _texts(ladders(rows, "a")[0])
    assert texts[:2] == ["sonde1", "PRO"]
    assert "secret refusé" in texts and "802.11" in texts and "sans étiquette" not in texts


def test_a_broadcast_seen_alone_is_drawn() -> None:
    row = Row(time=0, source="0.0.0.0", destination="255.255.255.255", label="DHCP Discover")
    assert "DHCP Discover" in _texts(ladders([row], "a")[0])


def test_other_rows_are_for_the_table_only() -> None:
    echo = Row(time=0, source="a", destination="b", label="ICMP echo")
    assert ladders([echo], "a") == ()
    assert ladder_rows([echo, *SIP]) == SIP


def test_long_dialogs_are_cut_into_even_parts_with_their_own_ids() -> None:
    drawings = ladders(SIP, "a", 6)
    assert [len(_texts(one)) for one in drawings] == [3 + 3 * 6, 3 + 3 * 6, 3 + 3 * 4]
    assert len({ElementTree.fromstring(one).get("aria-labelledby") for one in drawings}) == 3


def test_a_host_that_calls_itself_and_hostile_names_are_drawn() -> None:
    row = Row(time=0, source="<a&\x1b[1m\x00>", destination="<a&\x1b[1m\x00>", label='INVITE "<script>')
    (drawing,) = ladders([row], "a")
    assert "<script>" not in drawing
    assert _texts(drawing)[0] == "<a&\ufffd>"
