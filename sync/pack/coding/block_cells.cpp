// Features and dictionaries of a block's columns (docs/FORMATS.md, "Column codes"). When the cached
// features grow too large, all are dropped: computing them again is cheap.
#include "sync/pack/coding/block_cells.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <unordered_map>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "sync/pack/coding/codes.hpp"
#include "sync/pack/coding/text_forms.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kMaxFeatureBytes = 8 * limits::kMiB;  // per block
// Larger dictionaries would cost more time than they save bytes. Part of the format.
constexpr std::size_t kMaxDictionaryTexts = 2'048, kMaxDictionaryCharacters = 4'096;

std::string_view bytes_of(const CellView& cell, std::size_t prefix) {
  if (cell.kind == CellView::Kind::kText) {
    return prefix == 0 ? cell.text : cell.text.substr(0, prefix);
  }
  return {reinterpret_cast<const char*>(&cell.integer), sizeof cell.integer};
}

// Symbols in order of first appearance. Neighbouring cells are often equal, which saves a lookup.
BlockCells::Numbers symbol_feature(const CellColumn& cells, std::size_t rows, std::size_t prefix) {
  std::unordered_map<std::string_view, std::int64_t> text_symbols;
  std::unordered_map<std::int64_t, std::int64_t> number_symbols;
  BlockCells::Numbers out;
  out.reserve(rows);
  CellView above;
  for (std::size_t row = 0; row < rows; ++row) {
    const CellView cell = cells.at(row);
    const auto next = static_cast<std::int64_t>(text_symbols.size() + number_symbols.size() + 1);
    if (row > 0 && cell == above) {
      out.push_back(out.back());
    } else if (cell.kind == CellView::Kind::kNull) {
      out.push_back(0);
    } else if (cell.kind == CellView::Kind::kInteger) {
      out.push_back(number_symbols.emplace(cell.integer, next).first->second);
    } else {
      out.push_back(text_symbols.emplace(bytes_of(cell, prefix), next).first->second);
    }
    above = cell;
  }
  return out;
}

// Counts values and numbers them in order of first appearance. `SlotMap` maps a value to its slot.
template <typename Value, typename SlotMap>
class CountedValues {
 public:
  // Returns the value's slot.
  std::uint32_t count(const Value& value) {
    std::uint32_t& slot = slots_[value];
    if (slot == 0) {
      values_.emplace_back(value, 0);
      slot = static_cast<std::uint32_t>(values_.size());
    }
    ++values_[slot - 1].second;
    return slot - 1;
  }
  // Appends the values to `values`, most frequent first; returns the new index for each slot.
  std::vector<std::uint32_t> by_count(std::vector<Value>& values) const {
    std::vector<std::uint32_t> sorted(values_.size()), order(values_.size());
    std::iota(sorted.begin(), sorted.end(), 0U);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [this](auto a, auto b) { return values_[a].second > values_[b].second; });
    for (std::uint32_t slot = 0; slot < sorted.size(); ++slot) {
      values.push_back(values_[sorted[slot]].first);
      order[sorted[slot]] = slot;
    }
    return order;
  }

 private:
  SlotMap slots_;  // from 1; 0: not seen
  std::vector<std::pair<Value, std::size_t>> values_;
};

using CountedTexts =
    CountedValues<std::string_view, std::unordered_map<std::string_view, std::uint32_t>>;

// For characters, nearly all of which are in Unicode's first plane.
class CharacterSlots {
 public:
  std::uint32_t& operator[](std::uint32_t character) {
    return character < first_.size() ? first_[character] : others_[character];
  }

 private:
  std::vector<std::uint32_t> first_ = std::vector<std::uint32_t>(0x10000);
  std::unordered_map<std::uint32_t, std::uint32_t> others_;
};

using CountedCharacters = CountedValues<std::uint32_t, CharacterSlots>;

std::int64_t number_feature(const CellView& cell) {
  return cell.kind == CellView::Kind::kText ? number_from_digits(cell.text) : cell.integer;
}

