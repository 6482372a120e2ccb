// Enrolment over a bad link, and exactly once.
#include "agent/office/enroll.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "agent/cycle/cycle.hpp"
#include "sync/trust/client/tuf_client.hpp"
#include "sync/trust/office/envelope.hpp"
#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

// Answers HTTP requests one by one with prepared responses, and keeps the bodies.
class AnsweringServer {
 public:
  struct Answer {
    int status = 0;  // 0: closes the connection without an answer
    std::string body = {};
  };

  explicit AnsweringServer(std::vector<Answer> answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, plain, size) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    REQUIRE(::getsockname(listener_, plain, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (const Answer& answer : answers_) serve(answer);
    });
  }
  ~AnsweringServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> bodies;

 private:
  void serve(const Answer& answer) {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    std::string text;
    char chunk[4096];
    std::size_t wanted = std::string::npos;
    while (text.size() < wanted) {
      const ssize_t count = ::recv(client, chunk, sizeof chunk, 0);
      if (count <= 0) break;
      text.append(chunk, static_cast<std::size_t>(count));
      const std::size_t head = text.find("\r\n\r\n");
      const std::size_t length = text.find("Content-Length: ");
      if (head == std::string::npos || length == std::string::npos) continue;
      wanted = head + 4 + std::strtoul(text.c_str() + length + 16, nullptr, 10);
    }
    bodies.push_back(text.substr(text.find("\r\n\r\n") + 4));
    if (answer.status != 0) {
      const std::string reply =
          "HTTP/1.1 " + std::to_string(answer.status) +
          " X\r\nConnection: close\r\nContent-Length: " + std::to_string(answer.body.size()) +
          "\r\n\r\n" + answer.body;
      static_cast<void>(::send(client, reply.data(), reply.size(), MSG_NOSIGNAL));
    }
    ::close(client);
  }

  std::vector<Answer> answers_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

std::string enrolled(const TestRealm& realm, const std::string& office = "jiaxing") {
  return sign_statement(json::object{{"type", "enrolled"},
                                     {"realm", realm.id()},
                                     {"office", office},
                                     {"at", "2026-11-21T00:00:00Z"}},
                        "rootlet enrolment v1", realm.statement);
}

struct NewHome {
  TempDir folder;
  Home home{folder / "home"};
  Settings settings;
  FakeClock clock;
  NewHome() { must(home.prepare()); }
  Result<EnrolOutcome> enrol(const std::string& invitation, EnrolMode mode = EnrolMode::kOnline) {
    return enroll(home, settings, invitation, mode, clock);
  }
  EnrolmentState state() {
    KeyStore keys = must(KeyStore::open(home, must(make_machine_key(home))));
    return must(load_identity(keys)).state;
  }
};

}  // namespace

TEST_CASE("enrol: after a lost answer the same bytes are sent again") {
  NewHome office;
  TestRealm realm;
  AnsweringServer server({{0, ""}, {503, "{}"}, {200, enrolled(realm)}});
  realm.url = server.url();
  const std::string invitation = realm.invitation();
  CHECK(code_of(office.enrol(invitation)) == ErrorCode::kUnreachable);
  CHECK(office.state() == EnrolmentState::kPending);
  CHECK(code_of(office.enrol(invitation)) == ErrorCode::kUnreachable);
  CHECK_FALSE(must(office.enrol(invitation)).already);
  CHECK(office.state() == EnrolmentState::kEnrolled);
  REQUIRE(server.bodies.size() == 3);
  CHECK(server.bodies[0] == server.bodies[1]);
  CHECK(server.bodies[0] == server.bodies[2]);
  CHECK(must(office.enrol(invitation)).already);  // sends nothing

  // The request contains the token and both public keys, sealed to the platform only.
  const auto opened = must(open_first_envelope(
      as_bytes(server.bodies[0]), realm.ingest,
      [](const EnvelopeHeader& header, ByteView payload) -> Result<PublicKey> {
        CHECK(header.from == "jiaxing");
        const json::value value = must(parse_json(as_text(payload), "payload"));
        const auto& text = value.at("signing_key").get_string();
        return public_key_from(must(from_base64(std::string_view(text.data(), text.size()))));
      }));
  CHECK(opened.header.type == "enrolment");
}

TEST_CASE("enrol: an answer that is forged or about another office is rejected") {
  NewHome office;
  TestRealm realm;
  TestRealm impostor;
  AnsweringServer server({{200, enrolled(impostor)}, {200, enrolled(realm, "other")}});
  realm.url = server.url();
  const std::string invitation = realm.invitation();
  CHECK(code_of(office.enrol(invitation)) == ErrorCode::kUntrusted);
  CHECK(code_of(office.enrol(invitation)) == ErrorCode::kUntrusted);
  CHECK(office.state() == EnrolmentState::kPending);
}

TEST_CASE("enrol: the platform's refusal is reported, and a new invitation works") {
  NewHome office;
  TestRealm realm;
  AnsweringServer server(
      {{403, R"({"error":"used","message":"the token was used before"})"}, {200, enrolled(realm)}});
  realm.url = server.url();
  const auto refused = office.enrol(realm.invitation());
  CHECK(code_of(refused) == ErrorCode::kNotPermitted);
  CHECK(refused.error().message.find("the token was used before") != std::string::npos);
  CHECK(office.enrol(realm.invitation()).has_value());
  CHECK(code_of(office.enrol(realm.invitation("another"))) == ErrorCode::kUsage);
}

