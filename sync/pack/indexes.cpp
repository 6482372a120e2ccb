// List: varint (count << 1 | form), then gaps (form 0) or pairs of gap and run length - 1 (form 1).
#include "sync/pack/indexes.hpp"

namespace rootlet {
namespace {

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

}  // namespace

void encode_indexes(ByteWriter& out, std::span<const std::uint64_t> ascending,
                    std::uint64_t& next) {
  const Bytes gaps = gaps_of(ascending, next);
  const Bytes runs = runs_of(ascending, next);
  const bool use_runs = runs.size() < gaps.size();
  out.varint(ascending.size() << 1 | (use_runs ? 1U : 0U));
  out.raw(use_runs ? runs : gaps);
  if (!ascending.empty()) next = ascending.back() + 1;
}

Result<std::vector<std::uint64_t>> decode_indexes(ByteReader& in, std::uint64_t max_count,
                                                  std::uint64_t max, std::uint64_t& next) {
  std::vector<std::uint64_t> out;
  ROOTLET_TRY(const std::uint64_t count_and_form, in.varint());
  const std::uint64_t count = count_and_form >> 1;
  if (count > max_count) return in.error("a list is longer than it may be");
  while (out.size() < count) {
    ROOTLET_TRY(const std::uint64_t gap, in.varint());
    std::uint64_t more = 0;
    if ((count_and_form & 1) != 0) {
      ROOTLET_TRY(more, in.varint_up_to(count - out.size() - 1));
    }
    if (next > max || gap > max - next || more > max - next - gap) {
      return in.error("a row number is too large");
    }
    const std::uint64_t first = next + gap;
    for (std::uint64_t i = 0; i <= more; ++i) out.push_back(first + i);
    next = first + more + 1;
  }
  return out;
}

}  // namespace rootlet
