// Where a token's PIN comes from: the file that an environment variable names, else a systemd
// credential, else a person at the terminal. Never an argument of a command, which every user of
// the machine could read.
#pragma once

#include "core/bytes.hpp"

namespace rootlet::platform {

// Names a file whose one line is the PIN.
inline constexpr const char* kPinVariable = "ROOTLET_REALM_PIN_FILE";
// The systemd credential with that line.
inline constexpr std::string_view kPinCredential = "rootlet-realm-pin";

struct Pin {
  Bytes bytes;  // 1 to limits::kPinBytes
  bool is_typed;
};

// Whether read_pin() needs no person.
bool pin_is_at_hand();
// kUsage if there is neither file nor terminal, or the file is not one line.
Result<Pin> read_pin(const std::string& token);

}  // namespace rootlet::platform
