// A list: varint (count << 2 | form), then the form's content (docs/FORMATS.md, "Section body").
#include "sync/pack/columns/indexes.hpp"

#include <algorithm>
#include <iterator>

#include "sync/pack/columns/column_encoder.hpp"

namespace rootlet {
namespace {

// The values are part of the format.
enum class Form : std::uint8_t {
  kGaps = 0,    // varints
  kRuns = 1,    // pairs of varints: a gap, and how many numbers follow without a gap
  kColumn = 2,  // the gaps as a column of integers
  kFreed = 3,   // how many of the first freed numbers are in the list; the others as a list
};
constexpr std::size_t kMinForColumn = 12;

const ColumnSpec kGapColumn{.name = "gaps", .type = ColumnType::kInteger};

Bytes gaps_of(std::span<const std::uint64_t> ascending, std::uint64_t next) {
  ByteWriter out;
  for (const std::uint64_t index : ascending) {
    out.varint(index - next);
    next = index + 1;
  }
  return out.take();
}

Bytes runs_of(std::span<const std::uint64_t> ascending, std::uint64_t next) {
  ByteWriter out;
  for (std::size_t i = 0; i < ascending.size();) {
    std::size_t end = i + 1;
    while (end < ascending.size() && ascending[end] == ascending[end - 1] + 1) ++end;
    out.varint(ascending[i] - next);
    out.varint(end - i - 1);
    next = ascending[end - 1] + 1;
    i = end;
  }
  return out.take();
}

Bytes column_of(std::span<const std::uint64_t> ascending, std::uint64_t next,
                ColumnEncoder& encoder) {
  std::vector<CellView> gaps;
  for (const std::uint64_t index : ascending) {
    gaps.push_back({CellView::Kind::kInteger, static_cast<std::int64_t>(index - next)});
    next = index + 1;
  }
  // Cannot fail: all cells are integers.
  return encoder.encode(kGapColumn, ColumnUse::kNew, gaps, {.count = gaps.size()}).value();
}

// The length of the longest prefix of `freed` that `ascending` contains.
std::size_t count_reused(std::span<const std::uint64_t> ascending,
                         std::span<const std::uint64_t> freed) {
  std::size_t count = 0;
  for (const std::uint64_t number : ascending) {
    if (count < freed.size() && number == freed[count]) ++count;
  }
  return count;
}

// Collects the numbers from gaps, each followed by `more` consecutive numbers.
class ListReader {
 public:
  ListReader(ByteReader& in, std::uint64_t max, std::uint64_t& next)
      : in_(in), max_(max), next_(next) {}

  Status take(std::uint64_t gap, std::uint64_t more) {
    if (next_ > max_ || gap > max_ - next_ || more > max_ - next_ - gap) {
      return in_.error("a row number is too large");
    }
    const std::uint64_t first = next_ + gap;
    for (std::uint64_t i = 0; i <= more; ++i) list_.push_back(first + i);
    next_ = first + more + 1;
    return ok();
  }

  Status read_column(std::size_t count) {
    CellColumn gaps;
    ROOTLET_TRY(ColumnDecoder(in_).decode(kGapColumn, {.count = count}, gaps));
    for (std::size_t i = 0; i < count; ++i) {
      const CellView gap = gaps.at(i);
      const bool is_gap = gap.kind == CellView::Kind::kInteger && gap.integer >= 0;
      if (!is_gap) return in_.error("a list is not ascending");
      ROOTLET_TRY(take(static_cast<std::uint64_t>(gap.integer), 0));
    }
    return ok();
  }

  Status read(std::uint64_t count, bool as_runs) {
    while (list_.size() < count) {
      ROOTLET_TRY(const std::uint64_t gap, in_.varint());
      std::uint64_t more = 0;
      if (as_runs) {
        ROOTLET_TRY(more, in_.varint_up_to(count - list_.size() - 1));
      }
      ROOTLET_TRY(take(gap, more));
    }
    return ok();
  }

  std::vector<std::uint64_t> list() && { return std::move(list_); }

 private:
  ByteReader& in_;
  std::uint64_t max_;
  std::uint64_t& next_;
  std::vector<std::uint64_t> list_;
};

}  // namespace

void encode_indexes(ByteWriter& out, std::span<const std::uint64_t> ascending, std::uint64_t& next,
                    ColumnEncoder& encoder, std::span<const std::uint64_t> freed) {
  std::pair<Form, Bytes> best{Form::kGaps, gaps_of(ascending, next)};
  const auto offer = [&](Form form, Bytes bytes) {
    if (bytes.size() < best.second.size()) best = {form, std::move(bytes)};
  };
  offer(Form::kRuns, runs_of(ascending, next));
  if (ascending.size() >= kMinForColumn) {
    offer(Form::kColumn, column_of(ascending, next, encoder));
  }
  if (const std::size_t count = count_reused(ascending, freed); count > 0) {
    std::vector<std::uint64_t> others;
    std::set_difference(ascending.begin(), ascending.end(), freed.begin(),
                        freed.begin() + static_cast<std::ptrdiff_t>(count),
                        std::back_inserter(others));
    ByteWriter list;
    list.varint(count);
    std::uint64_t next_other = next;
    encode_indexes(list, others, next_other, encoder);
    offer(Form::kFreed, list.take());
  }
  out.varint(ascending.size() << 2 | static_cast<std::uint64_t>(best.first));
  out.raw(best.second);
  if (!ascending.empty()) next = ascending.back() + 1;
}

namespace {

Result<std::vector<std::uint64_t>> decode_freed(ByteReader& in, std::uint64_t count,
                                                std::uint64_t max, std::uint64_t& next,
                                                std::span<const std::uint64_t> freed) {
  ROOTLET_TRY(const std::uint64_t taken,
              in.varint_up_to(std::min<std::uint64_t>(count, freed.size())));
  std::uint64_t next_other = next;
  ROOTLET_TRY(const std::vector<std::uint64_t> others,
              decode_indexes(in, count - taken, max, next_other));
  const auto last = freed.begin() + static_cast<std::ptrdiff_t>(taken);
  std::vector<std::uint64_t> list;
  std::merge(freed.begin(), last, others.begin(), others.end(), std::back_inserter(list));
  const bool distinct = std::adjacent_find(list.begin(), list.end()) == list.end();
  if (list.size() != count || !distinct) return in.error("a list has other numbers than declared");
  if (list.empty()) return list;
  if (list.front() < next || list.back() > max) return in.error("a list is not ascending");
  next = list.back() + 1;
  return list;
}

}  // namespace

Result<std::vector<std::uint64_t>> decode_indexes(ByteReader& in, std::uint64_t max_count,
                                                  std::uint64_t max, std::uint64_t& next,
                                                  std::span<const std::uint64_t> freed) {
  ROOTLET_TRY(const std::uint64_t count_and_form, in.varint());
  const std::uint64_t count = count_and_form >> 2;
  const auto form = static_cast<Form>(count_and_form & 3);
  if (count > max_count) return in.error("a list is longer than it may be");
  if (form == Form::kFreed && freed.empty())
    return in.error("a list reuses freed rows that are not there");
  if (form == Form::kFreed) return decode_freed(in, count, max, next, freed);
  ListReader list(in, max, next);
  if (form != Form::kColumn) {
    ROOTLET_TRY(list.read(count, form == Form::kRuns));
  } else if (count > 0) {
    ROOTLET_TRY(list.read_column(static_cast<std::size_t>(count)));
  }
  return std::move(list).list();
}

}  // namespace rootlet
