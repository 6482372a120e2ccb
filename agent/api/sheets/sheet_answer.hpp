// A sheet that a person uploads, as the answer that the console shows before anything is saved
// (POST /api/v1/sheets). Pure: nothing is kept.
#pragma once

#include <string>

#include "core/bytes.hpp"

namespace rootlet::agent {

struct SheetAnswer {
  // {"sheet", "sheets", "columns", "rows": [["…"]], "lines", "truncated"}: `lines` are the rows'
  // numbers in the file.
  std::string json;
  std::size_t rows = 0;
};

// At most limits::kUploadedRows rows and limits::kUploadedTextBytes of text; beyond them
// "truncated" is true. `sheet` as in Sheet::open(). kBadInput as there.
Result<SheetAnswer> read_uploaded_sheet(ByteView bytes, std::string_view sheet);

}  // namespace rootlet::agent
