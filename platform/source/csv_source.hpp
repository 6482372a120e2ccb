// A CSV file as a source of rows. A row whose text is, to the byte, as at the last publish is
// neither split nor delivered (unchanged_rows.hpp).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "core/encoding/encoding.hpp"
#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// "comma", "tab" or "semicolon"; nullopt for other words.
std::optional<char> delimiter_named(std::string_view name);

struct CsvOptions {
  std::optional<TextEncoding> encoding = {};  // nullopt: recognised
  char delimiter = ',';
  // What the operator should know about the file; called on a thread of the source.
  std::function<void(const Text&)> notice = {};
};

// "-" is standard input. kStorage if the file does not open.
Result<std::unique_ptr<RowSource>> open_csv_source(const std::filesystem::path& path,
                                                   CsvOptions options = {});
SourceOpener csv_file(std::filesystem::path path, CsvOptions options = {});

}  // namespace rootlet::platform
