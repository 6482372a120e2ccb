// Exactly once in spite of crashes: an office process and a validating process work on real files
// and are killed at random moments, many times; then both finish. Every record that save() reported
// must be upstream exactly once, and no other.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "tests/platform/intake/loopback.hpp"

namespace rootlet::platform {
namespace {

using namespace rootlet::test;

constexpr int kRounds = 60;

// A child must stop after a failure and must not report into the parent's test run.
template <typename T>
T or_die(Result<T> result) {
  if (result.has_error()) {
    std::fprintf(stderr, "child: %s\n", result.error().message.c_str());
    ::_exit(9);
  }
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

void save_one(World& world, Outbox& outbox, int report, std::mt19937_64& random) {
  // One in five breaks the platform's rule and is returned to be fixed.
  const std::int64_t people = random() % 5 == 0 ? 500 : static_cast<std::int64_t>(random() % 90);
  const std::string id = or_die(
      outbox.save(loose_visit_form(), a_record("n" + std::to_string(random()), people), world.now));
  // From now on the user believes that the record is safe.
  if (::write(report, id.data(), id.size()) != static_cast<ssize_t>(id.size())) ::_exit(8);
}

void fix_one(World& world, Outbox& outbox) {
  for (const RecordSummary& each :
       or_die(outbox.list({.state = RecordState::kReturned, .limit = 1}))) {
    or_die(outbox.fix(visit_form(), each.id, {{"name", "fixed"}, {"people", 1}}, {}, world.now));
  }
}

// Sends a batch and ignores the answer, as after a power cut in between.
void send_unheard(Outbox& outbox, UplinkTransport& link) {
  const std::optional<PendingBatch> batch = or_die(outbox.next_pending());
  if (batch) or_die(link.post_batch(batch->envelope));
}

[[noreturn]] void work_in_office(World& world, int report, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Outbox outbox = world.open_outbox();
  Intake intake = world.open_intake();
  DirectLink link(world, intake);
  const UplinkIdentity identity = world.identity();
  while (true) {
    PushReport done;
    switch (random() % 8) {
      case 0:
      case 1:
      case 2:
        save_one(world, outbox, report, random);
        break;
      case 3:
        fix_one(world, outbox);
        break;
      case 4:
        or_die(outbox.seal_next_batch(identity, world.now));
        break;
      case 5:
        send_unheard(outbox, link);
        break;
      case 6:
        or_die(push_batches(outbox, identity, link, world.now, done));
        break;
      default:
        or_die(read_mailbox(outbox, identity, link, done));
        break;
    }
  }
}

[[noreturn]] void validate_all_day(World& world) {
  Intake intake = world.open_intake();
  while (true) {
    or_die(intake.validate_pending(world.offices, world.forms, world.now));
    ::usleep(500);
  }
}

template <typename Work>
pid_t start(Work work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::_exit(7);
  }
  return child;
}

// Kills the child; true if it was still working and had not exited with an error.
bool kill_at_work(pid_t child) {
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void drain(int pipe, std::string& text) {
  char buffer[4096];
  pollfd ready{.fd = pipe, .events = POLLIN, .revents = 0};
  while (::poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0) {
    const ssize_t count = ::read(pipe, buffer, sizeof buffer);
    if (count <= 0) return;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

// Waits until the office has saved something in this round, so that kills hit work, not start-up.
void wait_for_work(int pipe) {
  pollfd ready{.fd = pipe, .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&ready, 1, 60'000) == 1);
}

void kill_through(World& world, std::mt19937_64& random, std::string& reported, int pipe[2]) {
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    const std::uint64_t seed = random();
    const pid_t office = start([&] { work_in_office(world, pipe[1], seed); });
    const pid_t validate = start([&] { validate_all_day(world); });
    wait_for_work(pipe[0]);
    // Not to wait for anything: the moment of the kill is what the seed draws.
    ::usleep(static_cast<useconds_t>(random() % 60'000));
    REQUIRE(kill_at_work(random() % 2 == 0 ? office : validate));
    ::usleep(static_cast<useconds_t>(random() % 20'000));
    // The other child was reaped above and no longer exists.
    const pid_t left = ::kill(office, 0) == 0 ? office : validate;
    REQUIRE(kill_at_work(left));
    drain(pipe[0], reported);
  }
}

void finish(World& world, Outbox& outbox, Intake& intake) {
  DirectLink link(world, intake);
  for (int turn = 0; turn < 4; ++turn) {
    exchange(world, outbox, intake, link);
    for (const RecordSummary& each :
         must(outbox.list({.state = RecordState::kReturned, .limit = 100'000}))) {
      must(outbox.fix(visit_form(), each.id, {{"name", "fixed"}, {"people", 1}}, {}, world.now));
    }
  }
}

TEST_CASE("crash: killed anywhere, each record is upstream exactly once and none is lost") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  MESSAGE("ROOTLET_SEED=" << seed);
  CAPTURE(seed);
  TempDir folder;
  World world(folder.path());
  {
    // Create the files before the first kill; other tests cover their creation.
    world.open_outbox();
    world.open_intake();
  }
  int pipe[2] = {};
  REQUIRE(::pipe(pipe) == 0);
  std::string reported;
  kill_through(world, random, reported, pipe);
  REQUIRE(reported.size() % 32 == 0);

  Outbox outbox = world.open_outbox();
  Intake intake = world.open_intake();
  finish(world, outbox, intake);

  std::set<std::string> upstream;
  for (const IntakeRecord& each : must(intake.list({.limit = 1'000'000})).records) {
    CHECK(upstream.insert(each.record.id).second);
    CHECK(each.state == IntakeState::kAccepted);
    CHECK(must(outbox.show(each.record.id)).record.values == each.record.values);
  }
  for (std::size_t at = 0; at < reported.size(); at += 32) {
    CHECK(upstream.contains(reported.substr(at, 32)));
  }
  const OutboxCounts counts = must(outbox.counts());
  CHECK(counts.of(RecordState::kAccepted) == static_cast<std::int64_t>(upstream.size()));
  CHECK(must(outbox.list({.limit = 1'000'000})).size() == upstream.size());
  CHECK(counts.quarantined_chains == 0);
  CHECK(must(intake.counts()).quarantined == 0);
  CHECK(reported.size() / 32 >= kRounds);
  MESSAGE("records: " << upstream.size() << ", reported as saved: " << reported.size() / 32);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

}  // namespace
}  // namespace rootlet::platform
