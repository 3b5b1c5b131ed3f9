"""The HTML page: complete, safe, and readable by everybody."""

from __future__ import annotations

import re
from datetime import UTC
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.report.sample import SCRIPT, build
from trilab.grading.model import Record
from trilab.report.html import page
from trilab.report.text import NARROW, NBSP


class Page(HTMLParser):
    """Elements, ids, links and headings of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._in: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._in:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).replace(NBSP, " ").replace(NARROW, " ").split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(params=["entrainement", "jury"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Record, Path]:
    folder = tmp_path / "r"
    return build(folder, request.param), folder


def test_the_candidates_output_cannot_become_markup(both: tuple[Record, Path]) -> None:
    for paper in (False, True):
        source = page(*both, paper=paper)
        seen = Page(source)
        assert not seen.of("script") and not seen.of("img")
        assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
        assert SCRIPT in seen.words
        assert "{{ 7 * 7 }}" in seen.words
        assert "default-src 'none'" in (seen.of("meta")[2]["content"] or "")


def test_controls_are_cleaned_on_the_page_and_kept_in_the_file(both: tuple[Record, Path]) -> None:
    source = page(*both)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", source)
    assert "ligne après More" in source and "--More--" not in source
    assert b"\x1b[31m" in (both[1] / "evidence" / "e3-sw2.txt").read_bytes()


def test_one_file_with_links_that_lead_somewhere(both: tuple[Record, Path]) -> None:
    seen = Page(page(*both))
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert not seen.of("link") and not [a for _, a in seen.tags if "src" in a]
    for attributes in seen.of("a"):
        href = unquote(attributes["href"] or "")
        assert href[1:] in ids if href.startswith("#") else (both[1] / href).is_file(), href
    for _, attributes in seen.tags:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in ids


def test_structure_for_screen_readers(both: tuple[Record, Path]) -> None:
    seen = Page(page(*both))
    assert seen.of("html") == [{"lang": "fr"}]
    for landmark in ("header", "main", "nav", "footer", "h1"):
        assert len(seen.of(landmark)) == 1, landmark
    levels = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(attributes.get("scope") in ("col", "row") for attributes in seen.of("th"))
    body = seen.tags[[tag for tag, _ in seen.tags].index("body") + 1]
    assert body == ("a", {"class": "skip", "href": "#contenu"})


def test_training_has_points_hints_and_totals(tmp_path: Path) -> None:
    words = Page(page(build(tmp_path / "r"), tmp_path / "r")).words
    assert "17,5 / 28" in words and "1,5/1,5 point" in words
    assert words.count("Conseil") == 5
    assert "Décision du jury" not in words


def test_jury_has_a_decision_per_criterion_and_no_points(tmp_path: Path) -> None:
    record = build(tmp_path / "r", "jury")
    for paper in (False, True):
        words = Page(page(record, tmp_path / "r", paper=paper)).words
        assert words.count("Décision du jury :") == len(record.criteria)
        assert words.count("Commentaire") == len(record.criteria)
        assert "Signature" in words and "Le jury seul décide" in words and "aucun n'est un critère officiel" in words
        assert not re.search(r"\bpoints?\b|Conseil|Total|Ensemble", words)


def test_every_criterion_says_asked_expected_observed_status_and_evidence(both: tuple[Record, Path]) -> None:
    seen = Page(page(*both, zone=UTC))
    words = seen.words
    for criterion in both[0].criteria:
        for said in (criterion.title, criterion.asked, criterion.finding.expected, criterion.finding.verdict.value):
            assert " ".join(said.split()) in words
    assert len([a for a in seen.of("article") if a]) == len(both[0].criteria)
    assert "24 novembre 2026 (heures locales : UTC)" in words
    assert "de 13:02:10 à 13:02:23 ; durée 13,4 s" in words
    assert "sonde refaite ; une fois" in words


def test_captures_have_their_hash_and_packet_count(both: tuple[Record, Path]) -> None:
    words = Page(page(*both)).words
    capture = both[0].evidence[3]
    assert capture.kind == "pcap"
    assert "4 paquets" in words and "451 paquets" in words and capture.sha256 in words


def test_long_outputs_are_cut_with_a_link_to_the_file(both: tuple[Record, Path]) -> None:
    words = Page(page(*both)).words
    assert "description port 100" in words and "description port 319" not in words
    assert "La suite est dans le fichier evidence/e2-sw1.txt" in words
    paper = Page(page(*both, paper=True)).words
    assert "description port 15" in paper and "description port 100" not in paper


def test_an_exchange_has_its_ladder_and_its_table(both: tuple[Record, Path]) -> None:
    seen = Page(page(*both))
    assert [a.get("class") for a in seen.of("svg")] == ["ladder", "ladder"]
    assert "Tableau des échanges (16 lignes)" in seen.words
    assert "INVITE sip:102@10.7.120.32:5060;transport=udp" in seen.words  # whole in the table


def test_an_excerpt_is_taken_from_the_whole_output(tmp_path: Path) -> None:
    record = build(tmp_path / "r")
    one = record.criteria[1].model_copy(update={"parameters": {"interface": "GigabitEthernet0/300"}})
    source = page(record.model_copy(update={"criteria": (one,)}), tmp_path / "r", paper=True)
    assert "[…]\ninterface GigabitEthernet0/300\n description port 300\n switchport mode access</pre>" in source


def test_paper_tells_that_a_long_table_is_cut(tmp_path: Path) -> None:
    record = build(tmp_path / "r")
    echo = record.criteria[1].finding.wire[0]
    long = record.criteria[1].finding.model_copy(update={"wire": (echo,) * 30})
    record = record.model_copy(update={"criteria": (record.criteria[1].model_copy(update={"finding": long}),)})
    paper, screen = (Page(page(record, tmp_path / "r", paper=paper)).words for paper in (True, False))
    assert "24 premières lignes sur 30 ; toutes sont dans rapport.html" in paper
    assert (paper.count("ICMP echo"), screen.count("ICMP echo")) == (24, 30)


def test_paper_links_to_no_file(both: tuple[Record, Path]) -> None:
    seen = Page(page(*both, paper=True))
    assert all((attributes["href"] or "").startswith("#") for attributes in seen.of("a"))
    assert not seen.of("details")


def test_missing_evidence_is_told(both: tuple[Record, Path]) -> None:
    (both[1] / "evidence" / "e1-sw1.txt").unlink()
    words = Page(page(*both)).words
    assert "fichier absent du dossier" in words
    assert "e99 : preuve absente de l'enregistrement" in words


def test_a_record_without_criteria_or_evidence_is_a_page(tmp_path: Path) -> None:
    record = build(tmp_path / "r").model_copy(update={"criteria": (), "evidence": (), "incidents": ()})
    words = Page(page(record, tmp_path / "r")).words
    assert "Aucun critère" in words and "Aucune preuve" in words and "Aucun incident" in words


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_at_least_aa(tmp_path: Path, scheme: str) -> None:
    source = page(build(tmp_path / "r"), tmp_path / "r")
    light, dark = re.findall(r":root \{(.*?)\}", source, re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", dark))
    pairs = [(ink, ground) for ink in ("ink", "muted", "link") for ground in ("paper", "surface")]
    pairs += [(name, f"{name}-soft") for name in ("good", "bad", "open", "none")]
    for ink, ground in pairs:
        low, high = sorted((_luminance(colours[ink]), _luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)
