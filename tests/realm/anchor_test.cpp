// A home that is copied back from an older time, on a machine with a TPM: swtpm, a TPM 2.0 in
// software, as a process of its own.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/wait.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>
#include <unistd.h>

#include <thread>

#include "agent/anchor/home_anchor.hpp"
#include "agent/anchor/tpm.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;
using std::chrono::days;
using std::chrono::hours;

namespace {

namespace fs = std::filesystem;

const People kRows = {{"a", {"1101", "2", "13812345678"}}, {"b", {"1201", "3", ""}}};

// Two ports side by side that nobody listens on.
int free_ports() {
  for (int tries = 0; tries < 100; ++tries) {
    const int port = 20000 + static_cast<int>(std::random_device{}() % 20000);
    bool are_free = true;
    for (int at = port; at < port + 2; ++at) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<std::uint16_t>(at));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const int file = ::socket(AF_INET, SOCK_STREAM, 0);
      are_free =
          are_free && ::bind(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
      ::close(file);
    }
    if (are_free) return port;
  }
  FAIL("no free ports");
  return 0;
}

// The TPM of one machine.
class SoftTpm {
 public:
  SoftTpm() { start(); }
  ~SoftTpm() { stop(); }

  void start() {
    const std::string state = "dir=" + folder_.path().string();
    const std::string port = std::to_string(port_), control = std::to_string(port_ + 1);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state.c_str(), "--server",
               ("type=tcp,port=" + port).c_str(), "--ctrl", ("type=tcp,port=" + control).c_str(),
               "--flags", "startup-clear", "--seccomp", "action=none", nullptr);
      ::_exit(127);
    }
    for (int tries = 0; tries < 200; ++tries) {
      if (agent::Tpm::open(name()).has_value()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    FAIL("swtpm does not answer; scripts/deps.sh installs it");
  }
  void stop() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }
  // What its non-volatile memory holds, as of now.
  void keep_memory() {
    std::filesystem::remove_all(kept_.path() / "memory");
    std::filesystem::copy(folder_.path(), kept_.path() / "memory",
                          std::filesystem::copy_options::recursive);
  }
  void put_memory_back() {
    stop();
    std::filesystem::copy(kept_.path() / "memory", folder_.path(),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    start();
  }
  std::string name() const { return "swtpm:host=127.0.0.1,port=" + std::to_string(port_); }

  // As if it had power for so much longer (TPM2_ClockSet; a TPM's clock only goes forward).
  void pass(std::chrono::milliseconds time) {
    TSS2_TCTI_CONTEXT* transport = nullptr;
    ESYS_CONTEXT* esys = nullptr;
    REQUIRE(Tss2_TctiLdr_Initialize(name().c_str(), &transport) == TSS2_RC_SUCCESS);
    REQUIRE(Esys_Initialize(&esys, transport, nullptr) == TSS2_RC_SUCCESS);
    TPMS_TIME_INFO* now = nullptr;
    REQUIRE(Esys_ReadClock(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &now) ==
            TSS2_RC_SUCCESS);
    const UINT64 later = now->clockInfo.clock + static_cast<UINT64>(time.count());
    CHECK(Esys_ClockSet(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                        later) == TSS2_RC_SUCCESS);
    Esys_Free(now);
    Esys_Finalize(&esys);
    Tss2_TctiLdr_Finalize(&transport);
  }

 private:
  TempDir folder_, kept_;
  int port_ = free_ports();
  pid_t child_ = 0;
};

struct Scene {
  SoftTpm tpm;
  LiveRealm realm{53};
  LiveOffice* office = nullptr;
  TempDir kept;
  int boots = 0;

  Scene() {
    realm.publish(kRows);
    office = &realm.add_office("xinfeng");
    office->context.settings.anchor = tpm.name();
    hold();
    must_cycle();
    must_cycle();
    REQUIRE(office->rows().size() == 2);
  }
  // The agent starts.
  void hold() { must(agent::hold_anchor(office->context)); }
  void must_cycle() {
    realm.clock.pass(hours(1));
    realm.renew();
    const agent::CycleResult result = office->cycle();
    if (result.error) FAIL(result.error->message);
  }
  void copy_home() {
    fs::remove_all(kept.path() / "home");
    fs::copy(office->home().folder(), kept.path() / "home", fs::copy_options::recursive);
  }
  // Somebody puts the copy back while the agent is stopped, and starts it.
  void copy_back() {
    fs::remove_all(office->home().folder());
    fs::copy(kept.path() / "home", office->home().folder(), fs::copy_options::recursive);
    hold();
  }
  std::string why_locked() { return office->open().copy_lock().why; }
  std::string refusal() {
    const json::object args{{"dataset", "people"},
                            {"purpose", "care"},
                            {"limit", 1},
                            {"columns", json::array{}},
                            {"where", json::array{}}};
    const auto answer = office->call("query", args);
    return answer.has_error() ? answer.error().message : "";
  }
};

}  // namespace

