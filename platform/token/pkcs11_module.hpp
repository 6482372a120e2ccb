// A PKCS#11 module (OASIS, PKCS #11 2.40): a shared library by which programs speak to a token.
// Loaded at run time and called directly. One module is open in a process at a time, because the
// interface's state belongs to the process. Numbers that a module returns are not believed:
// its callers check each against the room that they gave.
#pragma once

#include <p11-kit/pkcs11.h>

#include <mutex>

#include "core/result.hpp"

namespace rootlet::platform {

class Pkcs11Module {
 public:
  // Waits while another module is open. kUsage unless `file` is an absolute path; kStorage if the
  // file is missing, is no PKCS#11 module or does not start.
  static Result<Pkcs11Module> open(const std::filesystem::path& file);
  Pkcs11Module(Pkcs11Module&& other) noexcept;
  Pkcs11Module& operator=(Pkcs11Module&&) = delete;
  ~Pkcs11Module();

  const CK_FUNCTION_LIST& call() const { return *functions_; }

 private:
  Pkcs11Module(std::unique_lock<std::mutex> turn, const CK_FUNCTION_LIST* functions)
      : turn_(std::move(turn)), functions_(functions) {}
  std::unique_lock<std::mutex> turn_;
  const CK_FUNCTION_LIST* functions_;  // null: moved from
};

// A module is code that runs with this program's rights, and a realm's folder names it. So it must
// lie below /usr or /opt, belong to root and be writable by nobody else. kNoAccess otherwise.
Status check_place_of_module(const std::filesystem::path& file);

// An error with its cause and remedy in both languages.
Error token_error(ErrorCode code, std::string message, Text what_to_do);

}  // namespace rootlet::platform
