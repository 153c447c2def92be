"""Statements: pipelines, conditions, loops, errors, definitions."""

from typing import Any

from tests.scripts.small_powershell.base import (
    Base,
    Broken,
    Class,
    Continued,
    Exited,
    Function,
    Method,
    Node,
    Parameter,
    Returned,
    Scope,
    bracketed,
    child,
    children,
    said,
    the,
    variable,
)
from tests.scripts.small_powershell.values import (
    NOTHING,
    PowerShellError,
    Record,
    equal,
    items,
    number,
    plain,
    text,
    together,
    truth,
)

ENDLESS = 5000
"""So many rounds of a `for` are a fault of the script."""
SILENT = ("comment", "trap_statement", "empty_statement")


class Statements(Base):
    """The part that runs statements."""

    def run(self, node: Node, output: list[Any]) -> None:
        """Run a statement. An error keeps the place where it began."""
        if node.type in SILENT:
            return
        try:
            getattr(self, f"_run_{node.type}")(node, output)
        except PowerShellError as error:
            error.place = error.place or f"line {node.start_point.row + 1}: {said(node)[:120]}"
            raise

    def run_all(self, node: Node, output: list[Any]) -> None:
        """Run the statements of a block."""
        for part in children(node, "statement_list"):
            for each in part.named_children:
                self.run(each, output)

    def _run_pipeline(self, node: Node, output: list[Any]) -> None:
        [first] = [each for each in node.named_children if each.type != "comment"]
        if first.type == "assignment_expression":
            self._assignment(first)
        else:
            output += self._chain(first)

    def _chain(self, node: Node) -> list[Any]:
        piped: list[Any] = []
        for part in (each for each in node.named_children if each.type != "comment"):
            is_command = part.type == "command"
            piped = self.command(part, piped) if is_command else items(self.value(part))
        return piped

    def _assignment(self, node: Node) -> None:
        value = self.of_pipeline(node.named_children[-1])
        self.assign(node.named_children[0], value)

    def of_pipeline(self, node: Node) -> Any:
        """The value of a pipeline, or of a statement that is used as a value."""
        if node.type == "pipeline":
            first = node.named_children[0]
            if first.type == "assignment_expression":
                self._assignment(first)
                return NOTHING
            if first.named_child_count == 1 and first.named_children[0].type != "command":
                return self.value(first.named_children[0])
            return together(self._chain(first))
        if node.type.endswith("_statement"):
            output: list[Any] = []
            self.run(node, output)
            return together(output)
        return self.value(node)

    # --- conditions and loops ---

    def _run_if_statement(self, node: Node, output: list[Any]) -> None:
        clauses = [node]
        for part in children(node, "elseif_clauses"):
            clauses += children(part, "elseif_clause")
        for clause in clauses:
            if truth(self.of_pipeline(the(clause, "pipeline"))):
                self.run_all(the(clause, "statement_block"), output)
                return
        for clause in children(node, "else_clause"):
            self.run_all(the(clause, "statement_block"), output)

    def _run_foreach_statement(self, node: Node, output: list[Any]) -> None:
        values = self.of_pipeline(the(node, "pipeline"))
        for each in [] if plain(values) is None else items(values):
            self.assign(the(node, "variable"), each)
            try:
                self.run_all(the(node, "statement_block"), output)
            except Broken:
                break
            except Continued:
                continue

    def _run_for_statement(self, node: Node, output: list[Any]) -> None:
        self.of_pipeline(the(node, "for_initializer").named_children[0])
        for _ in range(ENDLESS):
            if not truth(self.of_pipeline(the(node, "for_condition").named_children[0])):
                return
            try:
                self.run_all(the(node, "statement_block"), output)
            except Broken:
                return
            except Continued:
                pass
            self.of_pipeline(the(node, "for_iterator").named_children[0])
        raise AssertionError(f"endless: {said(node)[:80]}")

    def _run_switch_statement(self, node: Node, output: list[Any]) -> None:
        value = self.of_pipeline(the(node, "switch_condition").named_children[0])
        matched = False
        for clause in children(the(the(node, "switch_body"), "switch_clauses"), "switch_clause"):
            word = the(clause, "switch_clause_condition")
            default = said(word) == "default"
            if not matched if default else equal(value, self.value(word)):
                matched = True
                self.run_all(the(clause, "statement_block"), output)

    # --- errors and the ends of things ---

    def _run_try_statement(self, node: Node, output: list[Any]) -> None:
        last = child(node, "finally_clause")
        try:
            try:
                self.run_all(the(node, "statement_block"), output)
            except PowerShellError as error:
                clauses = child(node, "catch_clauses")
                if clauses is None:
                    raise
                self._caught(the(clauses, "catch_clause"), error, output)
        finally:
            if last is not None:
                self.run_all(the(last, "statement_block"), output)

    def _caught(self, clause: Node, error: PowerShellError, output: list[Any]) -> None:
        before, former = self.scope.variables.get("_", NOTHING), self.caught
        self.scope.variables["_"], self.caught = Record(error), error
        try:
            self.run_all(the(clause, "statement_block"), output)
        finally:
            self.scope.variables["_"], self.caught = before, former

    def _run_flow_control_statement(self, node: Node, output: list[Any]) -> None:
        word, inner = said(node.children[0]), child(node, "pipeline")
        if word == "break":
            raise Broken
        if word == "continue":
            raise Continued
        if word == "exit":
            raise Exited(number(self.of_pipeline(the(node, "pipeline"))))
        if word == "throw":
            self._throw(inner)
        in_a_method = "this" in self.scope.variables
        if inner is None:
            raise Returned(list(output), NOTHING)
        if in_a_method:
            raise Returned([], self.of_pipeline(inner))
        more = list(output)
        self._run_pipeline(inner, more)
        raise Returned(more, NOTHING)

    def _throw(self, inner: Node | None) -> None:
        if inner is None:
            assert self.caught is not None
            raise self.caught
        value = self.of_pipeline(inner)
        if isinstance(value, PowerShellError):
            raise value
        raise PowerShellError(text(value), text(value))

    def trapped(self, root: Node, output: list[Any]) -> None:
        """Run a script. An error that nothing catches runs its `trap`."""
        statements = [e for part in children(root, "statement_list") for e in part.named_children]
        trap = next((each for each in statements if each.type == "trap_statement"), None)
        for each in statements:
            try:
                self.run(each, output)
            except PowerShellError as error:
                if trap is None:
                    raise
                outer = self.scope
                self.scope = Scope(outer)
                self.scope.variables["_"] = Record(error)
                try:
                    self.run_all(the(trap, "statement_block"), output)
                finally:
                    self.scope = outer

    # --- definitions ---

    def _run_function_statement(self, node: Node, _output: list[Any]) -> None:
        name = said(the(node, "function_name")).lower().removeprefix("global:")
        body, listed = child(node, "script_block"), None
        declared = child(node, "function_parameter_declaration")
        if declared is not None:
            listed = child(declared, "parameter_list")
        elif body is not None and (block := child(body, "param_block")) is not None:
            listed = child(block, "parameter_list")
        self.functions[name] = Function(name, self.parameters(listed), body)

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """The parameters of a list of them."""
        result = []
        for each in children(node, "script_parameter"):
            kind = None
            for attributes in children(each, "attribute_list"):
                for attribute in children(attributes, "attribute"):
                    for found in children(attribute, "type_literal"):
                        kind = bracketed(found).lower()
            default = child(each, "script_parameter_default")
            value = None if default is None else default.named_children[0]
            result.append(Parameter(variable(the(each, "variable")), kind, value))
        return tuple(result)

    def _run_class_statement(self, node: Node, _output: list[Any]) -> None:
        made = Class(said(node.named_children[0]))
        self.classes[made.name.lower()] = made
        for part in children(node, "class_property_definition"):
            name, last = variable(the(part, "variable")), part.children[-1]
            default = None if last.type == "variable" else last
            if child(part, "class_attribute") is not None:
                made.static[name] = None if default is None else self.value(default)
            else:
                kind = bracketed(the(part, "type_literal")).lower()
                made.properties.append(Parameter(name, kind, default))
        for part in children(node, "class_method_definition"):
            typed = child(part, "type_literal")
            returns = "void" if typed is None else bracketed(typed).lower()
            found = Method(_of_method(part), child(part, "script_block"), returns)
            made.methods.setdefault(said(the(part, "simple_name")).lower(), []).append(found)


def _of_method(node: Node) -> tuple[Parameter, ...]:
    listed = children(child(node, "class_method_parameter_list"), "class_method_parameter")
    return tuple(
        Parameter(variable(the(each, "variable")), bracketed(the(each, "type_literal")).lower())
        for each in listed
    )
