"""A SIP REGISTER without credentials, sent by a trusted program from a phone: does the server ask who it is?"""

from __future__ import annotations

import json
import time

from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.requests import SipAsked, SipRegister

DEADLINE = 4.0  # seconds; RFC 3261 timer T1: sent again after 0.5, 1, 2 s
# Runs on the node's Python: standard library only. Without Contact the request only reads the bindings (RFC 3261,
# 10.2.3), so nothing of the candidate's work changes whatever the answer is.
_PROGRAM = """
import json, socket, sys, time, uuid
spec = json.loads(sys.argv[1])
server, extension = spec["server"], spec["extension"]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((server, 5060))
mine, port = s.getsockname()
token = uuid.uuid4().hex
text = "\\r\\n".join([
    "REGISTER sip:%s SIP/2.0" % server,
    "Via: SIP/2.0/UDP %s:%d;branch=z9hG4bK%s;rport" % (mine, port, token),
    "Max-Forwards: 70",
    "From: <sip:%s@%s>;tag=%s" % (extension, server, token[:8]),
    "To: <sip:%s@%s>" % (extension, server),
    "Call-ID: %s@%s" % (token, mine),
    "CSeq: 1 REGISTER",
    "Content-Length: 0", "", ""])
end, wait, said = time.monotonic() + spec["deadline"], 0.5, ""
while not said and time.monotonic() < end:
    try:
        s.send(text.encode())
        s.settimeout(wait)
        said = s.recv(4096).decode("utf-8", "replace")
    except OSError:
        time.sleep(0.05)
    wait = min(2 * wait, 2.0)
    if said.startswith("SIP/2.0 1"):
        said = ""
print(json.dumps({"asked": text, "said": said}))
"""


def sip_register(context: Context, request: SipRegister) -> SipAsked:
    """See :class:`SipRegister`. Raises ObservationError when the probe itself cannot work."""
    started, server = time.time(), context.resolve(request.ipbx)
    spec = {"server": server, "extension": request.extension, "deadline": DEADLINE}
    done = context.run(request.source, ["python3", "-I", "-S", "-c", _PROGRAM, json.dumps(spec)])
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["sans message"]
        raise ObservationError(f"{request.source} : sonde SIP impossible ({last[0]}).")
    seen = json.loads(done.stdout)
    text = f"{seen['asked'].strip()}\n\n---- réponse ----\n{seen['said'].strip() or 'aucune'}\n".replace("\r", "")
    title = f"REGISTER {request.extension} sans secret vers {server}"
    kept = context.keeper.text("probe", request.source, title, text, started, time.time())
    words = seen["said"].split()
    return SipAsked((kept,), int(words[1]) if len(words) > 1 and words[1].isdigit() else None)
