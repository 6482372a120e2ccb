// Static files: ranges, conditions, links, and the date of an answer.
#include "sync/wire/server/static_file.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file/file.hpp"
#include "sync/wire/server/system/http_date.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::http;

namespace {

struct Repository {
  test::TempDir dir;
  Repository() {
    test::must(make_directory(dir / "packs/ab"));
    test::must(make_directory(dir / "metadata"));
    write("packs/ab/x.pack", "0123456789");
    write("metadata/timestamp.json", "{}");
    write("metadata/7.root.json", "{}");
  }
  void write(const std::string& name, std::string_view text) {
    test::must(write_file_atomically(dir / name, as_bytes(text)));
  }
  FileAnswer ask(FileRequest request) const { return answer_static_file(dir.path(), request); }
  FileAnswer range(std::string_view range, std::string_view if_range = "") const {
    return ask({.segments = {"packs", "ab", "x.pack"}, .range = range, .if_range = if_range});
  }
};

// "206 4+6 bytes 4-9/10"
std::string shown(const FileAnswer& answer) {
  std::string text = std::to_string(answer.status);
  text += " " + std::to_string(answer.offset) + "+" + std::to_string(answer.length);
  return answer.content_range.empty() ? text : text + " " + answer.content_range;
}

}  // namespace

TEST_CASE("files: one range is served; several or malformed ranges mean the whole file") {
  const Repository repository;
  CHECK(shown(repository.range("")) == "200 0+10");
  CHECK(shown(repository.range("bytes=4-")) == "206 4+6 bytes 4-9/10");
  CHECK(shown(repository.range("bytes=4-5")) == "206 4+2 bytes 4-5/10");
  CHECK(shown(repository.range("bytes=0-0")) == "206 0+1 bytes 0-0/10");
  CHECK(shown(repository.range("bytes=4-99999999999")) == "206 4+6 bytes 4-9/10");
  CHECK(shown(repository.range("bytes=-3")) == "206 7+3 bytes 7-9/10");
  CHECK(shown(repository.range("bytes=-30")) == "206 0+10 bytes 0-9/10");
  for (const char* whole :
       {"bytes=0-1,4-5", "bytes=5-4", "bytes=a-b", "bytes=", "bytes=-", "bytes=4", "lines=1-2",
        "bytes=-1-2", "bytes=+1-2", "bytes=1-99999999999999999999999"}) {
    CAPTURE(whole);
    CHECK(shown(repository.range(whole)) == "200 0+10");
  }
}

TEST_CASE("files: a range after the end is 416 with the size") {
  const Repository repository;
  CHECK(shown(repository.range("bytes=10-")) == "416 0+0 bytes */10");
  CHECK(shown(repository.range("bytes=-0")) == "416 0+0 bytes */10");
}

TEST_CASE("files: an empty file has no ranges") {
  Repository repository;
  repository.write("packs/ab/x.pack", "");
  CHECK(shown(repository.range("")) == "200 0+0");
  CHECK(repository.range("bytes=0-").status == 416);
  CHECK(repository.range("bytes=-5").status == 416);
}

TEST_CASE("files: If-Range allows a range only of the very same file") {
  Repository repository;
  const std::string etag = repository.range("").etag;
  CHECK(repository.range("bytes=4-", etag).status == 206);
  CHECK(repository.range("bytes=4-", "W/" + etag).status == 200);
  CHECK(repository.range("bytes=4-", "Sun, 06 Nov 1994 08:49:37 GMT").status == 200);
  repository.write("packs/ab/x.pack", "0123456789");
  CHECK(repository.range("bytes=4-", etag).status == 200);
}

TEST_CASE("files: If-None-Match, alone, in a list, weak, or any") {
  const Repository repository;
  const std::vector<std::string> segments = {"metadata", "timestamp.json"};
  const std::string etag = repository.ask({.segments = segments}).etag;
  CHECK(etag.size() == 14);
  const auto status = [&](const std::string& value) {
    return repository.ask({.segments = segments, .if_none_match = value}).status;
  };
  CHECK(status(etag) == 304);
  CHECK(status("\"other\", " + etag) == 304);
  CHECK(status("W/" + etag) == 304);
  CHECK(status("*") == 304);
  CHECK(status("\"other\"") == 200);
  CHECK(status(",,,") == 200);
}

TEST_CASE("files: a replaced file has another tag, even at once and with equal bytes") {
  Repository repository;
  const std::vector<std::string> segments = {"metadata", "timestamp.json"};
  for (int i = 0; i < 50; ++i) {
    const std::string before = repository.ask({.segments = segments}).etag;
    repository.write("metadata/timestamp.json", "{}");
    CHECK(repository.ask({.segments = segments}).etag != before);
  }
}

TEST_CASE("files: an open answer outlives the file's replacement") {
  Repository repository;
  const FileAnswer answer = repository.range("");
  repository.write("packs/ab/x.pack", "abc");
  char text[11] = {};
  CHECK(::pread(answer.file.get(), text, 10, 0) == 10);
  CHECK(std::string(text) == "0123456789");
}

TEST_CASE("files: links, folders and pipes are not found") {
  Repository repository;
  const test::TempDir outside;
  test::must(write_file_atomically(outside / "secret.json", as_bytes("secret")));
  fs::create_symlink(outside / "secret.json", repository.dir / "metadata/link.json");
  fs::create_directory_symlink(outside.path(), repository.dir / "packs/cd");
  fs::create_symlink("7.root.json", repository.dir / "metadata/8.root.json");
  fs::create_directory(repository.dir / "metadata/folder.json");
  REQUIRE(::mkfifo((repository.dir / "metadata/pipe.json").c_str(), 0600) == 0);
  const auto status = [&](std::vector<std::string> segments) {
    return repository.ask({.segments = std::move(segments)}).status;
  };
  CHECK(status({"metadata", "7.root.json"}) == 200);
  CHECK(status({"metadata", "link.json"}) == 404);
  CHECK(status({"metadata", "8.root.json"}) == 404);
  CHECK(status({"packs", "cd", "secret.json"}) == 404);
  CHECK(status({"metadata", "folder.json"}) == 404);
  CHECK(status({"metadata", "pipe.json"}) == 404);
  CHECK(status({"metadata", "7.root.json", "x.json"}) == 404);
  CHECK(
      answer_static_file("/no/such/repository", {.segments = {"metadata", "7.root.json"}}).status ==
      404);
}

TEST_CASE("files: segments that are no plain names are not found") {
  const Repository repository;
  const auto status = [&](std::vector<std::string> segments) {
    return repository.ask({.segments = std::move(segments)}).status;
  };
  CHECK(status({}) == 404);
  CHECK(status({"metadata", "..", "metadata", "7.root.json"}) == 404);
  CHECK(status({"metadata", ".", "7.root.json"}) == 404);
  CHECK(status({"metadata", "", "7.root.json"}) == 404);
  CHECK(status({"metadata/7.root.json"}) == 404);
  CHECK(status({"metadata", std::string("7.root.json\0x", 13)}) == 404);
}

TEST_CASE("date: RFC 9110's own example") {
  CHECK(http_date(UnixTime(std::chrono::seconds(784'111'777))) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("static file: without descriptors the answer is busy, never that the file is missing") {
  const Repository repository;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{0, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const FileAnswer answer = repository.ask({.segments = {"metadata", "7.root.json"}});
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(answer.status == 503);
  const Reply reply = file_reply(repository.ask({.segments = {"metadata", "8.root.json"}}));
  CHECK(reply.status == 404);
}
