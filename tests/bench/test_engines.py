"""The page and the plot of ``make bench-engines``, from rounds written by hand."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

from bench.engines import plot, table
from bench.engines.measure import Round

NATIVE = Round("native", 1, 0.5, 2.0, 2.5, 0.1, 100 * 1024**2, 0, {"nodes": 0.5, "SSH": 1.5})
PEER = replace(NATIVE, contender="docker run", started=1.0, ping=8.0, down=0.3, shared=160 * 1024**2)
BARE = replace(NATIVE, contender="Mininet", prompt=None)
ROUNDS = (NATIVE, replace(NATIVE, started=0.7), replace(NATIVE, started=9.0), PEER, BARE, replace(PEER, labs=12))


def test_the_page_has_medians_and_ratios_to_the_native_engine() -> None:
    text = table.document(ROUNDS, ["Mininet: not installed"], (1.0, 2.0), 60)
    assert "| native | 3 | 0.70 s (1.0) |" in text
    assert "| docker run | 1 | 1.00 s (1.4) | 8.00 s (4.0) | 2.50 s (1.0) | 0.30 s (3.0) | 100 MiB + 160 |" in text
    assert "| Mininet | 1 | 0.50 s (0.7) | 2.00 s (1.0) | — |" in text
    assert text.count("| docker run | 1 | 1.00 s |") == 1, "no reference at 12 labs: no ratio"
    assert "| native | SSH | 1.50 | 75% |" in text
    assert "## Not measured\n\n- Mininet: not installed" in text


def test_the_plot_names_each_bar_with_its_value() -> None:
    root = ElementTree.fromstring(plot.svg(ROUNDS))
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words.count("docker run: started") == 2 and "8.00 s" in words
    assert "Mininet: first ping" in words and not [word for word in words if "Mininet: prompt" in str(word)]
    assert {"1 lab", "12 labs"} <= set(words)