std::int64_t day_feature(const CellView& cell) {
  return cell.kind == CellView::Kind::kText ? day_in(cell.text).value_or(0) : 0;
}

}  // namespace

void BlockCells::set(std::size_t column, const CellColumn& cells) {
  if (cells.size() != rows_) std::abort();  // a bug in the caller
  columns_[column] = &cells;
  std::erase_if(features_,
                [&](const auto& feature) { return std::get<0>(feature.first) == column; });
}

void BlockCells::set_old(std::size_t column, const CellColumn& old_cells) {
  set(column, old_cells);
  old_columns_[column] = &old_cells;
}

const ValueDictionary& BlockCells::value_dictionary() {
  const auto [slot, is_new] = value_dictionaries_.try_emplace(current_);
  ValueDictionary& dictionary = slot->second;
  if (!is_new || !has_old(current_)) return dictionary;
  CountedTexts counts;
  for (std::size_t row = 0; row < rows_ && dictionary.rows.size() < kMaxDictionaryTexts; ++row) {
    const CellView cell = old_columns_[current_]->at(row);
    if (cell.kind != CellView::Kind::kText) continue;
    dictionary.rows.push_back(static_cast<std::uint32_t>(row));
    dictionary.indexes.push_back(counts.count(cell.text));
  }
  const std::vector<std::uint32_t> order = counts.by_count(dictionary.values);
  for (std::int64_t& index : dictionary.indexes) index = order[static_cast<std::size_t>(index)];
  return dictionary;
}

const CharacterDictionary& BlockCells::character_dictionary() {
  const auto [slot, is_new] = character_dictionaries_.try_emplace(current_);
  CharacterDictionary& dictionary = slot->second;
  if (!is_new || !has_old(current_)) return dictionary;
  CountedCharacters counts;
  for (std::size_t row = 0; row < rows_; ++row) {
    const CellView cell = old_columns_[current_]->at(row);
    if (cell.kind != CellView::Kind::kText || !is_utf8(cell.text)) continue;
    if (cell.text.size() > kMaxDictionaryCharacters - dictionary.symbols.size()) break;
    const std::size_t begin = dictionary.symbols.size();
    for (std::size_t at = 0; at < cell.text.size();) {
      dictionary.symbols.push_back(counts.count(next_character(cell.text, at)));
    }
    dictionary.rows.push_back(static_cast<std::uint32_t>(row));
    dictionary.lengths.push_back(dictionary.symbols.size() - begin);
  }
  const std::vector<std::uint32_t> order = counts.by_count(dictionary.alphabet);
  for (std::uint32_t& symbol : dictionary.symbols) symbol = order[symbol];
  return dictionary;
}

BlockCells::Numbers BlockCells::compute(std::size_t column, CellFeature feature,
                                        std::size_t prefix) const {
  const CellColumn& cells = *columns_[column];
  if (feature == CellFeature::kSymbol) return symbol_feature(cells, rows_, prefix);
  Numbers out;
  out.reserve(rows_);
  CellView above;
  for (std::size_t row = 0; row < rows_; ++row) {
    const CellView cell = cells.at(row);
    if (feature == CellFeature::kEqualsAbove) out.push_back(row > 0 && cell == above ? 1 : 0);
    if (feature == CellFeature::kNumber) out.push_back(number_feature(cell));
    if (feature == CellFeature::kDay) out.push_back(day_feature(cell));
    if (feature == CellFeature::kEqualsOld)
      out.push_back(cell == old_columns_[column]->at(row) ? 1 : 0);
    above = cell;
  }
  return out;
}

const BlockCells::Numbers& BlockCells::feature(std::size_t column, CellFeature feature,
                                               std::size_t prefix) {
  const Key key{column, feature, prefix};
  if (const auto found = features_.find(key); found != features_.end()) return found->second;
  if ((features_.size() + 1) * rows_ * sizeof(std::int64_t) > kMaxFeatureBytes) features_.clear();
  return features_.emplace(key, compute(column, feature, prefix)).first->second;
}

}  // namespace rootlet
