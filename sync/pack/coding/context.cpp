// Reads, writes and evaluates contexts (docs/FORMATS.md, "Modelled numbers"). Bytes of a part: its
// kind, then only the fields which that kind has.
#include "sync/pack/coding/context.hpp"

#include <algorithm>

#include "core/limits.hpp"

namespace rootlet {
namespace {

using Kind = ContextPart::Kind;

bool has_prefix(Kind kind) {
  return kind == Kind::kSymbol || kind == Kind::kSymbolAbove;
}

bool has_scale(Kind kind) {
  return kind == Kind::kNumber || kind == Kind::kDay;
}

CellFeature feature_of(Kind kind) {
  switch (kind) {
    case Kind::kEqualsAbove:
      return CellFeature::kEqualsAbove;
    case Kind::kNumber:
      return CellFeature::kNumber;
    case Kind::kDay:
      return CellFeature::kDay;
    case Kind::kEqualsOld:
      return CellFeature::kEqualsOld;
    default:
      return CellFeature::kSymbol;
  }
}

std::uint64_t bucket_of(const ContextPart& part, std::int64_t number) {
  if (number < part.base) return 0;
  const std::uint64_t above =
      static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(part.base);
  return std::min<std::uint64_t>(part.divisor > 1 ? above / part.divisor : above, part.size - 1);
}

Result<ContextPart> read_part(ByteReader& in) {
  ContextPart part;
  ROOTLET_TRY(const std::uint8_t kind, in.u8());
  if (kind < static_cast<std::uint8_t>(Kind::kPrevious) ||
      kind > static_cast<std::uint8_t>(Kind::kEqualsOld)) {
    return in.error("an unknown kind of context");
  }
  part.kind = static_cast<Kind>(kind);
  if (part.uses_column()) {
    ROOTLET_TRY(const std::uint64_t column, in.varint_up_to(limits::kColumns));
    part.column = static_cast<std::uint32_t>(column);
  }
  if (part.is_binary()) return part;
  if (has_prefix(part.kind)) {
    ROOTLET_TRY(const std::uint64_t prefix, in.varint_up_to(limits::kCellBytes));
    part.prefix = static_cast<std::uint32_t>(prefix);
  }
  if (has_scale(part.kind)) {
    ROOTLET_TRY(part.base, in.zigzag());
    ROOTLET_TRY(part.divisor, in.varint());
    if (part.divisor == 0) return in.error("a context divides by zero");
  }
  ROOTLET_TRY(const std::uint64_t size, in.varint_up_to(kContextSize));
  if (size < 2) return in.error("a context part has fewer than two values");
  part.size = static_cast<std::uint32_t>(size);
  return part;
}

bool is_available(const ContextPart& part, const Items& items, const BlockCells* cells) {
  if (!part.uses_column()) return true;
  if (items.rows == nullptr || cells == nullptr) return false;
  return part.kind == Kind::kEqualsOld ? cells->has_old(part.column) : cells->has(part.column);
}

}  // namespace

void put_context(ByteWriter& out, const ContextParts& parts) {
  out.u8(static_cast<std::uint8_t>(parts.size()));
  for (const ContextPart& part : parts) {
    out.u8(static_cast<std::uint8_t>(part.kind));
    if (part.uses_column()) out.varint(part.column);
    if (part.is_binary()) continue;
    if (has_prefix(part.kind)) out.varint(part.prefix);
    if (has_scale(part.kind)) {
      out.zigzag(part.base);
      out.varint(part.divisor);
    }
    out.varint(part.size);
  }
}

Result<ContextParts> read_context(ByteReader& in, const Items& items, const BlockCells* cells,
                                  bool only_skip) {
  ContextParts parts;
  ROOTLET_TRY(const std::uint8_t count, in.u8());
  if (count > kContextParts) return in.error("a context has too many parts");
  std::uint64_t size = 1;
  while (parts.size() < count) {
    ROOTLET_TRY(const ContextPart part, read_part(in));
    for (const ContextPart& other : parts) {
      if (!part.uses_column() && part.kind == other.kind) {
        return in.error("a context has a part twice");
      }
    }
    if (!only_skip && !is_available(part, items, cells)) {
      return in.error("a context refers to a column that is not there");
    }
    size *= part.size;
    if (size > kContexts) return in.error("a context has too many values");
    parts.push_back(part);
  }
  return parts;
}

Context::Context(const ContextParts& parts, const Items& items, BlockCells* cells) {
  for (const ContextPart& part : parts) {
    if (part.kind == Kind::kPosition) position_size_ = part.size;
    if (part.kind == Kind::kPrevious) previous_size_ = part.size;
    if (part.kind == Kind::kSecondPrevious) second_previous_size_ = part.size;
    size_ *= part.size;
    if (part.uses_column()) add_column_part(part, items, *cells);
  }
}

void Context::add_column_part(const ContextPart& part, const Items& items, BlockCells& cells) {
  column_values_.resize(items.count, 0);
  const BlockCells::Numbers& values =
      cells.feature(part.column, feature_of(part.kind), part.prefix);
  const bool above = part.kind == Kind::kSymbolAbove;
  for (std::size_t i = 0; i < items.count; ++i) {
    const std::uint32_t row = (*items.rows)[i];
    const std::int64_t number = !above ? values[row] : row == 0 ? 0 : values[row - 1];
    column_values_[i] = column_values_[i] * part.size + bucket_of(part, number);
  }
}

}  // namespace rootlet
