// CSV from anywhere, made ready for CsvReader: which delimiter it has, and without our own
// watermark.
#pragma once

#include "core/encoding/text_stream.hpp"

namespace rootlet {

// The text of `source` without lines that are the watermark of one of our exports, outside of
// quoted fields. Each leaves an empty line, so that lines keep their numbers.
TextSource without_watermark(TextSource source);

// True if the line is such a mark: "# Exported by …; ledger entry 7", or in Chinese.
bool is_watermark(std::string_view line);

struct DelimitedText {
  TextSource text;
  char delimiter = ',';
};
// The delimiter that stands most often in the first line that is not blank, outside of quotes; a
// line "sep=;" before it says so too, and is left out.
Result<DelimitedText> with_delimiter(TextSource source);

}  // namespace rootlet
