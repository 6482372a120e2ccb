// The commands dataset holders, which machines still hold a dataset, and office sheet, whether what
// an office says it holds is what was published.
#include <array>

#include "config/output/text_table.hpp"
#include "platform/cli/cli.hpp"
#include "platform/cli/text/headings.hpp"
#include "platform/holders/holders.hpp"
#include "platform/holders/office_sheet.hpp"
#include "platform/intake/intake_session.hpp"

namespace rootlet::platform {
namespace {

json::value json_certificate(const std::optional<Certificate>& certificate) {
  if (!certificate) return nullptr;
  json::object out{{"record", certificate->record},
                   {"disposed_at", format_time(certificate->disposed_at)},
                   {"received_at", format_time(certificate->received_at)},
                   {"reason", certificate->reason},
                   {"rows", nullptr},
                   {"partitions", certificate->partitions},
                   {"grant_version", json_count(certificate->grant_version)}};
  if (certificate->rows) out["rows"] = json_count(*certificate->rows);
  return out;
}

json::object json_holder(const Holder& holder) {
  const Holding& holding = holder.holding;
  return {{"office", holding.office},
          {"key", to_hex(sha256(holding.machine)).substr(0, 16)},
          {"state", name_of(holder.state)},
          {"since", format_time(holding.since)},
          {"grant_version", json_count(holding.grant_version)},
          {"until", format_time(holding.until)},
          {"ended", json_time(holder.ended)},
          {"replaced", json_time(holder.machine.replaced)},
          {"locked_by", json_time(holder.locked_by)},
          {"last_batch", json_time(holder.machine.heard)},
          {"certificate", json_certificate(holder.certificate)}};
}

std::string rows_of(const Certificate& certificate) {
  return certificate.rows ? std::to_string(*certificate.rows) : "?";
}

std::string words_of(const Holder& holder, bool zh) {
  if (holder.state == HolderState::kHolds) {
    const std::string until = format_time(holder.holding.until);
    return zh ? "授权至 " + until : "granted until " + until;
  }
  if (holder.certificate) {
    const Certificate& one = *holder.certificate;
    return (zh ? "证明 " : "certificate ") + one.record.substr(0, 8) + ", " + rows_of(one) +
           (zh ? " 行，" : " rows, ") + one.reason;
  }
  const std::string heard = holder.machine.heard ? format_time(*holder.machine.heard) : "-";
  const std::string locked = holder.locked_by ? format_time(*holder.locked_by) : "-";
  return zh ? "最近报送 " + heard + "；不联系则最迟 " + locked + " 锁定"
            : "last batch " + heard + "; without contact it locks by " + locked;
}

std::string word_of(HolderState state, bool zh) {
  if (!zh) return std::string(name_of(state));
  if (state == HolderState::kHolds) return "持有";
  return state == HolderState::kErased ? "已销毁" : "不明";
}

Status run_dataset_holders(const CommandRun& run) {
  const std::string id = run.arguments.value("ID");
  ROOTLET_TRY(const fs::path folder, run.enter_realm());
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session,
              IntakeSession::open(RealmFolder{folder}.intake(), RealmFolder{folder}.serving()));
  ROOTLET_TRY(session->validate(run.now()));  // certificates that wait are counted too
  ROOTLET_TRY(Realm realm, Realm::open(folder, run.signing_clock()));
  ROOTLET_TRY(const std::vector<Holder> holders,
              load_holders(realm.registry(), session->intake(), id, run.now()));
  ROOTLET_TRY(const auto known, realm.registry().dataset(id));
  if (!known && holders.empty()) {
    return fail(ErrorCode::kUsage,
                "there is no dataset " + id + " (rootlet-platform dataset list shows all)");
  }
  const bool zh = run.output.is_chinese();
  TextTable table = table_of(run.output, {"OFFICE", "STATE", "SINCE", "ENDED", "WHAT IS KNOWN"},
                             {"单位", "状态", "开始", "终止", "说明"});
  std::array<std::int64_t, 3> counts{};
  json::array list;
  for (const Holder& holder : holders) {
    ++counts[static_cast<std::size_t>(holder.state)];
    list.push_back(json_holder(holder));
    const std::string replaced =
        holder.machine.replaced ? (zh ? "（原机器）" : " (former machine)") : "";
    table.add({holder.holding.office + replaced, word_of(holder.state, zh),
               format_time(holder.holding.since), holder.ended ? format_time(*holder.ended) : "",
               words_of(holder, zh)});
  }
  ROOTLET_TRY(run.output.report(
      json::object{{"dataset", id},
                   {"holds", counts[0]},
                   {"erased", counts[1]},
                   {"unknown", counts[2]},
                   {"holders", std::move(list)}},
      table, zh ? "没有机器获得过此数据集。\n" : "No machine was ever granted this dataset.\n"));
  if (run.output.json || holders.empty()) return ok();
  const std::string holds = std::to_string(counts[0]), erased = std::to_string(counts[1]),
                    unknown = std::to_string(counts[2]);
  return run.output.print(zh ? "持有 " + holds + "，已证明销毁 " + erased + "，不明 " + unknown +
                                   "。\n"
                             : holds + " hold it, " + erased + " certify that they erased it, " +
                                   unknown + " have not said so.\n");
}

constexpr std::size_t kHeldStates = 5;
using HeldCounts = std::array<std::uint64_t, kHeldStates>;

HeldCounts counts_of(const std::vector<SheetLine>& lines) {
  HeldCounts counts{};
  for (const SheetLine& line : lines) ++counts[static_cast<std::size_t>(line.state)];
  return counts;
}

json::object json_counts(const HeldCounts& counts) {
  json::object object;
  for (std::size_t i = 0; i < kHeldStates; ++i) {
    object[name_of(static_cast<HeldState>(i))] = json_count(counts[i]);
  }
  return object;
}

// A difference is exit code 4: what an office holds is not what was published.
int code_of(const HeldCounts& counts) {
  const auto of = [&](HeldState state) { return counts[static_cast<std::size_t>(state)]; };
  const bool differs = of(HeldState::kDiffers) + of(HeldState::kUnknown) > 0;
  return differs ? exit_code_of(ErrorCode::kUntrusted) : 0;
}

Result<int> show_office_sheet(const CommandRun& run, Realm& realm, Intake& intake,
                              const std::string& office) {
  ROOTLET_TRY(const std::vector<intake::HeldReport> reports, intake.held_by(office));
  ROOTLET_TRY(const std::vector<SheetLine> lines, OfficeSheets(realm).lines_of(reports));
  json::array list;
  TextTable table =
      table_of(run.output, {"STREAM", "HELD", "HEAD", "ROWS", "DIGEST", "STATE", "SAID"},
               {"分区", "持有", "最新", "行数", "摘要", "结果", "报告时间"});
  for (const SheetLine& line : lines) {
    const HeldVersion& held = line.report.held;
    table.add({held.stream.text(), std::to_string(held.version), std::to_string(line.head),
               std::to_string(held.rows), held.digest, std::string(name_of(line.state)),
               format_time(line.report.at)});
    list.push_back(json::object{{"stream", held.stream.text()},
                                {"version", json_count(held.version)},
                                {"head_version", json_count(line.head)},
                                {"rows", json_count(held.rows)},
                                {"digest", held.digest},
                                {"state", name_of(line.state)},
                                {"at", format_time(line.report.at)}});
  }
  const HeldCounts counts = counts_of(lines);
  ROOTLET_TRY(run.output.report(
      json::object{
          {"office", office}, {"counts", json_counts(counts)}, {"streams", std::move(list)}},
      table, "No batch of this office has said yet what it holds.\n"));
  return code_of(counts);
}

Result<int> show_all_sheets(const CommandRun& run, Realm& realm, Intake& intake) {
  ROOTLET_TRY(const std::vector<std::string> offices, intake.offices_with_held());
  json::array list;
  HeldCounts all{};
  TextTable table = table_of(run.output, {"OFFICE", "SAME", "BEHIND", "OLD", "DIFFERS", "UNKNOWN"},
                             {"单位", "一致", "落后", "过旧", "不一致", "不明"});
  OfficeSheets sheets(realm);
  for (const std::string& office : offices) {
    ROOTLET_TRY(const std::vector<intake::HeldReport> reports, intake.held_by(office));
    ROOTLET_TRY(const std::vector<SheetLine> lines, sheets.lines_of(reports));
    const HeldCounts counts = counts_of(lines);
    std::vector<std::string> row{office};
    for (std::size_t i = 0; i < kHeldStates; ++i) {
      row.push_back(std::to_string(counts[i]));
      all[i] += counts[i];
    }
    table.add(std::move(row));
    list.push_back(json::object{{"office", office}, {"counts", json_counts(counts)}});
  }
  ROOTLET_TRY(
      run.output.report(json::object{{"counts", json_counts(all)}, {"offices", std::move(list)}},
                        table, "No batch has said yet what an office holds.\n"));
  return code_of(all);
}

Result<int> run_office_sheet(const CommandRun& run) {
  ROOTLET_TRY(Realm realm, run.open_realm());
  ROOTLET_TRY(const std::unique_ptr<IntakeSession> session,
              IntakeSession::open(realm.folder().intake(), realm.folder().serving()));
  ROOTLET_TRY(session->validate(run.now()));  // batches that wait say it too
  if (!run.arguments.has("ID")) return show_all_sheets(run, realm, session->intake());
  return show_office_sheet(run, realm, session->intake(), run.arguments.value("ID"));
}

}  // namespace

