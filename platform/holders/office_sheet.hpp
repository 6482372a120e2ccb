// The reconciliation sheet of an office: what it reports to hold, beside what was published. Two
// ends that say the same of every stream have lost nothing in between.
#pragma once

#include <map>

#include "platform/intake/intake.hpp"
#include "platform/publish/publisher_state.hpp"
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
  Version head = 0;                             // 0: it was not published
  std::uint64_t rows = 0;                       // of the head
  std::map<Version, std::string> digests = {};  // of the versions that are remembered, the head too
};

// Pure.
HeldState compare_held(const HeldVersion& held, const PublishedStream& published);

struct SheetLine {
  intake::HeldReport report;
  Version head = 0;  // 0: not published
  HeldState state = HeldState::kUnknown;
};

// Sheets of many offices: the publisher's state of each dataset is opened once, and each stream is
// read once.
class OfficeSheets {
 public:
  explicit OfficeSheets(Realm& realm) : realm_(realm) {}  // which must outlive this
  // By stream.
  Result<std::vector<SheetLine>> lines_of(const std::vector<intake::HeldReport>& reports);

 private:
  struct Dataset {
    std::optional<PublisherState> state;  // none if it was never published
    std::map<std::string, StreamHead> heads;
  };
  Result<Dataset*> dataset(const std::string& id);
  Result<PublishedStream> load(const StreamName& name);

  Realm& realm_;
  std::map<std::string, Dataset> datasets_;
  std::map<StreamName, PublishedStream> streams_;
};

}  // namespace rootlet::platform
