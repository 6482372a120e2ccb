// URLs that are joined, encoded and refused, and the waits between retries.
#include <doctest/doctest.h>

#include <fstream>

#include "sync/wire/client/http.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace std::chrono_literals;

TEST_CASE("url: base and path are joined by exactly one slash") {
  CHECK(join_url("http://host:1", "metadata/x") == "http://host:1/metadata/x");
  CHECK(join_url("http://host:1/", "metadata/x") == "http://host:1/metadata/x");
  CHECK(join_url("http://host:1//", "/metadata/x") == "http://host:1/metadata/x");
  CHECK(join_url("file:///srv/r", "packs/ab/x.pack") == "file:///srv/r/packs/ab/x.pack");
}

TEST_CASE("url: a repository is http, https, file or an existing folder") {
  CHECK(test::must(repository_url("http://host:1/")) == "http://host:1");
  CHECK(test::must(repository_url("https://host/base//")) == "https://host/base");
  CHECK(test::must(repository_url("file:///srv/r/")) == "file:///srv/r");
  for (const char* wrong :
       {"ftp://host/x", "http://", "http:///x", "file://host/x", "http://h/?q", "http://h/#x",
        "http://h/a b", "http://h/a\r\nX: y", "/no/such/folder/here", "host:80"}) {
    CAPTURE(wrong);
    CHECK(test::code_of(repository_url(wrong)) == ErrorCode::kBadInput);
  }
}

TEST_CASE("url: a folder with blanks and Chinese letters becomes a file URL that reads back") {
  const test::TempDir dir;
  const auto folder = dir / "盘 100%";
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "x") << "inside";
  const std::string url = test::must(repository_url(folder.string() + "/"));
  CHECK(url.ends_with("%E7%9B%98%20100%25"));
  HttpClient client;
  const auto response = test::must(client.send({.url = join_url(url, "x"), .max_bytes = 6}));
  CHECK(response.status == 200);
  CHECK(as_text(response.body) == "inside");
}

TEST_CASE("retry: the wait doubles, is random over the whole span, and never exceeds the cap") {
  CHECK(retry_delay(1, 1s, 60s, 0, 0.5) == 500ms);
  CHECK(retry_delay(2, 1s, 60s, 0, 0.5) == 1000ms);
  CHECK(retry_delay(4, 1s, 60s, 0, 0.5) == 4000ms);
  CHECK(retry_delay(3, 1s, 60s, 0, 0.0) == 0ms);
  CHECK(retry_delay(9, 1s, 60s, 0, 0.5) == 30s);
  CHECK(retry_delay(1'000'000, 1s, 60s, 0, 0.999999) <= 60s);
  CHECK(retry_delay(-5, 1s, 60s, 0, 0.5) == 500ms);
}

TEST_CASE("retry: Retry-After is honoured, and offices that were refused together return apart") {
  CHECK(retry_delay(1, 1s, 60s, 7, 0.0) == 7s);
  CHECK(retry_delay(3, 1s, 60s, 7, 0.5) == 9s);
  CHECK(retry_delay(1, 1s, 60s, 3600, 0.0) == 60s);
  CHECK(retry_delay(1, 1s, 60s, -5, 0.5) == 500ms);
  CHECK(retry_delay(1, 1s, 60s, 9'223'372'036'854'775'807L, 0.5) == 60s);
}
