// Turns a job into sections and builds the checked pack. Format: docs/FORMATS.md, "Pack".
#include "platform/packs/pack_job.hpp"

#include <algorithm>

#include "platform/packs/partition_image.hpp"
#include "platform/source/rows/row_image.hpp"

namespace rootlet::platform {
namespace {

// All present rows as inserts.
Difference all_rows(const Difference& change) {
  Difference all;
  for (Rid rid = 0; rid < change.rows.size(); ++rid) {
    if (!change.rows[rid].empty()) all.inserts.push_back({rid, {}, {}, change.rows[rid]});
  }
  return all;
}

Error wrong_past(const PackSpec& spec) {
  return fail(ErrorCode::kStorageDamaged,
              "state of " + spec.stream.text() + ": its rows at " + std::to_string(spec.from) +
                  " and " + std::to_string(spec.to) + " do not match its digests");
}

}  // namespace

PackMaker::PackMaker(SectionLayout layout, std::vector<std::size_t> key_columns,
                     const SigningKey& publisher)
    : layout_(std::move(layout)), key_columns_(std::move(key_columns)), publisher_(publisher) {}

Result<MadePack> PackMaker::make(const PackJob& job) const {
  const bool is_step = job.kind == PackKind::kStep;
  Difference merged;
  if (!is_step) {
    ROOTLET_TRY(merged, content_of(job));
  }
  ROOTLET_TRY(const PackContent content,
              pack_content(layout_, {job.keys, job.before}, is_step ? *job.change : merged));
  MadePack made;
  for (const SectionChanges& section : content.sections) made.after.push_back(section.after);
  if (!is_step && made.after != job.after) return wrong_past(job.spec);
  if (job.spec.from == 0) {
    PackSpec spec = job.spec;
    spec.plans = job.plans.get();
    spec.learned = job.learned.get();
    ROOTLET_TRY(made.pack, build_checked_pack(spec, content.sections, job.keys, publisher_, {}));
    return made;
  }
  const PartitionImage base = is_step ? PartitionImage::before(*job.change)
                                      : PartitionImage(job.change->rows, job.past.rows);
  const ImageTables tables(layout_, base);
  ROOTLET_TRY(made.pack, build_checked_pack(job.spec, content.sections, job.keys, publisher_,
                                            tables.tables()));
  return made;
}

Result<Difference> PackMaker::content_of(const PackJob& job) const {
  if (job.kind == PackKind::kSnapshot) return all_rows(*job.change);
  return net_change(job.past.rows, job.change->rows, same_row());
}

SameRow PackMaker::same_row() const {
  return [this, a = std::vector<CellView>(), b = std::vector<CellView>()](
             std::string_view one, std::string_view other) mutable -> Result<bool> {
    ROOTLET_TRY(read_image(one, layout_.column_count(), a));
    ROOTLET_TRY(read_image(other, layout_.column_count(), b));
    return std::all_of(key_columns_.begin(), key_columns_.end(),
                       [&](std::size_t column) { return a[column] == b[column]; });
  };
}

}  // namespace rootlet::platform
