// News and rows of the directory from anywhere: reading never crashes, and what is read is bounded
// and comes back the same.
#include "sync/pack/news.hpp"

#include <cstdlib>

#include "core/limits.hpp"
#include "sync/downlink/store/directory_view.hpp"

namespace {

using namespace rootlet;

void read_news(ByteView bytes) {
  const Result<News> news = parse_news(bytes);
  if (news.has_error()) {
    if (news.error().code != ErrorCode::kUntrusted) std::abort();
    return;
  }
  if (news.value().files.size() > limits::kNewsFiles) std::abort();
  const Result<Bytes> again = encode_news(news.value());
  if (again.has_error()) std::abort();
  const Result<News> twice = parse_news(again.value());
  if (twice.has_error() || twice.value().files != news.value().files) std::abort();
}

template <typename Value>
void check_refusal(const Result<Value>& read) {
  if (read.has_error() && read.error().code != ErrorCode::kUntrusted) std::abort();
}

// The bytes as the cells of one row.
void read_row(ByteView bytes) {
  ByteReader in(bytes, "row");
  DirectoryRow row;
  std::int64_t* const numbers[] = {&row.a, &row.b, &row.size, &row.time, &row.file, &row.offset};
  for (std::int64_t* number : numbers) {
    const Result<std::int64_t> read = in.zigzag();
    if (read.has_value()) *number = read.value();
  }
  const Result<ByteView> hash = in.sized(64);
  if (hash.has_value()) row.hash = std::string(as_text(hash.value()));
  const Result<ByteView> id = in.sized(256);
  if (id.has_value()) row.id = std::string(as_text(id.value()));
  check_refusal(head_of(row));
  check_refusal(grant_of(row));
  const Result<NodePin> pin = node_pin_of(row, node_stream("33"));
  check_refusal(pin);
  if (pin.has_value() && pin.value().bytes > limits::kNodeBytes) std::abort();
  const Result<PackEntry> pack = pack_of(row);
  check_refusal(pack);
  if (pack.has_value() && pack.value().header_bytes > limits::kPackHeaderBytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kStarted = (initialise_crypto(), true);
  if (!kStarted || size == 0) return 0;
  const ByteView rest = ByteView(data, size).subspan(1);
  if (data[0] % 2 == 0) {
    read_news(rest);
  } else {
    read_row(rest);
  }
  return 0;
}
