"""Where everything goes: routers on top, switches under them, hosts in columns under their switch.

A switch is as wide as its hosts, with one port above each, so that cables to hosts are vertical and labels have room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from trilab.topology.drawing.graph import HOST, ROUTER, SWITCH, Cable, Graph

ROW = 132.0  # from one row's top to the next
HEIGHT = 54.0  # of a box
GAP = 24.0  # between two hosts
AISLE = 116.0  # between two switches: two interface names fit
MARGIN = 20.0
PORT = 50.0  # least distance between two ports of one edge: an interface name fits
ARC = 46.0  # height of a cable that goes over its row
LANE = 25.0  # between two horizontal cables: an interface name fits
ARC_ROOM = 90.0  # least distance from the end of a cable that goes over its row: two names fit
ICON, CHAR, SMALL = 52.0, 9.0, 6.9  # room of the icon; width of a character of a name and of a caption


@dataclass
class Box:
    """A drawn node. ``x`` is its centre, ``y`` its top."""

    name: str
    rank: int
    width: float
    x: float = 0.0
    ports: list[tuple[str, float, float]] = field(default_factory=list)  # edge, x, least distance to the next

    @property
    def y(self) -> float:
        """Top, in pixels."""
        return MARGIN + self.rank * ROW

    @property
    def left(self) -> float:
        """Left edge."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Wire:
    """A drawn cable: from (x1, y1) to (x2, y2), over its row when ``arc``."""

    cable: Cable
    x1: float
    y1: float
    x2: float
    y2: float
    arc: bool = False


@dataclass(frozen=True)
class Layout:
    """The whole drawing, in pixels. ``top`` is negative where a cable goes over the first row."""

    boxes: Mapping[str, Box]
    wires: tuple[Wire, ...]
    top: float
    width: float
    height: float


def lay_out(graph: Graph, captions: Mapping[str, str]) -> Layout:
    """Place every box and every cable."""
    boxes = {name: Box(name, graph.rank(name), _own_width(name, captions.get(name, ""))) for name in graph.roles}
    right = _place_columns(graph, boxes)
    _place_routers(graph, boxes, right)
    shift = MARGIN - min(box.left for box in boxes.values())
    for box in boxes.values():
        box.x += shift
    wires = _wire(graph, boxes)
    width = max(box.right for box in boxes.values()) + MARGIN
    top = min([0.0, *(min(wire.y1, wire.y2) - ARC for wire in wires if wire.arc)])
    bottom = max(box.y for box in boxes.values()) + HEIGHT + MARGIN
    return Layout(boxes, tuple(wires), top, width, bottom - top)


def _own_width(name: str, caption: str) -> float:
    return max(112.0, ICON + 14 + max(len(name) * CHAR, len(caption) * SMALL))


def _place_columns(graph: Graph, boxes: dict[str, Box]) -> float:
    """Switches, routers with hosts of their own and lone hosts, side by side. Returns the right end."""
    routers = [name for name in graph.roles if graph.rank(name) == ROUTER and graph.children[name]]
    lone = [name for name in graph.roles if graph.rank(name) == HOST and name not in graph.parent]
    x = 0.0
    for root in [*_switch_order(graph), *routers, *lone]:
        x = _place_tree(graph, boxes, root, x) + (AISLE if graph.of(root) else GAP)  # names stand beside cables only
    return x


def _place_tree(graph: Graph, boxes: dict[str, Box], root: str, left: float) -> float:
    """Place ``root`` over its hosts from ``left`` on; returns the right end."""
    box, children = boxes[root], graph.children[root]
    box.width = max(box.width, _ports_width(graph, root))
    x = left
    for child in children:
        x = _place_tree(graph, boxes, child, x) + GAP
    if not children:
        box.x = left + box.width / 2
        return box.right
    right = x - GAP
    lack = box.width - (right - left)
    if lack > 0:  # the hosts are narrower than what is above them: centre them
        for name in _under(graph, root):
            boxes[name].x += lack / 2
        right += lack
    if box.rank in (ROUTER, SWITCH):
        box.width = max(box.width, right - left)
    box.x = (left + right) / 2
    return right


def _under(graph: Graph, node: str) -> list[str]:
    return [name for child in graph.children[node] for name in (child, *_under(graph, child))]


def _ports_width(graph: Graph, node: str) -> float:
    up = sum(graph.rank(cable.other(node)) < graph.rank(node) for cable in graph.of(node))
    down = sum(graph.rank(cable.other(node)) > graph.rank(node) for cable in graph.of(node))
    level = sum(graph.rank(cable.other(node)) == graph.rank(node) for cable in graph.of(node))
    over = max(0, level - 2)  # at most two neighbours are adjacent
    return max(up * PORT + over * ARC_ROOM, down * PORT) + 10


