// The reconciliation sheet of an office: what it reports to hold, beside what was published. Two
// ends that say the same of every stream have lost nothing in between.
#pragma once

#include <map>
#include <span>

#include "platform/intake/intake.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

enum class HeldState {
  kSame,     // the newest version, and its digest
  kBehind,   // an older version, and the digest that it was published with
  kOld,      // an older version that the publisher does not remember: nothing to compare with
  kDiffers,  // another digest or other rows than were published under this version
  kUnknown,  // a stream or a version that this realm did not publish
};
std::string_view name_of(HeldState state);  // "same", "behind", …

// What was published of a stream. Digests have their first kHeldDigestDigits digits.
struct PublishedStream {
  Version head = 0;
  std::uint64_t rows = 0;                       // of the head
  std::map<Version, std::string> digests = {};  // of the versions that are remembered, the head too
};

// Pure. `published` is null for a stream that was not.
HeldState compare_held(const HeldVersion& held, const PublishedStream* published);

struct SheetLine {
  intake::HeldReport report;
  Version head = 0;  // 0: not published
  HeldState state = HeldState::kUnknown;
};
// By stream.
Result<std::vector<SheetLine>> office_sheet(Realm& realm,
                                            const std::vector<intake::HeldReport>& reports);

}  // namespace rootlet::platform
