"""Applies templates with the package domainconnectzone: one job a line in, one outcome a line out.

A job is a template, a zone, a host, groups and values; an outcome is the records of the zone after it,
or the error. Signatures and schemas are no part of this: stand_ins.py is run first.
"""

import copy
import json
import sys

from domainconnectzone import DomainConnect  # noqa: E402  (after the stand-ins)


def run(job):
    engine = DomainConnect(
        template=job["template"], redir_template_records=job["redirect_records"]
    )
    try:
        _new, _deleted, final = engine.apply_template(
            copy.deepcopy(job["zone"]),
            "example.com",
            job["host"],
            dict(job["values"]),
            job["groups"],
            ignore_signature=True,
        )
    except Exception as error:  # whatever it is, it is an outcome
        return {"error": type(error).__name__, "message": str(error)}
    return {"records": final}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
