"""Help and error texts, laid out as IOS does."""

from __future__ import annotations

from trilab.nos.grammar.parser import Failure


def listing(text: str, words: list[tuple[str, str]], columns: int) -> str:
    """What ``?`` prints: words in columns after a partial word, else one word a line with its help."""
    if text and not text[-1].isspace() and all(word[:1].islower() or word[:1].isdigit() for word, _ in words):
        return _columns([word for word, _ in words], columns)
    width = max(len(word) for word, _ in words)
    lines = [f"  {word:<{width}}  {help_text}".rstrip() for word, help_text in words]
    return "\n".join(lines) + "\n"


def _columns(words: list[str], columns: int) -> str:
    width = max(len(word) for word in words) + 2
    per_line = max(columns // width, 1)
    rows = [words[at : at + per_line] for at in range(0, len(words), per_line)]
    return "\n".join("".join(f"{word:<{width}}" for word in row).rstrip() for row in rows)


def failure(found: Failure, text: str, prompt_width: int) -> str:
    """What is printed for a line that means nothing."""
    if found.kind == "ambiguous":
        return f'% Ambiguous command:  "{text.strip()}"'
    if found.kind == "incomplete":
        return "% Incomplete command.\n"
    return " " * (prompt_width + found.column) + "^\n% Invalid input detected at '^' marker.\n"


def help_failure(found: Failure, text: str) -> str:
    """What ``?`` prints when there is nothing to list."""
    return f'% Ambiguous command:  "{text.strip()}"' if found.kind == "ambiguous" else "% Unrecognized command"
