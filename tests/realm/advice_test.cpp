// What a person reads follows the cause of a failure: an older stick is no attack, a page of the
// network is no forgery, a name that is not known is no full disk.
#include "config/output/cli_output.hpp"
#include "sync/wire/client/http.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace fs = std::filesystem;

TEST_CASE("advice: a stick that is older than this office has nothing new, and that is no error") {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("o1");
  std::mt19937_64 random(3);
  People people = change_people({}, random, 20);
  realm.publish(people);
  REQUIRE_FALSE(office.cycle().error);
  const TempDir stick{fast_folder()};
  fs::copy(realm.repository(), stick / "old", fs::copy_options::recursive);
  people = change_people(people, random, 3);
  realm.publish(people);
  REQUIRE_FALSE(office.cycle().error);
  agent::Cycle cycle(office.context,
                     [](const HttpOptions& options) { return agent::connect_over_http(options); });
  const agent::CycleResult older = cycle.run({.from = (stick / "old").string()}, {});
  CHECK_FALSE(older.error);
  CHECK(older.report.at("older_source").as_bool());
  CHECK(office.rows() == rows_of(people, true));
  // A stick with what it holds now is no older one.
  const agent::CycleResult same = cycle.run({.from = realm.repository().string()}, {});
  CHECK_FALSE(same.error);
  CHECK_FALSE(same.report.at("older_source").as_bool());
}

TEST_CASE("advice: a web page in the place of metadata is a network that asks for a sign-in") {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("o1");
  const TempDir portal{fast_folder()};
  fs::create_directories(portal / "metadata");
  for (const char* name : {"timestamp.json", "2.root.json", "1.root.json"}) {
    std::ofstream(portal / "metadata" / name) << "\n<html><body>Please sign in</body></html>";
  }
  agent::Cycle cycle(office.context,
                     [](const HttpOptions& options) { return agent::connect_over_http(options); });
  const agent::CycleResult result = cycle.run({.from = portal.path().string()}, {});
  REQUIRE(result.error);
  CHECK(result.error->code == ErrorCode::kUnreachable);
  CHECK(result.error->hint.en.find("asks for a sign-in") != std::string::npos);
  CHECK(result.error->hint.zh.find("登录") != std::string::npos);
}

TEST_CASE("advice: names that are not known and proxies that do not answer are named") {
  struct Case {
    const char *url, *proxy, *words;
  };
  for (const Case& one :
       {Case{"http://no-such-host.invalid/", "", "The name is not known"},
        {"http://127.0.0.1:1/", "http://127.0.0.1:9", "http://127.0.0.1:9"},
        {"http://127.0.0.1:1/", "http://no-such-proxy.invalid:8080", "setting `proxy`"}}) {
    HttpOptions options;
    options.proxy = one.proxy;
    HttpClient client(options);
    HttpRequest request;
    request.url = one.url;
    request.max_bytes = 100;
    const Result<HttpResponse> response = client.send(request);
    REQUIRE(response.has_error());
    CHECK_MESSAGE(response.error().hint.en.find(one.words) != std::string::npos,
                  response.error().hint.en);
  }
}
