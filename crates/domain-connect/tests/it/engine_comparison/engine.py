"""Applies templates with the package domainconnectzone: one job a line in, one outcome a line out.

A job is a template, a zone, a host, groups and values; an outcome is the records of the zone after it,
or the error. Signatures and schemas are no part of this, so that what the package would read them with
is replaced by empty modules.
"""

import copy
import json
import sys
import types
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

UNUSED = ("cryptography", "dns", "jsonschema")


class Empty(types.ModuleType):
    """A module in which every name is there and means nothing."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Exception


class StandIns(MetaPathFinder, Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in UNUSED:
            return ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return Empty(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, StandIns())

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
