"""The paper report: a tagged PDF (PDF/UA-1, ISO 14289-1) by WeasyPrint."""

from __future__ import annotations

from trilab.errors import HostError

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")


def pdf(html: str) -> bytes:
    """Lay out a page made for paper. It may hold no reference to anything outside itself.

    Raises:
        HostError: the libraries that WeasyPrint needs are missing.
    """
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise HostError(
            "Le PDF demande la bibliothèque Pango, absente de cette machine.",
            f"Sous Debian ou Ubuntu : sudo apt install {' '.join(PACKAGES)}",
        ) from error
    page = weasyprint.HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=()))  # everything is in the page
    return bytes(page.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True))
