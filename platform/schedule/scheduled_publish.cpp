// Reads the source file, opens the source, publishes, and saves what came of it.
#include "platform/schedule/scheduled_publish.hpp"

#include <cstdlib>

#include "core/encoding/text_file.hpp"
#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "platform/publish/publish_sheet.hpp"
#include "platform/publish/set_aside_file.hpp"
#include "platform/realm/find_dataset.hpp"
#include "platform/source/kinds/open_source.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kControlBytes = 64 * limits::kKiB;

Result<ScheduledSource> scheduled_source(Registry& registry, const Registry::Source& held) {
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry, held.dataset));
  ROOTLET_TRY(SourceFile file,
              SourceFile::parse(held.file, definition, "source file of " + held.dataset));
  ROOTLET_TRY(SourceHealth health, SourceHealth::load(held.health));
  return ScheduledSource{held.dataset, std::move(file), std::move(health)};
}

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
    ROOTLET_TRY(PublishOptions options, publish_options(notice));
    options.progress = progress;
    const Result<PublishReport> published = publish_dataset(realm_, source_.dataset, options, now_);
    ROOTLET_TRY(realm_.registry().save_sheet(
        source_.dataset, publish_sheet(now_, source_.file.from_text, published)));
    if (published.has_error()) return published.error();
    if (published.value().doubt != ChangeDoubt::kNone) return refusal(published.value());
    if (published.value().not_marked) return not_marked_error(*published.value().not_marked);
    return ScheduledReport{published.value(), is_whole_,
                           published.value().set_aside > 0 ? set_aside_path().string() : ""};
  }

  Status save(const Result<ScheduledReport>& done) {
    TryResult result{.began = now_, .was_whole = is_whole_, .newest = newest_.value()};
    if (done.has_error()) {
      result.error = done.error().message;
    } else {
      const PublishReport& report = done.value().report;
      result.made_version = report.added + report.changed + report.removed > 0;
    }
    return realm_.registry().save_source_health(source_.dataset,
                                                after_try(source_.health, result).save());
  }

 private:
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

Result<ScheduledSource> load_scheduled_source(Registry& registry, const std::string& dataset) {
  ROOTLET_TRY(find_dataset(registry, dataset));
  ROOTLET_TRY(const std::optional<Registry::Source> held, registry.source(dataset));
  if (!held.has_value()) {
    return fail(ErrorCode::kUsage, "dataset " + dataset +
                                       " has no source file: rootlet-platform dataset source set " +
                                       dataset + " FILE.json");
  }
  return scheduled_source(registry, *held);
}

Result<std::vector<ScheduledSource>> load_scheduled_sources(Registry& registry) {
  ROOTLET_TRY(const std::vector<Registry::Source> all, registry.sources());
  std::vector<ScheduledSource> sources;
  for (const Registry::Source& held : all) {
    ROOTLET_TRY(ScheduledSource source, scheduled_source(registry, held));
    sources.push_back(std::move(source));
  }
  return sources;
}

Status set_source(Realm& realm, const std::string& dataset, std::string_view text,
                  std::string_view what, UnixTime now) {
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(realm.registry(), dataset));
  ROOTLET_TRY(SourceFile::parse(text, definition, what));
  SourceHealth health;
  health.set = now;
  return realm.registry().save_source({dataset, std::string(text), health.save()});
}

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
