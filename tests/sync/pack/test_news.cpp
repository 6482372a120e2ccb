// News come back as they were; anything else is refused within bounds.
#include "core/limits.hpp"
#include "sync/pack/news.hpp"
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {

TEST_CASE("news: files come back as they were") {
  News news{.root_version = 3, .files = {}};
  news.files["timestamp.json"] = to_bytes(std::string_view("{}"));
  news.files["directory/33"] = random_bytes(500);
  const Bytes file = must(encode_news(news));
  const News back = must(parse_news(file));
  CHECK(back.root_version == 3);
  CHECK(back.files == news.files);
}

TEST_CASE("news: truncated, lengthened and foreign bytes are refused") {
  News news{.root_version = 1, .files = {}};
  news.files["timestamp.json"] = random_bytes(100);
  const Bytes file = must(encode_news(news));
  for (std::size_t size = 0; size < file.size(); ++size) {
    CHECK(code_of(parse_news(ByteView(file).first(size))) == ErrorCode::kUntrusted);
  }
  CHECK(code_of(parse_news(to_bytes(std::string_view("<html>")))) == ErrorCode::kUntrusted);
}

TEST_CASE("news: too large a file is not made") {
  News news{.root_version = 1, .files = {}};
  news.files["timestamp.json"] = Bytes(limits::kNewsBytes, 0);
  CHECK(code_of(encode_news(news)) == ErrorCode::kInternal);
}

}  // namespace rootlet::test
