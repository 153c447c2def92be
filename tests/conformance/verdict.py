"""The verdict of a judge: what was asked, and the result."""

from dataclasses import dataclass, field


@dataclass
class Verdict:
    """One judge's result."""

    judge: str
    asked: str
    said: str
    wrong: list[str] = field(default_factory=list)
    """Unexplained findings. A single one fails the run."""
    details: list[str] = field(default_factory=list)
    """Lines of Markdown for the section below the table."""
    skipped: bool = False

    @property
    def result(self) -> str:
        if self.skipped:
            return f"not run: {self.said}"
        return f"{len(self.wrong)} wrong: {self.said}" if self.wrong else f"agrees: {self.said}"
