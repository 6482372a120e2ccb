// Turns the rows of a source, one after the other, into rows of a SourceTable, and collects the
// mistakes. No mistake holds a value of a row.
#pragma once

#include <string>
#include <vector>

#include "platform/source/row_source.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet::platform {

inline constexpr std::size_t kSourceMistakes = 20;

// The mistakes found so far, as one error for people.
class SourceMistakes {
 public:
  explicit SourceMistakes(const RowSource& source) : source_(&source), file_(source.name()) {}

  std::string at_line(std::uint64_t line) const { return source_->place_of(line); }
  void add(const std::string& place, std::string_view detail, const Text& hint = {});
  void add(Error error);  // of the source, which names the place by itself
  bool none() const { return lines_.empty(); }
  bool full() const { return lines_.size() >= kSourceMistakes; }
  std::size_t left() const { return kSourceMistakes - lines_.size(); }
  Error error() const;

 private:
  const RowSource* source_;
  std::string file_;
  std::string field_;
  Text hint_;
  std::vector<std::string> lines_;
};

class RowReader {
 public:
  // All arguments must outlive the reader.
  RowReader(const SourceSetup& setup, MatchedFields fields, std::size_t field_count,
            SourceTable& table, SourceMistakes& mistakes);

  void read(const SourceBatch& batch, std::size_t row);

 private:
  // The columns of the row that have mistakes, and which.
  struct Found {
    std::size_t column = 0;
    std::string detail;
    Text hint;
  };
  bool has_all_fields(const SourceBatch& batch, std::size_t row);
  std::optional<RowChangeKind> change_of(const SourceBatch& batch, std::size_t row);
  void read_deletion(const SourceBatch& batch, std::size_t row);
  void read_row(const SourceBatch& batch, std::size_t row);
  void count(const SourceBatch& batch, std::size_t row);
  bool key_is_read() const;
  void append_key();
  void leave_out(const SourceBatch& batch, std::size_t row);
  void read_cell_of(const SourceBatch& batch, std::size_t row, std::size_t column);
  std::string_view without_odd_blanks(std::string_view field, std::uint64_t line, std::size_t c);
  void refuse(std::size_t column, const Error& error);

  const DatasetDefinition& definition_;
  const SourceSetup& setup_;
  MatchedFields fields_;
  std::size_t field_count_;
  std::vector<const CodeList*> codes_;  // by column; null: none
  std::vector<std::size_t> keys_;
  std::size_t division_ = kNoField;     // the column
  std::vector<CellView> cells_;         // of the row being read; they view its fields or spellings_
  std::vector<std::string> spellings_;  // canonical texts of fields that are spelled otherwise
  std::string image_, key_;
  std::vector<std::string_view> delivered_;
  SourceTable& table_;
  SourceMistakes& mistakes_;
  std::vector<Found> found_;  // of the row being read
};

}  // namespace rootlet::platform
