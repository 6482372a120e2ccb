// Every code that fits is tried; the one whose bytes compress best, quickly measured, is kept.
#include "sync/pack/column_encoder.hpp"

#include <zstd.h>

#include <algorithm>
#include <unordered_map>

#include "core/limits.hpp"

namespace rootlet {

// How many bytes a candidate will come to. Small ones count as they are: nothing compresses there.
class SizeEstimate {
 public:
  SizeEstimate() : context_(ZSTD_createCCtx()) {}
  ~SizeEstimate() { ZSTD_freeCCtx(context_); }
  SizeEstimate(const SizeEstimate&) = delete;
  SizeEstimate& operator=(const SizeEstimate&) = delete;

  std::size_t of(ByteView bytes) {
    constexpr std::size_t kTooSmallToCompress = 48;
    if (bytes.size() <= kTooSmallToCompress) return bytes.size();
    buffer_.resize(ZSTD_compressBound(bytes.size()));
    const std::size_t size =
        ZSTD_compressCCtx(context_, buffer_.data(), buffer_.size(), bytes.data(), bytes.size(), 1);
    return ZSTD_isError(size) != 0 ? bytes.size() : std::min(size, bytes.size());
  }

  // Keeps `candidate` in `best` if it is smaller.
  void keep_smaller(Bytes& best, std::size_t& best_size, Bytes candidate) {
    const std::size_t size = of(candidate);
    if (!best.empty() && size >= best_size) return;
    best = std::move(candidate);
    best_size = size;
  }

 private:
  ZSTD_CCtx* context_;
  Bytes buffer_;
};

namespace {

constexpr int kChoiceDepth = 2;  // codes tried below a code that was tried

void put(ByteWriter& out, Code code) {
  out.u8(static_cast<std::uint8_t>(code));
}

std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

template <typename T>
bool all_same(const std::vector<T>& values) {
  return std::all_of(values.begin(), values.end(),
                     [&](const T& value) { return value == values.front(); });
}

Bytes same_number(std::int64_t value) {
  ByteWriter out;
  put(out, Code::kSame);
  out.zigzag(value);
  return out.take();
}

Bytes same_text(std::string_view value) {
  ByteWriter out;
  put(out, Code::kSameText);
  out.sized(as_bytes(value));
  return out.take();
}

Bytes plain_numbers(const std::vector<std::int64_t>& values) {
  const bool is_signed =
      std::any_of(values.begin(), values.end(), [](std::int64_t value) { return value < 0; });
  ByteWriter out;
  put(out, is_signed ? Code::kSigned : Code::kUnsigned);
  for (const std::int64_t value : values) {
    if (is_signed) {
      out.zigzag(value);
    } else {
      out.varint(static_cast<std::uint64_t>(value));
    }
  }
  return out.take();
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(ends.first - a.begin());
}

std::size_t common_suffix(std::string_view a, std::string_view b) {
  const auto ends = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  return static_cast<std::size_t>(ends.first - a.rbegin());
}

// The width of kDigits that gives back every value; nullopt if there is none.
std::optional<std::size_t> digits_width(const std::vector<std::string_view>& values) {
  bool one_width = true;
  bool unpadded = true;
  for (const std::string_view value : values) {
    if (!is_digits(value)) return std::nullopt;
    one_width = one_width && value.size() == values.front().size();
    unpadded = unpadded && (value.size() == 1 || value[0] != '0');
    if (!one_width && !unpadded) return std::nullopt;
  }
  return one_width ? values.front().size() : 0;
}

Status check_cell(const ColumnSpec& column, const CellView& cell) {
  if (cell.kind == CellView::Kind::kNull) return ok();
  const bool number = cell.kind == CellView::Kind::kInteger;
  if (number != holds_integers(column.type)) {
    return bad_input("column " + column.name + ": a cell is of another type", column.name);
  }
  if (cell.text.size() > limits::kCellBytes) {
    return bad_input("column " + column.name + ": a cell is longer than 65536 bytes", column.name);
  }
  if (!number && column.type != ColumnType::kBytes && !is_utf8(cell.text)) {
    return bad_input("column " + column.name + ": a cell is not UTF-8", column.name);
  }
  return ok();
}

// Runs of present and null cells in turn, present first.
void put_nulls(ByteWriter& out, std::span<const CellView> cells) {
  put(out, Code::kSomeNull);
  bool null_run = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cells.size(); ++i) {
    const bool last = i == cells.size();
    if (!last && (cells[i].kind == CellView::Kind::kNull) == null_run) continue;
    out.varint(i - begin);
    begin = i;
    null_run = !null_run;
  }
}

}  // namespace

