// Reads the source file, opens the source, publishes, and saves what came of it.
#include "platform/schedule/scheduled_publish.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/encoding/text_file.hpp"
#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "platform/publish/publish_sheet.hpp"
#include "platform/publish/set_aside_file.hpp"
#include "platform/source/kinds/open_source.hpp"

namespace rootlet::platform {
namespace {

constexpr int kMostRounds = 50;  // of one scheduled publish; the next one goes on

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

// Only the rows that may be new since the last time. The query keeps its own order of columns.
// Without AS, which Oracle does not take; behind ODBC names are as they were written.
void read_only_new(SourceAddress& from, const Incremental& since, const std::string& newest) {
  const bool is_odbc = from.kind == SourceKind::kOdbc;
  from.query = "SELECT * FROM (" + from.query + ") source WHERE " +
               (is_odbc ? since.column : quote_identifier(since.column)) +
               " >= " + quoted_text(since_value(newest, since.overlap));
}

class ScheduledRun {
 public:
  ScheduledRun(Realm& realm, ScheduledSource source, UnixTime now)
      : realm_(realm), source_(std::move(source)), now_(now) {
    is_whole_ = is_whole_due(source_.file, source_.health, now);
  }

  Result<ScheduledReport> run(const std::function<void(const Text&)>& notice,
                              const PublishProgress& progress) {
    // Sources look for it there; this process reads one source only.
    if (!source_.file.password_file.empty()) {
      ::setenv("ROOTLET_SOURCE_PASSWORD_FILE", source_.file.password_file.c_str(), 1);
    }
    ROOTLET_TRY(const std::vector<DatasetVersion> versions,
                dataset_versions(realm_, source_.dataset));
    // Something else was published meanwhile, or a publish was killed before it was noted: changes
    // alone would leave that.
    const Version now = versions.empty() ? 0 : versions.back().number;
    is_whole_ = is_whole_ || now != source_.health.version;
    return source_.file.follow.has_value() ? run_followed(notice, progress)
                                           : run_once(notice, progress);
  }

  Status save(const Result<ScheduledReport>& done) {
    TryResult result{.began = now_, .was_whole = is_whole_, .newest = newest_.value()};
    if (done.has_error()) {
      result.error = done.error().message;
    } else {
      const PublishReport& report = done.value().report;
      result.version = report.version;
      result.made_version = report.added + report.changed + report.removed > 0;
    }
    return realm_.registry().save_source_health(source_.dataset,
                                                after_try(source_.health, result).save());
  }

 private:
  Result<ScheduledReport> run_once(const std::function<void(const Text&)>& notice,
                                   const PublishProgress& progress) {
    ROOTLET_TRY(PublishOptions options, publish_options(notice));
    options.progress = progress;
    return publish(options);
  }

  Result<ScheduledReport> publish(const PublishOptions& options) {
    const Result<PublishReport> published = publish_dataset(realm_, source_.dataset, options, now_);
    ROOTLET_TRY(realm_.registry().save_sheet(
        source_.dataset, publish_sheet(now_, source_.file.from_text, published)));
    if (published.has_error()) return published.error();
    if (published.value().doubt != ChangeDoubt::kNone) return refusal(published.value());
    if (published.value().not_marked) return not_marked_error(*published.value().not_marked);
    return ScheduledReport{published.value(), is_whole_,
                           published.value().set_aside > 0 ? set_aside_path().string() : ""};
  }

  // A round publishes whole transactions of the source; what is killed between its publish and the
  // slot's going forward comes again, and changes nothing then.
  Result<ScheduledReport> run_followed(const std::function<void(const Text&)>& notice,
                                       const PublishProgress& progress) {
    ROOTLET_TRY(const ReplicationPlace place, replication_place(realm_.registry(), source_));
    ROOTLET_TRY(ReplicationSlot slot, ReplicationSlot::open(place));
    source_.health.lag_bytes = slot.lag_bytes();
    ROOTLET_TRY(name_left_slots(slot, notice));
    ROOTLET_TRY(make_sure_of_log(slot, notice));
    ROOTLET_TRY(ScheduledReport all, nothing_new());
    for (int round = 0; round < kMostRounds; ++round) {
      if (is_whole_) return read_whole_table(notice, progress);
      ROOTLET_TRY(const SeenTransactions seen, SeenTransactions::parse(source_.health.snapshot));
      ROOTLET_TRY(ReplicationSlot::Look look, slot.look(seen, source_.health.position));
      if (!look.changes.needs_whole.empty()) {
        notice({.en = look.changes.needs_whole + ": all rows are compared",
                .zh = "需要重新比对全部行：" + look.changes.needs_whole});
        is_whole_ = true;
        continue;
      }
      const std::uint64_t position = look.changes.position;
      if (!look.changes.rows.empty()) {
        ROOTLET_TRY(PublishOptions options, publish_options(notice));
        options.progress = progress;
        options.is_change_list = true;
        options.mapping.change_heading = kReplicatedChange;
        options.open_source = already_open(
            source_of_changes(std::move(look.changes), "PostgreSQL table " + place.table));
        ROOTLET_TRY(ScheduledReport round_report, publish(options));
        add(all, std::move(round_report));
      }
      ROOTLET_TRY(slot.forward(position));
      source_.health.position = std::max(source_.health.position, position);
      if (!look.has_more) break;
    }
    return all;
  }

