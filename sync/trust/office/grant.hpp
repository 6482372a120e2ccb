// What one office may hold and read, and the content keys for it
// (docs/adr/0004-grants-are-pinned-by-the-directory.md). A grant file is an envelope of type
// "grant", sealed to the office and signed by the grants role; its sequence is the grant version.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"
#include "sync/trust/office/content_keys.hpp"
#include "sync/trust/office/directory_keys.hpp"

namespace rootlet {

// How much of a dataset a grant gives.
inline constexpr std::string_view kModeFull = "full";      // rows, as far as the grade goes
inline constexpr std::string_view kModeMasked = "masked";  // rows; graded columns as masks
inline constexpr std::string_view kModeVerify = "verify";  // yes or no about a value; shows no row
inline constexpr std::string_view kModeNone = "none";      // nothing lands: asked online only

// Of a grant that was given in an emergency: short, tagged wherever it is shown, never extended.
struct Emergency {
  std::string reason;
  UnixTime since{};
  bool operator==(const Emergency&) const = default;
};
inline constexpr std::chrono::days kEmergencyLife{30};

// What one person may take of a dataset in a day; 0: as without a cap (core/local_limits.hpp).
struct GrantCaps {
  std::int64_t rows = 0;     // by reads that are no exports
  std::int64_t exports = 0;  // files
  bool operator==(const GrantCaps&) const = default;
};
inline constexpr GrantCaps kLargestCaps{.rows = 1'000'000, .exports = 1'000};

struct Grant {
  std::string dataset;
  std::vector<std::string> divisions;  // prefixes, or "all"
  Grade max_grade = 1;
  std::string basis, scenario;
  std::vector<std::string> purposes;
  std::string mode = std::string(kModeFull);
  UnixTime until{};
  int lease_days = 30;
  bool may_export = false;
  std::string approver;
  // Datasets that one SQL statement may read together with this one, if their grants name it too.
  std::vector<std::string> join = {};
  std::optional<Emergency> emergency = {};
  GrantCaps caps = {};

  // Whether rows land at the office, to be shown or compared.
  bool lands() const { return mode != kModeNone; }
  // The highest grade whose values land. A masked grant gives grade 1, which has the masked values,
  // whatever its grade.
  Grade opened_grade() const {
    if (mode == kModeNone) return 0;
    return mode == kModeMasked ? Grade{1} : max_grade;
  }
};

struct GrantFile {
  std::string office;
  std::uint64_t version = 0;
  UnixTime issued{};
  bool suspended = false;     // locked, not erased, until a later file
  bool revoked = false;       // the last file of this office: no grants
  std::string settled_loss;   // the record by which its machine reported a loss that is settled
  std::vector<Grant> grants;  // at most one per dataset
  std::vector<ContentKey> keys;
  // Beyond those of the invitation: of other nodes on the paths to its divisions, and of the
  // heads_stream() of each granted dataset and division.
  DirectoryKeys directory_keys;

  const Grant* for_dataset(std::string_view dataset) const;
  // The same, and null if the grant lets nothing land: what the office holds of it, it erases.
  const Grant* landing(std::string_view dataset) const;
  // Derived from the key of a granted division; nullopt if there is none.
  std::optional<SymmetricKey> key_for(const StreamName& stream, Grade grade,
                                      std::uint32_t epoch) const {
    return find_content_key(keys, stream, grade, epoch);
  }
};

std::string encode_grant_file(const GrantFile& file);       // JSON
Result<GrantFile> parse_grant_file(std::string_view text);  // strict; kUntrusted on any mistake
// Whether one SQL statement may read both datasets.
bool may_join(const Grant& a, const Grant& b);
bool grant_covers(const Grant& grant, std::string_view partition);  // by its divisions

}  // namespace rootlet