ColumnEncoder::ColumnEncoder() : estimate_(std::make_unique<SizeEstimate>()) {}
ColumnEncoder::~ColumnEncoder() = default;

std::optional<Bytes> ColumnEncoder::choice(const Numbers& values, int depth) {
  std::unordered_map<std::int64_t, std::int64_t> places;
  Numbers distinct;
  Numbers which;
  which.reserve(values.size());
  for (const std::int64_t value : values) {
    const auto [place, is_new] = places.emplace(value, static_cast<std::int64_t>(distinct.size()));
    if (is_new) distinct.push_back(value);
    if (distinct.size() > values.size() / 4) return std::nullopt;
    which.push_back(place->second);
  }
  ByteWriter out;
  put(out, Code::kChoice);
  out.varint(distinct.size());
  out.raw(numbers(distinct, {}, depth));
  out.raw(numbers(which, {}, depth));
  return out.take();
}

std::optional<Bytes> ColumnEncoder::runs(const Numbers& values, int depth) {
  Numbers lengths;
  Numbers firsts;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    lengths.push_back(static_cast<std::int64_t>(end - i));
    firsts.push_back(values[i]);
    if (firsts.size() > values.size() / 2) return std::nullopt;
    i = end;
  }
  ByteWriter out;
  put(out, Code::kRuns);
  out.varint(firsts.size());
  out.raw(numbers(lengths, {}, depth));
  out.raw(numbers(firsts, {}, depth));
  return out.take();
}

Bytes ColumnEncoder::numbers(const Numbers& values, const Numbers& olds, int depth) {
  if (all_same(values)) return same_number(values.front());
  Bytes best = plain_numbers(values);
  if (depth == 0) return best;
  std::size_t best_size = estimate_->of(best);
  const auto differences = [&](Code code, auto base_of) {
    Numbers steps;
    steps.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      steps.push_back(difference(values[i], base_of(i)));
    }
    ByteWriter out;
    put(out, code);
    out.raw(numbers(steps, {}, depth - 1));
    estimate_->keep_smaller(best, best_size, out.take());
  };
  differences(Code::kFromPrevious, [&](std::size_t i) { return i == 0 ? 0 : values[i - 1]; });
  if (!olds.empty()) differences(Code::kFromOld, [&](std::size_t i) { return olds[i]; });
  for (std::optional<Bytes> more : {runs(values, depth - 1), choice(values, depth - 1)}) {
    if (more) estimate_->keep_smaller(best, best_size, std::move(*more));
  }
  return best;
}

Bytes ColumnEncoder::plain_text(const Texts& values) {
  Numbers lengths;
  for (const std::string_view value : values) {
    lengths.push_back(static_cast<std::int64_t>(value.size()));
  }
  ByteWriter out;
  put(out, Code::kPlainText);
  out.raw(numbers(lengths, {}, 1));
  for (const std::string_view value : values) out.raw(as_bytes(value));
  return out.take();
}

std::optional<Bytes> ColumnEncoder::text_choice(const Texts& values) {
  std::unordered_map<std::string_view, std::int64_t> places;
  Texts distinct;
  Numbers which;
  which.reserve(values.size());
  for (const std::string_view value : values) {
    const auto [place, is_new] = places.emplace(value, static_cast<std::int64_t>(distinct.size()));
    if (is_new) distinct.push_back(value);
    if (distinct.size() > values.size() / 2) return std::nullopt;
    which.push_back(place->second);
  }
  ByteWriter out;
  put(out, Code::kTextChoice);
  out.varint(distinct.size());
  const std::optional<std::size_t> width = digits_width(distinct);
  out.raw(width ? digits(distinct, {}, *width) : plain_text(distinct));
  out.raw(numbers(which, {}, kChoiceDepth));
  return out.take();
}

