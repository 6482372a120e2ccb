// Writes a column as the tree of codes that it finds smallest. Pure but for its own buffers; one
// encoder per thread. What a column may not hold (a wrong kind of cell, a cell above the limit,
// text that is not UTF-8) is kBadInput.
#pragma once

#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "sync/pack/codes.hpp"
#include "sync/pack/table.hpp"

namespace rootlet {

class SizeEstimate;

class ColumnEncoder {
 public:
  ColumnEncoder();
  ~ColumnEncoder();
  ColumnEncoder(const ColumnEncoder&) = delete;
  ColumnEncoder& operator=(const ColumnEncoder&) = delete;

  // At least one cell. `olds` is empty, or holds the old value of each cell.
  Result<Bytes> encode(const ColumnSpec& column, std::span<const CellView> cells,
                       std::span<const CellView> olds);

 private:
  using Numbers = std::vector<std::int64_t>;
  using Texts = std::vector<std::string_view>;

  Bytes numbers(const Numbers& values, const Numbers& olds, int depth);
  Bytes texts(const Texts& values, const Texts& olds);
  Bytes plain_text(const Texts& values);
  Bytes digits(const Texts& values, const Texts& olds, std::size_t width);
  Bytes inside_old(const Texts& values, const Texts& olds);
  Bytes after_prefix(const Texts& values);
  std::optional<Bytes> text_choice(const Texts& values);
  std::optional<Bytes> choice(const Numbers& values, int depth);
  std::optional<Bytes> runs(const Numbers& values, int depth);

  std::unique_ptr<SizeEstimate> estimate_;
};

}  // namespace rootlet
