// Where offices fetch published files: where the platform signs that they are, as long as somebody
// answers there, and never on their own machine's disk.
#include "platform/repository/repository.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

// The office's link; notes the servers that are asked for files, and one of them may be away.
class Servers final : public HttpTransport {
 public:
  struct Log {
    std::set<std::string> asked = {};
    std::string away = {};
  };
  Servers(std::unique_ptr<HttpTransport> link, Log& log) : link_(std::move(link)), log_(log) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    const std::size_t host = request.url.find("//") + 2;
    const std::string name = request.url.substr(host, request.url.find('/', host) - host);
    if (!request.body && request.url.find("/v1/") == std::string::npos) log_.asked.insert(name);
    if (name == log_.away) return fail(ErrorCode::kUnreachable, "nobody answers");
    return link_->send(request);
  }
  const Traffic& traffic() const override { return link_->traffic(); }
  void stop() override { link_->stop(); }

 private:
  std::unique_ptr<HttpTransport> link_;
  Log& log_;
};

struct Scene {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("o1");
  std::mt19937_64 random{3};
  People people = {};
  Servers::Log log = {};

  std::set<std::string> sync() {
    log.asked.clear();
    agent::Cycle cycle(office.context, [this](const HttpOptions&) {
      return std::make_unique<Servers>(office.link.connect(), log);
    });
    const agent::CycleResult done = cycle.run({}, {});
    CHECK_FALSE(done.error);
    CHECK(office.rows() == rows_of(people, true));
    return log.asked;
  }

  void publish() {
    people = change_people(people, random, 5);
    realm.publish(people);
  }

  // Signs an address into the metadata.
  void announce(const std::string& url) {
    platform::Realm& here = realm.realm();
    platform::Transaction transaction = must(here.registry().begin());
    must(here.registry().save_setting(platform::kSettingRepositoryUrl, url));
    must(platform::commit_repository(here, std::move(transaction), realm.clock.wall()));
  }
};

const std::set<std::string> kGateway{"127.0.0.1:8420"}, kBucket{"bucket.example"};

}  // namespace

TEST_CASE("place: offices follow the address that the platform signs, there and back") {
  Scene scene;
  scene.publish();
  CHECK(scene.sync() == kGateway);
  scene.announce("https://bucket.example");
  CHECK(scene.sync() == kGateway);  // where it learns of it
  scene.publish();
  CHECK(scene.sync() == kBucket);
  scene.announce("");
  CHECK(scene.sync() == kBucket);
  scene.publish();
  CHECK(scene.sync() == kGateway);
}

TEST_CASE(
    "place: an office whose bucket does not answer, or is empty, goes to the gateway at once") {
  Scene scene;
  scene.publish();
  scene.announce("https://bucket.example");
  scene.sync();
  scene.publish();
  scene.log.away = "bucket.example";
  CHECK(scene.sync() == std::set<std::string>{"bucket.example", "127.0.0.1:8420"});
  scene.log.away.clear();
  scene.publish();
  CHECK(scene.sync() == kBucket);
}

TEST_CASE("place: no signature makes an office read its own machine's files") {
  Scene scene;
  scene.publish();
  for (const char* url : {"file:///etc", "/etc", "ftp://bucket.example", "https://", "nonsense"}) {
    CAPTURE(url);
    scene.announce(url);
    scene.sync();
    scene.publish();
    CHECK(scene.sync() == kGateway);
  }
}

TEST_CASE("place: what the office's own settings say goes before what the platform says") {
  Scene scene;
  scene.publish();
  scene.announce("https://bucket.example");
  scene.sync();
  scene.office.context.settings.repository_url = "http://mirror.example";
  scene.publish();
  CHECK(scene.sync() == std::set<std::string>{"mirror.example"});
}
