"""``lab.yml``: what a lab asks and how it is graded. Each value keeps its place in the file for later errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, field_validator

from trilab.errors import FileError, InputError
from trilab.lab.candidate import Candidate
from trilab.lab.folders import builtin
from trilab.lab.variables import draw
from trilab.topology import Topology
from trilab.topology import load as load_topology
from trilab.topology.spec import Role, Vendor, VendorKind
from trilab.topology.template import evaluate
from trilab.topology.validation import Strict, validate
from trilab.topology.yamlfile import Loc, Source, parse, read_text

FILE, SUBJECT = "lab.yml", "sujet.md"
SAMPLE = Candidate.parse("demo1")  # templates are tried out with this candidate when a lab is loaded
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CHECK = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_TOPOLOGY = re.compile(r"[A-Za-z0-9._-]+\.clab\.ya?ml")

CompetenceNumber = Annotated[int, Field(strict=True, ge=1, le=8)]  # the title TP-00496 has eight
Line = Annotated[str, Field(min_length=1)]


class Criterion(Strict):
    """One line of the barème. ``parameters`` (``with`` in the file) go to the check."""

    id: str
    competence: CompetenceNumber
    points: float = Field(gt=0, allow_inf_nan=False)
    title: Line
    asked: Line
    check: str
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    hint: str = ""

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        return _match(_ID, value, "identifiant attendu : minuscules, chiffres et tirets (exemple : vlan-sw1)")

    @field_validator("check")
    @classmethod
    def _check(cls, value: str) -> str:
        return _match(_CHECK, value, "nom de contrôle attendu : domaine.contrôle (exemple : vlan.exists)")


class VendorDevice(Strict):
    """What takes the place of a role on the containerlab engine: containerlab's kind, and an image that Docker has."""

    kind: VendorKind
    image: Line


