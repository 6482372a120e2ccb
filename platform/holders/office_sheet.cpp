// Opens the publisher's state of each dataset once.
#include "platform/holders/office_sheet.hpp"

#include "platform/publish/publisher_state.hpp"

namespace rootlet::platform {
namespace {

std::string cut(const Hash256& digest) {
  return to_hex(digest).substr(0, kHeldDigestDigits);
}

// Of the first section, which every office has.
std::string digest_in(const std::map<Grade, Hash256>& digests) {
  return digests.empty() ? "" : cut(digests.begin()->second);
}

class Published {
 public:
  explicit Published(Realm& realm) : realm_(realm) {}

  // Null if it was not published.
  Result<const PublishedStream*> find(const StreamName& name) {
    const auto known = streams_.find(name);
    if (known != streams_.end()) return known->second.head == 0 ? nullptr : &known->second;
    ROOTLET_TRY(streams_[name], load(name));
    const PublishedStream& stream = streams_.at(name);
    return stream.head == 0 ? nullptr : &stream;
  }

 private:
  Result<PublishedStream> load(const StreamName& name) {
    if (dataset_ != name.dataset) {
      ROOTLET_TRY(open(name.dataset));
    }
    const auto head = heads_.find(name.partition);
    if (!state_.has_value() || head == heads_.end()) return PublishedStream();
    PublishedStream stream{.head = head->second.version, .rows = head->second.rows, .digests = {}};
    stream.digests[stream.head] = digest_in(head->second.digests);
    ROOTLET_TRY(const std::vector<PastVersion> past, state_->history(head->second).versions());
    for (const PastVersion& one : past) stream.digests[one.version] = digest_in(one.digests);
    return stream;
  }

  Status open(const std::string& dataset) {
    dataset_ = dataset;
    heads_.clear();
    state_.reset();
    const fs::path path = realm_.folder().state(dataset);
    std::error_code unknown;
    if (!fs::exists(path, unknown)) return ok();
    ROOTLET_TRY(PublisherState state,
                PublisherState::open(path, realm_.key(), OpenMode::kReadWrite));
    state_.emplace(std::move(state));
    ROOTLET_TRY(heads_, state_->heads());
    return ok();
  }

  Realm& realm_;
  std::string dataset_;
  std::optional<PublisherState> state_;
  std::map<std::string, StreamHead> heads_;
  std::map<StreamName, PublishedStream> streams_;
};

}  // namespace

std::string_view name_of(HeldState state) {
  constexpr std::string_view kNames[] = {"same", "behind", "old", "differs", "unknown"};
  return kNames[static_cast<std::size_t>(state)];
}

HeldState compare_held(const HeldVersion& held, const PublishedStream* published) {
  if (published == nullptr || held.version > published->head) return HeldState::kUnknown;
  const auto digest = published->digests.find(held.version);
  if (digest == published->digests.end()) return HeldState::kOld;
  if (digest->second != held.digest) return HeldState::kDiffers;
  if (held.version < published->head) return HeldState::kBehind;
  return held.rows == published->rows ? HeldState::kSame : HeldState::kDiffers;
}

Result<std::vector<SheetLine>> office_sheet(Realm& realm,
                                            const std::vector<intake::HeldReport>& reports) {
  Published published(realm);
  std::vector<SheetLine> lines;
  for (const intake::HeldReport& report : reports) {
    ROOTLET_TRY(const PublishedStream* stream, published.find(report.held.stream));
    lines.push_back({.report = report,
                     .head = stream == nullptr ? 0 : stream->head,
                     .state = compare_held(report.held, stream)});
  }
  return lines;
}

}  // namespace rootlet::platform
