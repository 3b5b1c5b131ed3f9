"""All commands of a device joined into one start node per mode."""

from __future__ import annotations

from collections.abc import Iterable

from trilab.nos.grammar import arguments
from trilab.nos.grammar.arguments import Kind
from trilab.nos.grammar.command import Command
from trilab.nos.grammar.pattern import Action, Builder, Keyword, MakeKind, Node
from trilab.nos.names import Names

EXEC_MODES = ("exec", "privileged")
_NO = Keyword("no", "Negate a command or set its defaults")
_DO = Keyword("do", "To run exec commands in config mode")


class Grammar:
    """The commands that exist on one device, by mode. Built once, then read only."""

    def __init__(self, commands: Iterable[Command], names: Names) -> None:
        self.names = names
        self.modes: dict[str, Node] = {}
        self._negated: dict[str, Node] = {}
        make = _maker(names)
        for command in commands:
            if names.role in command.roles:
                for mode in command.modes:
                    self._add(mode, command, make)
        for mode, root in self.modes.items():
            if mode in self._negated:
                root.edges.append((_NO, self._negated[mode]))
            if mode not in EXEC_MODES:
                root.edges.append((_DO, self.modes["privileged"]))

    def _add(self, mode: str, command: Command, make: MakeKind) -> None:
        if command.run is not None:
            _append(self.modes.setdefault(mode, Node()), command, False, make)
        if command.undo is not None:
            _append(self._negated.setdefault(mode, Node()), command, True, make)


def _append(root: Node, command: Command, negated: bool, make: MakeKind) -> None:
    start = Node()
    root.free.append(start)
    pattern = (command.no or command.pattern) if negated else command.pattern
    end = Builder(pattern, lambda word: command.help.get(word, ""), make).build(start)
    last = Node(action=Action(command, negated))
    end.free.append(last)


def _maker(names: Names) -> MakeKind:
    made: dict[tuple[str, tuple[str, ...]], Kind] = {}

    def make(name: str, parameters: tuple[str, ...]) -> Kind:
        key = name, parameters
        if key not in made:
            made[key] = arguments.make(name, parameters, names)
        return made[key]

    return make
