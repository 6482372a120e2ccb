#include "platform/difference.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "core/limits.hpp"

namespace rootlet {
namespace {

// Which numbers a stream uses, and the smallest that are free.
class RidSet {
 public:
  void use(Rid rid) {
    if (rid >= used_.size()) used_.resize(rid + 1);
    used_[rid] = true;
  }
  void free(Rid rid) { used_[rid] = false; }
  Rid take_smallest_free() {
    while (next_ < used_.size() && used_[next_]) ++next_;
    return next_++;
  }

 private:
  std::vector<bool> used_;
  Rid next_ = 0;
};

// The walk over both sides, and what it has found so far.
class Walk {
 public:
  Walk(std::span<const SourceRow> wanted, std::span<const std::uint32_t> standing)
      : wanted_(wanted), standing_(standing) {}

  void take_held(const HeldRow& held) {
    rids_.use(held.rid);
    ++found_.rows_before;
    if (held.rid < standing_.size() && standing_[held.rid] != 0) {
      ++found_.rows_after;
      return stand(held.rid, keep(held.image));
    }
    while (at_ < wanted_.size() && wanted_[at_].key() < held.key) insert_next();
    if (at_ == wanted_.size() || wanted_[at_].key() != held.key) {
      found_.deletes.push_back({held.rid, keep(held.key), keep(held.image), {}, {}});
      return;
    }
    const SourceRow& row = wanted_[at_++];
    stand(held.rid, row.image());
    if (row.image() == held.image) {
      found_.remarks.push_back({held.rid, row.mark});
    } else {
      found_.updates.push_back({held.rid, row.key(), keep(held.image), row.image(), row.mark});
    }
  }

  Result<Difference> finish() {
    while (at_ < wanted_.size()) insert_next();
    for (const RowChange& row : found_.deletes) rids_.free(row.rid);
    for (RowChange& row : found_.inserts) row.rid = rids_.take_smallest_free();
    for (const RowChange& row : found_.inserts) stand(row.rid, row.new_image);
    if (!found_.inserts.empty() && found_.inserts.back().rid > limits::kMaxRid) {
      return bad_input("a partition has more rows than " + std::to_string(limits::kMaxRid), "rows");
    }
    const auto by_rid = [](const RowChange& a, const RowChange& b) { return a.rid < b.rid; };
    std::sort(found_.deletes.begin(), found_.deletes.end(), by_rid);
    std::sort(found_.updates.begin(), found_.updates.end(), by_rid);
    found_.rows_after += wanted_.size();
    return std::move(found_);
  }

 private:
  void insert_next() {
    const SourceRow& row = wanted_[at_++];
    found_.inserts.push_back({0, row.key(), {}, row.image(), row.mark});
  }
  void stand(Rid rid, std::string_view image) {
    if (rid >= found_.rows.size()) found_.rows.resize(rid + 1);
    found_.rows[rid] = image;
  }
  std::string_view keep(std::string_view text) { return found_.kept.keep(text); }

  std::span<const SourceRow> wanted_;
  std::span<const std::uint32_t> standing_;
  std::size_t at_ = 0;
  RidSet rids_;
  Difference found_;
};

}  // namespace

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

std::vector<DuplicateKey> SourceTable::sort(std::size_t max) {
  const auto by_key = [](const SourceRow& a, const SourceRow& b) {
    const int order = a.key().compare(b.key());
    return order != 0 ? order < 0 : a.line < b.line;
  };
  if (!std::is_sorted(rows_.begin(), rows_.end(), by_key)) {
    std::sort(rows_.begin(), rows_.end(), by_key);
  }
  std::vector<DuplicateKey> duplicates;
  for (std::size_t i = 1; i < rows_.size() && duplicates.size() < max; ++i) {
    if (rows_[i - 1].key() == rows_[i].key()) {
      duplicates.push_back({rows_[i - 1].line, rows_[i].line});
    }
  }
  gather_partitions();
  return duplicates;
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

Result<Difference> find_difference(const HeldRows& held, std::span<const SourceRow> wanted,
                                   std::span<const std::uint32_t> standing) {
  Walk walk(wanted, standing);
  HeldRow row;
  while (true) {
    ROOTLET_TRY(const bool more, held(row));
    if (!more) return walk.finish();
    walk.take_held(row);
  }
}

}  // namespace rootlet
