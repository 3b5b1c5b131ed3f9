"""Candidate codes, keyed draws, templates over variables."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trilab.errors import FileError, InputError
from trilab.lab.candidate import Candidate
from trilab.lab.derive import Keyed
from trilab.lab.variables import draw
from trilab.topology.netfilters import filters
from trilab.topology.template import evaluate
from trilab.topology.yamlfile import Source, parse


def values(text: str, code: str = "A-01", lab: str = "l") -> dict[str, Any]:
    return draw(parse(Path("lab.yml"), text), lab, Candidate.parse(code))


def one(definition: str, code: str = "A-01") -> Any:
    return values(f"variables:\n  x: {definition}\n", code)["x"]


@pytest.mark.parametrize(
    ("code", "group", "number"),
    [
        ("A-01", "A-", 1),
        ("TRI12", "TRI", 12),
        ("demo0", "DEMO", 0),
        ("7", "", 7),
        ("a-b2-003", "A-B2-", 3),
        ("demo-0", "DEMO-", 0),
    ],
)
def test_candidate_codes(code: str, group: str, number: int) -> None:
    assert Candidate.parse(code) == Candidate(code, group, number)


@pytest.mark.parametrize(
    "code", ["", "A-", "Jean", "A-1234", "-A1", "A 1", "É1", "A_1", "../1", "A1\n", "x" * 32 + "1", "A-٣"]
)
def test_wrong_candidate_codes(code: str) -> None:
    with pytest.raises(InputError, match="numéro de 1 à 3 chiffres"):
        Candidate.parse(code)


@given(st.integers(1, 150), st.binary(max_size=8), st.text(max_size=8))
@example(1200, b"key", "message")
def test_a_permutation_is_a_bijection(size: int, key: bytes, message: str) -> None:
    keyed = Keyed(key)
    assert sorted(keyed.permute(index, size, message) for index in range(size)) == list(range(size))


@given(st.lists(st.integers(), unique=True, min_size=1, max_size=40), st.data())
def test_a_sample_holds_different_items(items: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(items)))
    drawn = Keyed.of("k").sample(items, count, "m")
    assert len(set(drawn)) == len(drawn) == count
    assert set(drawn) <= set(items)


@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_two_lists_of_texts_never_share_a_key(first: list[str], second: list[str]) -> None:
    assert (Keyed.of(*first) == Keyed.of(*second)) == (first == second)


def test_no_two_candidates_of_a_class_share_a_slot() -> None:
    drawn = [one("{slot: [1, 250]}", f"TRI{number}") for number in range(250)]
    assert sorted(drawn) == list(range(1, 251))
    assert drawn != list(range(1, 251))


def test_draws_depend_on_lab_class_and_number_only() -> None:
    text = "variables: {a: {slot: [1, 999]}, b: {range: [1, 100000]}}"
    assert values(text, "A-01") | {"candidate": "a-1"} == values(text, "a-1")
    others = [values(text, "B-01"), values(text, "A-02"), values(text, "A-01", lab="m")]
    first = values(text, "A-01")
    assert all((other["a"], other["b"]) != (first["a"], first["b"]) for other in others)
    assert (first["a"], first["b"]) == (360, 98500)  # a class's addressing must not change with a release


def test_forms() -> None:
    text = """
    variables:
      a: {choice: [10, 20]}
      b: {range: [5, 5]}
      c: {sample: {from: [x, y, z], count: 3}}
      d: {sample: {range: [100, 199], count: 2}}
      e: {template: "10.{{ b }}.{{ d[0] }}.0/24"}
      f: "{{ b + 1 }}"
      g: {value: {k: "{{ b }}"}}
      h: ["{{ b }}", 3, null, true]
      i: "{{ e | host(1) }} {{ candidate }} {{ candidate_class }} {{ candidate_number }}"
    """
    drawn = values(text)
    assert drawn["a"] in (10, 20)
    assert drawn["b"] == 5
    assert sorted(drawn["c"]) == ["x", "y", "z"]
    assert len(set(drawn["d"])) == 2 and all(100 <= item <= 199 for item in drawn["d"])
    assert drawn["e"] == f"10.5.{drawn['d'][0]}.0/24"
    assert drawn["f"] == 6
    assert drawn["g"] == {"k": 5}
    assert drawn["h"] == [5, 3, None, True]
    assert drawn["i"] == f"10.5.{drawn['d'][0]}.1 A-01 A- 1"


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("{slot: [5, 1]}", "le minimum 5 dépasse le maximum 1"),
        ("{slot: [1]}", "deux nombres entiers"),
        ("{range: [1, true]}", "deux nombres entiers"),
        ("{choice: []}", "au moins une valeur"),
        ("{choix: [1]}", "forme de variable inconnue"),
        ("{slot: [1, 2], choice: [1]}", "forme de variable inconnue"),
        ("{sample: [1, 2]}", "forme attendue"),
        ("{sample: {from: [1, 1], count: 1}}", "valeurs différentes"),
        ("{sample: {from: [1, 2], count: 3}}", "de 1 à 2"),
        ("{sample: {range: [1, 900000], count: 3}}", "plage trop grande"),
        ("'{{ later }}'", "variable « later » inconnue"),
        ("'{{ 1 +'", "gabarit Jinja"),
        ("'{{ 1 / 0 }}'", "impossible à calculer"),
    ],
)
def test_wrong_definitions(definition: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        values(f"variables:\n  x: {definition}\n  later: 1\n")
    assert words in str(caught.value)
    assert caught.value.line == 2


@pytest.mark.parametrize("name", ["Site", "1a", "candidate", "nodes", "é"])
def test_wrong_names(name: str) -> None:
    with pytest.raises(FileError, match="nom de variable incorrect"):
        values(f"variables:\n  {name}: 1\n")


def test_a_number_that_fits_no_slot() -> None:
    with pytest.raises(InputError) as caught:
        one("{slot: [10, 19]}", "A-10")
    assert not isinstance(caught.value, FileError)
    assert "de 10 à 19" in str(caught.value)
    assert "0 à 9" in str(caught.value)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ n }}", 10),
        (" {{ n }} ", 10),
        ("{{ n }}{{ n }}", "1010"),
        ("v{{ n }}", "v10"),
        ("{{ text }}", "0101"),
        ("{{ '10.0' }}", "10.0"),
        ("10.0", "10.0"),
        ("0101", "0101"),
        ("{{ [n, text] }}", [10, "0101"]),
        ("{{ '{{ n }}' }}", "{{ n }}"),
        ("{% if n %}a{% endif %}", "a"),
        ("sans gabarit { n }", "sans gabarit { n }"),
        ({"{{ n }}": ["{{ text }}", 1.5]}, {10: ["0101", 1.5]}),
        (None, None),
    ],
)
def test_a_single_expression_keeps_its_type(template: Any, expected: Any) -> None:
    found = evaluate(template, {"n": 10, "text": "0101"}, Source(Path("f"), {}), ())
    assert found == expected
    assert type(found) is type(expected)


@given(st.one_of(st.integers(), st.text(), st.booleans(), st.none(), st.lists(st.integers())))
def test_any_value_goes_through_unchanged(value: Any) -> None:
    assert evaluate("{{ v }}", {"v": value}, Source(Path("f"), {}), ()) == value


def test_two_keys_that_become_one() -> None:
    with pytest.raises(FileError, match="« 10 » est donnée deux fois"):
        evaluate({"{{ n }}": 1, 10: 2}, {"n": 10}, Source(Path("f"), {}), ())


NETWORKS = st.builds(
    lambda address, prefix: IPv4Network((address, prefix), strict=False), st.integers(0, 2**32 - 1), st.integers(8, 30)
)


@given(NETWORKS, st.integers(1, 2))
def test_network_filters(net: IPv4Network, number: int) -> None:
    f, text = filters(), str(net)
    assert f["host"](text, number) == str(net[number])
    assert f["host"](text, -number) == str(net[net.num_addresses - 1 - number])
    assert (f["first_host"](text), f["last_host"](text)) == (str(net[1]), str(net[-2]))
    assert (f["netmask"](text), f["wildcard"](text)) == (str(net.netmask), str(net.hostmask))
    assert (f["network"](text), f["broadcast"](text)) == (str(net.network_address), str(net.broadcast_address))
    assert f["prefixlen"](text) == net.prefixlen
    assert f["cidr"](f"{net[1]}/{net.prefixlen}") == text
    assert f["address"](f"{net[1]}/{net.prefixlen}") == str(net[1])
    assert f["subnet"](text, 31, 1) == str(list(net.subnets(new_prefix=31))[1]) if net.prefixlen > 20 else True


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("'10.0.0.0/24' | host(255)", "l'hôte 255 n'existe pas dans 10.0.0.0/24"),
        ("'10.0.0.0/24' | host(0)", "l'hôte 0"),
        ("'10.0.0.0/24' | host('1')", "nombre entier"),
        ("'10.0.0.0/33' | network", "n'est pas une adresse IPv4"),
        ("'10.0.0.0/24' | subnet(26, 4)", "le sous-réseau 4 en /26"),
    ],
)
def test_filters_say_what_is_wrong(expression: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        evaluate(f"{{{{ {expression} }}}}", {}, Source(Path("f"), {}), ())
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("TRI-07", ["TRI-07"]),
        ("TRI-08..10", ["TRI-08", "TRI-09", "TRI-10"]),
        ("tri9..11", ["tri9", "tri10", "tri11"]),
        ("A-3..3", ["A-3"]),
    ],
)
def test_a_class(written: str, codes: list[str]) -> None:
    assert [one.code for one in Candidate.span(written)] == codes


@pytest.mark.parametrize("written", ["TRI-08..7", "TRI-08..", "TRI..9", "TRI-1..TRI-3", "TRI-1...3", "TRI-1..1000"])
def test_not_a_class(written: str) -> None:
    with pytest.raises(InputError):
        Candidate.span(written)
