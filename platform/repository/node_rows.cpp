#include "platform/repository/node_rows.hpp"

#include <algorithm>

#include "platform/realm/find_dataset.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

std::size_t digits_in(std::string_view division) {
  return division == "all" ? 0 : division.size();
}

DirectoryRow pack_row(const PackEntry& pack) {
  return {.kind = DirectoryKind::kPack,
          .id = pack.stream.text(),
          .a = static_cast<std::int64_t>(pack.from),
          .b = static_cast<std::int64_t>(pack.to),
          .size = static_cast<std::int64_t>(pack.file_bytes),
          .time = static_cast<std::int64_t>(pack.header_bytes),
          .file = pack.file,
          .offset = static_cast<std::int64_t>(pack.offset)};
}

DirectoryRow stream_row(const StreamEntry& stream) {
  return {.kind = DirectoryKind::kStream,
          .id = stream.name.text(),
          .a = static_cast<std::int64_t>(stream.version),
          .b = static_cast<std::int64_t>(stream.rows),
          .size = stream.epoch,
          .time = unix_s(stream.published),
          .hash = pinned_digest(SectionDigest(stream.digest))};
}

StreamEntry as_entry(const DirectoryStream& stream) {
  return {.name = stream.name,
          .version = stream.version,
          .epoch = 1,
          .rows = stream.rows,
          .published = stream.published,
          .digest = stream.digest};
}

DirectoryRow form_row(FormEntry form) {
  return {
      .kind = DirectoryKind::kForm, .id = std::move(form.id), .body = std::move(form.definition)};
}

DirectoryRow grant_row(const OfficeEntry& office) {
  return {.kind = DirectoryKind::kGrant,
          .id = grant_token(*office.signing_key),
          .a = static_cast<std::int64_t>(office.grant_version),
          .size = static_cast<std::int64_t>(office.grant_bytes),
          .time = unix_s(office.grant_issued),
          .hash = std::string(as_text(office.grant_hash))};
}

}  // namespace

std::vector<NodeSlice> cut_into_slices(const std::vector<NodeEntry>& entries) {
  const auto streams =
      std::ranges::count_if(entries, [](const NodeEntry& entry) { return !entry.rows.empty(); });
  if (static_cast<std::size_t>(streams) <= kStreamsInNode) return {};
  std::map<std::vector<std::string>, NodeSlice> by_audience;
  for (const NodeEntry& entry : entries) {
    const auto [slice, is_new] = by_audience.try_emplace(entry.audience);
    if (is_new) slice->second.dataset = entry.dataset;
    slice->second.rows.insert(slice->second.rows.end(), entry.rows.begin(), entry.rows.end());
  }
  std::vector<NodeSlice> slices;
  for (auto& [audience, slice] : by_audience) {
    if (!slice.rows.empty()) slices.push_back(std::move(slice));
  }
  return slices;
}

DirectoryRow node_row(const DirectoryStream& stream, const PackEntry& pack) {
  return {.kind = DirectoryKind::kNode,
          .id = stream.name.text(),
          .a = static_cast<std::int64_t>(stream.version),
          .size = static_cast<std::int64_t>(pack.file_bytes),
          .file = pack.file,
          .offset = static_cast<std::int64_t>(pack.offset),
          .hash = pinned_digest(SectionDigest(stream.digest))};
}

Result<std::size_t> NodeReader::digits_of(const std::string& dataset) {
  const auto found = digits_.find(dataset);
  if (found != digits_.end()) return found->second;
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry_, dataset));
  return digits_[dataset] = static_cast<std::size_t>(definition.division_digits);
}

Result<DirectoryRows> NodeReader::entry_rows(const std::string& dataset,
                                             const std::string& division) {
  ROOTLET_TRY(const std::size_t cut, digits_of(dataset));
  const std::size_t digits = digits_in(division);
  if (cut > digits) return head_rows(heads_stream(dataset, division));
  DirectoryRows rows;
  if (cut < digits) return rows;
  const StreamName name{dataset, division};
  ROOTLET_TRY(const std::optional<StreamEntry> stream, registry_.stream(name));
  if (!stream.has_value()) return rows;
  rows.push_back(stream_row(*stream));
  ROOTLET_TRY(const std::vector<PackEntry> packs, registry_.packs_of(name));
  for (const PackEntry& pack : packs) {
    if (!pack.retired.has_value()) rows.push_back(pack_row(pack));
  }
  return rows;
}

