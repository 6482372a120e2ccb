#include "platform/source/unchanged_rows.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rootlet::platform {
namespace {

constexpr std::size_t kAtOnce = 32;

std::uint64_t low_half(const ShortHash& mark) {
  std::uint64_t half = 0;
  std::memcpy(&half, mark.data(), sizeof half);
  return half;
}

std::uint32_t tag_of(const ShortHash& mark) {
  return static_cast<std::uint32_t>(low_half(mark) >> 32);
}

}  // namespace

void UnchangedRows::add(std::int64_t stream, Rid first, ByteView marks) {
  Range& range = streams_.try_emplace(stream, Range{marks_.size(), 0}).first->second;
  const std::size_t begin = range.begin + first;
  const std::size_t count = marks.size() / sizeof(RowMark);
  marks_.resize(begin + count);
  std::memcpy(marks_.data() + begin, marks.data(), count * sizeof(RowMark));
  range.end = marks_.size();
}

void UnchangedRows::build_slots() {
  lines_.assign(marks_.size(), 0);
  slots_.assign(std::bit_ceil(2 * marks_.size() + 1), Slot());
  for (std::size_t row = 0; row < marks_.size(); ++row) {
    const ShortHash& mark = marks_[row].record;
    if (mark == ShortHash()) continue;
    std::size_t place = place_of(mark);
    while (slots_[place].row != kNone) place = (place + 1) & (slots_.size() - 1);
    slots_[place] = {tag_of(mark), static_cast<std::uint32_t>(row)};
  }
}

std::size_t UnchangedRows::place_of(const ShortHash& mark) const {
  return low_half(mark) & (slots_.size() - 1);
}

std::uint32_t UnchangedRows::find(const ShortHash& mark) const {
  const std::uint32_t tag = tag_of(mark);
  for (std::size_t place = place_of(mark); slots_[place].row != kNone;
       place = (place + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[place];
    if (slot.tag == tag && marks_[slot.row].record == mark) return slot.row;
  }
  return kNone;
}

// The table is larger than any cache: each step asks for what the next one looks at.
void UnchangedRows::take(std::span<ScannedRecord> records) {
  if (slots_.empty()) build_slots();
  while (!records.empty()) {
    const auto some = records.first(std::min(kAtOnce, records.size()));
    records = records.subspan(some.size());
    for (const ScannedRecord& record : some) __builtin_prefetch(&slots_[place_of(record.mark)]);
    for (const ScannedRecord& record : some) {
      const Slot& slot = slots_[place_of(record.mark)];
      if (slot.row != kNone) __builtin_prefetch(&marks_[slot.row]);
    }
    for (ScannedRecord& record : some) {
      const std::uint32_t row = record.has_mark ? find(record.mark) : kNone;
      record.is_unchanged = row != kNone && lines_[row] == 0;
      if (!record.is_unchanged) continue;
      lines_[row] = record.line;
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
    if (lines_[row] != 0) visit(marks_[row].key, lines_[row]);
  }
}

}  // namespace rootlet::platform
