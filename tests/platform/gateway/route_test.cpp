// Request targets, and which of them mean a call or a published file.
#include "platform/gateway/route.hpp"

#include <doctest/doctest.h>

using namespace rootlet;
using namespace rootlet::platform;

namespace {

std::string file_of(std::string_view target) {
  const Route route = route_of(target);
  if (route.verb != Verb::kFile) return "none";
  std::string joined;
  for (const std::string& segment : route.segments) joined += "/" + segment;
  return joined;
}

}  // namespace

TEST_CASE("route: the verbs of the interface") {
  CHECK(route_of("/v1/enroll").verb == Verb::kEnroll);
  CHECK(route_of("/v1/batches").verb == Verb::kBatch);
  CHECK(route_of("/v1/status").verb == Verb::kStatus);
  CHECK(route_of("/healthz").verb == Verb::kHealth);
  CHECK(route_of("http://host:1/healthz").verb == Verb::kHealth);
  CHECK(route_of("/v1/batches/").verb == Verb::kNone);
  CHECK(route_of("/").verb == Verb::kNone);
  CHECK(route_of("").verb == Verb::kNone);
  CHECK(route_of("*").verb == Verb::kNone);
  CHECK(route_of("http://host").verb == Verb::kNone);
}

TEST_CASE("route: a mailbox needs a complete address and a number") {
  const std::string address = "00112233445566778899aabbccddeeff";
  const Route route = route_of("/v1/mailbox/" + address + "?after=17");
  CHECK(route.verb == Verb::kMailbox);
  CHECK(route.address == address);
  CHECK(route.after == 17);
  CHECK(route_of("/v1/mailbox/" + address).after == 0);
  for (const std::string& wrong :
       {address.substr(1), address + "0", std::string("../") + address.substr(3),
        address + "?after=", address + "?after=-1", address + "?after=1x", address + "?before=1",
        address + "?after=99999999999999999999", std::string("00112233445566778899AABBCCDDEEFF")}) {
    CAPTURE(wrong);
    CHECK(route_of("/v1/mailbox/" + wrong).verb == Verb::kNone);
  }
}

TEST_CASE("route: published files by their names, escapes decoded") {
  CHECK(file_of("/metadata/timestamp.json") == "/metadata/timestamp.json");
  CHECK(file_of("/metadata/1.root.json") == "/metadata/1.root.json");
  CHECK(file_of("/packs/3304/17.packs") == "/packs/3304/17.packs");
  CHECK(file_of("/news/3304.news") == "/news/3304.news");
  CHECK(file_of("/news/all.news") == "/news/all.news");
  CHECK(file_of("/directory/ff.0-1.pack?x=1") == "/directory/ff.0-1.pack");
  CHECK(file_of("/offices/town%2d1.grant") == "/offices/town-1.grant");
  CHECK(file_of("/metadata/%74imestamp.json") == "/metadata/timestamp.json");
}

TEST_CASE("route: nothing outside, above, hidden or half written") {
  for (const char* wrong : {"/metadata/../keys/root-1.json",
                            "/metadata/%2e%2e/keys/root-1.json",
                            "/metadata/..%2fkeys/root-1.json",
                            "/metadata/%2e%2e%2fkeys%2froot-1.json",
                            "/metadata/%252e%252e/root-1.json",
                            "/../realm.key",
                            "/keys/root-1.json",
                            "/realm.key",
                            "/platform.db",
                            "/inbox.json",
                            "/metadata/.hidden.json",
                            "/metadata/",
                            "/metadata",
                            "//metadata/1.root.json",
                            "/metadata//1.root.json",
                            "/metadata/./1.root.json",
                            "/metadata/1.root.json/",
                            "/metadata/1.root.json.new",
                            "/metadata/1.root.json%00",
                            "/metadata/a b.json",
                            "/metadata/a%20b.json",
                            "/metadata/a\\b.json",
                            "/metadata/%e6%9d%91.json",
                            "/metadata/x%2.json",
                            "/metadata/x%zz.json",
                            "/packs/a/b/c/d.pack",
                            "/metadata/x.db",
                            "/news/3304.news.new",
                            "/news/",
                            "/news/3304",
                            "/packs/3304/17",
                            "/metadata/1.root.json#x",
                            "metadata/1.root.json",
                            "file:///metadata"}) {
    CAPTURE(wrong);
    CHECK(file_of(wrong) == "none");
  }
  CHECK(file_of("/metadata/" + std::string(300, 'a') + ".json") == "none");
}
