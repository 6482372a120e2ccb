// Published files: what the gateway adds to a static file.
#include "platform/gateway/files.hpp"

#include <doctest/doctest.h>

#include "core/file/file.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;

TEST_CASE("files: caches keep what never changes and revalidate the rest") {
  const test::TempDir dir;
  for (const char* name : {"packs/33/1.packs", "news/33.news", "metadata/timestamp.json",
                           "metadata/7.root.json", "offices/town.grant"}) {
    test::must(make_directory((dir / name).parent_path()));
    test::must(write_file_atomically(dir / name, as_bytes("x")));
  }
  const auto ask = [&](std::vector<std::string> segments) {
    return answer_file(dir.path(), {.segments = std::move(segments)});
  };
  CHECK(ask({"news", "33.news"}).cache_control == "no-cache");
  CHECK(ask({"packs", "33", "1.packs"}).cache_control.find("max-age") != std::string::npos);
  CHECK(ask({"metadata", "7.root.json"}).cache_control.find("max-age") != std::string::npos);
  CHECK(ask({"metadata", "timestamp.json"}).cache_control == "no-cache");
  CHECK(ask({"offices", "town.grant"}).cache_control == "no-cache");
  CHECK(ask({"metadata", "timestamp.json"}).content_type == "application/json");
  CHECK(ask({"offices", "town.grant"}).content_type == "application/octet-stream");
  CHECK(ask({"offices", "city.grant"}).status == 404);
}
