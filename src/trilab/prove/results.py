"""The results file: one outcome per line, written as soon as it is known, so that an interrupt loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from trilab.errors import FileError
from trilab.prove.model import Outcome

FILE = "resultats.jsonl"


class Results:
    """An output folder's outcomes; the last line about a task counts."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def clear(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome, at once."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(outcome.model_dump_json() + "\n")

    def known(self, fingerprints: Mapping[str, str], failed: bool = False) -> dict[str, Outcome]:
        """Outcomes that still count: same fingerprint (task id → fingerprint), and graded unless ``failed``.

        Raises:
            FileError: a line that is not an outcome; a last line cut short by a crash is left out.
        """
        found: dict[str, Outcome] = {}
        if not self.path.is_file():
            return found
        for outcome in self._read(self.path.read_text(encoding="utf-8").splitlines(keepends=True)):
            if outcome.fingerprint == fingerprints.get(outcome.id) and (failed or not outcome.failure):
                found[outcome.id] = outcome
        return found

    def _read(self, lines: Iterable[str]) -> Iterable[Outcome]:
        for number, line in enumerate(lines, start=1):
            if not line.endswith("\n"):
                return
            try:
                yield Outcome.model_validate_json(line)
            except ValidationError as error:
                raise FileError(self.path, "ligne de résultat illisible.", line=number) from error