std::vector<Command> holder_commands() {
  return {
      {.name = "dataset holders",
       .summary = {.en = "Show which machines hold a dataset, and which certify erasing it",
                   .zh = "查看仍持有数据集的机器，以及已证明销毁的机器"},
       .details = {.en = "A machine holds it while a grant names it. After that it is erased "
                         "once its disposal certificate is here, and unknown until then. A "
                         "certificate says what the machine said: a thief of it can forge one.",
                   .zh = "有授权期间视为持有；授权终止后，收到处置证明为已销毁，否则为不明。"
                         "处置证明只表示该机器如此声明，窃得机器者可以伪造。"},
       .example = {.en = "rootlet-platform dataset holders villages --json"},
       .positionals = {{.name = "ID"}},
       .run = with_clock(run_dataset_holders)},
      {.name = "office sheet",
       .summary = {.en = "Compare what an office says it holds with what was published",
                   .zh = "核对单位所报持有情况与已发布数据（对账单）"},
       .details = {.en = "Each batch of an office says which streams its syncs have changed: "
                         "version, rows and digest. \"same\" and \"behind\" have the digest that "
                         "was published; \"old\" is no longer remembered here; \"differs\" and "
                         "\"unknown\" (exit 4) mean that the office holds something else. Without "
                         "ID all offices, counted.",
                   .zh = "各单位的批次会报告同步后持有的版本、行数和摘要。same、behind 与发布时"
                         "一致；old 为已不可核对的旧版本；differs、unknown（退出码 4）表示所持"
                         "数据与发布不符。不指定 ID 时列出全部单位。"},
       .example = {.en = "rootlet-platform office sheet jiaxing --json"},
       .positionals = {{.name = "ID", .is_optional = true}},
       .run = with_clock_and_code(run_office_sheet)}};
}

}  // namespace rootlet::platform
