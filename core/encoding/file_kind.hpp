// What a file is, by its first bytes: text, or something that people hand over by mistake in place
// of text (a workbook, a PDF, an archive, a web page). Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/result.hpp"

namespace rootlet {

enum class FileKind {
  kText,  // or nothing known; its encoding is another question
  kUtf8Mark,
  kUtf16LeMark,
  kUtf16BeMark,
  kUtf16Le,  // without a byte order mark
  kUtf16Be,
  kUtf32,
  kWorkbook,
  kOldWorkbook,
  kOpenSheet,
  kWordDocument,
  kArchive,
  kPdf,
  kPicture,
  kDatabase,
  kWebPage,
};

// `beginning` is the whole file or its first limits::kFileKindBytes.
FileKind kind_of_file(std::string_view beginning);

// Bytes of the byte order mark that a file of this kind begins with; 0 if it has none.
std::size_t mark_bytes(FileKind kind);

// kBadInput: what `what` is, and how to make text of it. For kinds that are not read as text.
Error not_text(FileKind kind, std::string_view what);

}  // namespace rootlet
