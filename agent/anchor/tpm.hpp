// A TPM 2.0: its clock and one counter in its non-volatile memory, through libtss2, which is loaded
// when it is first needed. Neither can be set back with what is on the disk. Not thread-safe.
// TPM 2.0 Library, Part 3: TPM2_ReadClock, TPM2_NV_DefineSpace, TPM2_NV_Increment, TPM2_NV_Read.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace rootlet::agent {

struct TpmCounter {
  std::uint32_t index = 0;  // in the owner's range of the TPM
  SymmetricKey secret;      // its authorization value
};

class Tpm {
 public:
  // `tcti` names the TPM as libtss2 does: "device:/dev/tpmrm0". kUnreachable without
  // libtss2, or if no TPM answers there.
  static Result<Tpm> open(const std::string& tcti);
  Tpm(Tpm&&) noexcept;
  ~Tpm();

  // How long the TPM had power, in all; saved by the TPM at least every 70 minutes.
  Result<std::chrono::milliseconds> clock();
  // Under a new index.
  Result<TpmCounter> make_counter();
  // nullopt if this TPM does not have it.
  Result<std::optional<std::uint64_t>> read(const TpmCounter& counter);
  Status increment(const TpmCounter& counter);

 private:
  struct Connection;
  explicit Tpm(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace rootlet::agent
