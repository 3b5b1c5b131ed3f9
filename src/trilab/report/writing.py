"""Every file of a report, from the record."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trilab.errors import HostError
from trilab.grading.model import Record
from trilab.report.files import write_all
from trilab.report.html import page
from trilab.report.keyring import Signer
from trilab.report.pdf import pdf
from trilab.report.record import RECORD, canonical
from trilab.report.sums import SIGNATURE, SUMS, digest, sums

HTML, PDF = "rapport.html", "rapport.pdf"
COMPANIONS = ("observations.json",)  # files of the grading beside the evidence, protected too


def write(record: Record, folder: Path, *, diagram: str = "", signer: Signer | None = None) -> None:
    """Write ``record.json``, ``rapport.html``, ``rapport.pdf`` and ``SHA256SUMS`` beside the evidence in ``folder``.

    Parameters:
        diagram: the network as one ``<svg>`` element, as :func:`trilab.topology.drawing.svg` draws it.
        signer: signs ``SHA256SUMS``, which lists every other file, into ``SHA256SUMS.sig``.

    Raises:
        HostError: the disk or the folder refuses (no file is left), or no PDF can be made here (the other files are
            written, and say everything).
    """
    contents = {RECORD: canonical(record), HTML: page(record, folder, diagram=diagram).encode()}
    missing: HostError | None = None
    try:
        contents[PDF] = pdf(page(record, folder, diagram=diagram, paper=True))
    except HostError as error:
        missing = error
    digests = {one.path: one.sha256 for one in record.evidence}
    digests |= {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    digests |= {name: digest(folder / name) for name in COMPANIONS if (folder / name).is_file()}
    listing = sums(digests)
    sealed = {SUMS: listing} if signer is None else {SUMS: listing, SIGNATURE: signer.sign(listing)}
    if signer is None:
        (folder / SIGNATURE).unlink(missing_ok=True)  # of an earlier report in the same folder
    write_all(folder, {**contents, **sealed})
    if missing is not None:
        (folder / PDF).unlink(missing_ok=True)
        raise HostError(f"{missing.message} {RECORD} et {HTML} sont écrits.", missing.hint) from missing
