// Answers of S3 servers, whole and broken; addresses of buckets and their keys.
#include "platform/s3/s3_answer.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "platform/s3/s3_client.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;

TEST_CASE("s3: a page of a list names objects, and how the list goes on") {
  const S3Page page = test::must(parse_s3_page(
      "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3\"><IsTruncated>true</IsTruncated>"
      "<Contents><Key>a/1.packs</Key><Size>12</Size><ETag>&quot;e1&quot;</ETag></Contents>"
      "<Contents><Key>a/x&amp;y</Key><Size>0</Size></Contents>"
      "<NextContinuationToken>t+/=</NextContinuationToken></ListBucketResult>"));
  REQUIRE(page.objects.size() == 2);
  CHECK(page.objects[0].name == "a/1.packs");
  CHECK(page.objects[0].etag == "\"e1\"");
  CHECK(page.objects[0].bytes == 12);
  CHECK(page.objects[1].name == "a/x&y");
  CHECK(page.next == "t+/=");
  CHECK(test::must(parse_s3_page("<ListBucketResult></ListBucketResult>")).next.empty());
}

TEST_CASE("s3: what is no list, or is cut, is refused") {
  for (const char* xml :
       {"", "<html>sign in</html>", "<ListBucketResult><Contents><Key>a</Key></Contents>",
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    CAPTURE(xml);
    CHECK(test::code_of(parse_s3_page(xml)) == ErrorCode::kUntrusted);
  }
}

TEST_CASE("s3: the code of an error is a word, whatever the server says") {
  CHECK(s3_error_code("<Error><Code>SlowDown</Code></Error>") == "SlowDown");
  CHECK(s3_error_code("<ErrorDocument>x</ErrorDocument>").empty());
  CHECK(s3_error_code("<Error><Code>a\nb</Code></Error>").empty());
}

TEST_CASE("s3: an address names bucket and prefix, in letters that need no encoding") {
  const S3Place place = test::must(parse_s3_place("s3://realm/a/b/", "https://s3.example/", ""));
  CHECK(place.bucket == "realm");
  CHECK(place.prefix == "a/b");
  CHECK(place.text() == "s3://realm/a/b");
  CHECK(place.endpoint == "https://s3.example");
  for (const char* wrong : {"realm", "s3://", "s3:///a", "s3://a b", "s3://a/../b", "s3://a//b",
                            "s3://a/b?c", "s3://a/王", "https://realm"}) {
    CAPTURE(wrong);
    CHECK(test::code_of(parse_s3_place(wrong, "https://s3.example", "")) == ErrorCode::kBadInput);
  }
  for (const char* wrong :
       {"", "s3.example", "https://", "https://s3.example/path", "https://me:secret@s3.example"}) {
    CAPTURE(wrong);
    CHECK(test::code_of(parse_s3_place("s3://a", wrong, "")) == ErrorCode::kBadInput);
  }
}

TEST_CASE("s3: keys come from a file before the environment, and half a key is none") {
  const test::TempDir folder;
  const std::string file = (folder / "key").string();
  ::unsetenv("CREDENTIALS_DIRECTORY");
  ::setenv("AWS_ACCESS_KEY_ID", "id", 1);
  ::unsetenv("AWS_SECRET_ACCESS_KEY");
  ::unsetenv("ROOTLET_S3_KEY_FILE");
  CHECK(test::code_of(load_s3_keys()) == ErrorCode::kUsage);
  ::setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
  CHECK(test::must(load_s3_keys()).secret == "secret");
  ::setenv("ROOTLET_S3_KEY_FILE", file.c_str(), 1);
  std::ofstream(file) << "one\r\ntwo\n";
  CHECK(test::must(load_s3_keys()).id == "one");
  CHECK(test::must(load_s3_keys()).secret == "two");
  std::ofstream(file) << "one\n";
  CHECK(test::code_of(load_s3_keys()) == ErrorCode::kUsage);
  ::unsetenv("ROOTLET_S3_KEY_FILE");
}

TEST_CASE("s3: a digest is the same however the bytes come, and another one for other bytes") {
  const Bytes bytes(3 * limits::kMiB + 5, 7);
  PieceDigest whole, pieces, other;
  whole.add(bytes);
  for (std::size_t at = 0; at < bytes.size(); at += 1'000'003) {
    pieces.add(ByteView(bytes).subspan(at, std::min<std::size_t>(1'000'003, bytes.size() - at)));
  }
  other.add(ByteView(bytes).first(bytes.size() - 1));
  const Hash256 digest = whole.finish();
  CHECK(digest == pieces.finish());
  CHECK(digest != other.finish());
}