TEST_CASE("anchor: a home from before an order is found out, and opens after a contact") {
  Scene scene;
  scene.copy_home();
  scene.realm.suspend("xinfeng");
  scene.must_cycle();
  CHECK(scene.refusal().find("suspended") != std::string::npos);
  scene.office->link.is_down = true;
  scene.copy_back();
  CHECK(scene.why_locked().find("older than the counter") != std::string::npos);
  CHECK(scene.refusal().find("may be an older copy") != std::string::npos);
  CHECK(scene.office->cycle().error);  // the link is down: no contact, no change
  scene.copy_back();                   // again is no help
  CHECK(scene.refusal().find("may be an older copy") != std::string::npos);

  scene.office->link.is_down = false;
  scene.realm.suspend("xinfeng", false);
  scene.must_cycle();
  CHECK(scene.why_locked().empty());
  CHECK(scene.refusal().empty());
  scene.hold();
  CHECK(scene.why_locked().empty());

  // The copy is still an older one.
  scene.copy_back();
  CHECK(scene.why_locked().find("older than the counter") != std::string::npos);
}

TEST_CASE("anchor: a lease ends by the TPM's clock, whatever home is copied back") {
  for (const bool has_anchor : {false, true}) {
    CAPTURE(has_anchor);
    Scene scene;
    const UnixTime start = scene.realm.clock.wall();
    scene.copy_home();
    scene.office->link.is_down = true;
    scene.tpm.pass(days(31));  // the machine works on; the lease is of 30 days
    scene.realm.clock.set_wall(start);
    if (!has_anchor) {
      // What the lock would say is not the question here.
      scene.office->context.settings.anchor.clear();
      agent::Office office = scene.office->open();
      must(office.keys().forget_fact("anchor"));
      scene.copy_home();
    }
    scene.office->context.boot = "another";
    scene.copy_back();
    CHECK(scene.why_locked().empty());  // nothing was ordered since
    if (has_anchor) {
      CHECK(scene.refusal().find("lease") != std::string::npos);
    } else {
      CHECK(scene.refusal().empty());
    }
  }
}

TEST_CASE("anchor: a home on another machine, without its TPM or without the setting is locked") {
  Scene scene;
  SoftTpm other;
  Settings& settings = scene.office->context.settings;
  struct Case {
    const char* why;
    std::string anchor;
  };
  for (const Case& one : {Case{"does not have its counter", other.name()},
                          Case{"no TPM answers at", "swtpm:port=1"}, Case{"was taken away", ""}}) {
    CAPTURE(one.why);
    settings.anchor = one.anchor;
    scene.hold();
    CHECK(scene.why_locked().find(one.why) != std::string::npos);
    CHECK(scene.refusal().find("may be an older copy") != std::string::npos);
    scene.must_cycle();
    CHECK(scene.why_locked().empty());
    CHECK(scene.refusal().empty());
    settings.anchor = scene.tpm.name();
    scene.hold();  // a new counter where there was none
    scene.must_cycle();
    CHECK(scene.why_locked().empty());
  }
}

TEST_CASE("anchor: a crash after an order was noted and before it was counted is no older copy") {
  Scene scene;
  scene.copy_home();
  scene.tpm.keep_memory();
  scene.realm.suspend("xinfeng");
  scene.must_cycle();
  scene.tpm.put_memory_back();  // as if the counter had not gone on
  scene.hold();
  CHECK(scene.why_locked().empty());
  CHECK(scene.refusal().find("suspended") != std::string::npos);
  scene.copy_back();  // counted now
  CHECK(scene.why_locked().find("older than the counter") != std::string::npos);
}

TEST_CASE("anchor: a restart of the TPM and a TPM that comes back change nothing") {
  Scene scene;
  scene.tpm.stop();
  scene.realm.suspend("xinfeng");
  scene.must_cycle();  // an order that cannot be counted now
  scene.tpm.start();
  scene.realm.suspend("xinfeng", false);
  scene.copy_home();
  scene.must_cycle();
  scene.hold();
  CHECK(scene.why_locked().empty());
  CHECK(scene.refusal().empty());
  scene.copy_back();
  CHECK_FALSE(scene.why_locked().empty());
}

TEST_CASE("anchor: a setting that no TPM answers is refused before anything depends on it") {
  LiveRealm realm(53);
  realm.publish(kRows);
  LiveOffice& office = realm.add_office("xinfeng");
  office.context.settings.anchor = "swtpm:port=1";
  const Status refused = agent::hold_anchor(office.context);
  CHECK(code_of(refused) == ErrorCode::kUsage);
  CHECK(refused.error().field == "anchor");
}
