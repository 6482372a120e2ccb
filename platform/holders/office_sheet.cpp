// Digests are those of the first section, which every office has.
#include "platform/holders/office_sheet.hpp"

namespace rootlet::platform {
namespace {

std::string digest_in(const std::map<Grade, Hash256>& digests) {
  return digests.empty() ? "" : to_hex(digests.begin()->second).substr(0, kHeldDigestDigits);
}

}  // namespace

std::string_view name_of(HeldState state) {
  constexpr std::string_view kNames[] = {"same", "behind", "old", "differs", "unknown"};
  return kNames[static_cast<std::size_t>(state)];
}

HeldState compare_held(const HeldVersion& held, const PublishedStream& published) {
  if (held.version > published.head) return HeldState::kUnknown;
  const auto digest = published.digests.find(held.version);
  if (digest == published.digests.end()) return HeldState::kOld;
  if (digest->second != held.digest) return HeldState::kDiffers;
  if (held.version < published.head) return HeldState::kBehind;
  return held.rows == published.rows ? HeldState::kSame : HeldState::kDiffers;
}

Result<OfficeSheets::Dataset*> OfficeSheets::dataset(const std::string& id) {
  const auto [found, is_new] = datasets_.try_emplace(id);
  Dataset& dataset = found->second;
  const fs::path path = realm_.folder().state(id);
  std::error_code unknown;
  if (!is_new || !fs::exists(path, unknown)) return &dataset;
  ROOTLET_TRY(PublisherState state, PublisherState::open(path, realm_.key(), OpenMode::kReadWrite));
  dataset.state.emplace(std::move(state));
  ROOTLET_TRY(dataset.heads, dataset.state->heads());
  return &dataset;
}

Result<PublishedStream> OfficeSheets::load(const StreamName& name) {
  ROOTLET_TRY(Dataset * of, dataset(name.dataset));
  const auto found = of->heads.find(name.partition);
  if (found == of->heads.end()) return PublishedStream();
  const StreamHead& head = found->second;
  PublishedStream stream{.head = head.version, .rows = head.rows, .digests = {}};
  ROOTLET_TRY(const std::vector<PastVersion> past, of->state->history(head).versions());
  for (const PastVersion& one : past) stream.digests[one.version] = digest_in(one.digests);
  stream.digests[stream.head] = digest_in(head.digests);
  return stream;
}

Result<std::vector<SheetLine>> OfficeSheets::lines_of(
    const std::vector<intake::HeldReport>& reports) {
  std::vector<SheetLine> lines;
  for (const intake::HeldReport& report : reports) {
    const StreamName& name = report.held.stream;
    if (!streams_.contains(name)) {
      ROOTLET_TRY(streams_[name], load(name));
    }
    const PublishedStream& stream = streams_.at(name);
    lines.push_back(
        {.report = report, .head = stream.head, .state = compare_held(report.held, stream)});
  }
  return lines;
}

}  // namespace rootlet::platform
