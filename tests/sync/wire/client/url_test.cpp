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
