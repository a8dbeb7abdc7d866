"""Finds the modules that a task's helpers need: their folder's, and what they import from the tree that the task lies in."""

import importlib.util
import os
import sys

from .module_facts import ModuleFacts, export_facts

_MOST_FILES = 500
_MOST_BYTES = 8 * 1024 * 1024
# Provided by us or, where they are installed, by the real packages.
_PROVIDED = {"sygra", "langchain_core", "langgraph", "syngraph_python"}


class CodeScan:
    """`roots`: folders that dotted names start from. `folders`: package name to its folder, where the two differ."""

    def __init__(self, roots, folders):
        self._roots = roots
        self._folders = folders
        self._facts = {}
        self._bytes = 0
        self.files = {}
        self.missing = []

    def add(self, module, file):
        """Reads a module and all that it imports. Raises SyntaxError, OSError and UnicodeError."""
        pending = [(module, file)]
        while pending:
            name, path = pending.pop()
            if name in self.files:
                continue
            self._read(name, path)
            for base, imported, line, needed in self._facts[name].imports():
                pending += self._follow(base, imported, (path, line) if needed else None)

    def add_beside(self, entries):
        """The other modules of their folders, as far as they can be read: code may import them by name."""
        missing = list(self.missing)
        for entry in entries:
            folder, package = os.path.dirname(entry["file"]), entry["module"].rpartition(".")[0]
            for name, extension in sorted(os.path.splitext(file) for file in os.listdir(folder)):
                if extension == ".py" and name.isidentifier() and package:
                    self._add_if_sound(package if name == "__init__" else "{}.{}".format(package, name), os.path.join(folder, name + extension))
        # Nothing that was named needs them, or they would have been read before.
        self.missing = missing

    def _add_if_sound(self, module, file):
        try:
            self.add(module, file)
        except (SyntaxError, UnicodeError):
            return

    def exports(self, module):
        return export_facts(self._facts[module], self._facts.get)

    def _read(self, module, path):
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
        self._bytes += len(data)
        if len(self.files) >= _MOST_FILES or self._bytes > _MOST_BYTES:
            raise OSError("more than {} files or {} MB of Python code".format(_MOST_FILES, _MOST_BYTES // 2**20))
        text = importlib.util.decode_source(data)
        package = os.path.basename(path) == "__init__.py"
        self._facts[module] = ModuleFacts(module, package, text, path)
        self.files[module] = {"module": module, "file": path, "package": package, "text": text}

    def _follow(self, base, imported, needed_at):
        """Modules to read for one import; what is found nowhere is noted."""
        found = []
        names = [base] if imported is None else [base, "{}.{}".format(base, imported)]
        if base.partition(".")[0] not in _PROVIDED:
            parts = base.split(".")
            packages = [".".join(parts[:count]) for count in range(1, len(parts))]
            found = [(name, path) for name in [*packages, *names] for path in [self._locate(name)] if path is not None]
        if not found and needed_at is not None and not self._is_installed(base):
            self.missing.append({"module": base, "file": needed_at[0], "line": needed_at[1]})
        return found

    def _locate(self, module):
        if not module or module.partition(".")[0] in sys.builtin_module_names:
            return None
        for package, folder in sorted(self._folders.items(), key=lambda item: -len(item[0])):
            if module == package or module.startswith(package + "."):
                path = self._at(os.path.join(folder, *module[len(package) + 1 :].split(".")))
                if path is not None:
                    return path
        if module.partition(".")[0] in getattr(sys, "stdlib_module_names", ()):
            return None
        for root in self._roots:
            path = self._at(os.path.join(root, *module.split(".")))
            if path is not None:
                return path
        return None

    def _at(self, path):
        for candidate in (path + ".py", os.path.join(path, "__init__.py")):
            if os.path.isfile(candidate):
                return candidate
        return None

    def _is_installed(self, module):
        if self._is_folder(module):
            return True
        try:
            # Of packages the outermost alone, as looking for a part of one runs it.
            name = module if module.startswith("sygra.") else module.partition(".")[0]
            return importlib.util.find_spec(name) is not None
        except (ImportError, ValueError):
            return False

    def _is_folder(self, module):
        """A package of the tree without a module of its own."""
        return any(os.path.isdir(os.path.join(root, *module.split("."))) for root in self._roots) and module.partition(".")[0] not in _PROVIDED
