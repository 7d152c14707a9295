"""Count what makes code hard to guess or to read: `python -m bench.census [FOLDER]`.

Prints, for the program without its tests, migrations and bench: the share of functions and methods with a one-word name,
comprehensions and conditional expressions per 1,000 lines, and how many local names are words that do not say what they hold.
"""

import argparse
import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SKIPPED_FOLDERS = {"tests", "migrations", "bench", "var", "node_modules"}
VAGUE_NAMES = frozenset("told asked found kept standing mark gained wanted least most shelf door".split())
"""Names that `docs/glossary.md` and its dictionary replace by what the value is."""
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Census:
    """What was counted over the files read."""

    lines: int = 0
    functions: int = 0
    one_word_functions: int = 0
    comprehensions: int = 0
    conditional_expressions: int = 0
    vague_names: Counter[str] = field(default_factory=Counter)

    def add_file(self, text: str) -> None:
        """Count the code of one file; blank lines count for nothing."""
        self.lines += sum(1 for line in text.splitlines() if line.strip())
        for node in ast.walk(ast.parse(text)):
            self._add_node(node)

    def _add_node(self, node: ast.AST) -> None:
        if isinstance(node, FUNCTIONS):
            self._add_function(node.name)
        elif isinstance(node, COMPREHENSIONS):
            self.comprehensions += 1
        elif isinstance(node, ast.IfExp):
            self.conditional_expressions += 1
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in VAGUE_NAMES:
            self.vague_names[node.id] += 1
        elif isinstance(node, ast.arg) and node.arg in VAGUE_NAMES:
            self.vague_names[node.arg] += 1

    def _add_function(self, name: str) -> None:
        if name.startswith("__"):
            return
        self.functions += 1
        self.one_word_functions += "_" not in name.strip("_")

    def format_report(self) -> str:
        """Return the figures, one a line."""
        share = 100 * self.one_word_functions / max(1, self.functions)
        thousands = max(1, self.lines) / 1000
        return "\n".join(
            [
                f"lines of code               {self.lines}",
                f"functions and methods       {self.functions}",
                f"with a one-word name        {self.one_word_functions} ({share:.1f} %)",
                f"comprehensions              {self.comprehensions / thousands:.1f} per 1,000 lines",
                f"conditional expressions     {self.conditional_expressions / thousands:.1f} per 1,000 lines",
                f"vague local names           {self.vague_names.total()} {dict(self.vague_names.most_common())}",
            ]
        )


def list_source_files(folder: Path) -> Iterator[Path]:
    """Yield the Python files of the program below a folder."""
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if not any(part in SKIPPED_FOLDERS or part.startswith(".") for part in parts[:-1]):
            yield path


def main() -> None:
    """Print the census of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path())
    census = Census()
    for path in list_source_files(parser.parse_args().folder):
        census.add_file(path.read_text("utf-8"))
    print(census.format_report())


if __name__ == "__main__":
    main()