Result<std::vector<NodeEntry>> NodeReader::entries_of(const std::string& division) {
  ROOTLET_TRY(const std::vector<Registry::Naming> namings, registry_.namings_of(division));
  std::vector<NodeEntry> entries;
  for (const Registry::Naming& naming : namings) {
    if (entries.empty() || entries.back().dataset != naming.dataset) {
      entries.push_back({.dataset = naming.dataset, .audience = {}, .rows = {}});
      ROOTLET_TRY(entries.back().rows, entry_rows(naming.dataset, division));
    }
    entries.back().audience.push_back(naming.office);
  }
  return entries;
}

Result<DirectoryRows> NodeReader::frame_of(const std::string& division) {
  DirectoryRows rows;
  ROOTLET_TRY(const std::vector<DirectoryStream> below, registry_.tree().nodes_below(division));
  for (const DirectoryStream& child : below) {
    ROOTLET_TRY(add_node_row(child.name, rows));
  }
  ROOTLET_TRY(add_node_row(offices_stream(division), rows));
  if (division != catalogue_stream().partition) return rows;
  ROOTLET_TRY(const DirectoryRows catalogue, head_rows(catalogue_stream()));
  rows.insert(rows.end(), catalogue.begin(), catalogue.end());
  return rows;
}

Status NodeReader::add_node_row(const StreamName& name, DirectoryRows& rows) {
  ROOTLET_TRY(const DirectoryStream stream, registry_.tree().stream(name));
  if (!stream.is_present) return ok();
  ROOTLET_TRY(const std::vector<PackEntry> packs, registry_.tree().packs_of(name));
  if (packs.empty()) return fail(ErrorCode::kInternal, "directory: no pack of " + name.text());
  rows.push_back(node_row(stream, packs.back()));
  return ok();
}

Result<DirectoryRows> NodeReader::head_rows(const StreamName& name) {
  DirectoryRows rows;
  ROOTLET_TRY(const DirectoryStream stream, registry_.tree().stream(name));
  if (!stream.is_present) return rows;
  rows.push_back(stream_row(as_entry(stream)));
  ROOTLET_TRY(const std::vector<PackEntry> packs, registry_.tree().packs_of(name));
  for (const PackEntry& pack : packs) rows.push_back(pack_row(pack));
  return rows;
}

Result<DirectoryRows> NodeReader::office_list(const std::string& division) {
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, registry_.offices_with_grants(division));
  DirectoryRows rows;
  for (const OfficeEntry& office : offices) {
    if (office.signing_key.has_value()) rows.push_back(grant_row(office));
  }
  return rows;
}

Status NodeReader::visit_heads(const StreamName& division,
                               const std::function<void(const DirectoryRow&)>& visit) {
  ROOTLET_TRY(registry_.visit_streams_below(division, [&](const StreamEntry& stream) {
    visit(stream_row(stream));
    return ok();
  }));
  return registry_.visit_packs_below(division, [&](const PackEntry& pack) {
    visit(pack_row(pack));
    return ok();
  });
}

Result<DirectoryRows> NodeReader::definition(const std::string& dataset) {
  ROOTLET_TRY(std::optional<std::string> body, registry_.dataset(dataset));
  DirectoryRows rows;
  if (body.has_value()) {
    rows.push_back({.kind = DirectoryKind::kDefinition, .id = dataset, .body = *std::move(body)});
  }
  return rows;
}

Result<DirectoryRows> NodeReader::catalogue() {
  DirectoryRows rows;
  ROOTLET_TRY(const std::vector<std::string> ids, registry_.dataset_ids());
  for (const std::string& id : ids) {
    ROOTLET_TRY(const std::optional<std::string> definition, registry_.dataset(id));
    const std::size_t before = rows.size();
    ROOTLET_TRY(add_node_row(definition_stream(id), rows));
    if (rows.size() == before) continue;
    DirectoryRow& row = rows.back();
    row.kind = DirectoryKind::kListing;
    row.id = id;
    ROOTLET_TRY(row.body, listing_of(definition.value_or("")));
  }
  ROOTLET_TRY(std::vector<FormEntry> forms, registry_.forms());
  for (FormEntry& form : forms) rows.push_back(form_row(std::move(form)));
  return rows;
}

}  // namespace rootlet::platform
