// Tests of the real rootlet-platform: a day of an operator on a province of the real table, the
// mistakes that people make, and the gateway from outside.
#include <fcntl.h>
#include <signal.h>

#include <algorithm>

#include "core/crypto.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/office/enrolment.hpp"
#include "sync/trust/office/envelope.hpp"
#include "sync/trust/office/grant.hpp"
#include "sync/wire/client/http.hpp"
#include "tests/platform/cli/program.hpp"
#include "tests/support/eventually.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

struct Shell {
  TempDir folder;
  std::string realm = (folder / "realm").string();

  Said run(std::vector<std::string> arguments) {
    return Program(folder.path(), std::move(arguments)).wait();
  }
  Said at_realm(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--realm", realm});
    return run(std::move(arguments));
  }
  Said done(std::vector<std::string> arguments) {
    Said said = at_realm(std::move(arguments));
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    return said;
  }
  std::string file(const std::string& name, std::string_view text) {
    std::ofstream(folder / name, std::ios::binary) << text;
    return (folder / name).string();
  }
  void init_realm() {
    const std::string words = file("passphrases", "a passphrase for the tests\n");
    const Said said = run({"init", realm, "--name", "Test", "--passphrase-file", words});
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
  }
  // One province of the national table.
  std::string province(const std::string& edition, const std::string& prefix) {
    std::ifstream all(std::string(VILLAGES) + edition + "/dist/villages.csv");
    std::string line, text;
    REQUIRE(std::getline(all, line));
    text = line + "\n";
    while (std::getline(all, line)) {
      if (line.starts_with(prefix)) text += line + "\n";
    }
    return file("villages-" + edition + ".csv", text);
  }
};

std::int64_t count(const json::value& value, std::string_view key) {
  return value.at(key).as_int64();
}

}  // namespace

TEST_CASE("rootlet-platform: help explains every command, and a wrong word is named") {
  Shell shell;
  CHECK(shell.run({"--version"}).out.starts_with("rootlet-platform "));
  const Said help = shell.run({"--help"});
  CHECK(help.exit_code == 0);
  for (const std::string command :
       {"init", "verify", "serve", "dataset add", "dataset list", "dataset show", "form add",
        "form list", "publish", "office add", "office approve", "office reinvite", "office list",
        "grant add", "grant list", "grant remove", "inbox list", "inbox show", "pack show"}) {
    CAPTURE(command);
    CHECK(help.out.find(command) != std::string::npos);
    std::vector<std::string> words;
    std::istringstream split(command);
    for (std::string word; split >> word;) words.push_back(word);
    words.push_back("--help");
    const Said one = shell.run(words);
    CHECK(one.exit_code == 0);
    CHECK(one.out.find("Example:\n  rootlet-platform ") != std::string::npos);
  }
  CHECK(shell.run({"dataset", "--help"}).out.find("dataset show") != std::string::npos);
  CHECK(shell.run({"publsh"}).exit_code == 2);
  CHECK(shell.run({"publsh"}).err.find("Did you mean publish?") != std::string::npos);
  CHECK(shell.run({"dataset", "drop"}).exit_code == 2);
  CHECK(shell.run({"publish", "x"}).err.find("--from is missing") != std::string::npos);
  CHECK(shell.run({"publish", "x", "--from", "csv:a", "--nope"}).exit_code == 2);
  CHECK(shell.run({"--realm", "/nonexistent", "dataset", "list"}).exit_code == 2);
}

TEST_CASE("rootlet-platform: init without a terminal shows three passphrases once") {
  Shell shell;
  const Said said = shell.run({"init", shell.realm, "--name", "Test", "--json"});
  REQUIRE(said.exit_code == 0);
  CHECK(said.json().at("passphrases").as_array().size() == 3);
  CHECK(said.json().at("realm").as_string().size() == 16);
  CHECK(shell.run({"init", shell.realm, "--name", "Test"}).exit_code == 2);
  for (const char* secret : {"realm.key", "keys/root-1.json"}) {
    CHECK((std::filesystem::status(shell.folder / ("realm/" + std::string(secret))).permissions() &
           std::filesystem::perms::others_all) == std::filesystem::perms::none);
  }
}

