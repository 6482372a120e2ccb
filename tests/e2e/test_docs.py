"""The documents are true: every command line in README, docs/ and --help runs, on a machine with the
operator, IT and a clerk; every option, path, link, room and test that they name exists.
"""
import re
import unittest
from pathlib import Path

from day import BY_PACKAGE_TEST, Day, excuse
from documents import *
from machine import Machine, missing

README, DOCS = SOURCE / "README.md", SOURCE / "docs"
OPERATIONS = DOCS / "OPERATIONS.md"
PLAYED_ALONE = DOCS / "sources"  # by test_source_pages.py, each page with its databases


def everything_documented():
    """Pairs of command line and place."""
    pairs = [pair for path in documents() if PLAYED_ALONE not in path.parents for pair in commands_of(path)]
    for program in PROGRAMS:
        pairs += first_day_of(program) + examples_of(program)
    return pairs


class Days(unittest.TestCase):
    def test_every_command_line_runs_by_the_person_whose_it_is(self):
        if missing():
            self.skipTest(missing())
        done = self.readme() | self.operations() | self.help_and_other_documents()
        forgotten = [f"{where}: {line}" for line, where in everything_documented()
                     if line not in done and not excuse(line)]
        self.assertEqual(forgotten, [])
        lines = [without_options(line) + " " for line in done]
        never = [f"{program} {name}" for program in PROGRAMS for name in names_of_commands(program)
                 if not any(line.startswith(f"{program} {name} ") for line in lines)]
        self.assertEqual(never, [])

    def readme(self):
        with Machine() as machine:
            day = Day(machine)
            day.clerk_has_access()
            day.play(commands_of(README))
            self.assertEqual(len(day.records()), 1)
            return day.done

    def operations(self):
        """The gateway comes early, for the offices; the inbox comes last, when an office has sent
        something."""
        with Machine() as machine:
            day = Day(machine)
            day.run_proxy(block(OPERATIONS, "nginx"))

            def time_of(pair):
                begins = ("rootlet-platform init /srv", "export ")
                is_early = pair[0].startswith(begins) or "--behind-proxy" in pair[0]
                return 0 if is_early else 2 if " inbox " in pair[0] else 1
            day.play(sorted(commands_of(OPERATIONS), key=time_of))
            return day.done

    def help_and_other_documents(self):
        with Machine() as machine:
            day = Day(machine)
            day.clerk_has_access()
            day.run_proxy(block(OPERATIONS, "nginx"))
            day.play(first_day_of("rootlet-platform"))
            day.play([("rootlet-platform form add household-visit.json", "before the office's day")])
            day.play(first_day_of("rootlet"))
            day.play(examples_of("rootlet-platform") + examples_of("rootlet"))
            day.play([pair for path in documents() if path not in (README, OPERATIONS)
                      and PLAYED_ALONE not in path.parents for pair in commands_of(path)])
            return day.done


class Truth(unittest.TestCase):
    def test_no_command_hides_in_a_block_that_is_not_marked_sh(self):
        self.assertEqual([line for path in documents() for line in unmarked_commands(path)], [])

    def test_the_package_test_runs_what_is_excused_for_it(self):
        source = (SOURCE / "tests" / "e2e" / "test_packages.py").read_text()
        unrun = [line for line, _ in commands_of(OPERATIONS)
                 if excuse(line) == BY_PACKAGE_TEST and f'"{line}"' not in source]
        self.assertEqual(unrun, [])

    def test_scripts_and_presets_exist(self):
        presets = (SOURCE / "CMakePresets.json").read_text()
        for line, where in everything_documented():
            words = line.split("#")[0].split()
            if line.startswith("scripts/"):
                text = (SOURCE / words[0]).read_text()
                for option in words[1:]:
                    self.assertIn(option.lstrip("-"), text, f"{where}: {line}")
            elif words[0] == "cmake":
                self.assertIn(f'"{words[-1]}"', presets, f"{where}: {line}")

    def test_options_are_options_of_a_program(self):
        texts = [help_of(program, *name.split()) for program in PROGRAMS
                 for name in ("", *names_of_commands(program))]
        texts += [path.read_text() for path in (SOURCE / "scripts").glob("*.sh")]
        known = set(OPTION.findall("\n".join(texts)))
        wrong = [f"{span.where}: {span.text}" for path in documents() for span in spans_of(path)
                 if span.text.startswith(("-", "rootlet", "scripts/"))
                 and not set(OPTION.findall(span.text)) <= known]
        self.assertEqual(wrong, [])

    def test_links_lead_to_files(self):
        broken = [f"{path.name}: {link}" for path in documents() for link in links_of(path)
                  if not (path.parent / link).exists()]
        self.assertEqual(broken, [])

    def test_paths_exist(self):
        """A path begins at the root or at tests/, and may leave out the end of a file's name, or end in a star."""
        folders = "|".join(path.name for path in SOURCE.iterdir() if path.is_dir())
        made = "bench/out/"  # by scripts/bench.sh

        def exists(text):
            return any([*(root / text).parent.glob(Path(text).name.rstrip("*") + "*")]
                       for root in (SOURCE, SOURCE / "tests"))
        broken = [f"{span.where}: {span.text}" for path in documents() for span in spans_of(path)
                  if re.fullmatch(rf"({folders})(/[\w.*-]+)+/?", span.text)
                  and not span.text.startswith(made) and not exists(span.text)]
        self.assertEqual(broken, [])

    def test_tests_that_threats_names_exist(self):
        """In the last column: folders and files below tests/, test cases by their whole names."""
        tests = [path for path in (SOURCE / "tests").rglob("*.cpp") if "test" in path.name]
        cases = "".join(path.read_text() for path in tests)

        def exists(cited):
            target = SOURCE / "tests" / cited
            holds_tests = target.is_file() or any(target in path.parents for path in tests)
            return holds_tests or f'"{cited}"' in cases
        rows = [line for line in (DOCS / "THREATS.md").read_text().splitlines() if line[:1] == "|"]
        cited = [name for row in rows for name in SPAN.findall(row.strip("|").split("|")[-1])]
        self.assertGreater(len(cited), 20)
        self.assertEqual([name for name in cited if not exists(name)], [])

    def test_architecture_lists_every_room(self):
        lists = [path for path in SOURCE.glob("*/**/CMakeLists.txt")
                 if path.relative_to(SOURCE).parts[0] not in ("build", "third_party")]
        room = re.compile(r"^\s*rootlet_room\(([\w/]+)", re.MULTILINE)
        declared = {name for path in lists for name in room.findall(path.read_text())}
        table = (DOCS / "ARCHITECTURE.md").read_text().split("### The rooms")[1].split("\n## ")[0]
        self.assertEqual(set(re.findall(r"^\| `([\w/]+)` \|", table, re.MULTILINE)), declared)

    def test_exit_codes_of_readme_are_those_of_help(self):
        def codes(text):
            listed = text.split("Exit codes:")[1].split("\n\n")[0]
            return re.findall(r"(\d) (\w+)", listed)
        for program in PROGRAMS:
            self.assertEqual(codes(README.read_text()), codes(help_of(program)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
