// A source file: where the rows of a dataset come from, how its columns and words map, and when it
// is published without anybody asking (docs/FORMATS.md, "Source files").
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "platform/source/csv_source.hpp"
#include "platform/source/kinds/address.hpp"
#include "platform/source/mapping/mapping.hpp"

namespace rootlet::platform {

struct Schedule {
  std::chrono::seconds every{};
  std::optional<int> at_minute = {};  // since midnight, local time; `every` is whole days then
};

// Reads only rows whose change column is not older than the newest seen, and now and then all of
// them, because a change column does not show deletions.
struct Incremental {
  std::string column;
  std::chrono::seconds overlap{};  // rows that were committed late
  std::chrono::seconds whole_every{};
};

// Reads the changes of a table from PostgreSQL's log by logical decoding, and now and then the
// whole table.
struct Follow {
  std::string publication;
  std::string schema, table;
  std::chrono::seconds whole_every{};
};

struct SourceFile {
  SourceAddress from;
  std::string from_text;      // as it is written
  std::string password_file;  // "" if there is none
  SourceMapping mapping;
  CsvOptions csv;
  bool is_change_list = false;
  std::string control_file;  // JSON totals beside a file; "" if there is none
  std::optional<int> quarantine_percent = {};
  std::optional<int> accept_changes = {};
  Schedule when;
  std::optional<Incremental> since = {};
  std::optional<Follow> follow = {};
  std::chrono::seconds timeout{};        // for one publish
  std::chrono::seconds alarm_after{};    // without a success
  std::chrono::seconds expect_change{};  // alarm without a new version; 0: never

  // kBadInput names the field; unknown keys are errors. Columns must be those of `dataset`.
  static Result<SourceFile> parse(std::string_view text, const DatasetDefinition& dataset,
                                  std::string_view what);
};

}  // namespace rootlet::platform
