"""The task's modules as the plan holds them: they are imported from memory, so that an edited file changes nothing."""

import importlib.abc
import importlib.machinery
import json
import linecache
import os
import sys

from .task_settings import settings


class _ArchiveLoader(importlib.abc.InspectLoader):
    def __init__(self, entry):
        self._entry = entry

    def get_source(self, fullname):
        return self._entry["text"]

    def is_package(self, fullname):
        return self._entry["package"]

    def get_code(self, fullname):
        # The path as the task's author knows it, in tracebacks.
        return compile(self._entry["text"], self._entry["path"], "exec", dont_inherit=True)


class _ArchiveFinder(importlib.abc.MetaPathFinder):
    def __init__(self, modules, folder):
        self._modules = modules
        self._folder = folder
        self._packages = {name.rpartition(".")[0] for name in modules} | set(modules)
        for name in list(self._packages):
            while name:
                self._packages.add(name)
                name = name.rpartition(".")[0]

    def find_spec(self, fullname, path=None, target=None):
        entry = self._modules.get(fullname)
        if entry is None:
            # Folders without a module of their own.
            if fullname not in self._packages:
                return None
            spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = []
            return spec
        # Files that lie beside a module are found from its __file__, where the task's folder is there.
        origin = os.path.join(self._folder, entry["path"])
        spec = importlib.machinery.ModuleSpec(fullname, _ArchiveLoader(entry), origin=origin, is_package=entry["package"])
        spec.has_location = True
        if entry["package"]:
            spec.submodule_search_locations = []
        return spec


class CodeArchive:
    """`entries` maps the file part of a function's reference to the module that holds it."""

    def __init__(self, path, folder):
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        self.entries = content["entries"]
        self.paths = {entry["path"] for entry in content["files"]}
        settings.task = content["task"]
        settings.graph_properties = content["graphProperties"]
        for entry in content["files"]:
            lines = entry["text"].splitlines(keepends=True)
            # Without a time of change, so that lines are not read from a file that was edited since.
            linecache.cache[entry["path"]] = (len(entry["text"]), None, lines, entry["path"])
        modules = {entry["module"]: entry for entry in content["files"]}
        sys.meta_path.insert(0, _ArchiveFinder(modules, folder))
