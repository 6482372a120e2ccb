// Shares are counted in tenths of a percent.
#include "platform/publish/publish_sheet.hpp"

#include "core/clock.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::platform {
namespace {

// In tenths of a percent, rounded up, so that a share above the limit never looks like the limit.
std::uint64_t share_tenths(std::uint64_t rows, std::uint64_t before) {
  return before == 0 ? 0 : (1000 * rows + before - 1) / before;
}

double share_percent(std::uint64_t rows, std::uint64_t before) {
  return static_cast<double>(share_tenths(rows, before)) / 10;
}

std::string_view name_of(ChangeDoubt doubt) {
  switch (doubt) {
    case ChangeDoubt::kEmpty:
      return "empty";
    case ChangeDoubt::kOtherKeys:
      return "other_keys";
    case ChangeDoubt::kTooMany:
      return "too_many";
    case ChangeDoubt::kNone:
      break;
  }
  return "none";
}

json::array json_control(const std::vector<Control::Total>& totals) {
  json::array list;
  for (const Control::Total& total : totals) {
    list.push_back(json::object{{"name", total.name},
                                {"expected", total.expected},
                                {"found", total.found},
                                {"met", total.is_met}});
  }
  return list;
}

std::string figures_text(const PublishReport& report) {
  return std::to_string(report.before) + " rows before, " + std::to_string(report.removed) +
         " removed, " + std::to_string(report.changed) + " changed, " +
         std::to_string(report.added) + " added: " + share_text(report) +
         " removed or changed, at most " + std::to_string(report.accepted_percent) + " % accepted";
}

}  // namespace

std::string share_text(const PublishReport& report) {
  const std::uint64_t tenths = share_tenths(report.changed + report.removed, report.before);
  const std::string rest = tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10);
  return std::to_string(tenths / 10) + rest + " %";
}

json::object json_report(const PublishReport& report) {
  json::object object{
      {"dataset", report.dataset},
      {"version", json_count(report.version)},
      {"dry_run", report.dry_run},
      {"rows_before", json_count(report.before)},
      {"rows", json_count(report.rows)},
      {"unchanged", json_count(report.unchanged)},
      {"added", json_count(report.added)},
      {"changed", json_count(report.changed)},
      {"removed", json_count(report.removed)},
      {"share_percent", share_percent(report.changed + report.removed, report.before)},
      {"emptied", json_texts(report.emptied)},
      {"blank_ends", json_count(report.blank_ends.cells)},
      {"partitions", json_count(report.partitions)},
      {"packs", json_count(report.packs)},
      {"bytes", json_count(report.bytes)},
      {"seconds", report.seconds}};
  if (report.set_aside > 0) object["set_aside"] = json_count(report.set_aside);
  if (report.not_marked.has_value()) object["not_marked"] = report.not_marked->message;
  if (report.not_there > 0) object["not_there"] = json_count(report.not_there);
  if (!report.control.empty()) object["control"] = json_control(report.control);
  if (report.restored.has_value()) object["restored"] = json_count(*report.restored);
  return object;
}

json::object json_refusal(const PublishReport& report) {
  const ChangeFigures figures = report.figures();
  const auto share = [&](std::uint64_t rows) { return share_percent(rows, figures.before); };
  return {{"dataset", report.dataset},
          {"dry_run", report.dry_run},
          {"refused", name_of(report.doubt)},
          {"rows_before", json_count(figures.before)},
          {"rows", json_count(figures.after)},
          {"added", json_count(figures.added)},
          {"changed", json_count(figures.changed)},
          {"removed", json_count(figures.removed)},
          {"share_percent", share(figures.changed + figures.removed)},
          {"changed_percent", share(figures.changed)},
          {"removed_percent", share(figures.removed)},
          {"accepted_percent", report.accepted_percent},
          {"needed_percent", figures.needed_percent()},
          {"emptied", json_texts(report.emptied)}};
}

Error refusal(const PublishReport& report) {
  std::string what = " would remove or change too many rows";
  if (report.doubt == ChangeDoubt::kEmpty) what = " would have no rows left";
  if (report.doubt == ChangeDoubt::kOtherKeys) what = " would have other keys in every row";
  const std::string needed = std::to_string(report.figures().needed_percent());
  return bad_input(
      "publish " + report.dataset + ": the dataset" + what + " (" + figures_text(report) +
          "); nothing was written",
      "rows",
      {.en =
           "check the file: is it complete, are its keys those of before? If the change is right, "
           "publish it with --accept-changes " +
           needed + "%",
       .zh =
           "请核对文件是否完整、主键是否正确。确认无误后以 --accept-changes " + needed + "% 发布"});
}

std::string publish_sheet(UnixTime at, const std::string& source,
                          const Result<PublishReport>& published) {
  json::object sheet{{"at", format_time(at)}, {"source", source}};
  if (published.has_error()) {
    sheet["result"] = "failed";
    sheet["error"] = to_json(published.error());
    return json::serialize(sheet);
  }
  const PublishReport& report = published.value();
  const bool is_refused = report.doubt != ChangeDoubt::kNone;
  const bool is_same = report.added + report.changed + report.removed == 0;
  sheet["result"] = is_refused ? "refused" : is_same ? "unchanged" : "published";
  sheet["report"] = is_refused ? json_refusal(report) : json_report(report);
  return json::serialize(sheet);
}

Error not_marked_error(const Error& why) {
  return Error(why.code, "published, but the rows are not marked as taken: " + why.message,
               why.field,
               {.en = "The next publish reads them again, which changes nothing, and marks them.",
                .zh = "已发布，但源表中的行未能标记为已取。下次发布会再次读取并标记，数据不变。"});
}

}  // namespace rootlet::platform
