"""The paper report: a tagged PDF (PDF/UA-1, ISO 14289-1) by WeasyPrint."""

from __future__ import annotations

import logging
from typing import Any

from trilab.errors import HostError

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")


def pdf(html: str) -> bytes:
    """Lay out a page made for paper. It may hold no reference to anything outside itself.

    Raises:
        HostError: the libraries or the fonts that WeasyPrint needs are missing.
    """
    try:
        import weasyprint
    except OSError as error:
        raise HostError(
            "Le PDF demande la bibliothèque Pango, absente de cette machine.",
            f"Sous Debian ou Ubuntu : sudo apt install {' '.join(PACKAGES)}",
        ) from error
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # subsetting tells every table at INFO
    page = weasyprint.HTML(string=html, url_fetcher=_refuse)
    return bytes(page.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True))


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"a report holds everything it shows: {url}")
