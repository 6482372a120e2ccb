// The rules of docs/time.md over whole histories: a true time, a platform and an office whose
// clocks may lie, days and years at a time. One table, and a sweep of random histories.
#include "agent/time/trusted_clock.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using rootlet::test::must;
using rootlet::test::seeded;
using std::chrono::days;
using std::chrono::hours;

namespace {

constexpr UnixTime kStart{std::chrono::seconds(1'790'000'000)};
constexpr days kTimestampLife{7};

enum class Do {
  kPass,          // the office's machine is on; both clocks run
  kOff,           // it is off, and boots at the end of that time
  kOffice,        // its wall clock is wrong by so many days; 0: right
  kPlatform,      // the platform's clock is
  kSign,          // the platform signs its timestamp
  kSync,          // signs, as a running platform does daily, and the office hears it
  kHear,          // the office hears what was signed last
  kHearFails,     // the same, and the office must refuse it as expired
  kForgetBootId,  // the kernel shows no boot id from now on
  kCopyHome,      // takes a backup of the home
  kRestoreHome,   // puts it back
  kOtherMachine,  // the home moves to a machine that has been up for so many days
  kOpen,          // the data may be read
  kLocked,        // it is locked, and kept
  kErased,        // it is erased
};

struct Step {
  Do what;
  int count = 0;  // days
};

class History {
 public:
  History(days lease, UnixTime grant_until) : terms_{lease, grant_until} {}

  void run(const Step& step) {
    const days count(step.count);
    switch (step.what) {
      case Do::kPass:
        return pass(count);
      case Do::kOff:
        truth_ += count + hours(1);
        was_on_ += hours(1);
        return boot(hours(1));
      case Do::kOffice:
        office_wrong_ = count;
        return;
      case Do::kPlatform:
        platform_wrong_ = count;
        return;
      case Do::kSign:
        return sign();
      case Do::kSync:
        sign();
        CHECK(hear());
        return;
      case Do::kHear:
        CHECK(hear());
        return;
      case Do::kHearFails:
        CHECK_FALSE(hear());
        return;
      case Do::kForgetBootId:
        has_boot_id_ = false;
        return;
      case Do::kCopyHome:
        copy_ = home_;
        return;
      case Do::kRestoreHome:
        home_ = copy_;
        return;
      case Do::kOtherMachine:
        machine_ = "another";
        return boot(count);
      case Do::kOpen:
        CHECK(verdict() == LeaseVerdict::kOpen);
        return;
      case Do::kLocked:
        CHECK(verdict() == LeaseVerdict::kLocked);
        return;
      case Do::kErased:
        CHECK(verdict() == LeaseVerdict::kErase);
        return;
    }
  }

  void sign() {
    ++newest_.version;
    newest_.root_version = 1;
    newest_.issued = truth_ + platform_wrong_;
    newest_.expires = *newest_.issued + kTimestampLife;
  }

  // False if the office refuses it as expired. A root signed at the start bounds every claim.
  bool hear() {
    TrustedClock clock = open();
    if (newest_.expires <= clock.time_of_update(&newest_)) return false;
    clock.hear(newest_, std::min(newest_.expires, kStart + days(365)));
    home_.heard = must(parse_heard_time(encode_heard_time(clock.heard())));
    home_.mark = clock.mark();
    const std::optional<Contact>& contact = home_.heard.contact;
    if (contact.has_value() && contact->awake == home_.mark.total) heard_at_ = truth_;
    return true;
  }

  LeaseVerdict verdict() { return decide().verdict; }
  LeaseDecision decide() {
    const TrustedClock clock = open();
    return decide_time(terms_, clock.heard().contact, clock.read());
  }

  void pass(std::chrono::seconds time) {
    truth_ += time;
    since_boot_ += time;
    was_on_ += time;
  }
  UnixTime truth() const { return truth_; }
  UnixTime heard_at() const { return heard_at_; }
  Awake was_on() const { return was_on_; }
  const TimeEvidence& evidence() const { return home_.heard.evidence; }

 private:
  struct Home {
    AwakeMark mark;
    HeardTime heard;
  };

  class Machine final : public Clock {
   public:
    Machine(UnixTime wall, Awake since_boot) : wall_(wall), since_boot_(since_boot) {}
    UnixTime wall() const override { return wall_; }
    std::chrono::milliseconds since_boot() const override { return since_boot_; }

   private:
    UnixTime wall_;
    Awake since_boot_;
  };

  // Opens the home as every command does, which saves the time awake.
  TrustedClock open() {
    machine_clock_.emplace(truth_ + office_wrong_, since_boot_);
    const std::string boot = has_boot_id_ ? "boot-" + std::to_string(boots_) : "";
    TrustedClock clock(home_.mark, home_.heard, *machine_clock_, {boot, machine_});
    if (clock.mark_is_old()) home_.mark = clock.mark();
    return clock;
  }

  void boot(Awake up) {
    ++boots_;
    since_boot_ = up;
  }

  LeaseTerms terms_;
  UnixTime truth_ = kStart, heard_at_ = kStart;
  Awake since_boot_ = hours(1), was_on_{0};
  days office_wrong_{0}, platform_wrong_{0};
  int boots_ = 1;
  bool has_boot_id_ = true;
  std::string machine_ = "this";
  SignedTime newest_;
  Home home_, copy_;
  std::optional<Machine> machine_clock_;
};

struct Row {
  const char* name;
  int lease_days;
  int grant_days;  // from the start
  std::vector<Step> steps;
};

using enum Do;

std::vector<Step> repeated(int times, const std::vector<Step>& steps, std::vector<Step> after) {
  std::vector<Step> all;
  for (; times > 0; --times) all.insert(all.end(), steps.begin(), steps.end());
  all.insert(all.end(), after.begin(), after.end());
  return all;
}

const std::vector<Row>& table() {
  static const std::vector<Row> kRows = {
      {"all clocks are right: open within the lease, erased after it, in one long silence",
       30,
       365,
       {{kSync}, {kOpen}, {kPass, 30}, {kOpen}, {kPass, 1}, {kErased}}},
      {"40 days at a time, on and in contact", 30, 365,
       repeated(5, {{kPass, 40}, {kSync}, {kOpen}}, {})},
      {"40 days at a time, switched off: locked by the wall clock, kept, open after a sync", 30,
       365, repeated(3, {{kOff, 40}, {kSync}, {kOpen}, {kOff, 40}, {kLocked}}, {{kSync}, {kOpen}})},
      {"the platform is 10 days fast for one publish, then right again",
       30,
       365,
       {{kSync},
        {kPlatform, 10},
        {kSync},
        {kOpen},
        {kPlatform, 0},
        {kPass, 1},
        {kSync},
        {kOpen},
        {kPass, 20},
        {kSync},
        {kPass, 20},
        {kSync},
        {kPass, 29},
        {kOpen}}},
      {"the same, and the office's first contact is the wrong one",
       30,
       365,
       {{kPlatform, 10}, {kSync}, {kPlatform, 0}, {kPass, 1}, {kSync}, {kPass, 29}, {kOpen}}},
      {"the same, and the office hears nothing until the platform's time has passed the wrong one",
       30,
       365,
       {{kSync},
        {kPlatform, 10},
        {kSync},
        {kPlatform, 0},
        {kPass, 29},
        {kOpen},
        {kSync},
        {kOpen},
        {kPass, 29},
        {kOpen}}},
      {"the same, switched off for 40 days",
       30,
       365,
       {{kSync}, {kPlatform, 10}, {kSync}, {kPlatform, 0}, {kOff, 40}, {kSync}, {kOpen}}},
      {"the platform is 10 days fast for a fortnight, and signs daily", 30, 365,
       repeated(14, {{kPlatform, 10}, {kSync}, {kPass, 1}},
                {{kPlatform, 0}, {kSync}, {kOpen}, {kPass, 20}, {kSync}, {kPass, 29}, {kOpen}})},
      {"the platform is fast beyond the end of a grant: locked until it is right, never erased",
       30,
       15,
       {{kSync},
        {kPass, 8},
        {kSync},
        {kOpen},
        {kPlatform, 10},
        {kSync},
        {kLocked},
        {kPlatform, 0},
        {kSync},
        {kOpen}}},
      {"the platform is two years fast: a claim beyond other signatures moves nothing",
       30,
       365,
       {{kSync},
        {kPlatform, 730},
        {kSync},
        {kOpen},
        {kPass, 29},
        {kOpen},
        {kPlatform, 0},
        {kSync},
        {kPass, 29},
        {kOpen}}},
      {"the platform is 10 days slow: its metadata counts as expired, nothing is erased",
       30,
       365,
       {{kSync},
        {kPlatform, -10},
        {kPass, 1},
        {kSign},
        {kHearFails},
        {kOpen},
        {kPlatform, 0},
        {kSync},
        {kOpen}}},
      {"the end of a grant locks at once and erases when both clocks agree", 30, 20,
       repeated(22, {{kSync}, {kPass, 1}}, {{kErased}})},
      {"the office is two years fast for one sync: refused, locked, and as before afterwards",
       1,
       365,
       {{kSync},
        {kOffice, 730},
        {kSign},
        {kHearFails},
        {kLocked},
        {kOffice, 0},
        {kOpen},
        {kPass, 1},
        {kOpen},
        {kPass, 1},
        {kErased}}},
      {"the office is 6 days fast for one sync: a lease of a day stays one of a day",
       1,
       365,
       {{kOffice, 6}, {kSync}, {kOffice, 0}, {kPass, 1}, {kOpen}, {kPass, 1}, {kErased}}},
      {"the office is slow for ever: the lease still ends",
       30,
       365,
       {{kOffice, -4000}, {kSync}, {kOpen}, {kPass, 30}, {kOpen}, {kPass, 1}, {kErased}}},
      {"a clock set back after the sync lengthens nothing",
       30,
       365,
       {{kSync}, {kOffice, -400}, {kPass, 30}, {kOpen}, {kPass, 1}, {kErased}}},
      {"a wall clock gone wild locks and erases nothing",
       30,
       365,
       {{kSync}, {kOffice, 4000}, {kLocked}, {kOffice, 0}, {kOpen}}},
      {"twelve boots with the clock set back, one reading in each, end a lease",
       30,
       365,
       {{kSync},   {kOffice, -365}, {kOff, 1},  {kPass, 5}, {kOpen},    {kOff, 1},  {kPass, 5},
        {kOpen},   {kOff, 1},       {kPass, 5}, {kOpen},    {kOff, 1},  {kPass, 5}, {kOpen},
        {kOff, 1}, {kPass, 5},      {kOpen},    {kOff, 1},  {kPass, 5}, {kErased}}},
      {"without a boot id the uptime counts once, however often the home is opened",
       30,
       365,
       {{kForgetBootId},
        {kPass, 20},
        {kSync},
        {kOpen},
        {kOpen},
        {kOpen},
        {kPass, 1},
        {kOpen},
        {kOpen},
        {kPass, 28},
        {kOpen},
        {kPass, 2},
        {kErased}}},
      {"without a boot id boots count too",
       30,
       365,
       {{kForgetBootId},
        {kSync},
        {kOffice, -365},
        {kPass, 20},
        {kOpen},
        {kOff, 1},
        {kOpen},
        {kPass, 12},
        {kErased}}},
      {"a suspended machine: its boot clock goes on",
       30,
       365,
       {{kSync}, {kOffice, -60}, {kPass, 31}, {kErased}}},
      {"an older home is put back: the lease is that of its last contact",
       30,
       365,
       {{kSync},
        {kCopyHome},
        {kOff, 20},
        {kSync},
        {kOff, 20},
        {kOpen},
        {kRestoreHome},
        {kLocked},
        {kSync},
        {kOpen}}},
      {"a home moves to a machine that has been up for a year: that year does not count",
       30,
       365,
       {{kSync},
        {kPass, 1},
        {kOtherMachine, 365},
        {kOpen},
        {kPass, 28},
        {kOpen},
        {kPass, 3},
        {kErased}}},
      {"an old timestamp again: it ages by its own issue time, whatever the wall clock says",
       30,
       365,
       {{kSync}, {kOffice, -30}, {kPass, 6}, {kHear}, {kPass, 2}, {kHearFails}, {kOpen}}},
      {"before the first contact nothing is open and nothing erased",
       30,
       365,
       {{kLocked}, {kPass, 4000}, {kLocked}}},
  };
  return kRows;
}

}  // namespace

TEST_CASE("time: every history of right and wrong clocks ends as docs/time.md says") {
  for (const Row& row : table()) {
    CAPTURE(row.name);
    History history(days(row.lease_days), kStart + days(row.grant_days));
    int number = 0;
    for (const Step& step : row.steps) {
      ++number;
      CAPTURE(number);
      history.run(step);
    }
  }
}

TEST_CASE("time: in random histories nothing is erased early, and no lease is stretched") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  constexpr days kLease{30};
  int opened = 0, erased = 0;
  for (int round = 0; round < 300; ++round) {
    History history(kLease, kStart + days(4000));
    Awake on_at_contact{0};
    UnixTime contact = kStart;
    for (int step = 0; step < 60; ++step) {
      const int much = static_cast<int>(random() % 40);
      switch (random() % 6) {
        case 0:
          history.run({kPass, much});
          break;
        case 1:
          history.run({kOff, much});
          break;
        case 2:
          history.run({kOffice, random() % 2 == 0 ? 0 : much * 20 - 400});
          break;
        case 3:
          history.run({kPlatform, random() % 2 == 0 ? 0 : much - 20});
          break;
        default:
          history.sign();
          history.hear();
          break;
      }
      if (history.heard_at() != contact) on_at_contact = history.was_on();
      contact = history.heard_at();
      const LeaseVerdict verdict = history.verdict();
      opened += verdict == LeaseVerdict::kOpen;
      erased += verdict == LeaseVerdict::kErase;
      if (verdict == LeaseVerdict::kErase) CHECK(history.truth() - contact > kLease);
      if (verdict == LeaseVerdict::kOpen) CHECK(history.was_on() - on_at_contact <= kLease);
    }
  }
  CHECK(opened > 100);
  CHECK(erased > 100);
}

TEST_CASE("time: a platform that was wrong for a week at most heals every office at once") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 300; ++round) {
    History history(days(30), kStart + days(4000));
    for (int step = 0; step < 20; ++step) {  // the platform's clock is fast, by this or that
      history.run({kPlatform, static_cast<int>(random() % 60)});
      history.sign();
      history.hear();
      history.pass(hours(random() % 7));  // less than a week in all
      history.run({kOff, static_cast<int>(random() % 5)});
    }
    history.run({kPlatform, 0});
    history.run({kSync});
    history.run({kOpen});
  }
}

TEST_CASE("time: what was heard survives as bytes, and foreign bytes are damage") {
  const HeardTime heard{
      .evidence = {.newest = {.root_version = 2, .version = 7, .issued = kStart, .expires = kStart},
                   .said = {kStart, Awake(5)},
                   .trial = {kStart, Awake(6)},
                   .proven = {}},
      .contact = Contact{kStart, Awake(8)},
      .seen = kStart};
  const Bytes bytes = encode_heard_time(heard);
  const HeardTime read = must(parse_heard_time(bytes));
  CHECK(read.evidence == heard.evidence);
  CHECK(read.contact->at == heard.contact->at);
  CHECK(read.contact->awake == heard.contact->awake);
  CHECK(read.seen == heard.seen);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<HeardTime> cut = parse_heard_time(ByteView(bytes).first(size));
    CHECK(test::code_of(cut) == ErrorCode::kStorageDamaged);
  }
}
