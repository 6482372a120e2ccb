// Which client is admitted, and which connection makes room, without sockets.
#include "sync/wire/server/connection_table.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace rootlet;
using namespace std::chrono_literals;
using http::Admission;
using http::Client;
using http::ConnectionTable;

namespace {

class FakeConnection final : public http::Connection {
 public:
  void finish() override {}
  void cut() override { is_cut = true; }
  bool is_cut = false;
};

struct Crowd {
  ConnectionTable table;
  std::vector<std::shared_ptr<FakeConnection>> all = {};

  FakeConnection& come(const Client& client = {}) {
    all.push_back(std::make_shared<FakeConnection>());
    table.add(all.back(), client);
    return *all.back();
  }
  FakeConnection& served(const Client& client = {}) {
    FakeConnection& connection = come(client);
    CHECK(table.begin_answer(connection));
    return connection;
  }
};

constexpr http::ConnectionLimits kLimits{
    .all = 4, .per_client = 2, .uploads = 2, .upload_grace = 0ms};

}  // namespace

TEST_CASE("connections: when all places are taken, the oldest that waits gives way") {
  Crowd crowd{ConnectionTable(kLimits)};
  FakeConnection& busy = crowd.served();
  FakeConnection& oldest = crowd.come();
  FakeConnection& second = crowd.come();
  crowd.come();
  CHECK(crowd.table.admit({}) == Admission::kServe);
  CHECK(oldest.is_cut);
  CHECK_FALSE(crowd.table.begin_answer(oldest));
  crowd.come();
  CHECK(crowd.table.admit({}) == Admission::kServe);
  CHECK(second.is_cut);
  CHECK_FALSE(busy.is_cut);
}

TEST_CASE("connections: one that has just been answered is the youngest that waits") {
  Crowd crowd{ConnectionTable(kLimits)};
  FakeConnection& kept = crowd.served();
  FakeConnection& silent = crowd.come();
  crowd.served();
  crowd.served();
  crowd.table.wait_for_request(kept);
  CHECK(crowd.table.admit({}) == Admission::kServe);
  CHECK(silent.is_cut);
  CHECK_FALSE(kept.is_cut);
}

TEST_CASE("connections: when all are served, a new one is sent away, and too many are closed") {
  Crowd crowd{ConnectionTable(kLimits)};
  for (int i = 0; i < 4; ++i) crowd.served();
  CHECK(crowd.table.admit({}) == Admission::kSendAway);
  crowd.served();
  CHECK(crowd.table.admit({}) == Admission::kClose);
  crowd.table.remove(*crowd.all[0]);
  crowd.table.remove(*crowd.all[1]);
  CHECK(crowd.table.admit({}) == Admission::kServe);
}

TEST_CASE("connections: a client above its share loses its own oldest, and nobody else's") {
  Crowd crowd{ConnectionTable(kLimits)};
  FakeConnection& other = crowd.come("198.51.100.1");
  FakeConnection& first = crowd.come("203.0.113.7");
  crowd.come("203.0.113.7");
  CHECK(crowd.table.admit("203.0.113.7") == Admission::kServe);
  CHECK(first.is_cut);
  CHECK_FALSE(other.is_cut);
  CHECK(crowd.table.admit("203.0.113.8") == Admission::kServe);
}

TEST_CASE("connections: a client whose share is all served is sent away, others are not") {
  Crowd crowd{ConnectionTable(kLimits)};
  crowd.served("203.0.113.7");
  crowd.served("203.0.113.7");
  CHECK(crowd.table.admit("203.0.113.7") == Admission::kSendAway);
  CHECK(crowd.table.admit("203.0.113.8") == Admission::kServe);
  CHECK(crowd.table.admit({}) == Admission::kServe);
}

TEST_CASE("connections: an old upload gives way to a new one, a young one does not") {
  Crowd patient{ConnectionTable({.all = 9, .per_client = 9, .uploads = 1, .upload_grace = 1h})};
  CHECK(patient.table.begin_upload(patient.served()) == ConnectionTable::Upload::kBegun);
  CHECK(patient.table.begin_upload(patient.served()) == ConnectionTable::Upload::kBusy);
  CHECK_FALSE(patient.all[0]->is_cut);

  Crowd crowd{ConnectionTable(kLimits)};
  for (int i = 0; i < 3; ++i) {
    CHECK(crowd.table.begin_upload(crowd.served()) == ConnectionTable::Upload::kBegun);
  }
  CHECK(crowd.all[0]->is_cut);
  CHECK_FALSE(crowd.all[1]->is_cut);
  CHECK(crowd.table.begin_upload(*crowd.all[0]) == ConnectionTable::Upload::kCut);
}

TEST_CASE("connections: without descriptors the oldest that waits is dropped") {
  Crowd crowd{ConnectionTable(kLimits)};
  crowd.served();
  CHECK_FALSE(crowd.table.drop_oldest());
  FakeConnection& waiting = crowd.come();
  CHECK(crowd.table.drop_oldest());
  CHECK(waiting.is_cut);
  CHECK_FALSE(crowd.table.drop_oldest());
}
