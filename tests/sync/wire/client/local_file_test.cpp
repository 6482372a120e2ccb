// A folder or USB stick answers like a server: 200, 206, 404, 416.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "sync/wire/client/http.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;

namespace {

struct Folder {
  test::TempDir dir;
  HttpClient client;
  Folder() { std::ofstream(dir / "data") << "0123456789"; }
  HttpRequest request(const std::string& name) const {
    return {.url = "file://" + (dir / name).string(), .max_bytes = 10};
  }
};

}  // namespace

TEST_CASE("file: whole files, ranges and their ends") {
  Folder folder;
  CHECK(as_text(test::must(folder.client.send(folder.request("data"))).body) == "0123456789");
  HttpRequest range = folder.request("data");
  range.range_from = 4;
  auto response = test::must(folder.client.send(range));
  CHECK(response.status == 206);
  CHECK(response.range_start == 4);
  CHECK(as_text(response.body) == "456789");
  range.range_to = 5;
  CHECK(as_text(test::must(folder.client.send(range)).body) == "45");
  range.range_to = 500;
  CHECK(as_text(test::must(folder.client.send(range)).body) == "456789");
  range.range_from = 10;
  CHECK(test::must(folder.client.send(range)).status == 416);
  range.range_from = 5;
  range.range_to = 4;
  CHECK(test::must(folder.client.send(range)).status == 416);
}

TEST_CASE("file: an absolute path works like its URL") {
  Folder folder;
  const auto response =
      test::must(folder.client.send({.url = (folder.dir / "data").string(), .max_bytes = 10}));
  CHECK(as_text(response.body) == "0123456789");
}

TEST_CASE("file: missing files, folders and pipes are 404 and never block") {
  Folder folder;
  std::filesystem::create_directory(folder.dir / "sub");
  REQUIRE(::mkfifo((folder.dir / "pipe").c_str(), 0600) == 0);
  CHECK(test::must(folder.client.send(folder.request("none"))).status == 404);
  CHECK(test::must(folder.client.send(folder.request("sub"))).status == 404);
  CHECK(test::must(folder.client.send(folder.request("pipe"))).status == 404);
}

TEST_CASE("file: one byte more than allowed is rejected before the receiver gets any") {
  Folder folder;
  HttpRequest request = folder.request("data");
  request.max_bytes = 9;
  bool touched = false;
  request.on_data = [&](ByteView) -> Status {
    touched = true;
    return ok();
  };
  CHECK(test::code_of(folder.client.send(request)) == ErrorCode::kUntrusted);
  CHECK_FALSE(touched);
}

TEST_CASE("file: malformed URLs and POST are refused") {
  Folder folder;
  for (const char* wrong :
       {"file:data", "file://host/x", "file:///a%0", "file:///a%zz", "file:///a%00b"}) {
    CAPTURE(wrong);
    CHECK(test::code_of(folder.client.send({.url = wrong, .max_bytes = 1})) ==
          ErrorCode::kBadInput);
  }
  HttpRequest post = folder.request("data");
  post.body = Bytes{1};
  CHECK(test::code_of(folder.client.send(post)) == ErrorCode::kBadInput);
}

TEST_CASE("file: pieces and head arrive in order, are counted, and their errors end the read") {
  Folder folder;
  HttpRequest request = folder.request("data");
  std::string seen;
  request.on_head = [&](const HttpResponse& head) -> Status {
    seen += std::to_string(head.status) + ":";
    return ok();
  };
  request.on_data = [&](ByteView piece) -> Status {
    seen += as_text(piece);
    return ok();
  };
  CHECK(test::must(folder.client.send(request)).body.empty());
  CHECK(seen == "200:0123456789");
  CHECK(folder.client.traffic().bytes_down == 10);
  CHECK(folder.client.traffic().requests == 1);
  request.on_data = [](ByteView) -> Status { return fail(ErrorCode::kStorageFull, "disk"); };
  CHECK(test::code_of(folder.client.send(request)) == ErrorCode::kStorageFull);
}
