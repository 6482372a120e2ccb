// One Zstandard frame around all files: metadata is JSON with much in common.
#include "sync/pack/news.hpp"

#include <zstd.h>

#include <algorithm>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kMagic = "RNW1";
constexpr int kLevel = 19;

Error wrong(std::string_view why) {
  return fail(ErrorCode::kUntrusted, "news: " + std::string(why));
}

Result<Bytes> decompress(ByteView frame) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) {
    return wrong("not a Zstandard frame of known size");
  }
  if (size > limits::kNewsBytes) return wrong("larger than allowed");
  Bytes bytes(static_cast<std::size_t>(size));
  const std::size_t made = ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size());
  if (ZSTD_isError(made) != 0 || made != bytes.size()) return wrong("does not decompress");
  return bytes;
}

}  // namespace

Result<Bytes> encode_news(const News& news) {
  ByteWriter body;
  body.varint(static_cast<std::uint64_t>(news.root_version));
  body.varint(news.files.size());
  for (const auto& [name, bytes] : news.files) {
    body.sized(as_bytes(name));
    body.sized(bytes);
  }
  if (body.size() > limits::kNewsBytes) return fail(ErrorCode::kInternal, "news: too large");
  Bytes file = to_bytes(kMagic);
  const std::size_t begin = file.size();
  file.resize(begin + ZSTD_compressBound(body.size()));
  const std::size_t size = ZSTD_compress(file.data() + begin, file.size() - begin,
                                         body.view().data(), body.size(), kLevel);
  if (ZSTD_isError(size) != 0) return fail(ErrorCode::kInternal, "news: no memory to compress");
  file.resize(begin + size);
  return file;
}

Result<News> parse_news(ByteView file) {
  if (!as_text(file).starts_with(kMagic)) return wrong("not a news file");
  ROOTLET_TRY(const Bytes body, decompress(file.subspan(kMagic.size())));
  ByteReader in(body, "news");
  News news;
  ROOTLET_TRY(const std::uint64_t root, in.varint_up_to(INT64_MAX));
  news.root_version = static_cast<std::int64_t>(root);
  ROOTLET_TRY(const std::uint64_t count, in.varint_up_to(limits::kNewsFiles));
  for (std::uint64_t i = 0; i < count; ++i) {
    ROOTLET_TRY(const ByteView name, in.sized(limits::kMetadataNameBytes));
    ROOTLET_TRY(const ByteView bytes, in.sized(limits::kNewsBytes));
    news.files.emplace(std::string(as_text(name)), to_bytes(bytes));
  }
  ROOTLET_TRY(in.expect_end());
  return news;
}

}  // namespace rootlet
