// What a person may do here (docs/ARCHITECTURE.md, "Who may do what"): a clerk reads granted data
// and collects, an operator runs and diagnoses, an auditor reads the ledger. Pure.
#pragma once

#include <cstdint>

namespace rootlet::agent {

enum class Role : std::uint8_t { kClerk = 1, kOperator = 2, kAuditor = 4 };

// A set of roles.
class Roles {
 public:
  constexpr Roles() = default;
  constexpr Roles(Role one) : bits_(static_cast<std::uint8_t>(one)) {}
  static constexpr Roles all() { return Roles(Role::kClerk) | Role::kOperator | Role::kAuditor; }

  constexpr bool has(Role role) const { return (bits_ & static_cast<std::uint8_t>(role)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr Roles operator|(Roles a, Roles b) {
    a.bits_ = static_cast<std::uint8_t>(a.bits_ | b.bits_);
    return a;
  }
  friend constexpr bool operator==(Roles, Roles) = default;

 private:
  std::uint8_t bits_ = 0;
};

}  // namespace rootlet::agent
