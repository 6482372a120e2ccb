// Rows in an arena, sorted once by partition and key.
#include "platform/source/rows/source_table.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace rootlet::platform {

std::uint32_t SourceTable::partition_index(std::string_view partition) {
  if (last_partition_ < partitions_.size() && partitions_[last_partition_] == partition) {
    return last_partition_;
  }
  const auto next = static_cast<std::uint32_t>(partitions_.size());
  const auto [found, is_new] = partition_numbers_.try_emplace(std::string(partition), next);
  if (is_new) partitions_.emplace_back(partition);
  last_partition_ = found->second;
  return last_partition_;
}

void SourceTable::add(std::string_view partition, std::string_view key, std::string_view image,
                      std::uint32_t line) {
  char* data = cells_.allocate(key.size() + image.size());
  std::memcpy(data, key.data(), key.size());
  std::memcpy(data + key.size(), image.data(), image.size());
  rows_.push_back({.data = data,
                   .key_bytes = static_cast<std::uint32_t>(key.size()),
                   .image_bytes = static_cast<std::uint32_t>(image.size()),
                   .partition = partition_index(partition),
                   .line = line});
}

void SourceTable::sort_by_key() {
  const auto by_key = [](const SourceRow& a, const SourceRow& b) {
    const int order = a.key().compare(b.key());
    return order != 0 ? order < 0 : a.line < b.line;
  };
  const auto second = std::is_sorted_until(rows_.begin(), rows_.end(), by_key);
  if (second == rows_.end()) return;
  // A server may begin to read a table in its middle (PostgreSQL, when another query reads it too).
  if (by_key(rows_.back(), rows_.front()) && std::is_sorted(second, rows_.end(), by_key)) {
    std::rotate(rows_.begin(), second, rows_.end());
  } else {
    std::sort(rows_.begin(), rows_.end(), by_key);
  }
}

std::vector<DuplicateKey> SourceTable::sort(std::size_t max) {
  sort_by_key();
  std::vector<DuplicateKey> duplicates;
  for (std::size_t i = 1; i < rows_.size() && duplicates.size() < max; ++i) {
    if (rows_[i - 1].key() == rows_[i].key()) {
      duplicates.push_back({rows_[i - 1].line, rows_[i].line});
    }
  }
  gather_partitions();
  return duplicates;
}

void SourceTable::sort_changes() {
  sort_by_key();
  const auto earlier = [this](const SourceRow& row) {
    const SourceRow* next = &row + 1;
    return next != rows_.data() + rows_.size() && next->key() == row.key();
  };
  std::vector<SourceRow> last;
  for (const SourceRow& row : rows_) {
    if (!earlier(row)) last.push_back(row);
  }
  rows_ = std::move(last);
  gather_partitions();
}

// Partitions in their own order; the keys keep theirs inside each.
void SourceTable::gather_partitions() {
  std::vector<std::uint32_t> order(partitions_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [this](auto a, auto b) { return partitions_[a] < partitions_[b]; });
  std::vector<std::size_t> next(partitions_.size());  // where each one's next row goes
  for (const SourceRow& row : rows_) ++next[row.partition];
  std::size_t begin = 0;
  for (const std::uint32_t partition : order) {
    begin += std::exchange(next[partition], begin);
  }
  std::vector<SourceRow> gathered(rows_.size());
  for (const SourceRow& row : rows_) gathered[next[row.partition]++] = row;
  rows_ = std::move(gathered);
}

std::vector<SourceTable::Part> SourceTable::parts() const {
  std::vector<Part> parts;
  for (std::size_t begin = 0; begin < rows_.size();) {
    std::size_t end = begin;
    while (end < rows_.size() && rows_[end].partition == rows_[begin].partition) ++end;
    parts.push_back({partitions_[rows_[begin].partition],
                     std::span<const SourceRow>(rows_).subspan(begin, end - begin)});
    begin = end;
  }
  return parts;
}

}  // namespace rootlet::platform
