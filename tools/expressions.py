"""Domains and contexts that actions and filters keep as Python expressions, without some fields."""

import ast

OPERATORS_WITH_TWO = ("&", "|")
SUBDOMAIN_OPERATORS = ("any", "not any")


def without_fields(model, text, is_gone):
    """A domain or a context without what names certain fields; as it is where it names none.

    Conditions go, however they are combined; so do defaults and groupings.

    :param model: recordset of the model that it is about
    :param str text: Python expression
    :param is_gone: whether a field (of the registry) is one of them
    :raise SyntaxError: if it is no expression
    """
    tree = ast.parse(text.strip(), mode="eval")
    cleaner = _Cleaner(model, is_gone)
    cleaned = cleaner.visit(tree)
    return ast.unparse(cleaned) if cleaner.has_found else text


class _Cleaner(ast.NodeTransformer):
    def __init__(self, model, is_gone):
        self.model = model
        self.is_gone = is_gone
        self.has_found = False

    def visit_List(self, node):
        if not _is_domain(node):
            node.elts = self._without_names(node.elts)
            return self.generic_visit(node)
        parts, left = list(node.elts), []
        while parts:
            left += self._clean_term(parts)
        node.elts = left
        return node

    def visit_Dict(self, node):
        entries = []
        for key, value in zip(node.keys, node.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) else None
            is_default = isinstance(name, str) and name.startswith("default_")
            if is_default and self._names_gone(name.removeprefix("default_")):
                continue
            if isinstance(value, ast.Constant) and self._names_gone(value.value):
                continue
            entries.append((key, self.visit(value)))
        node.keys = [key for key, _value in entries]
        node.values = [value for _key, value in entries]
        return node

    def _clean_term(self, parts):
        """Take a term in prefix notation off the parts; what is left of it, perhaps nothing."""
        if not parts:
            return []
        part = parts.pop(0)
        if not isinstance(part, ast.Constant):
            return self._clean_condition(part)
        if part.value in OPERATORS_WITH_TWO:
            left, right = self._clean_term(parts), self._clean_term(parts)
            return [part, *left, *right] if left and right else left or right
        inner = self._clean_term(parts)
        return [part, *inner] if inner else []

    def _clean_condition(self, node):
        if not _is_condition(node):
            return [node]
        path, operator, value = node.elts
        if isinstance(path, ast.Constant) and self._names_gone(path.value):
            return []
        if isinstance(operator, ast.Constant) and operator.value in SUBDOMAIN_OPERATORS:
            model, self.model = self.model, self._follow(path.value)
            node.elts[2] = self.visit(value) if self.model is not None else value
            self.model = model
        return [node]

    def _without_names(self, nodes):
        return [
            node
            for node in nodes
            if not (isinstance(node, ast.Constant) and self._names_gone(node.value))
        ]

    def _names_gone(self, text):
        """Whether a path (``a.b``), or a grouping (``a.b:month``), leads through such a field."""
        if not isinstance(text, str):
            return False
        model = self.model
        for name in text.split(":")[0].split(" ")[0].split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                return False
            if self.is_gone(field):
                self.has_found = True
                return True
            model = model.env.get(field.comodel_name)
        return False

    def _follow(self, path):
        model = self.model
        for name in path.split(".") if isinstance(path, str) else ():
            field = model._fields.get(name) if model is not None else None
            model = model.env.get(field.comodel_name) if field is not None else None
        return model


def _is_condition(node):
    return isinstance(node, ast.Tuple | ast.List) and len(node.elts) == 3


def _is_domain(node):
    return any(map(_is_condition, node.elts))
