"""Lets the package domainconnectzone be imported without what it would read signatures and schemas with."""

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
