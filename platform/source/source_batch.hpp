// Some rows of a source as text fields, in one piece of memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace rootlet::platform {

class SourceBatch {
 public:
  std::size_t size() const { return rows_.size(); }
  std::uint64_t line(std::size_t row) const { return rows_[row].line; }  // in the source, from 1
  std::size_t fields(std::size_t row) const { return end_of(row) - rows_[row].first_field; }
  std::string_view field(std::size_t row, std::size_t index) const {
    const Field& field = fields_[rows_[row].first_field + index];
    return std::string_view(text_).substr(field.begin, field.bytes);
  }
  std::size_t text_bytes() const { return text_.size(); }
  // Why the source ended after these rows, if it ended early.
  const std::optional<Error>& error() const { return error_; }

  void add(std::uint64_t line, std::span<const std::string_view> fields);
  void end_with(Error error) { error_ = std::move(error); }

 private:
  struct Row {
    std::uint64_t line = 0;
    std::size_t first_field = 0;
  };
  struct Field {
    std::size_t begin = 0, bytes = 0;
  };
  std::size_t end_of(std::size_t row) const {
    return row + 1 < rows_.size() ? rows_[row + 1].first_field : fields_.size();
  }

  std::string text_;
  std::vector<Field> fields_;
  std::vector<Row> rows_;
  std::optional<Error> error_;
};

}  // namespace rootlet::platform