TEST_CASE("rootlet-platform: a province is published, changed, shown and verified") {
  Shell shell;
  shell.init_realm();
  const std::string first = shell.province("2.6.1", "33"), second = shell.province("2.7.0", "33");
  shell.done({"dataset", "add", std::string(EXAMPLES) + "villages.dataset.json"});
  const auto dry =
      shell.done({"publish", "villages", "--from", "csv:" + first, "--dry-run", "--json"}).json();
  CHECK(dry.at("dry_run").as_bool());
  const auto report =
      shell.done({"publish", "villages", "--from", "csv:" + first, "--json"}).json();
  CHECK(count(report, "rows") == count(dry, "rows"));
  CHECK(count(report, "added") == count(report, "rows"));
  CHECK(count(report, "packs") == count(report, "partitions"));
  CHECK(count(report, "packs") == 11);  // the prefectures of Zhejiang

  const auto change =
      shell.done({"publish", "villages", "--from", "csv:" + second, "--json"}).json();
  CHECK(count(change, "added") + count(change, "changed") + count(change, "removed") > 0);
  CHECK(count(change, "bytes") < count(report, "bytes") / 3);

  const auto shown = shell.done({"dataset", "show", "villages", "--json"}).json();
  CHECK(count(shown, "rows") == count(change, "rows"));
  CHECK(shown.at("digest").as_string().size() == 64);
  const auto part =
      shell.done({"dataset", "show", "villages", "--divisions", "3304", "--json"}).json();
  REQUIRE(part.at("streams").as_array().size() == 1);
  CHECK(part.at("digest") == part.at("streams").as_array()[0].at("digest"));
  const auto& pack = part.at("streams").as_array()[0].at("packs").as_array()[0];
  const std::string file = shell.realm + "/repository/" + std::string(pack.at("path").as_string());
  const auto packs_in = [&](const std::string& place) {
    return shell.done({"pack", "show", place, "--json"}).json().at("packs").as_array();
  };
  const auto one = packs_in(file + "@" + std::to_string(count(pack, "offset")));
  REQUIRE(one.size() == 1);
  CHECK(one[0].at("stream") == "villages/3304");
  CHECK(json::serialize(one[0]).find("streetCode") != std::string::npos);
  CHECK(packs_in(file).size() >= 1);
  CHECK(shell.run({"pack", "show", file + "@1"}).exit_code == 4);

  const auto verified = shell.done({"verify", "--json"}).json();
  CHECK(verified.at("ok").as_bool());
  CHECK(count(verified, "rows") == count(change, "rows"));
}

TEST_CASE("rootlet-platform: mistakes have their exit code, their place and advice") {
  Shell shell;
  shell.init_realm();
  shell.done({"dataset", "add", std::string(EXAMPLES) + "villages.dataset.json"});
  const std::string bad =
      shell.file("bad.csv",
                 "code,name,streetCode,provinceCode,cityCode,areaCode\n"
                 "330402001001,a,1,1,1,1\n330402001001,b,1,1,1,1\n33x,c,1,1,1,1\n");
  const Said refused = shell.at_realm({"publish", "villages", "--from", "csv:" + bad, "--json"});
  CHECK(refused.exit_code == 8);
  CHECK(refused.err.find("line 3: the same key as in line 2") != std::string::npos);
  CHECK(refused.err.find("Nothing was saved") != std::string::npos);
  const json::value error = refused.json().at("error");
  CHECK(error.at("code") == "bad_input");
  CHECK(error.at("field") == "line 4, column code");
  CHECK(error.at("exit_code") == 8);

  CHECK(shell.at_realm({"publish", "nothing", "--from", "csv:" + bad}).exit_code == 2);
  CHECK(shell.at_realm({"publish", "villages", "--from", "csv:/nonexistent"}).exit_code == 8);
  CHECK(shell.at_realm({"publish", "villages", "--from", "xml:a"}).exit_code == 2);
  shell.done({"office", "add", "jiaxing", "--division", "3304", "--name", "嘉兴", "--out",
              (shell.folder / "jiaxing.enroll").string()});
  const Said purpose =
      shell.at_realm({"grant", "add", "jiaxing", "villages", "--purposes", "scoring"});
  CHECK(purpose.exit_code == 5);
  CHECK(purpose.err.find("scoring") != std::string::npos);
  CHECK(purpose.err.find("address-lookup") != std::string::npos);
  CHECK(shell.at_realm({"grant", "add", "nobody", "villages", "--purposes", "address-lookup"})
            .exit_code == 2);
  CHECK(shell.at_realm({"office", "add", "X", "--division", "3304", "--name", "n"}).exit_code == 8);
  CHECK(shell.at_realm({"office", "add", "x", "--division", "333", "--name", "n"}).exit_code == 8);
}

