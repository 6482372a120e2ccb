// An open-addressing hash table over the fingerprints of the last publish.
#include "platform/source/unchanged_rows.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rootlet::platform {
namespace {

constexpr std::size_t kAtOnce = 32;

std::uint64_t low_half(const ShortHash& fingerprint) {
  std::uint64_t half = 0;
  std::memcpy(&half, fingerprint.data(), sizeof half);
  return half;
}

std::uint32_t tag_of(const ShortHash& fingerprint) {
  return static_cast<std::uint32_t>(low_half(fingerprint) >> 32);
}

}  // namespace

void UnchangedRows::add(std::int64_t stream, Rid first, ByteView fingerprints) {
  Range& range = streams_.try_emplace(stream, Range{fingerprints_.size(), 0}).first->second;
  const std::size_t begin = range.begin + first;
  const std::size_t count = fingerprints.size() / sizeof(RowFingerprint);
  fingerprints_.resize(begin + count);
  std::memcpy(fingerprints_.data() + begin, fingerprints.data(), count * sizeof(RowFingerprint));
  range.end = fingerprints_.size();
}

void UnchangedRows::build_slots() {
  lines_.assign(fingerprints_.size(), 0);
  slots_.assign(std::bit_ceil(2 * fingerprints_.size() + 1), Slot());
  for (std::size_t row = 0; row < fingerprints_.size(); ++row) {
    const ShortHash& fingerprint = fingerprints_[row].text;
    if (fingerprint == ShortHash()) continue;
    std::size_t place = place_of(fingerprint);
    while (slots_[place].row != kNone) place = (place + 1) & (slots_.size() - 1);
    slots_[place] = {tag_of(fingerprint), static_cast<std::uint32_t>(row)};
  }
}

std::size_t UnchangedRows::place_of(const ShortHash& fingerprint) const {
  return low_half(fingerprint) & (slots_.size() - 1);
}

std::uint32_t UnchangedRows::find(const ShortHash& fingerprint) const {
  const std::uint32_t tag = tag_of(fingerprint);
  for (std::size_t place = place_of(fingerprint); slots_[place].row != kNone;
       place = (place + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[place];
    if (slot.tag == tag && fingerprints_[slot.row].text == fingerprint) return slot.row;
  }
  return kNone;
}

// The table is larger than any cache, so each step prefetches what the next one reads.
void UnchangedRows::take(std::span<ScannedRow> rows) {
  if (slots_.empty()) build_slots();
  while (!rows.empty()) {
    const auto some = rows.first(std::min(kAtOnce, rows.size()));
    rows = rows.subspan(some.size());
    for (const ScannedRow& row : some) __builtin_prefetch(&slots_[place_of(row.fingerprint)]);
    for (const ScannedRow& row : some) {
      const Slot& slot = slots_[place_of(row.fingerprint)];
      if (slot.row != kNone) __builtin_prefetch(&fingerprints_[slot.row]);
    }
    for (ScannedRow& row : some) {
      const std::uint32_t held = row.has_fingerprint ? find(row.fingerprint) : kNone;
      row.is_unchanged = held != kNone && lines_[held] == 0;
      if (!row.is_unchanged) continue;
      lines_[held] = row.line;
      ++taken_;
    }
  }
}

std::span<const std::uint32_t> UnchangedRows::lines(std::int64_t stream) const {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || lines_.empty()) return {};
  const Range& range = found->second;
  return std::span(lines_).subspan(range.begin, range.end - range.begin);
}

void UnchangedRows::visit_taken(
    const std::function<void(std::uint64_t, std::uint32_t)>& visit) const {
  for (std::size_t row = 0; row < lines_.size(); ++row) {
    if (lines_[row] != 0) visit(fingerprints_[row].key, lines_[row]);
  }
}

}  // namespace rootlet::platform
