// The closed set of errors. Each code has one remedy, one exit code and one sentence of advice in
// English and Chinese; this is the only place that maps codes to them.
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
  kNoAccess,      // this user may not use the agent or the realm's files on this machine
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

// An error as a value. `message` names the operation and the object by its ids, never by contents.
// `field` names the input field for kBadInput ("name", "line 7, column code"), else it is empty.
// The special members are defined in error.cpp because every Result of the program would inline
// them.
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
  long retry_after_seconds = 0;  // for kUnreachable: as the server asked; 0: it did not
};

Error fail(ErrorCode code, std::string message);
Error bad_input(std::string message, std::string field, Text hint = {});

// The same error with the caller's context in front: "open home: read key: permission denied".
Error within(std::string_view where, Error error);

Remedy remedy_of(ErrorCode code);

// The exit code of both programs; part of their interface.
int exit_code_of(ErrorCode code);

// A stable word for JSON and logs, for example "not_permitted".
std::string_view name_of(ErrorCode code);

// The inverse of name_of; unknown words give kInternal.
ErrorCode error_code_named(std::string_view name);

// What was kept and what to do now, for people.
Text advice_for(ErrorCode code);

}  // namespace rootlet
