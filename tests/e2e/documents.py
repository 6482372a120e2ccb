"""What README, docs/ and --help promise that a test can check: command lines, options, paths, links.

A command line is a line of a block marked `sh`, a span in a table column headed `command` (there the
program's name may be left out: it is rootlet-platform), or a span of text that begins with a program's
name. A span that is only the name of a command (`rootlet trust`) mentions it.
"""
import functools
import re
import subprocess
from dataclasses import dataclass

from world import AGENT, PLATFORM, SOURCE

PROGRAMS = ("rootlet", "rootlet-platform")
OTHERS = ("adduser", "apt", "cmake", "echo", "export", "groupadd", "sudo", "systemctl", "usermod")
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")
DOMAIN = re.compile(r"rootlet [a-z ]+ v\d+")  # a domain of signatures in FORMATS, no command
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@dataclass(frozen=True)
class Span:
    """Code in a document: a line of a block marked sh, or what is between backticks."""
    text: str
    where: str
    kind: str  # block, table or text


def documents():
    return [SOURCE / "README.md", *sorted((SOURCE / "docs").rglob("*.md"))]


def spans_of(path):
    """The spans of one document, in its order."""
    name = path.relative_to(SOURCE)
    spans, fence, titles, paragraph, began = [], None, None, [], 0

    def add(text, line, kind):
        text = text if kind == "block" else " ".join(text.split())
        spans.append(Span(text, f"{name}:{line}", kind))

    def end_of_paragraph():
        for found in SPAN.finditer("\n".join(paragraph)):
            add(found[1], began + found.string[:found.start()].count("\n"), "text")
        paragraph.clear()

    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            end_of_paragraph()
            fence = None if fence is not None else line.strip(" `")
        elif fence is not None:
            if fence == "sh" and line.strip() and not line.startswith("#"):
                add(line.strip(), number, "block")
        elif line.startswith("|"):
            end_of_paragraph()
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            titles = titles or cells
            for title, cell in zip(titles, cells):
                for text in SPAN.findall(cell):
                    add(text, number, "table" if title == "command" else "text")
        else:
            titles = None
            if not paragraph:
                began = number
            if line.strip():
                paragraph.append(line)
            else:
                end_of_paragraph()
    end_of_paragraph()
    return spans


def begins_with_program(text):
    return text.split()[0] in PROGRAMS + OTHERS or text.startswith("scripts/")


def command_of(span):
    """The command line that `span` is; None if it is none."""
    if span.kind == "table":
        line = span.text if begins_with_program(span.text) else f"rootlet-platform {span.text}"
        is_part = span.text.startswith("-") or (" " not in span.text and not names_command(line))
        return None if is_part else line  # a part of a command line, such as `--tls-cert` or `csv:-`
    if span.kind == "block":
        return span.text
    one_word = " " not in span.text and not span.text.startswith("scripts/")
    mentions = one_word or names_command(span.text) or DOMAIN.fullmatch(span.text)
    return None if mentions or not begins_with_program(span.text) else span.text


def commands_of(path):
    """Pairs of command line and place, in the order of the document."""
    return [(command, span.where) for span in spans_of(path) if (command := command_of(span))]


def unmarked_commands(path):
    """Lines that begin with one of our programs in a block that is not marked sh."""
    found, fence = [], None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            fence = None if fence is not None else line.strip(" `")
        elif fence not in (None, "sh") and re.match(r"(rootlet|rootlet-platform|scripts/\S+) ", line):
            found.append(f"{path.name}:{number}: {line}")
    return found


def links_of(path):
    return [found[1] for found in LINK.finditer(path.read_text()) if "://" not in found[1]]


def block(path, language):
    """The text of the first block of `language`."""
    return re.search(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)[1]


# --- what the programs say of themselves ------------------------------------------------------


@functools.cache
def help_of(program, *words, language="C.UTF-8"):
    path = {"rootlet": AGENT, "rootlet-platform": PLATFORM}[program]
    return subprocess.run([path, *words, "--help"], check=True, capture_output=True, text=True,
                          env={"LANG": language}).stdout


def names_of_commands(program):
    """The commands that --help lists, such as `dataset add`."""
    listed = help_of(program).split("Commands:\n")[1].split("\n\n")[0]
    return [line[2:].split("  ")[0] for line in listed.splitlines() if re.match(r"  \S", line)]


def examples_in(text):
    found, inside = [], False
    for line in text.splitlines():
        if line in ("Example:", "To begin:", "示例：", "开始使用："):
            inside = True
        elif not line.startswith("  "):
            inside = False
        elif inside:
            found.append(line.strip())
    return found


def first_day_of(program):
    """Pairs of command line and place: how --help tells to begin."""
    return [(line, f"{program} --help") for line in examples_in(help_of(program))]


def examples_of(program):
    """Pairs of command line and place: the examples of each command, in both languages."""
    return [(line, f"{program} {name} --help") for name in names_of_commands(program)
            for language in ("C.UTF-8", "zh_CN.UTF-8")
            for line in examples_in(help_of(program, *name.split(), language=language))]


def without_options(line):
    """`line` without the options between the program's name and the command."""
    return re.sub(r"^(rootlet(?:-platform)?)(?: --(?:realm|home|config) \S+)+", r"\1", line)


def names_command(line):
    """Whether `line` is the name of a command and nothing else."""
    program, _, name = line.partition(" ")
    return program in PROGRAMS and name in names_of_commands(program)
