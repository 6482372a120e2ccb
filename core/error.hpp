// What can go wrong, in a closed set. Each code has one remedy, one exit code and one sentence for
// people in both languages; nothing else in the program maps errors to these three.
#pragma once

#include <string>
#include <string_view>

#include "core/text.hpp"

namespace rootlet {

enum class ErrorCode {
  kInternal,      // a bug, or a library that broke its contract
  kUsage,         // the command line or the configuration is wrong
  kUnreachable,   // no link, a time-out, a busy server
  kUntrusted,     // signature, rollback, expiry, digest, length: the bytes are not what was signed
  kNotPermitted,  // no grant, purpose not granted, column not granted, role lacks the right
  kLeaseEnded,    // granted once, but the lease ran out
  kStorage,       // a file could not be read or written
  kStorageFull,   // no space left
  kStorageDamaged,  // a database or its key does not open, or its content is inconsistent
  kBusy,            // another process holds the home or realm
  kNotEnrolled,     // the home has no office yet
  kBadInput,        // a file, record or option value that does not satisfy its rules
  kFork,            // the upstream already holds other bytes under this sequence number
};

enum class Remedy { kRetry, kRefetch, kWaitForOperator, kRefuse };

// An error as a value. `message` says where and which (ids, never contents); `field` names the
// input field for kBadInput ("name", "line 7, column code"), else it is empty. Its members are
// defined out of line because every function of this program carries one in its result.
struct Error {
  Error(ErrorCode error_code, std::string words, std::string input_field = {}, Text rule = {});
  Error(const Error&);
  Error(Error&&) noexcept;
  Error& operator=(const Error&);
  Error& operator=(Error&&) noexcept;
  ~Error();

  ErrorCode code;
  std::string message;
  std::string field;
  Text hint;                     // for kBadInput: the rule in plain words, both languages
  long retry_after_seconds = 0;  // for kUnreachable: the server's own wish, 0 = none given
};

Error fail(ErrorCode code, std::string message);
Error bad_input(std::string message, std::string field, Text hint = {});

// The same error, told from one floor up: "open home: read key: permission denied".
Error within(std::string_view where, Error error);

Remedy remedy_of(ErrorCode code);

// Exit codes are DESIGN section 7.1's contract.
int exit_code_of(ErrorCode code);

// A stable word for JSON and logs, for example "not_permitted".
std::string_view name_of(ErrorCode code);

// The inverse of name_of; unknown words give kInternal.
ErrorCode error_code_named(std::string_view name);

// What was kept and what to do now, in plain words.
Text advice_for(ErrorCode code);

}  // namespace rootlet