TEST_CASE("rootlet-platform: serve enrols an office, sends its grant, and stops on SIGTERM") {
  Shell shell;
  shell.init_realm();
  shell.done({"dataset", "add", std::string(EXAMPLES) + "villages.dataset.json"});
  shell.done({"publish", "villages", "--from", "csv:" + shell.province("2.6.1", "3304")});
  TempDir output;
  Program server(output.path(), {"--realm", shell.realm, "serve", "--listen", "127.0.0.1:0"});
  std::string line;
  REQUIRE(eventually([&] {
    line = server.out();
    return line.find('\n') != std::string::npos;
  }));
  REQUIRE(line.starts_with("listening on http://127.0.0.1:"));
  const std::string url = line.substr(13, line.find('\n') - 13);

  const json::value invitation =
      shell.done({"office", "add", "jiaxing", "--division", "3304", "--name", "嘉兴"}).json();
  CHECK(invitation.at("url").as_string() == url.c_str());
  shell.done({"grant", "add", "jiaxing", "villages", "--purposes", "address-lookup"});

  const SigningKey signing = SigningKey::generate();
  const SealingKey sealing = SealingKey::generate();
  const std::string realm_id(invitation.at("realm").at("id").as_string());
  const json::object& keys = invitation.at("keys").as_object();
  const SealingPublicKey enrolment =
      must(SealingPublicKey::from(must(from_base64(keys.at("enrolment").as_string()))));
  const Bytes token = must(from_base64(invitation.at("token").as_string()));
  const auto request = [&](const SigningKey& key) {
    const json::object payload{{"token", invitation.at("token")},
                               {"signing_key", to_base64(key.public_key)},
                               {"sealing_key", to_base64(sealing.public_key)},
                               {"agent_version", "test"}};
    return seal_envelope(enrolment_header(realm_id, "jiaxing", token),
                         as_bytes(json::serialize(payload)), key, enrolment);
  };
  HttpClient client;
  const auto post = [&](Bytes body) {
    HttpRequest post_request;
    post_request.url = url + "/v1/enroll";
    post_request.max_bytes = 10'000;
    post_request.body = std::move(body);
    return must(client.send(post_request));
  };
  const auto get = [&](const std::string& path) {
    HttpRequest get_request;
    get_request.url = url + path;
    get_request.max_bytes = 1'000'000;
    return must(client.send(get_request));
  };
  const HttpResponse answer = post(request(signing));
  REQUIRE(answer.status == 200);
  const PublicKey statement =
      must(public_key_from(must(from_base64(keys.at("answer").as_string()))));
  const json::value said =
      must(verify_statement(as_text(answer.body), "rootlet enrolment v1", statement));
  CHECK(said.at("office") == "jiaxing");
  CHECK(as_text(post(request(signing)).body) == as_text(answer.body));  // however often it is sent
  CHECK(post(request(SigningKey::generate())).status == 403);           // the token is used
  CHECK(post(to_bytes("rubbish")).status == 403);

  const HttpResponse sealed = get("/" + grant_path(grant_token(signing.public_key), 1));
  REQUIRE(sealed.status == 200);
  const json::value targets = must(parse_json(as_text(get("/metadata/2.targets.json").body), "t"));
  CHECK(targets.is_object());
  const EnvelopeHeader header = must(peek_envelope(sealed.body));
  CHECK(header.to == "jiaxing");
  CHECK(header.type == "grant");
  CHECK(get("/healthz").status == 200);
  CHECK(get("/metadata/timestamp.json").status == 200);
  CHECK(get("/metadata/../realm.key").status == 404);
  CHECK(must(parse_json(as_text(get("/v1/status").body), "status")).at("offices").at("enrolled") ==
        1);

  const auto offices = shell.done({"office", "list", "--json"}).json();
  CHECK(offices.at("offices").as_array()[0].at("state") == "enrolled");
  server.stop();
  CHECK(server.wait().exit_code == 0);
}

TEST_CASE(
    "rootlet-platform: serve refuses a proxy that is no address and a quota below one batch") {
  Shell shell;
  shell.init_realm();
  const Said proxy =
      shell.at_realm({"serve", "--listen", "127.0.0.1:0", "--behind-proxy", "nginx"});
  CHECK(proxy.exit_code == 2);
  CHECK(proxy.err.find("nginx is not an IP address") != std::string::npos);
  const Said quota = shell.at_realm({"serve", "--listen", "127.0.0.1:0", "--office-quota", "5k"});
  CHECK(quota.exit_code == 8);
  CHECK(quota.err.find("the size of the largest batch") != std::string::npos);
}
