// Browsers of the office's network that may open the console: one person and one role each. The
// operator asks for a code, the person types it once, and the browser keeps a secret whose hash
// keys.db remembers. Codes are in memory and few; after some wrong ones all waiting codes are void.
//
// Thread-safe. Each call opens keys.db itself.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/channel/role_groups.hpp"
#include "agent/office/key_store.hpp"

namespace rootlet::agent {

struct PairedBrowser {
  std::string name;  // of the person
  Role role = Role::kClerk;
  Hash256 secret{};  // of what the browser keeps
  UnixTime paired{}, until{};
};

// By its name_of(); kBadInput for any other text.
Result<Role> role_named(std::string_view name);

class Pairings {
 public:
  using Time = std::chrono::milliseconds;  // since boot

  // A code for `name`, as XXXX-XXXX, valid for limits::kPairingCodeTime. kBadInput if a browser is
  // paired under this name, or the name is none.
  Result<std::string> make_code(KeyStore& keys, const std::string& name, Role role,
                                std::chrono::days valid, Time now, UnixTime wall);

  struct Paired {
    std::string secret;
    PairedBrowser browser;
  };
  // kNoAccess with what is wrong: no such code, a late one, or too many wrong ones.
  Result<Paired> redeem(KeyStore& keys, std::string_view code, Time now, UnixTime wall);

  // The browser that keeps `secret`; nothing if it was unpaired or its time is over.
  Result<std::optional<PairedBrowser>> find(KeyStore& keys, std::string_view secret, UnixTime wall);
  Result<std::vector<PairedBrowser>> list(KeyStore& keys);
  Status remove(KeyStore& keys, const std::string& name);  // kBadInput if there is none

 private:
  struct Code {
    std::string text;
    PairedBrowser browser;
    std::chrono::days valid{};
    Time made{};
  };
  std::mutex mutex_;
  std::vector<Code> codes_;  // under mutex_
  int wrong_ = 0;            // attempts since the oldest waiting code; under mutex_
};

}  // namespace rootlet::agent