class LabDefinition(Strict):
    """A lab as its ``lab.yml`` tells it. ``duration`` is in minutes; ``topology`` a file name."""

    id: str
    title: Line
    summary: Line
    duration: int = Field(strict=True, gt=0, le=1440)
    topology: str
    total: float | None = Field(default=None, gt=0, allow_inf_nan=False)  # what the points should add up to
    competences: dict[CompetenceNumber, Line] = Field(min_length=1)
    vendors: dict[Literal["switch", "router"], VendorDevice] = Field(default_factory=dict)
    variables: dict[str, Any] = Field(default_factory=dict)
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    _source: Source = PrivateAttr()

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        return _match(_ID, value, "identifiant attendu : minuscules, chiffres et tirets (exemple : pme-voip)")

    @field_validator("topology")
    @classmethod
    def _topology(cls, value: str) -> str:
        return _match(_TOPOLOGY, value, "nom de fichier attendu, sans dossier (exemple : pme.clab.yml)")

    @classmethod
    def read(cls, folder: Path) -> LabDefinition:
        """Read ``folder/lab.yml`` without trying out its templates; see :func:`load_lab`.

        Raises:
            FileError: with line, column and field.
        """
        path = folder / FILE
        source = parse(path, read_text(path))
        lab = cls.of(validate(cls, source), source)
        if faults := lab.faults():
            raise faults[0]
        return lab

    @classmethod
    def of(cls, lab: LabDefinition, source: Source) -> LabDefinition:
        """The definition, knowing the file that its values come from."""
        lab._source = source
        return lab

    @property
    def source(self) -> Source:
        """The parsed file: ``source.error(("duration",), …)`` makes an error with its place."""
        return self._source

    @property
    def folder(self) -> Path:
        """The lab's folder."""
        return self._source.path.parent

    @property
    def topology_path(self) -> Path:
        """The topology file: beside ``lab.yml``, else in ``topologies/`` beside the labs, else trilab's own."""
        places = (self.folder, self.folder.parent.parent / "topologies", builtin("topologies"))
        found = next((place / self.topology for place in places if (place / self.topology).is_file()), None)
        if found is None:
            message = f"topologie « {self.topology} » introuvable."
            hint = f"Cherchée dans : {', '.join(str(place) for place in dict.fromkeys(places))}."
            raise self.source.error(("topology",), message, hint=hint)
        return found

    def faults(self) -> list[FileError]:
        """What is wrong between the values: the folder's name, the subject, criteria, competences, topology."""
        found: list[FileError] = []
        name = self.folder.resolve().name
        if self.id != name:
            found.append(self.source.error(("id",), f"l'identifiant doit être le nom du dossier, « {name} »."))
        if not (self.folder / SUBJECT).is_file():
            found.append(FileError(self.folder / SUBJECT, "sujet introuvable.", hint=f"Écrivez-le à côté de {FILE}."))
        found += self._criteria_faults()
        try:
            _ = self.topology_path
        except FileError as error:
            found.append(error)
        return found

    def _criteria_faults(self) -> list[FileError]:
        found: list[FileError] = []
        seen: set[str] = set()
        for index, criterion in enumerate(self.criteria):
            loc: Loc = ("criteria", index)
            if criterion.id in seen:
                found.append(self.source.error((*loc, "id"), f"critère « {criterion.id} » donné deux fois."))
            seen.add(criterion.id)
            if criterion.competence not in self.competences:
                message = f"compétence {criterion.competence} absente de « competences »."
                hint = f"Compétences déclarées : {', '.join(str(number) for number in self.competences)}."
                found.append(self.source.error((*loc, "competence"), message, hint=hint))
        return found

    def criterion_error(self, criterion_id: str, message: str, *keys: str | int, hint: str = "") -> FileError:
        """An error about a criterion, for the rooms above: ``criterion_error("vlan-sw1", "…", "with", "vlans")``."""
        index = next(i for i, criterion in enumerate(self.criteria) if criterion.id == criterion_id)
        loc: Loc = ("criteria", index, *keys)
        return self.source.error(loc, message, key=len(keys) > 1, hint=hint)

    def values(self, candidate: Candidate) -> dict[str, Any]:
        """The candidate's variables. Raises FileError or InputError, as :func:`trilab.lab.variables.draw`."""
        return draw(self.source, self.id, candidate)

    def criteria_for(self, variables: Mapping[str, Any]) -> tuple[Criterion, ...]:
        """The criteria with their templates rendered, keys and types of ``with`` included."""
        return tuple(self.criterion_for(index, variables) for index in range(len(self.criteria)))

    def criterion_for(self, index: int, variables: Mapping[str, Any]) -> Criterion:
        """One criterion rendered, as :meth:`criteria_for`. Raises FileError."""
        criterion, loc = self.criteria[index], ("criteria", index)
        rendered = {
            "parameters": evaluate(criterion.parameters, variables, self.source, (*loc, "with")),
            **{
                name: str(evaluate(getattr(criterion, name), variables, self.source, (*loc, name)))
                for name in ("title", "asked", "hint")
            },
        }
        return criterion.model_copy(update=rendered)

    def vendor_devices(self) -> dict[Role, Vendor]:
        """Role → the vendor's device that :func:`trilab.topology.plan` is to put in its place."""
        return {role: Vendor(device.kind, device.image) for role, device in self.vendors.items()}

    def topology_for(self, variables: Mapping[str, Any]) -> Topology:
        """The topology rendered and checked. Raises FileError."""
        return load_topology(self.topology_path, variables)


def load_lab(folder: Path) -> LabDefinition:
    """Read a lab and try out its variables and criteria with a sample candidate.

    Raises:
        FileError: with line, column and field.
    """
    lab = LabDefinition.read(folder)
    try:
        variables = lab.values(SAMPLE)
    except InputError as error:
        if isinstance(error, FileError):
            raise
        raise lab.source.error(("variables",), error.message, hint=error.hint) from error
    lab.criteria_for(variables)
    return lab


def _match(pattern: re.Pattern[str], value: str, expected: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(expected)
    return value