def _switch_order(graph: Graph) -> list[str]:
    """Switches so that a cabled one comes next to its neighbour: depth first, in the order of the file."""
    order: list[str] = []

    def visit(node: str) -> None:
        order.append(node)
        for cable in graph.of(node):
            other = cable.other(node)
            if graph.rank(other) == SWITCH and other not in order:
                visit(other)

    for name in graph.roles:
        if graph.rank(name) == SWITCH and name not in order:
            visit(name)
    return order


def _place_routers(graph: Graph, boxes: dict[str, Box], right: float) -> None:
    """Routers without hosts of their own go over the middle of what they are cabled to."""
    free = [name for name in graph.roles if graph.rank(name) == ROUTER and not graph.children[name]]
    fixed = [boxes[name] for name in graph.roles if graph.rank(name) == ROUTER and graph.children[name]]
    for name in free:
        boxes[name].width = max(boxes[name].width, _ports_width(graph, name))
        near = [boxes[cable.other(name)].x for cable in graph.of(name) if graph.rank(cable.other(name)) == SWITCH]
        boxes[name].x = sum(near) / len(near) if near else right + boxes[name].width / 2
    placed = sorted(fixed, key=lambda box: box.x)
    for box in sorted((boxes[name] for name in free), key=lambda box: box.x):
        for other in sorted(placed, key=lambda other: other.x):
            if box.left < other.right + AISLE and other.left < box.right + AISLE:
                box.x = other.right + AISLE + box.width / 2
        placed.append(box)


def _wire(graph: Graph, boxes: dict[str, Box]) -> list[Wire]:
    wires: dict[int, Wire] = {}
    level = [(n, cable) for n, cable in enumerate(graph.cables) if boxes[cable.a].rank == boxes[cable.b].rank]
    pairs = Counter(_pair(cable) for _, cable in level)
    lanes: Counter[frozenset[str]] = Counter()
    for number, cable in level:
        a, b, pair = boxes[cable.a], boxes[cable.b], _pair(cable)
        if lanes[pair] < 2 and a is not b and _adjacent(boxes, a, b):
            offset = LANE * lanes[pair] - LANE / 3 if pairs[pair] > 1 else 0.0
            wires[number] = _horizontal(cable, a, b, offset)
        else:
            wires[number] = _arc(cable, a, b)
        lanes[pair] += 1
    vertical = [item for item in enumerate(graph.cables) if item not in level]
    # straight ones first: a child's port is above the child, the others take what room is left
    vertical.sort(key=lambda item: _is_tree(graph, item[1]), reverse=True)
    for number, cable in vertical:
        wires[number] = _vertical(cable, boxes, tree=_is_tree(graph, cable))
    return [wires[number] for number in sorted(wires)]


def _is_tree(graph: Graph, cable: Cable) -> bool:
    return graph.parent.get(cable.a) == cable.b or graph.parent.get(cable.b) == cable.a


def _adjacent(boxes: Mapping[str, Box], a: Box, b: Box) -> bool:
    low, high = min(a.x, b.x), max(a.x, b.x)
    return not any(box.rank == a.rank and low < box.x < high for box in boxes.values())


def _pair(cable: Cable) -> frozenset[str]:
    return frozenset((cable.a, cable.b))


def _horizontal(cable: Cable, a: Box, b: Box, offset: float) -> Wire:
    y = a.y + HEIGHT / 2 + offset
    if a.x < b.x:
        return Wire(cable, a.right, y, b.left, y)
    return Wire(cable, a.left, y, b.right, y)


def _arc(cable: Cable, a: Box, b: Box) -> Wire:
    x1 = _port(a, "top", b.x, ARC_ROOM)
    x2 = _port(b, "top", a.x, ARC_ROOM)
    return Wire(cable, x1, a.y, x2, b.y, arc=True)


def _vertical(cable: Cable, boxes: Mapping[str, Box], *, tree: bool) -> Wire:
    upper, lower = sorted((boxes[cable.a], boxes[cable.b]), key=lambda box: box.rank)
    if tree:
        x_low = _port(lower, "top", lower.x)
        x_up = _port(upper, "bottom", x_low)
    else:
        x_up = _port(upper, "bottom", lower.x)
        x_low = _port(lower, "top", x_up)
    ends = {upper.name: (x_up, upper.y + HEIGHT), lower.name: (x_low, lower.y)}
    return Wire(cable, *ends[cable.a], *ends[cable.b])


def _port(box: Box, edge: str, wanted: float, room: float = PORT) -> float:
    """The free place of an edge that is nearest to ``wanted``, at least ``room`` from the others if there is some."""
    taken = [(x, max(room, other)) for side, x, other in box.ports if side == edge]
    low, high = box.left + PORT / 2, box.right - PORT / 2
    wanted = min(max(wanted, low), high)
    steps = [wanted, *(x for i in range(1, 200) for x in (wanted - 5 * i, wanted + 5 * i) if low <= x <= high)]
    free = (x for x in steps if all(abs(x - other) >= least - 1 for other, least in taken))
    x = next(free, max(steps, key=lambda x: min((abs(x - other) for other, _ in taken), default=0)))
    box.ports.append((edge, x, room))
    return x
