// Looks are dropped all at once when they grow too large: making them again is cheap.
#include "sync/pack/block_cells.hpp"

#include <cstdlib>
#include <unordered_map>

#include "core/limits.hpp"
#include "sync/pack/codes.hpp"
#include "sync/pack/text_forms.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kLookBytes = 8 * limits::kMiB;  // of a block

std::string_view bytes_of(const CellView& cell, std::size_t prefix) {
  if (cell.kind == CellView::Kind::kText) {
    return prefix == 0 ? cell.text : cell.text.substr(0, prefix);
  }
  return {reinterpret_cast<const char*>(&cell.integer), sizeof cell.integer};
}

// In order of first appearance. Neighbours are often the same.
BlockCells::Numbers symbols(const CellColumn& cells, std::size_t rows, std::size_t prefix) {
  std::unordered_map<std::string_view, std::int64_t> known;
  std::unordered_map<std::int64_t, std::int64_t> known_numbers;
  BlockCells::Numbers out;
  out.reserve(rows);
  CellView above;
  for (std::size_t row = 0; row < rows; ++row) {
    const CellView cell = cells.at(row);
    const auto next = static_cast<std::int64_t>(known.size() + known_numbers.size() + 1);
    if (row > 0 && cell == above) {
      out.push_back(out.back());
    } else if (cell.kind == CellView::Kind::kNull) {
      out.push_back(0);
    } else if (cell.kind == CellView::Kind::kInteger) {
      out.push_back(known_numbers.emplace(cell.integer, next).first->second);
    } else {
      out.push_back(known.emplace(bytes_of(cell, prefix), next).first->second);
    }
    above = cell;
  }
  return out;
}

std::int64_t number_of(const CellView& cell) {
  return cell.kind == CellView::Kind::kText ? number_from_digits(cell.text) : cell.integer;
}

std::int64_t day_of(const CellView& cell) {
  return cell.kind == CellView::Kind::kText ? day_in(cell.text).value_or(0) : 0;
}

}  // namespace

void BlockCells::set(std::size_t column, const CellColumn& cells) {
  if (cells.size() != rows_) std::abort();  // a bug in the caller
  columns_[column] = &cells;
  std::erase_if(looks_, [&](const auto& look) { return std::get<0>(look.first) == column; });
}

BlockCells::Numbers BlockCells::make(const CellColumn& cells, Look look, std::size_t prefix) const {
  if (look == Look::kSymbol) return symbols(cells, rows_, prefix);
  Numbers out;
  out.reserve(rows_);
  CellView above;
  for (std::size_t row = 0; row < rows_; ++row) {
    const CellView cell = cells.at(row);
    if (look == Look::kAsAbove) out.push_back(row > 0 && cell == above ? 1 : 0);
    if (look == Look::kNumber) out.push_back(number_of(cell));
    if (look == Look::kDay) out.push_back(day_of(cell));
    above = cell;
  }
  return out;
}

const BlockCells::Numbers& BlockCells::look(std::size_t column, Look look, std::size_t prefix) {
  const Key key{column, look, prefix};
  if (const auto known = looks_.find(key); known != looks_.end()) return known->second;
  if ((looks_.size() + 1) * rows_ * sizeof(std::int64_t) > kLookBytes) looks_.clear();
  return looks_.emplace(key, make(*columns_[column], look, prefix)).first->second;
}

}  // namespace rootlet
