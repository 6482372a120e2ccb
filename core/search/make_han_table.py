#!/usr/bin/env python3
"""Writes han_table.cpp: readings and simplified forms of Chinese characters, from Unihan (UAX 38).

Usage: make_han_table.py READINGS.txt[.bz2|.gz] VARIANTS.txt[.bz2|.gz] SURNAMES.txt OUT.cpp

A character has few readings, the likely ones first: kHanyuPinlu counts how often each occurs,
kTGHZ2013 is the national standard of general characters, kMandarin has the customary one. Older
dictionaries list readings that no living text has; they serve only characters without any other.
A simplified form is used only where Unihan names exactly one and it is another character.
"""
import bz2
import gzip
import re
import sys
import unicodedata

MOST_READINGS = 4
PAGE = 64  # characters of one page of the table


def open_text(path):
    if path.endswith(".bz2"):
        return bz2.open(path, "rt", encoding="utf-8")
    if path.endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8")
    return open(path, encoding="utf-8")


def fields(path, wanted):
    found = {name: {} for name in wanted}
    with open_text(path) as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] in found:
                found[parts[1]][int(parts[0][2:], 16)] = parts[2]
    return found


def syllable(text):
    """Without tone, with v for u with two dots: 'nǚ' is 'nv'. None if it is no syllable."""
    plain = ""
    for char in unicodedata.normalize("NFD", text.lower()):
        if char == "\u0308":
            plain = plain[:-1] + "v"
        elif char.isascii():
            plain += char
    is_one = re.fullmatch("[a-z]{1,6}", plain) and re.search("[aeiouv]", plain)
    return plain if is_one and plain[0] not in "iuv" else None


def readings_of(char, unihan):
    ordered = []

    def add(texts):
        for text in texts:
            one = syllable(text)
            if one and one not in ordered and len(ordered) < MOST_READINGS:
                ordered.append(one)

    pinlu = re.findall(r"([^\s(]+)\((\d+)\)", unihan["kHanyuPinlu"].get(char, ""))
    add(text for text, _ in sorted(pinlu, key=lambda one: -int(one[1])))
    add(unihan["kMandarin"].get(char, "").split()[:1])
    for entry in unihan["kTGHZ2013"].get(char, "").split():
        add(entry.split(":")[-1].split(","))
    if not ordered:
        for entry in unihan["kXHC1983"].get(char, "").split():
            add([entry.split(":")[-1]])
    if not ordered:
        for entry in unihan["kHanyuPinyin"].get(char, "").split()[:1]:
            add(entry.split(":")[-1].split(",")[:1])
    return ordered


def simplified_forms(variants):
    forms = {}
    for char, text in variants.items():
        targets = {int(one.split("<")[0][2:], 16) for one in text.split()}
        if len(targets) == 1 and char not in targets:
            forms[char] = targets.pop()
    # To the end of a chain.
    for char in forms:
        seen = {char}
        while forms[char] in forms and forms[char] not in seen:
            seen.add(forms[char])
            forms[char] = forms[forms[char]]
    return {char: form for char, form in forms.items() if char != form}


def read_surnames(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            parts = line.split("#")[0].split()
            if not parts:
                continue
            if len(parts) - 1 != len(parts[0]):
                sys.exit(f"{path}: {line.strip()}: a syllable for each character")
            yield parts[0], parts[1:]


def numbers(values):
    lines, line = [], ""
    for value in values:
        line += f"{value},"
        if len(line) > 110:
            lines.append(line)
            line = ""
    return "\n".join(lines + [line])


def main():
    readings_path, variants_path, surnames_path, out_path = sys.argv[1:]
    unihan = fields(readings_path,
                    ["kHanyuPinlu", "kMandarin", "kTGHZ2013", "kXHC1983", "kHanyuPinyin"])
    forms = simplified_forms(fields(variants_path, ["kSimplifiedVariant"])["kSimplifiedVariant"])
    characters = sorted(set().union(*(table.keys() for table in unihan.values())))
    readings = {char: found for char in characters if (found := readings_of(char, unihan))}
    surnames = list(read_surnames(surnames_path))
    known = {one for found in readings.values() for one in found}
    known |= {one for _, syllables in surnames for one in syllables}
    syllables = sorted(known)
    place = {one: i for i, one in enumerate(syllables)}

    # Each list of readings once: its length, then the numbers of its syllables. List 0 is empty.
    pool, starts = [0], {(): 0}
    for found in readings.values():
        key = tuple(found)
        if key not in starts:
            starts[key] = len(pool)
            pool += [len(key), *(place[one] for one in key)]
    # Pages of characters, equal ones once; most pages beyond the common characters are empty.
    last = max(readings)
    pages, page_numbers, directory = [], {}, []
    for first in range(0, last + 1, PAGE):
        page = tuple(starts[tuple(readings.get(char, ()))] for char in range(first, first + PAGE))
        if page not in page_numbers:
            page_numbers[page] = len(page_numbers)
            pages += page
        directory.append(page_numbers[page])
    assert max(pool) < 65536 and len(pool) < 65536 and len(page_numbers) < 65536

    single = sorted((ord(text), place[one[0]]) for text, one in surnames if len(text) == 1)
    compound = [(text, one) for text, one in surnames if len(text) > 1]
    with open(out_path, "w", encoding="utf-8") as out:
        out.write("// Made by make_han_table.py.\n"
                  '#include "core/search/han_table.hpp"\n\nnamespace rootlet::han {\n')
        out.write(f"const char kSyllables[][7] = {{{','.join(chr(34) + s + chr(34) for s in syllables)}}};\n")
        out.write(f"const std::uint16_t kSyllableCount = {len(syllables)};\n")
        out.write(f"const std::uint16_t kLists[] = {{\n{numbers(pool)}}};\n")
        out.write(f"const std::uint16_t kPages[] = {{\n{numbers(pages)}}};\n")
        out.write(f"const std::uint16_t kDirectory[] = {{\n{numbers(directory)}}};\n")
        out.write(f"const std::uint32_t kDirectorySize = {len(directory)};\n")
        out.write("const Form kForms[] = {\n" +
                  numbers(f"{{{char},{form}}}" for char, form in sorted(forms.items())) + "};\n")
        out.write(f"const std::uint32_t kFormCount = {len(forms)};\n")
        out.write("const Surname kSurnames[] = {\n" +
                  numbers(f"{{{char},{one}}}" for char, one in single) + "};\n")
        out.write(f"const std::uint32_t kSurnameCount = {len(single)};\n")
        out.write("const CompoundSurname kCompounds[] = {\n")
        for text, one in compound:
            chars = ",".join(str(ord(c)) for c in text.ljust(3, "\0"))
            parts = ",".join(str(place[s]) for s in one) + ",0" * (3 - len(one))
            out.write(f"{{{len(text)},{{{chars}}},{{{parts}}}}},\n")
        out.write(f"}};\nconst std::uint32_t kCompoundCount = {len(compound)};\n")
        out.write("}  // namespace rootlet::han\n")
    bytes_ = (len(syllables) * 7 + 2 * (len(pool) + len(pages) + len(directory)) + 8 * len(forms))
    print(f"han_table: {len(readings)} characters, {len(syllables)} syllables, {bytes_} bytes")


main()