TEST_CASE("enrol: an offline request waits for the grant") {
  NewHome office;
  const TestRealm realm;
  const std::string invitation = realm.invitation();
  const EnrolOutcome first = must(office.enrol(invitation, EnrolMode::kOffline));
  CHECK_FALSE(first.request.empty());
  CHECK(office.state() == EnrolmentState::kRequested);
  CHECK(must(office.enrol(invitation, EnrolMode::kOffline)).request == first.request);
}

TEST_CASE(
    "enrol: a copy with a byte order mark, other line ends or a corrected address is the same") {
  NewHome office;
  TestRealm realm;
  AnsweringServer server({{0, ""}, {0, ""}, {200, enrolled(realm)}});
  realm.url = "http://127.0.0.1:9";
  const json::object said = must(parse_json(realm.invitation(), "invitation")).as_object();
  CHECK(code_of(office.enrol(json::serialize(said))) == ErrorCode::kUnreachable);

  json::object corrected = said;
  corrected["url"] = server.url();
  std::string windows = "\xEF\xBB\xBF{\r\n";
  for (const auto& member : corrected) {
    if (windows.back() != '\n') windows += ",\r\n";
    windows += json::serialize(json::string(member.key())) + ": " + json::serialize(member.value());
  }
  windows += "\r\n}\r\n";
  CHECK(code_of(office.enrol(windows)) == ErrorCode::kUnreachable);
  CHECK(code_of(office.enrol(json::serialize(corrected))) == ErrorCode::kUnreachable);
  CHECK_FALSE(must(office.enrol(windows)).already);
  CHECK(must(office.enrol(json::serialize(said))).already);
  REQUIRE(server.bodies.size() == 3);
  CHECK(server.bodies[0] == server.bodies[2]);  // the keys of the first attempt
}

TEST_CASE("enrol: the answer that a person carries completes an offline request") {
  NewHome office;
  const TestRealm realm;
  CHECK(code_of(office.enrol(enrolled(realm))) == ErrorCode::kNotEnrolled);
  must(office.enrol(realm.invitation(), EnrolMode::kOffline));
  CHECK(code_of(office.enrol(enrolled(TestRealm()))) == ErrorCode::kUntrusted);
  CHECK(office.state() == EnrolmentState::kRequested);
  CHECK_FALSE(must(office.enrol("\xEF\xBB\xBF" + enrolled(realm) + "\r\n")).already);
  CHECK(office.state() == EnrolmentState::kEnrolled);
  CHECK(must(office.enrol(enrolled(realm))).already);
}

TEST_CASE(
    "enrol: a new invitation of the same office keeps the old keys until the platform agrees") {
  NewHome office;
  TestRealm realm;
  AnsweringServer server({{200, enrolled(realm)},
                          {403, R"({"error":"used","message":"void"})"},
                          {200, enrolled(realm)}});
  realm.url = server.url();
  must(office.enrol(realm.invitation()));
  const auto key = [&] {
    KeyStore keys = must(KeyStore::open(office.home, must(make_machine_key(office.home))));
    return must(load_identity(keys)).signing.public_key;
  };
  const PublicKey first = key();
  CHECK(code_of(office.enrol(realm.invitation())) == ErrorCode::kNotPermitted);
  CHECK(key() == first);
  CHECK(office.state() == EnrolmentState::kEnrolled);
  CHECK_FALSE(must(office.enrol(realm.invitation())).already);
  CHECK(key() != first);
  CHECK(office.state() == EnrolmentState::kEnrolled);
}

TEST_CASE("enrol: an invalid invitation changes nothing") {
  NewHome office;
  TestRealm realm;
  CHECK(code_of(office.enrol("{}")) == ErrorCode::kBadInput);
  std::string text = realm.invitation();
  text.insert(1, "\"surplus\":1,");
  CHECK(code_of(office.enrol(text)) == ErrorCode::kBadInput);
  text = realm.invitation();
  text.replace(text.find("2030-01-01"), 10, "2020-01-01");
  CHECK(code_of(office.enrol(text)) == ErrorCode::kNotPermitted);
  // A root of another realm.
  const TestRealm other;
  text = realm.invitation();
  text.replace(text.find(realm.id()), 16, other.id());
  CHECK(code_of(office.enrol(text)) == ErrorCode::kUntrusted);
  CHECK(office.state() == EnrolmentState::kNone);
}

TEST_CASE("cycle: reports that it is not enrolled; a dead link is unreachable and in status") {
  NewHome fresh;
  const AgentContext nobody{.home = fresh.home, .settings = {}, .clock = &fresh.clock, .boot = "b"};
  Cycle idle(nobody);
  CHECK(idle.run({}, {}).error->code == ErrorCode::kNotEnrolled);

  OfficeWorld world;
  must(TufClient::install_root(world.context.home.trust(), as_bytes(world.realm.root_file())));
  Cycle cycle(world.context);
  const CycleResult result = cycle.run({}, {});
  REQUIRE(result.error);
  CHECK(result.error->code == ErrorCode::kUnreachable);
  const json::object status = must(world.call("status", {}));
  CHECK(status.at("last_sync").at("result").get_string() == "unreachable");
  cycle.stop();
  CHECK(cycle.run({}, {}).error->message == "the agent is stopping");
}