  // Where the log does not go on from what was published, all rows are read. That is saved first:
  // nothing else would say so once the slot is made.
  Status make_sure_of_log(ReplicationSlot& slot, const std::function<void(const Text&)>& notice) {
    const bool is_put_back = slot.log_end() < source_.health.log_end;
    if (is_put_back) {
      notice({.en = "the server was put back from an older copy: all rows are compared",
              .zh = "数据库已恢复到较早的副本，需要重新比对全部行"});
    }
    source_.health.log_end = slot.log_end();
    if (slot.is_there() && !is_put_back) return ok();
    is_whole_ = true;
    source_.health.snapshot.clear();
    ROOTLET_TRY(realm_.registry().save_source_health(source_.dataset, source_.health.save()));
    return slot.is_there() ? ok() : slot.make();
  }

  Result<ScheduledReport> read_whole_table(const std::function<void(const Text&)>& notice,
                                           const PublishProgress& progress) {
    source_.file.from.snapshot = std::make_shared<std::string>();
    source_.health.position = 0;  // the snapshot says what is read already
    ROOTLET_TRY(ScheduledReport done, run_once(notice, progress));
    source_.health.snapshot = *source_.file.from.snapshot;
    return done;
  }

  // The dataset as it is, for a round without changes.
  Result<ScheduledReport> nothing_new() {
    ScheduledReport report{.report = {}, .was_whole = false};
    report.report.dataset = source_.dataset;
    ROOTLET_TRY(const std::vector<DatasetVersion> versions,
                dataset_versions(realm_, source_.dataset));
    if (versions.empty()) return report;
    report.report.version = versions.back().number;
    report.report.rows = report.report.before = report.report.unchanged = versions.back().rows;
    return report;
  }

  static void add(ScheduledReport& all, ScheduledReport round) {
    const PublishReport before = all.report;
    all = std::move(round);
    all.report.before = before.before;
    all.report.added += before.added;
    all.report.changed += before.changed;
    all.report.removed += before.removed;
    all.report.packs += before.packs;
    all.report.bytes += before.bytes;
    all.report.set_aside += before.set_aside;
    all.report.seconds += before.seconds;
  }

  // A slot of this realm that no source file names keeps the server's log for nobody.
  Status name_left_slots(ReplicationSlot& slot, const std::function<void(const Text&)>& notice) {
    ROOTLET_TRY(const std::string prefix, slot_prefix(realm_.registry()));
    ROOTLET_TRY(std::vector<std::string> slots, slot.slots_with(prefix));
    ROOTLET_TRY(const std::vector<Registry::Source> all, realm_.registry().sources());
    for (const Registry::Source& held : all) {
      ROOTLET_TRY(const std::string known, slot_name(realm_.registry(), held.dataset));
      std::erase(slots, known);
    }
    for (const std::string& left : slots) {
      notice({.en = "slot " + left +
                    " is followed by no source file and keeps the server's log: "
                    "SELECT pg_drop_replication_slot('" +
                    left + "')",
              .zh = "复制槽 " + left +
                    " 已无来源文件使用，会使服务器日志不断增长：SELECT "
                    "pg_drop_replication_slot('" +
                    left + "')"});
    }
    return ok();
  }

  fs::path set_aside_path() const {
    return realm_.folder().path / "quarantine" / (source_.dataset + ".csv");
  }

  Result<PublishOptions> publish_options(const std::function<void(const Text&)>& notice) {
    const SourceFile& file = source_.file;
    PublishOptions options;
    options.mapping = file.mapping;
    options.accept_changes = file.accept_changes;
    options.is_change_list = file.is_change_list;
    SourceAddress from = file.from;
    if (file.since.has_value()) {
      options.newest = &newest_;
      if (!is_whole_) {
        read_only_new(from, *file.since, source_.health.newest);
        options.is_change_list = true;
        options.mapping.change_heading.clear();
      }
    }
    if (!file.control_file.empty()) {
      ROOTLET_TRY(const PlainText control, read_plain_text(file.control_file, kControlBytes));
      options.control = control.text;
    }
    if (file.quarantine_percent.has_value()) {
      ROOTLET_TRY(make_private_directory(set_aside_path().parent_path()));
      options.set_aside_percent = file.quarantine_percent;
      options.save_set_aside = [path = set_aside_path()](const DatasetDefinition& dataset,
                                                         const std::vector<SetAsideRow>& rows) {
        return write_set_aside(path, dataset, rows);
      };
    }
    CsvOptions csv = file.csv;
    csv.notice = notice;
    options.open_source = [from, csv] { return open_source(from, csv); };
    return options;
  }

  Realm& realm_;
  ScheduledSource source_;
  UnixTime now_;
  bool is_whole_ = true;
  NewestValue newest_;
};

}  // namespace

Result<ScheduledReport> publish_scheduled(Realm& realm, const std::string& dataset, UnixTime now,
                                          const std::function<void(const Text&)>& notice,
                                          const PublishProgress& progress) {
  ROOTLET_TRY(ScheduledSource source, load_scheduled_source(realm.registry(), dataset));
  ScheduledRun run(realm, std::move(source), now);
  Result<ScheduledReport> done = run.run(notice, progress);
  ROOTLET_TRY(run.save(done));
  return done;
}

Status note_failed_try(Realm& realm, const std::string& dataset, UnixTime began,
                       const std::string& error) {
  ROOTLET_TRY(const ScheduledSource source, load_scheduled_source(realm.registry(), dataset));
  const SourceHealth noted = after_try(source.health, {.began = began, .error = error});
  return realm.registry().save_source_health(dataset, noted.save());
}

}  // namespace rootlet::platform