Bytes ColumnEncoder::after_prefix(const Texts& values) {
  Numbers kept;
  Texts rest;
  std::string_view before;
  for (const std::string_view value : values) {
    const std::size_t shared = common_prefix(value, before);
    kept.push_back(static_cast<std::int64_t>(shared));
    rest.push_back(value.substr(shared));
    before = value;
  }
  ByteWriter out;
  put(out, Code::kAfterPrefix);
  out.raw(numbers(kept, {}, 1));
  out.raw(plain_text(rest));
  return out.take();
}

Bytes ColumnEncoder::inside_old(const Texts& values, const Texts& olds) {
  Numbers heads;
  Numbers tails;
  Texts middles;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t head = common_prefix(values[i], olds[i]);
    const std::size_t tail = common_suffix(values[i].substr(head), olds[i].substr(head));
    heads.push_back(static_cast<std::int64_t>(head));
    tails.push_back(static_cast<std::int64_t>(tail));
    middles.push_back(values[i].substr(head, values[i].size() - head - tail));
  }
  ByteWriter out;
  put(out, Code::kInsideOld);
  out.raw(numbers(heads, {}, 1));
  out.raw(numbers(tails, {}, 1));
  out.raw(all_same(middles) ? same_text(middles.front()) : plain_text(middles));
  return out.take();
}

Bytes ColumnEncoder::digits(const Texts& values, const Texts& olds, std::size_t width) {
  const auto to_numbers = [](const Texts& texts) {
    Numbers out;
    out.reserve(texts.size());
    for (const std::string_view text : texts) out.push_back(number_from_digits(text));
    return out;
  };
  ByteWriter out;
  put(out, Code::kDigits);
  out.varint(width);
  out.raw(numbers(to_numbers(values), to_numbers(olds), kChoiceDepth));
  return out.take();
}

Bytes ColumnEncoder::texts(const Texts& values, const Texts& olds) {
  if (all_same(values)) {
    Bytes best = same_text(values.front());
    std::size_t best_size = best.size();
    if (!olds.empty()) estimate_->keep_smaller(best, best_size, inside_old(values, olds));
    return best;
  }
  Bytes best = plain_text(values);
  std::size_t best_size = estimate_->of(best);
  const std::optional<std::size_t> width = digits_width(values);
  if (width) estimate_->keep_smaller(best, best_size, digits(values, olds, *width));
  estimate_->keep_smaller(best, best_size, after_prefix(values));
  if (!olds.empty()) estimate_->keep_smaller(best, best_size, inside_old(values, olds));
  std::optional<Bytes> chosen = text_choice(values);
  if (chosen) estimate_->keep_smaller(best, best_size, std::move(*chosen));
  return best;
}

Result<Bytes> ColumnEncoder::encode(const ColumnSpec& column, std::span<const CellView> cells,
                                    std::span<const CellView> olds) {
  Numbers number_values, number_olds;
  Texts text_values, text_olds;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    ROOTLET_TRY(check_cell(column, cells[i]));
    if (cells[i].kind == CellView::Kind::kNull) continue;
    const bool number = cells[i].kind == CellView::Kind::kInteger;
    if (number) number_values.push_back(cells[i].integer);
    if (!number) text_values.push_back(cells[i].text);
    if (olds.empty()) continue;
    if (number) number_olds.push_back(olds[i].integer);
    if (!number) text_olds.push_back(olds[i].text);
  }
  const std::size_t present = number_values.size() + text_values.size();
  ByteWriter out;
  if (present == 0) {
    put(out, Code::kAllNull);
    return out.take();
  }
  if (present < cells.size()) put_nulls(out, cells);
  out.raw(number_values.empty() ? texts(text_values, text_olds)
                                : numbers(number_values, number_olds, kChoiceDepth));
  return out.take();
}

}  // namespace rootlet
