// The house stands: every include of our own code goes down a floor, neighbours do not see each
// other, and a library that has one home is included in that home only (docs/ARCHITECTURE.md).
#include <iostream>

#include "tests/floors/rooms.hpp"
#include "tests/support/support.hpp"

namespace {

using namespace rootlet::test;

const Plan& plan() {
  static const Plan kPlan = read_plan(ROOTLET_SOURCE_DIR);
  return kPlan;
}
const Plan& closed_plan() {
  static const Plan kClosed = closure_of(plan());
  return kClosed;
}
const std::vector<Include>& all_includes() {
  static const std::vector<Include> kIncludes = read_includes(ROOTLET_SOURCE_DIR);
  return kIncludes;
}

std::set<std::string> files_that_include(const std::string& start) {
  std::set<std::string> files;
  for (const Include& include : all_includes()) {
    if (include.target.starts_with(start)) files.insert(include.file);
  }
  return files;
}

bool lies_in(const std::string& file, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    if (file.starts_with(folder)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("floors: the plan of rooms has no circle, and no link goes up a floor") {
  REQUIRE(plan().size() > 30);
  for (const auto& [room, links] : plan()) {
    std::string line = room + " <-";
    for (const std::string& below : links) line += " " + below;
    std::cout << line << '\n';
  }
  CHECK(rooms_in_a_circle(closed_plan()) == std::vector<std::string>{});
  CHECK(links_that_go_up(plan()) == std::vector<std::string>{});
}

TEST_CASE("floors: every include of our own code goes to a room that its own room may see") {
  REQUIRE(all_includes().size() > 200);
  for (const Include& include : all_includes()) {
    CAPTURE(include.file);
    CAPTURE(include.target);
    CHECK(is_allowed(include, closed_plan()));
  }
}

TEST_CASE("floors: our own headers are named from the top, in quotes") {
  const std::filesystem::path root = ROOTLET_SOURCE_DIR;
  for (const Include& include : all_includes()) {
    CAPTURE(include.file);
    CAPTURE(include.target);
    CHECK(std::filesystem::exists(root / include.target) == include.is_ours);
  }
}

TEST_CASE("floors: each outside library has its home") {
  const std::map<std::string, std::vector<std::string>> homes = {
      {"sqlite3.h", {"storage/"}},
      {"curl/", {"sync/wire/client/http.cpp"}},
      {"sodium", {"core/", "sync/"}},
      {"openssl/",
       {"sync/trust/metadata/", "sync/wire/server/", "agent/console/authority.cpp",
        "platform/token/rsa_wrap.cpp"}},
      {"libpq-fe.h", {"platform/postgres/libpq.hpp"}},
      {"tss2/", {"agent/anchor/tpm.cpp"}},
      {"sql.h", {"platform/source/databases/odbc/", "bench/"}},
      {"sqlext.h", {"platform/source/databases/odbc/", "bench/"}},
      {"p11-kit/", {"platform/token/pkcs11_module.hpp"}},
      {"zstd", {"sync/pack/", "sync/uplink/exchange/"}},
      {"boost/beast", {"sync/wire/server/"}},
      {"boost/asio", {"sync/wire/server/"}},
      {"boost/program_options", {"config/cli/"}},
      {"spdlog/", {"core/log.cpp"}},
      {"xlsxwriter", {"agent/export/xlsx_file.cpp"}},
      {"zip.h", {"core/sheet/xlsx/zip_file.cpp"}},
      {"expat", {"core/sheet/xlsx/xml_reader.cpp"}},
      {"zlib.h", {"agent/console/assets/web_answer.cpp"}},
      {"doctest/", {"tests/"}},
  };
  for (const auto& [library, folders] : homes) {
    for (const std::string& file : files_that_include(library)) {
      CAPTURE(library);
      CAPTURE(file);
      CHECK(lies_in(file, folders));
    }
  }
  CHECK(files_that_include("sqlite3.h").size() <= 11);
  CHECK(files_that_include("curl/curl.h").size() == 1);
  // Beast is slow to compile: one .cpp, and the two headers that only it includes.
  for (const std::string& file : files_that_include("boost/beast")) {
    CAPTURE(file);
    CHECK(lies_in(file, {"sync/wire/server/connection.cpp", "sync/wire/server/messages.hpp",
                         "sync/wire/server/payload_body.hpp"}));
  }
}

TEST_CASE("floors: no folder has more than twenty files of its own") {
  CHECK(crowded_folders(ROOTLET_SOURCE_DIR, 20) == std::vector<std::string>{});
  CHECK(crowded_folders(ROOTLET_SOURCE_DIR, 1).size() > 20);  // the count sees the folders
}

TEST_CASE("floors: one include that goes up, or to a neighbour, is refused") {
  CHECK(is_allowed({"agent/cli/x.cpp", "sync/downlink/sync.hpp", true}, closed_plan()));
  CHECK(is_allowed({"core/a.cpp", "core/b.hpp", true}, closed_plan()));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"core/a.cpp", "storage/database.hpp"},
           {"core/a.cpp", "core/file/file.hpp"},
           {"config/a.cpp", "storage/database.hpp"},
           {"storage/a.cpp", "config/settings.hpp"},
           {"sync/pack/a.cpp", "sync/trust/office/grant.hpp"},
           {"sync/pack/table/a.cpp", "sync/pack/pack.hpp"},
           {"sync/pack/body/a.cpp", "sync/pack/modelled/modelled_body.hpp"},
           {"sync/trust/office/a.cpp", "sync/wire/client/http.hpp"},
           {"sync/wire/client/a.cpp", "sync/pack/pack.hpp"},
           {"sync/wire/server/a.cpp", "sync/wire/client/http.hpp"},
           {"sync/wire/server/a.cpp", "platform/gateway/route.hpp"},
           {"sync/downlink/a.cpp", "sync/uplink/outbox/outbox.hpp"},
           {"sync/uplink/form/a.cpp", "sync/downlink/sync.hpp"},
           {"agent/cli/a.cpp", "platform/realm/realm.hpp"},
           {"agent/office/a.cpp", "agent/service/service.hpp"},
           {"platform/cli/a.cpp", "agent/office/home.hpp"},
           {"platform/source/a.cpp", "platform/publish/publisher.hpp"},
           {"platform/publish/a.cpp", "sync/downlink/sync.hpp"},
           {"sync/uplink/outbox/a.cpp", "agent/office/home.hpp"},
           {"agent/a.cpp", "core/ids.hpp"}}) {
    CAPTURE(from);
    CAPTURE(to);
    CHECK_FALSE(is_allowed({from, to, true}, closed_plan()));
  }
}

TEST_CASE("floors: a link that goes up, or in a circle, is seen") {
  Plan wrong = plan();
  wrong["core"].insert("agent/cli");
  wrong["sync/downlink"].insert("sync/uplink/form");
  wrong["platform/source"].insert("platform/publish");
  CHECK(links_that_go_up(wrong) ==
        std::vector<std::string>{"core -> agent/cli", "sync/downlink -> sync/uplink/form"});
  const std::vector<std::string> circle = rooms_in_a_circle(closure_of(wrong));
  CHECK(std::set<std::string>(circle.begin(), circle.end()).contains("platform/source"));
}
