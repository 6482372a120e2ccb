// The gateway's calls over a real realm, while a publish holds its lock and while one office
// floods.
#include "platform/serve/api.hpp"

#include <future>

#include "platform/gateway/gateway.hpp"
#include "platform/serve/keeper.hpp"
#include "platform/serve/periodic_thread.hpp"
#include "sync/wire/client/http.hpp"
#include "tests/platform/serve/remote_office.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

struct Station {
  LiveRealm live;
  RealmApi api;
  Realm keeping = must(Realm::open(live.path()));
  PeriodicThread keeper{std::chrono::milliseconds(20),
                        [this] { must(answer_enrolments(keeping, live.clock.wall())); }};
  explicit Station(const IntakeLimits& limits = {})
      : api(RealmFolder{live.path()}.serving(), live.clock, limits) {
    must(keeper.start());
  }

  RemoteOffice enrolled(const std::string& id) {
    RemoteOffice office(live, id);
    REQUIRE(api.enroll(office.enrolment()).status == 200);
    return office;
  }
  FileLock hold_lock() { return must(lock_realm(live.realm().folder())); }
};

int send(RealmApi& api, RemoteOffice& office, std::size_t bytes) {
  const Bytes batch = office.batch(bytes);
  const int status = api.batch(batch).status;
  if (status == 200) office.received(batch);
  return status;
}

}  // namespace

TEST_CASE("serve: receipts flow while enrolments wait for a publish that holds the realm's lock") {
  Station station;
  RemoteOffice busy = station.enrolled("busy");
  const RemoteOffice first(station.live, "first"), second(station.live, "second");
  GatewayOptions options;
  options.listen = "127.0.0.1:0";
  options.pool_threads = 1;
  options.repository = station.live.repository();
  Gateway gateway = must(Gateway::start(options, station.api));
  const auto post = [&](const std::string& path, Bytes body) {
    HttpClient client;
    HttpRequest request{.url = join_url(gateway.url(), path), .max_bytes = limits::kMiB};
    request.body = std::move(body);
    return must(client.send(request));
  };

  std::vector<std::future<HttpResponse>> enrolments;
  int receipts = 0;
  {
    const FileLock publishing = station.hold_lock();
    for (const RemoteOffice* office : {&first, &second}) {
      enrolments.push_back(std::async(std::launch::async, post, "v1/enroll", office->enrolment()));
    }
    while (enrolments.front().wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      const Bytes batch = busy.batch(100);
      CHECK(post("v1/batches", batch).status == 200);
      busy.received(batch);
      receipts += 1;
    }
    for (auto& each : enrolments) {
      const HttpResponse answer = each.get();
      CHECK(answer.status == 202);  // kept, not answered
      CHECK(answer.retry_after_seconds > 0);
    }
  }
  CHECK(receipts > 0);
  CHECK(post("v1/enroll", first.enrolment()).status == 200);
  CHECK(post("v1/enroll", second.enrolment()).status == 200);
  gateway.stop();
}

TEST_CASE("serve: a guessed token is refused, and a repeated request answered, without the lock") {
  Station station;
  const RemoteOffice member = station.enrolled("member"), guesser(station.live, "guesser");
  const FileLock publishing = station.hold_lock();
  CHECK(station.api.enroll(guesser.enrolment_with(Bytes(kInvitationTokenBytes, 7))).status == 403);
  CHECK(station.api.enroll(member.enrolment()).status == 200);
  CHECK(station.api.enroll(Bytes(300, 1)).status == 403);
}

TEST_CASE("serve: an office that floods is asked to wait, and the receipts of another flow") {
  constexpr std::uint64_t kQuota = 1'100'000;
  Station station({.office_bytes_per_hour = kQuota});
  RemoteOffice flooding = station.enrolled("flooding"), quiet = station.enrolled("quiet");
  REQUIRE(send(station.api, flooding, 300'000) == 200);
  station.live.clock.pass(std::chrono::minutes(10));
  CHECK(send(station.api, flooding, 300'000) == 200);
  CHECK(send(station.api, flooding, 300'000) == 200);
  const ApiReply refused = station.api.batch(flooding.batch(300'000));
  CHECK(refused.status == 429);
  CHECK(refused.retry_after_seconds > 0);
  CHECK(refused.retry_after_seconds <= 50 * 60);  // the first batch is ten minutes old
  const json::value why = must(parse_json(as_text(refused.body), "refusal"));
  CHECK(why.at("error") == "quota");
  CHECK(why.at("limit_bytes") == kQuota);
  CHECK(send(station.api, quiet, 300'000) == 200);

  RealmApi restarted(RealmFolder{station.live.path()}.serving(), station.live.clock,
                     {.office_bytes_per_hour = kQuota});
  CHECK(send(restarted, flooding, 300'000) == 429);
  station.live.clock.pass(std::chrono::seconds(refused.retry_after_seconds));
  CHECK(send(restarted, flooding, 300'000) == 200);
}

TEST_CASE("serve: a batch that was taken before gets its receipt again, also above the quota") {
  Station station({.office_bytes_per_hour = 1'000'000});
  RemoteOffice office = station.enrolled("office");
  const Bytes batch = office.batch(900'000);
  const ApiReply receipt = station.api.batch(batch);
  REQUIRE(receipt.status == 200);
  office.received(batch);
  CHECK(send(station.api, office, 900'000) == 429);
  for (int i = 0; i < 3; ++i) CHECK(station.api.batch(batch).body == receipt.body);
}
