"""What a module of a task defines and imports, told from its text: nothing of it is run."""

import ast

# Methods of these bases are the engine's affair.
_OWN_BASES = {
    "EdgeCondition", "LambdaFunction", "AsyncLambdaFunction", "NodePreProcessor", "NodePostProcessor",
    "NodePostProcessorWithState", "BaseOutputGenerator", "GraphPostProcessor", "DataTransform", "ModelPostProcessor",
    "ABC", "object",
}
_SCHEMA_BASES = {"BaseModel"}
_DEEPEST = 20


class ModuleFacts:
    def __init__(self, module, package, text, path):
        self.module = module
        self.package = package
        self.tree = ast.parse(text, filename=path)
        self.definitions = {}
        self.imported = {}
        for statement in _unconditional(self.tree.body):
            self._note(statement)

    def imports(self):
        """(dotted name, line, whether it must be there) of every import, also in functions."""
        needed = {id(statement) for statement in _unconditional(self.tree.body)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, None, node.lineno, id(node) in needed
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for alias in node.names:
                    yield base, alias.name, node.lineno, id(node) in needed

    def _note(self, statement):
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            self.definitions[statement.name] = statement
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                self.imported[alias.asname or alias.name] = (self._absolute(statement), alias.name)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    self.definitions[target.id] = statement

    def _absolute(self, node):
        if not node.level:
            return node.module or ""
        base = self.module if self.package else self.module.rpartition(".")[0]
        for _ in range(node.level - 1):
            base = base.rpartition(".")[0]
        return "{}.{}".format(base, node.module) if node.module else base


def _unconditional(statements):
    """What is run whenever the module is loaded; an import within `try` may fail."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.With):
            yield from _unconditional(statement.body)
        elif isinstance(statement, ast.If) and not _is_type_checking(statement.test):
            for inner in _unconditional([*statement.body, *statement.orelse]):
                if not isinstance(inner, (ast.Import, ast.ImportFrom)):
                    yield inner
        elif isinstance(statement, ast.Try):
            for inner in _unconditional(statement.body):
                if not isinstance(inner, (ast.Import, ast.ImportFrom)):
                    yield inner


def _is_type_checking(test):
    return "TYPE_CHECKING" in ast.dump(test)


def export_facts(facts, find, depth=0):
    """Kind, and methods where they can be told, of every name that others may import."""
    exports = {}
    for name, statement in facts.definitions.items():
        if name.startswith("__") or isinstance(getattr(statement, "value", None), (ast.Constant, ast.JoinedStr)):
            continue
        exports[name] = _definition_fact(facts, statement, find, depth)
    for name, (module, original) in facts.imported.items():
        other = find(module)
        if other is not None and original in other.definitions:
            exports.setdefault(name, _definition_fact(other, other.definitions[original], find, depth))
    return exports


def _definition_fact(facts, statement, find, depth):
    if isinstance(statement, ast.ClassDef):
        bases = _base_names(facts, statement, find)
        if bases & _SCHEMA_BASES:
            return {"kind": "schema"}
        methods = _methods(facts, statement, find, depth)
        return {"kind": "class"} if methods is None else {"kind": "class", "methods": methods}
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return {"kind": "function"}
    value = statement.value
    return {"kind": "function"} if isinstance(value, ast.Lambda) else {"kind": "unknown"}


def _base_names(facts, statement, find, depth=0):
    names = {_name(base) for base in statement.bases}
    if depth > _DEEPEST:
        return names
    for base in statement.bases:
        found = _find_class(facts, base, find)
        if found is not None:
            names |= _base_names(found[0], found[1], find, depth + 1)
    return names


def _methods(facts, statement, find, depth):
    """With those of base classes; None where a base is not in the task's code."""
    own = [item.name for item in statement.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))]
    own += [target.id for item in statement.body if isinstance(item, ast.Assign) for target in item.targets if isinstance(target, ast.Name)]
    methods = [name for name in own if not name.startswith("__")]
    for base in statement.bases:
        if _name(base) in _OWN_BASES:
            continue
        found = _find_class(facts, base, find)
        inherited = None if found is None or depth > _DEEPEST else _methods(found[0], found[1], find, depth + 1)
        if inherited is None:
            return None
        methods += [name for name in inherited if name not in methods]
    return methods


def _find_class(facts, base, find):
    name = _name(base)
    if isinstance(base, ast.Name) and isinstance(facts.definitions.get(name), ast.ClassDef):
        return facts, facts.definitions[name]
    module, original = facts.imported.get(name, ("", name))
    other = find(module)
    if other is not None and isinstance(other.definitions.get(original), ast.ClassDef):
        return other, other.definitions[original]
    return None


def _name(node):
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
